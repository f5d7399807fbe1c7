//! What a registry shows of a project: whom it lists, which life of the name it is, and what was attested.

use super::accounts::last_shown;
use super::project::{Project, PublishedRelease};
use super::world::World;
use crate::Timestamp;
use crate::claim::Incarnation;
use crate::evidence::{ListedAccount, Listing, Owners, Provenance, Role};
use crate::identity::{Account, AccountId, Platform};

/// What the registries call an owner and a lesser role.
const LABELS: &[(&str, &str, &str)] = &[
    ("pypi", "Owner", "Maintainer"),
    ("npm", "maintainer", "maintainer"),
    ("cargo", "owner", "owner"),
];

/// Whom the registry lists: Owners first, each by login.
pub(super) fn roles(world: &World, project: &Project) -> Vec<ListedAccount> {
    let ecosystem = project.namespace.ecosystem().as_str();
    let row = LABELS.iter().find(|(at, ..)| *at == ecosystem);
    let (_, owner, lesser) = row.copied().unwrap_or(LABELS[0]);
    let one = |(id, role): (&u64, &Role)| {
        let account = match ecosystem {
            "cargo" => crates_owner(world, *id)?,
            _ => world.account(*id)?,
        };
        let label = match role {
            Role::Owner => owner,
            Role::Maintainer => lesser,
            _ => "reader",
        };
        let mut listed = ListedAccount::new(account, *role, label);
        if !world.shows_ids(listed.account.platform()) {
            listed = listed.by_only_name();
        }
        if tokens_may_add_owners(world, project) {
            listed.first_published = project.first_published_by(*id);
            listed.founder = project.is_founder(*id);
        }
        Some(listed)
    };
    let mut listed: Vec<ListedAccount> = project.roles.iter().filter_map(one).collect();
    listed.sort_by(|a, b| {
        (a.role != Role::Owner, a.account.login()).cmp(&(b.role != Role::Owner, b.account.login()))
    });
    listed
}

/// The listing, with who else may publish as far as it can be told.
pub(super) fn listing(world: &World, project: &Project) -> Listing {
    let mut listing = Listing::new(roles(world, project));
    listing.tokens_may_add_owners = tokens_may_add_owners(world, project);
    listing.teams = project.teams.iter().map(|t| t.label.clone()).collect();
    // A crate's teams publish, and are never owners: the list of owners is complete without them.
    let organization = project.organization.clone();
    if let Some(name) = organization.or_else(|| scope_of_others(world, project)) {
        listing.owners = Owners::Organization(name);
    }
    listing
}

fn tokens_may_add_owners(world: &World, project: &Project) -> bool {
    let rules = world.rules(project.namespace.ecosystem());
    rules.is_some_and(|rules| rules.tokens_may_add_owners)
}

/// What tells this project from an earlier or later one of the same name, where something was published.
pub(super) fn incarnation(project: &Project) -> Option<Incarnation> {
    let created = project.created.to_string();
    Some(match project.namespace.ecosystem().as_str() {
        "pypi" => Incarnation::new("first-upload", project.first_upload()?.to_string()),
        // `time.created` may be that of an earlier life: the first release that remains cannot be.
        "npm" => {
            let first = project.first_upload()?;
            Incarnation::new("created-and-first-release", format!("{created} {first}"))
        }
        _ => Incarnation::new("created-at", created),
    })
}

/// The attested builds that reach the newest release without a gap.
pub(super) fn provenance(project: &Project, token_may_publish: bool) -> Vec<Provenance> {
    let same = |a: &PublishedRelease, b: &PublishedRelease| {
        let build = |r: &PublishedRelease| {
            let built = r.attestation.as_ref()?;
            Some((built.owner_id.clone(), built.repository_id.clone()))
        };
        build(a) == build(b)
    };
    let releases = || project.releases.iter().rev();
    let Some((newest, built)) = releases().next().and_then(|r| Some((r, r.attestation()?))) else {
        return Vec::new();
    };
    let unbroken = releases().take_while(|r| same(r, newest));
    let Some(since) = unbroken.flat_map(|r| &r.files).min().copied() else {
        return Vec::new();
    };
    let mut attested = attested(built, since, token_may_publish);
    attested.newest = Some(newest.spelled.clone());
    vec![attested]
}

fn attested(built: &super::Attestation, since: Timestamp, token_may_publish: bool) -> Provenance {
    Provenance {
        platform: Platform::GITHUB,
        owner_id: built.owner_id.clone(),
        repository_id: built.repository_id.clone(),
        since,
        token_may_publish,
        newest: None,
    }
}

/// A crate's owner: the linked GitHub id, with the login of its last visit.
fn crates_owner(world: &World, id: u64) -> Option<Account> {
    let user = world.crates_user(id)?;
    let named = Account::parse_login(Platform::GITHUB, &user.github_login).ok();
    let account = named.or_else(|| last_shown(world, id))?;
    Some(account.with_id(AccountId::new(&user.github_id.to_string()).ok()?))
}

/// The scope of an npm package, unless a person's: members of an organisation may publish too, and nothing documents that they
/// are listed. A person has the scope whose name is listed, and by whom the newest release was published: an organisation
/// that a person was made is listed too, and publishes nothing. Of releases that share a time, none is the newest.
fn scope_of_others(world: &World, project: &Project) -> Option<String> {
    let scope = super::scope::scope_of(&project.namespace)?;
    let is_scope = |account: &Account| account.login().as_str() == scope;
    let mut listed = project.roles.keys().filter_map(|id| world.account(*id));
    let at = |release: &PublishedRelease| release.files().iter().min().copied();
    let last = project.releases.iter().map(at).max();
    let mut newest = project.releases.iter().filter(|r| Some(at(r)) == last);
    let is_own =
        |release: &PublishedRelease| world.publisher_of(release).as_ref().is_some_and(is_scope);
    let own = last.is_some() && listed.any(|account| is_scope(&account)) && newest.all(is_own);
    (!own).then(|| scope.to_owned())
}
