//! What each registry and platform does, and what each credential may do there: tables, row by row from what the services
//! document.
//!
//! `P x.y` in a row points into the fact sheet of the platforms (section x.y); *silent* means that no first-party source
//! says it, and that the choice which helps an attacker was taken.

use std::time::Duration;

use crate::identity::{Ecosystem, Platform};
use crate::time::DAY;

/// One thing that a credential may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Right {
    /// Publish under a free name, and so register it.
    Register,
    /// Publish a version, or add a file to one.
    Publish,
    /// Yank or deprecate, and take that back.
    Withdraw,
    /// Move a tag that installers follow.
    Tag,
    /// Delete a version or a file.
    DeleteRelease,
    /// Delete a project.
    DeleteProject,
    /// Add, invite and remove owners and lesser roles.
    ChangeOwners,
    /// Decide which workflows a project trusts, and which organization owns it.
    Administer,
    /// Write, change and delete gists.
    WriteGist,
    /// See one's memberships of organisations.
    ReadOrgs,
    /// Change the members of an organisation that one administers.
    ChangeMembers,
    /// All about the account: its tokens, sessions, invitations, name and end. Organisations and repositories too.
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
    /// npm: the same with "bypass 2FA", as automation uses.
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
    /// What one run of a trusted workflow gets.
    Run,
}

/// One row of the table of tokens.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GrantRow {
    /// What the token was made for.
    pub grant: Grant,
    /// Where it counts; `None` for every registry.
    pub ecosystem: Option<Ecosystem>,
    /// What it may be used for.
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

/// What each kind of token may be used for. A session may do everything that its account may.
pub const GRANTS: &[GrantRow] = &[
    GrantRow {
        grant: Grant::Upload,
        ecosystem: None,
        may: &[Register, Publish],
    },
    // P 5.1, 5.3: an API token uploads; roles, yanking and deleting need the signed-in site.
    grant(Grant::PypiToken, Ecosystem::PYPI, &[Register, Publish]),
    // P 4.5: read-only tokens exist.
    grant(Grant::NpmReadOnly, Ecosystem::NPM, &[]),
    // P 4.5: the second factor guards account matters. Whether it also guards publishing, tags, deprecation and unpublishing
    // with such a token: silent, so it does not.
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
    // P 4.5: since August 2026 these tokens cannot add or remove maintainers either.
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
    // P 3.4: a token of an owner may invite and remove owners. Whether one may delete a crate: silent, so this one may.
    grant(
        Grant::CratesChangeOwners,
        Ecosystem::CARGO,
        &[ChangeOwners, DeleteProject],
    ),
    // P 1.4.
    grant(Grant::Gist, Ecosystem::GITHUB, &[WriteGist]),
    // P 1.5: `write:org` and `admin:org` imply `read:org`. Which of them adds members: silent, so both.
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
    // P 1.5: a fine-grained token sees an empty list of organisations. What else it may do: silent.
    grant(Grant::FineGrainedGists, Ecosystem::GITHUB, &[WriteGist]),
    grant(
        Grant::FineGrainedMembers,
        Ecosystem::GITHUB,
        &[ChangeMembers],
    ),
    // P 4.6, 5.3: a trusted publisher uploads to the projects that trust it, and no more.
    GrantRow {
        grant: Grant::Run,
        ecosystem: None,
        may: &[Publish],
    },
];

/// When something may be deleted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Deletion {
    /// Always.
    Always,
    /// Never.
    Never,
    /// Within 72 hours; later if there is one owner and nobody depends on it.
    Limited {
        /// Whether that others depend on it keeps it within the 72 hours too.
        not_in_use: bool,
    },
}

