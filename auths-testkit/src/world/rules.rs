//! Tables of the behaviour of each registry and platform, and of the rights of each credential, row by row from the services'
//! documentation.
//!
//! A number such as N6 names a row of `docs/platform-facts.md`, which has the sources. *Not documented* means that no page of the
//! service says it, and that the choice which helps an attacker was taken.

use std::time::Duration;

use crate::DAY;
use auths_core::identity::{Ecosystem, Platform};

/// One thing that a credential may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Right {
    /// Publishing under a free name, which registers it.
    Register,
    /// Publishing a version, or adding a file to one.
    Publish,
    /// Yanking or deprecating, and undoing that.
    Withdraw,
    /// Moving a tag that installers follow.
    Tag,
    /// Deleting a version or a file.
    DeleteRelease,
    /// Deleting a project.
    DeleteProject,
    /// Adding, inviting and removing owners and lesser roles.
    ChangeOwners,
    /// Deciding which workflows a project trusts, and which organization owns it.
    Administer,
    /// Writing, changing and deleting gists.
    WriteGist,
    /// Reading one's memberships of organisations.
    ReadOrgs,
    /// Changing the members of an organisation that one administers.
    ChangeMembers,
    /// Everything about the account: its tokens, sessions, invitations, name and closing. Also organisations and repositories.
    Account,
}

/// One thing that a token was made for: a scope, or the whole kind where a kind has no scopes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Grant {
    /// A publish token of a registry that is not in the table.
    Upload,
    /// A PyPI API token.
    PypiToken,
    /// npm: a granular token that only reads.
    NpmReadOnly,
    /// npm: a granular token that writes, second factor asked for account matters.
    NpmGranular,
    /// npm: a granular token that writes, with "bypass 2FA", as automation uses.
    NpmBypass,
    /// crates.io: `publish-new`.
    CratesPublishNew,
    /// crates.io: `publish-update`.
    CratesPublishUpdate,
    /// crates.io: `yank`.
    CratesYank,
    /// crates.io: `change-owners`.
    CratesChangeOwners,
    /// GitHub, classic or OAuth: `gist`.
    Gist,
    /// GitHub, classic or OAuth: `read:org`.
    ReadOrg,
    /// GitHub, classic or OAuth: `write:org`.
    WriteOrg,
    /// GitHub, classic or OAuth: `admin:org`.
    AdminOrg,
    /// GitHub: a fine-grained token that may write gists.
    FineGrainedGists,
    /// GitHub: a fine-grained token with `members: write` of an organisation.
    FineGrainedMembers,
    /// The token of one run of a trusted workflow.
    Run,
}

/// One row of the table of tokens.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GrantRow {
    /// The grant.
    pub grant: Grant,
    /// The service where the token is valid; `None` for every registry.
    pub ecosystem: Option<Ecosystem>,
    /// The rights of the token.
    pub may: &'static [Right],
}

const fn grant(grant: Grant, ecosystem: Ecosystem, may: &'static [Right]) -> GrantRow {
    GrantRow {
        grant,
        ecosystem: Some(ecosystem),
        may,
    }
}

use Right::{
    ChangeMembers, ChangeOwners, DeleteProject, DeleteRelease, Publish, ReadOrgs, Register, Tag,
    Withdraw, WriteGist,
};

/// The rights of each kind of token. A session may do everything that its account may.
pub const GRANTS: &[GrantRow] = &[
    GrantRow {
        grant: Grant::Upload,
        ecosystem: None,
        may: &[Register, Publish],
    },
    // P13: an API token uploads; roles, yanking and deleting need the signed-in site.
    grant(Grant::PypiToken, Ecosystem::PYPI, &[Register, Publish]),
    // N19: read-only tokens exist.
    grant(Grant::NpmReadOnly, Ecosystem::NPM, &[]),
    // N19: the second factor guards account matters. Whether it also guards publishing, tags, deprecation and unpublishing
    // with such a token: not documented, so it does not.
    grant(
        Grant::NpmGranular,
        Ecosystem::NPM,
        &[
            Register,
            Publish,
            Withdraw,
            Tag,
            DeleteRelease,
            DeleteProject,
        ],
    ),
    // N19: since August 2026 these tokens cannot add or remove maintainers either.
    grant(
        Grant::NpmBypass,
        Ecosystem::NPM,
        &[
            Register,
            Publish,
            Withdraw,
            Tag,
            DeleteRelease,
            DeleteProject,
        ],
    ),
    grant(Grant::CratesPublishNew, Ecosystem::CARGO, &[Register]),
    grant(Grant::CratesPublishUpdate, Ecosystem::CARGO, &[Publish]),
    grant(Grant::CratesYank, Ecosystem::CARGO, &[Withdraw]),
    // C8: a token of an owner may invite and remove owners. Whether one may delete a crate: not documented, so this one may.
    grant(
        Grant::CratesChangeOwners,
        Ecosystem::CARGO,
        &[ChangeOwners, DeleteProject],
    ),
    // G11.
    grant(Grant::Gist, Ecosystem::GITHUB, &[WriteGist]),
    // G16: `write:org` and `admin:org` imply `read:org`. Which of them adds members: not documented, so both.
    grant(Grant::ReadOrg, Ecosystem::GITHUB, &[ReadOrgs]),
    grant(
        Grant::WriteOrg,
        Ecosystem::GITHUB,
        &[ReadOrgs, ChangeMembers],
    ),
    grant(
        Grant::AdminOrg,
        Ecosystem::GITHUB,
        &[ReadOrgs, ChangeMembers],
    ),
    // G17: a fine-grained token sees an empty list of organisations. What else it may do: not documented.
    grant(Grant::FineGrainedGists, Ecosystem::GITHUB, &[WriteGist]),
    grant(
        Grant::FineGrainedMembers,
        Ecosystem::GITHUB,
        &[ChangeMembers],
    ),
    // P14, N20, C13: a trusted publisher uploads to the projects that trust it, and no more.
    GrantRow {
        grant: Grant::Run,
        ecosystem: None,
        may: &[Publish],
    },
];

