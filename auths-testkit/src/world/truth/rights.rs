//! The truth about who may speak for what.

use std::collections::BTreeSet;

use super::record::{Delegated, Place, Post, PostSpan};
use super::{HeldOf, Person};
use crate::world::project::PublishedRelease;
use crate::world::{AccountKind, Project, World};
use auths_core::Timestamp;
use auths_core::identity::{Account, Did, Ecosystem, Namespace, Platform};

/// The maximum number of consecutive delegations.
const MOST_DELEGATIONS: usize = 4;

impl World {
    /// Returns the project, or the account of GitHub, that had the name of a namespace at some time.
    #[must_use]
    pub fn named_at(&self, namespace: &Namespace, at: Timestamp) -> Option<HeldOf> {
        if *namespace.ecosystem() == Ecosystem::GITHUB {
            // A name below an account's is the account's.
            let parent = namespace.parent();
            let login = parent.as_ref().unwrap_or(namespace).name().as_str();
            let state = self.account_by_login(&Platform::GITHUB, login);
            return state.map(|state| HeldOf::Account(state.id()));
        }
        let name = namespace.clone().at(None);
        let mut lives = self.truth.lives.iter().rev();
        let life = lives.find(|(n, _, from, until)| {
            *n == name && *from <= at && until.is_none_or(|until| at < until)
        });
        life.map(|(_, id, ..)| HeldOf::Project(*id))
    }

    /// Returns whether a person may really speak for the thing with this name, at some time: as its owner, as somebody whom an
    /// owner named for it, or as a delegate of one of these.
    #[must_use]
    pub fn may_speak_for(&self, person: &Person, namespace: &Namespace, at: Timestamp) -> bool {
        self.speaks(person, namespace, at, MOST_DELEGATIONS)
    }

    /// Returns whether a person may really let others act for the thing with this name: as one who may speak for it, but for a
    /// delegate who may not pass that on.
    pub(in crate::world) fn may_pass_on(
        &self,
        person: &Person,
        namespace: &Namespace,
        at: Timestamp,
    ) -> bool {
        self.speaks(person, namespace, at, MOST_DELEGATIONS - 1)
    }

    fn speaks(&self, person: &Person, namespace: &Namespace, at: Timestamp, depth: usize) -> bool {
        let own = match self.named_at(namespace, at) {
            Some(HeldOf::Project(id)) => {
                self.is_lawful_owner(person, Place::Project(id), at)
                    || self.is_named(person, namespace)
                    || self.is_named_for_owner(person, id, at)
            }
            Some(HeldOf::Account(id)) => {
                self.person_of(id) == Some(person)
                    || self.is_lawful_owner(person, Place::Organization(id), at)
            }
            _ => false,
        };
        own || (depth > 0 && self.is_delegate(person, namespace, at, depth))
    }

    /// Returns whether an owner gave a person, by its account, the post of an owner there.
    pub(in crate::world) fn is_lawful_owner(
        &self,
        person: &Person,
        place: Place,
        at: Timestamp,
    ) -> bool {
        let posts = self.posts_of(person);
        posts
            .filter(|span| span.lawful && span.post == Post::Owner && span.place == place)
            .any(|span| span.from <= at && span.until.is_none_or(|until| at < until))
    }

    /// Returns every post that a person has, or had.
    pub(in crate::world) fn posts_of(&self, person: &Person) -> impl Iterator<Item = &PostSpan> {
        let posts = self.truth.posts.iter();
        posts.filter(move |span| self.person_of(span.account) == Some(person))
    }

    /// Returns whether an owner's release names the person for the package, among the releases that now name a key of the person
    /// without a gap; or whether an owner's release contains a repository of the person.
    fn is_named(&self, person: &Person, namespace: &Namespace) -> bool {
        // crates.io does not show the names in a release.
        let shows = *namespace.ecosystem() != Ecosystem::CARGO;
        let project = self.project(&namespace.clone().at(None)).filter(|_| shows);
        let Some(project) = project else {
            return false;
        };
        let mut made = self.truth.keys.iter().filter(|(_, maker)| *maker == person);
        made.any(|(did, _)| {
            current_run(project, did)
                .iter()
                .any(|release| release.lawful)
        }) || self.is_typed(person, project)
    }

