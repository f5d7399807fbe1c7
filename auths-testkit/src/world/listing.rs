//! A registry's answer about a project: its accounts, the life of its name, and its attestations.

use super::accounts::last_shown;
use super::project::{Project, PublishedRelease};
use super::state::World;
use auths_core::Timestamp;
use auths_core::ci::{CiIssuer, CiProvider, PublisherRule, PublisherRuleFields, ReusableWorkflow};
use auths_core::claim::Incarnation;
use auths_core::evidence::{
    AttestedPublisher, ListedAccount, Listing, ListingCompleteness, OwnerRole, Provenance,
};
use auths_core::identity::{Account, AccountId, Platform};

/// The registries' names for an owner and a lesser role.
const LABELS: &[(&str, &str, &str)] = &[
    ("pypi", "Owner", "Maintainer"),
    ("npm", "maintainer", "maintainer"),
    ("cargo", "owner", "owner"),
];

/// Returns the accounts that the registry lists: Owners first, each group sorted by login.
pub(super) fn roles(world: &World, project: &Project) -> Vec<ListedAccount> {
    let ecosystem = project.namespace.ecosystem().as_str();
    let row = LABELS.iter().find(|(at, ..)| *at == ecosystem);
    let (_, owner, lesser) = row.copied().unwrap_or(LABELS[0]);
    let one = |(id, role): (&u64, &OwnerRole)| {
        let account = match ecosystem {
            "cargo" => crates_owner(world, *id)?,
            _ => world.account(*id)?,
        };
        let label = match role {
            OwnerRole::Owner => owner,
            OwnerRole::Maintainer => lesser,
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
        (a.role != OwnerRole::Owner, a.account.login())
            .cmp(&(b.role != OwnerRole::Owner, b.account.login()))
    });
    listed
}

/// Returns the listing, with the others who may publish as far as they are known.
pub(super) fn listing(world: &World, project: &Project) -> Listing {
    let mut listing = Listing::new(roles(world, project));
    listing.tokens_may_add_owners = tokens_may_add_owners(world, project);
    listing.teams = project.teams.iter().map(|t| t.label.clone()).collect();
    // A crate's teams may publish, but are never owners: the list of owners is complete without them.
    let organization = project.organization.clone();
    if let Some(name) = organization.or_else(|| scope_of_others(world, project)) {
        listing.owners = ListingCompleteness::Organization(name);
    }
    listing
}

fn tokens_may_add_owners(world: &World, project: &Project) -> bool {
    let rules = world.rules(project.namespace.ecosystem());
    rules.is_some_and(|rules| rules.tokens_may_add_owners)
}

/// Returns the marker that distinguishes this project from others of the same name, if something was published.
pub(super) fn incarnation(project: &Project) -> Option<Incarnation> {
    let created = project.created.to_string();
    Some(match project.namespace.ecosystem().as_str() {
        "pypi" => Incarnation::new("first-upload", project.first_upload()?.to_string()),
        // `time.created` may come from an earlier life of the name; the first remaining release cannot.
        "npm" => {
            let first = project.first_upload()?;
            Incarnation::new("created-and-first-release", format!("{created} {first}"))
        }
        _ => Incarnation::new("created-at", created),
    })
}

/// Returns the attested builds that reach the newest release without a gap.
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

/// Returns the runs that the registry attests as the publishers of every file, up to the newest release without a gap.
pub(super) fn publishers(project: &Project, token_may_publish: bool) -> Vec<AttestedPublisher> {
    let releases = || project.releases.iter().rev();
    let Some((newest, built)) = releases().next().and_then(|r| Some((r, r.attestation()?))) else {
        return Vec::new();
    };
    let same = |release: &&PublishedRelease| {
        release.attestation().is_some_and(|other| {
            let same_job =
                other.job.file == built.job.file && other.job.reusable == built.job.reusable;
            same_job
                && (&other.owner_id, &other.repository_id)
                    == (&built.owner_id, &built.repository_id)
        })
    };
    let unbroken: Vec<&PublishedRelease> = releases().take_while(same).collect();
    let uploads = || unbroken.iter().flat_map(|r| &r.files).copied();
    // The environment is known where all of them show the same one.
    let environments = unbroken.iter().filter_map(|r| r.attestation());
    let mut environments = environments.map(|built| built.job.environment.as_ref());
    let first = environments.next().flatten();
    let environment = first.filter(|_| environments.all(|other| other == first));
    let (Some(since), Some(last)) = (uploads().min(), uploads().max()) else {
        return Vec::new();
    };
    let Some(rule) = rule_of(built, environment.map(String::as_str)) else {
        return Vec::new();
    };
    let mut attested = AttestedPublisher::new(rule, since, last, newest.spelled.clone());
    attested.token_may_publish = token_may_publish;
    vec![attested]
}

/// Returns the rule that such builds match.
fn rule_of(built: &super::Attestation, environment: Option<&str>) -> Option<PublisherRule> {
    let github = CiIssuer::public(CiProvider::GitHubActions).ok()?;
    let (repository, owner) = (built.repository_id.as_str(), built.owner_id.as_str());
    let mut fields = PublisherRuleFields::new(
        github.url,
        repository.parse().ok()?,
        owner.parse().ok()?,
        built.repository.parse().ok()?,
        built.job.file.parse().ok()?,
    );
    if let Some((id, name, file)) = &built.job.reusable {
        let (id, name) = (id.to_string().parse().ok()?, name.parse().ok()?);
        fields.reusable = Some(ReusableWorkflow::new(id, name, file.parse().ok()?));
    }
    fields.environment = match environment {
        Some(name) => Some(name.parse().ok()?),
        None => None,
    };
    PublisherRule::new(fields).ok()
}

fn attested(built: &super::Attestation, since: Timestamp, token_may_publish: bool) -> Provenance {
    let (owner, repository) = (built.owner_id.clone(), built.repository_id.clone());
    let mut attested = Provenance::new(Platform::GITHUB, owner, repository, since);
    attested.token_may_publish = token_may_publish;
    attested
}

/// Returns a crate's owner: the linked GitHub id, with the login of the owner's last visit.
fn crates_owner(world: &World, id: u64) -> Option<Account> {
    let user = world.crates_user(id)?;
    let named = Account::parse_login(Platform::GITHUB, &user.github_login).ok();
    let account = named.or_else(|| last_shown(world, id))?;
    Some(account.with_id(AccountId::new(&user.github_id.to_string()).ok()?))
}

/// Returns the scope of an npm package, unless it belongs to a person: members of an organisation may publish too, and it is not
/// documented that they are listed. A scope belongs to a person if its name is listed and published the newest release. An
/// organisation that was converted from a person's account is listed too, but publishes nothing. If several releases share the
/// newest time, none counts as the newest.
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