/// A time limit for deleting something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deletion {
    /// Deletion is always allowed.
    Always,
    /// Deletion is never allowed.
    Never,
    /// Deletion is allowed within 72 hours, and later if there is one owner and no other project depends on it.
    Limited {
        /// True where dependents prevent deletion within the 72 hours too.
        not_in_use: bool,
    },
}

/// The rules by which a registry keeps its projects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistryRules {
    /// The ecosystem of the registry.
    pub ecosystem: Ecosystem,
    /// The platform of its accounts.
    pub platform: Platform,
    /// The time for which a deleted project's name stays blocked. After it, anybody can take the name.
    pub name_held: Duration,
    /// The limit for deleting a release.
    pub deletes_releases: Deletion,
    /// The limit for deleting a project.
    pub deletes_projects: Deletion,
    /// True where a deleted version can be published again.
    pub versions_again: bool,
    /// True where there is a role that may publish and no more.
    pub lesser_role: bool,
    /// True where accounts are also listed in a role that may do nothing: a reader, or somebody who pays the bill.
    pub reader_role: bool,
    /// True where an API token suffices to add an owner. The registry's listing then says so, and since when each owner has
    /// published.
    pub tokens_may_add_owners: bool,
    /// True where a new owner must accept an invitation.
    pub invites_owners: bool,
    /// True where a project may be left without owners when an account is closed.
    pub survives_owners: bool,
    /// True where a movable tag determines what installers pick.
    pub tags: bool,
    /// The lifetime of the token of one run of a trusted workflow.
    pub run_life: Duration,
    /// True where a trusted workflow is bound to its repository owner's numeric id. False where it is bound to names alone.
    pub trusts_by_id: bool,
    /// True where releases carry attestations of their build that name the repository owner's id.
    pub attests: bool,
    /// True where a token may publish a release with an attestation that was made elsewhere.
    pub tokens_may_attest: bool,
}

const MINUTE: Duration = Duration::from_secs(60);

/// The rules of each registry.
pub const REGISTRIES: &[RegistryRules] = &[
    // P9: a deleted project's name is free at once. Whether a deleted version can be published again with other files:
    // file names cannot, versions can.
    RegistryRules {
        ecosystem: Ecosystem::PYPI,
        platform: Platform::PYPI,
        name_held: Duration::ZERO,
        deletes_releases: Deletion::Always,
        deletes_projects: Deletion::Always,
        versions_again: true,
        lesser_role: true,
        reader_role: false,
        tokens_may_add_owners: false,
        invites_owners: false,
        survives_owners: false,
        tags: false,
        // P14: 15 minutes, bound to the owner's id.
        run_life: Duration::from_secs(15 * 60),
        trusts_by_id: true,
        attests: true,
        tokens_may_attest: false,
    },
    // N6: unpublishing within 72 hours without dependents, or later with a single maintainer and few downloads; the name is
    // blocked for 24 hours, versions for ever. N12: maintainers accept an invitation.
    RegistryRules {
        ecosystem: Ecosystem::NPM,
        platform: Platform::NPM,
        name_held: DAY,
        deletes_releases: Deletion::Limited { not_in_use: true },
        deletes_projects: Deletion::Limited { not_in_use: true },
        versions_again: false,
        lesser_role: false,
        reader_role: false,
        tokens_may_add_owners: false,
        invites_owners: true,
        survives_owners: false,
        tags: true,
        // N20: not documented, so an hour. No ids are visible in npm's trust configuration, so names alone.
        run_life: Duration::from_secs(60 * 60),
        trusts_by_id: false,
        attests: true,
        // N21: provenance comes with the upload.
        tokens_may_attest: true,
    },
    // C10, C11: a crate is deleted within 72 hours, or later by a single owner where nothing depends on it; its name is free 24
    // hours later; versions are never deleted. C13: a run's token lives 30 minutes; no owner id is shown of its builds.
    RegistryRules {
        ecosystem: Ecosystem::CARGO,
        platform: Platform::GITHUB,
        name_held: DAY,
        deletes_releases: Deletion::Never,
        deletes_projects: Deletion::Limited { not_in_use: false },
        versions_again: false,
        lesser_role: false,
        reader_role: false,
        tokens_may_add_owners: true,
        invites_owners: true,
        survives_owners: true,
        tags: false,
        run_life: Duration::from_secs(30 * 60),
        trusts_by_id: true,
        attests: false,
        tokens_may_attest: false,
    },
];