    /// Returns whether the holder of an account that owns a project said in a release that a key of the person speaks for the
    /// account.
    fn is_named_for_owner(&self, person: &Person, project: u64, at: Timestamp) -> bool {
        let lasts = |span: &&PostSpan| {
            let in_time = span.from <= at && span.until.is_none_or(|until| at < until);
            in_time && span.lawful && span.post == Post::Owner
        };
        let posts = self.truth.posts.iter().filter(lasts);
        let mut owners = posts.filter(|span| span.place == Place::Project(project));
        owners.any(|span| {
            let holder = self.person_of(span.account);
            let said = |release: &PublishedRelease, namespace: &Namespace| {
                release.actor() == holder
                    && release
                        .metadata()
                        .accounts_for(namespace)
                        .iter()
                        .any(|named| {
                            self.maker_of(&named.did) == Some(person)
                                && self.number_of(&named.account) == Some(span.account)
                        })
            };
            self.projects.iter().any(|(namespace, project)| {
                project
                    .releases()
                    .iter()
                    .any(|release| said(release, namespace))
            })
        })
    }

    /// Returns the accounts that a project was made for: every release of it says that some DID speaks for them.
    pub(in crate::world) fn made_for(&self, project: &Project) -> BTreeSet<u64> {
        let named = |release: &PublishedRelease| -> BTreeSet<u64> {
            let named = release.metadata().accounts_for(project.namespace());
            named
                .iter()
                .filter_map(|n| self.number_of(&n.account))
                .collect()
        };
        let each = project.releases().iter().map(named);
        each.reduce(|all, next| all.intersection(&next).copied().collect())
            .unwrap_or_default()
    }

    /// Returns the number of the account that a name refers to now.
    fn number_of(&self, account: &Account) -> Option<u64> {
        let state = self.account_by_login(account.platform(), account.login().as_str());
        state.map(|state| state.id())
    }

    /// Returns whether an owner typed a repository of the person into the release that installers pick.
    fn is_typed(&self, person: &Person, project: &Project) -> bool {
        let release = project.default_release().filter(|release| release.lawful);
        let repository = release.and_then(|release| release.metadata().repository());
        let owner = repository.and_then(|r| self.account_by_login(&r.platform, &r.owner));
        owner.is_some_and(|owner| self.person_of(owner.id()) == Some(person))
    }

    fn is_delegate(
        &self,
        person: &Person,
        namespace: &Namespace,
        at: Timestamp,
        depth: usize,
    ) -> bool {
        let delegations = self.truth.delegations.iter().filter(|d| {
            self.maker_of(&d.to) == Some(person)
                && d.covers(namespace)
                && d.since <= at
                && d.until.is_none_or(|until| at < until)
        });
        // A delegation to a delegator must allow further delegation.
        let mut allowed = delegations.filter(|d| depth == MOST_DELEGATIONS || d.further);
        allowed.any(|d| {
            let maker = self.maker_of(&d.from).filter(|maker| *maker != person);
            maker.is_some_and(|maker| self.speaks(maker, namespace, at, depth - 1))
        })
    }

    /// Returns whether a DID delegated to another for a namespace, by itself or through others, and the delegation still holds.
    #[must_use]
    pub fn has_delegated(
        &self,
        from: &Did,
        to: &Did,
        namespace: &Namespace,
        at: Timestamp,
    ) -> bool {
        self.is_delegated((from, to), namespace, at, |_| true)
    }

    /// Returns whether a DID delegated to another as [`has_delegated`](Self::has_delegated) tells, and each delegation lets the right
    /// be passed on.
    pub(in crate::world) fn has_passed_on(
        &self,
        from: &Did,
        to: &Did,
        namespace: &Namespace,
        at: Timestamp,
    ) -> bool {
        self.is_delegated((from, to), namespace, at, |d| d.further)
    }

    fn is_delegated(
        &self,
        (from, to): (&Did, &Did),
        namespace: &Namespace,
        at: Timestamp,
        counts: impl Fn(&Delegated) -> bool,
    ) -> bool {
        let mut reached: BTreeSet<&Did> = BTreeSet::from([from]);
        for _ in 0..MOST_DELEGATIONS {
            let lasting = self.truth.delegations.iter().filter(|d| {
                counts(d) && d.covers(namespace) && d.until.is_none_or(|until| at < until)
            });
            let next: Vec<&Did> = lasting
                .filter(|d| reached.contains(&d.from))
                .map(|d| &d.to)
                .collect();
            reached.extend(next);
        }
        reached.contains(to)
    }

    /// Returns whether the account is an organisation's.
    pub(in crate::world) fn is_organization(&self, account: u64) -> bool {
        let state = self.accounts.get(&account);
        state.is_some_and(|state| state.kind == AccountKind::Organization)
    }
}

/// Returns the releases that name a DID without a gap up to the newest, oldest first.
pub(in crate::world) fn current_run<'p>(
    project: &'p Project,
    did: &Did,
) -> Vec<&'p PublishedRelease> {
    let newest_first = project.releases().iter().rev();
    let names = |release: &&PublishedRelease| {
        release
            .metadata()
            .dids_for(project.namespace())
            .contains(did)
    };
    let mut run: Vec<_> = newest_first.take_while(names).collect();
    run.reverse();
    run
}