/// How a registry keeps its projects.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct RegistryRules {
    /// Which registry.
    pub ecosystem: Ecosystem,
    /// Where its accounts live.
    pub platform: Platform,
    /// How long a deleted project's name stays blocked; then it is anybody's.
    pub name_held: Duration,
    /// When a release may be deleted.
    pub deletes_releases: Deletion,
    /// When a project may be deleted.
    pub deletes_projects: Deletion,
    /// Whether a version that was deleted can be published again.
    pub versions_again: bool,
    /// Whether there is a role that may publish and no more.
    pub lesser_role: bool,
    /// Whether accounts are also listed in a role that may do nothing: a reader, who pays the bill.
    pub reader_role: bool,
    /// Whether an API token suffices to add an owner. Its listing says so, and since when each owner has published.
    pub tokens_may_add_owners: bool,
    /// Whether a new owner must accept an invitation.
    pub invites_owners: bool,
    /// Whether a project may be left without owners when an account ends.
    pub survives_owners: bool,
    /// Whether a movable tag says what installers pick.
    pub tags: bool,
    /// How long the token of one run of a trusted workflow lives.
    pub run_life: Duration,
    /// Whether a trusted workflow is bound to its repository owner's numeric id, or to names alone.
    pub trusts_by_id: bool,
    /// Whether releases carry attestations of their build that name the repository owner's id.
    pub attests: bool,
    /// Whether a token may publish a release with an attestation that was made elsewhere.
    pub tokens_may_attest: bool,
}

const MINUTE: Duration = Duration::from_secs(60);

/// How each registry keeps its projects.
pub const REGISTRIES: &[RegistryRules] = &[
    // P 5.2: a deleted project's name is free at once. Whether a deleted version can be published again with other files:
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
        // P 5.3: 15 minutes, bound to the owner's id.
        run_life: Duration::from_secs(15 * 60),
        trusts_by_id: true,
        attests: true,
        tokens_may_attest: false,
    },
    // P 4.4: unpublishing within 72 hours without dependents, or later with a single maintainer and few downloads; the name
    // is blocked for 24 hours, versions for ever. P 4.1: maintainers accept an invitation.
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
        // Silent, so an hour. P 2.4: no ids are visible in npm's trust configuration, so names alone.
        run_life: Duration::from_secs(60 * 60),
        trusts_by_id: false,
        attests: true,
        // P 4.2: provenance comes with the upload.
        tokens_may_attest: true,
    },
    // P 3.4: a crate is deleted within 72 hours, or later by a single owner where nothing depends on it; its name is free 24
    // hours later; versions are never deleted. P 3.3: a run's token lives 30 minutes; no owner id is shown of its builds.
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
    /// The rules of an ecosystem that is not in the table, those of PyPI without its attestations: files, releases and projects
    /// can be deleted at any time, and names and versions are then free at once; a lesser role may publish, and another is listed and may do nothing; tokens add no owners,
    /// and owners are added without an invitation; no project is left without owners; there are no tags, so that the default is the
    /// highest version; a workflow's token lives for 15 minutes. Change a field for what is otherwise in your registry.
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

/// What a platform does with the logins of its accounts.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct PlatformRules {
    /// Which platform.
    pub platform: Platform,
    /// How long the login of a closed account stays blocked. After a rename the old login is free at once.
    pub login_held: Duration,
    /// Whether accounts can be renamed.
    pub renames: bool,
    /// What a token is made for when nothing is said.
    pub grants: &'static [Grant],
}

impl PlatformRules {
    /// The rules of a platform that is not in the table: nobody is renamed, the login of a closed account is free at once, and a
    /// token publishes. Change a field for what is otherwise on yours.
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

/// What each platform does with logins. One that is not in the table has [`PlatformRules::other`].
pub const PLATFORMS: &[PlatformRules] = &[
    // P 1.3.
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
    // P 4.4.
    PlatformRules {
        platform: Platform::NPM,
        login_held: Duration::from_secs(30 * 86_400),
        renames: false,
        grants: &[Grant::NpmBypass],
    },
    // P 5.2.
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

    /// DESIGN 4.1: a token with the rights of the account or its organisations is an `account-session`, not a `stolen-token`.
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