impl RegistryRules {
    /// Returns the rules of an ecosystem that is not in the table, which are those of PyPI without its attestations. Files,
    /// releases and projects can be deleted at any time; names and versions are then free at once. A lesser role may publish, and
    /// another role is listed and may do nothing. Tokens add no owners, and owners are added without an invitation. No project is
    /// left without owners. There are no tags, so the default is the highest version. A workflow's token lives for 15 minutes.
    /// Change a field where your registry differs.
    #[must_use]
    pub fn other(ecosystem: Ecosystem, platform: Platform) -> Self {
        Self {
            ecosystem,
            platform,
            name_held: Duration::ZERO,
            deletes_releases: Deletion::Always,
            deletes_projects: Deletion::Always,
            versions_again: true,
            lesser_role: true,
            reader_role: true,
            tokens_may_add_owners: false,
            invites_owners: false,
            survives_owners: false,
            tags: false,
            run_life: 15 * MINUTE,
            trusts_by_id: true,
            attests: false,
            tokens_may_attest: false,
        }
    }
}

/// The rules of a platform for the logins of its accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformRules {
    /// The platform.
    pub platform: Platform,
    /// The time for which the login of a closed account stays blocked. After a rename the old login is free at once.
    pub login_held: Duration,
    /// True where accounts can be renamed.
    pub renames: bool,
    /// The default grants of a token.
    pub grants: &'static [Grant],
}

impl PlatformRules {
    /// Returns the rules of a platform that is not in the table: accounts cannot be renamed, the login of a closed account is
    /// free at once, and a token publishes. Change a field where your platform differs.
    #[must_use]
    pub fn other(platform: Platform) -> Self {
        Self {
            platform,
            login_held: Duration::ZERO,
            renames: false,
            grants: &[Grant::Upload],
        }
    }
}

/// The rules of each platform for logins. A platform that is not in the table has [`PlatformRules::other`].
pub const PLATFORMS: &[PlatformRules] = &[
    // G2, G3.
    PlatformRules {
        platform: Platform::GITHUB,
        login_held: Duration::from_secs(90 * 86_400),
        renames: true,
        grants: &[
            Grant::CratesPublishNew,
            Grant::CratesPublishUpdate,
            Grant::CratesYank,
            Grant::CratesChangeOwners,
        ],
    },
    // N3.
    PlatformRules {
        platform: Platform::NPM,
        login_held: Duration::from_secs(30 * 86_400),
        renames: false,
        grants: &[Grant::NpmBypass],
    },
    // P8.
    PlatformRules {
        platform: Platform::PYPI,
        login_held: Duration::ZERO,
        renames: false,
        grants: &[Grant::PypiToken],
    },
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_grant_has_its_one_row() {
        for (i, row) in GRANTS.iter().enumerate() {
            let again = GRANTS[i + 1..].iter().any(|r| r.grant == row.grant);
            assert!(!again, "{:?}", row.grant);
        }
        for grant in PLATFORMS.iter().flat_map(|p| p.grants) {
            assert!(GRANTS.iter().any(|r| r.grant == *grant), "{grant:?}");
        }
    }

    /// A token with the rights of the account or its organisations is an `account-session`, not a `stolen-token`: the table of
    /// capabilities in `docs/security/trust-model.md`.
    #[test]
    fn what_tokens_may_do_beside_publishing() {
        let with = |right: Right| -> Vec<Grant> {
            let rows = GRANTS.iter().filter(|r| r.may.contains(&right));
            rows.map(|r| r.grant).collect()
        };
        assert_eq!(with(Right::ChangeOwners), [Grant::CratesChangeOwners]);
        assert_eq!(
            with(Right::ChangeMembers),
            [Grant::WriteOrg, Grant::AdminOrg, Grant::FineGrainedMembers]
        );
        for right in [Right::Account, Right::Administer] {
            assert!(with(right).is_empty(), "{right:?}");
        }
    }
}
