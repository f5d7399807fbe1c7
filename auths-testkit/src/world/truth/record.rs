//! The records that moves make about people.

use std::collections::BTreeSet;

use super::Person;
use crate::world::access::TokenState;
use crate::world::org::OrgRole;
use crate::world::{Credential, Right, World};
use auths_core::Timestamp;
use auths_core::claim::{Delegation, Signed};
use auths_core::evidence::OwnerRole;
use auths_core::identity::{Did, Namespace, Platform};

/// One use of something stolen.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Use {
    /// The time of the use.
    pub at: Timestamp,
    /// The right that was used.
    pub right: Right,
    /// The number of the project that it was used on, if there was one.
    pub project: Option<u64>,
    /// True where the use made that project.
    pub made_it: bool,
}

/// A stolen thing.
#[derive(Debug, Clone)]
pub(in crate::world) enum Loot {
    /// The session of this account.
    Session(u64),
    /// A token, in its state at the theft.
    Token { id: u64, state: TokenState },
    /// Lasting control over this workflow.
    Workflow(u64),
    /// The key of this DID.
    Key(Did),
    /// One run of this repository.
    Run(u64),
}

/// A theft.
#[derive(Debug, Clone)]
pub(in crate::world) struct Theft {
    pub(in crate::world) thief: Person,
    pub(in crate::world) loot: Loot,
    pub(in crate::world) since: Timestamp,
    pub(in crate::world) until: Option<Timestamp>,
    pub(in crate::world) uses: Vec<Use>,
}

/// A place where somebody has a post.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::world) enum Place {
    /// A project, by its number.
    Project(u64),
    /// An organisation, by the number of its account.
    Organization(u64),
    /// A repository, by its number.
    Repository(u64),
}

/// A kind of post.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::world) enum Post {
    /// A post that may do everything there: an Owner, an administrator, the owner of a repository.
    Owner,
    /// A post that may publish, or write, and no more.
    Lesser,
}

/// A post, for the time that an account had it.
#[derive(Debug, Clone)]
pub(in crate::world) struct PostSpan {
    pub(in crate::world) place: Place,
    pub(in crate::world) account: u64,
    pub(in crate::world) post: Post,
    pub(in crate::world) from: Timestamp,
    pub(in crate::world) until: Option<Timestamp>,
    /// True where the post was given by somebody with the right to give it.
    pub(in crate::world) lawful: bool,
    /// The giver, where that person had no right to give it.
    pub(in crate::world) giver: Option<Person>,
}

/// A signed delegation.
#[derive(Debug, Clone)]
pub(in crate::world) struct Delegated {
    pub(in crate::world) from: Did,
    pub(in crate::world) to: Did,
    pub(in crate::world) namespaces: BTreeSet<Namespace>,
    pub(in crate::world) further: bool,
    pub(in crate::world) since: Timestamp,
    pub(in crate::world) until: Option<Timestamp>,
}

impl Delegated {
    /// Returns whether it names a namespace, or the organisation that the namespace lies below.
    pub(in crate::world) fn covers(&self, namespace: &Namespace) -> bool {
        self.namespaces
            .iter()
            .any(|named| named.includes(namespace))
    }
}

impl World {
    /// Records a delegation that somebody signed.
    pub fn record_delegation(&mut self, delegation: &Signed<Delegation>) {
        let body = delegation.unverified();
        self.truth.delegations.push(Delegated {
            from: delegation.did().clone(),
            to: body.to.clone(),
            namespaces: body.namespaces.clone(),
            further: body.further,
            since: delegation.created(),
            until: delegation.expires(),
        });
    }

    /// Returns the person who acts when a move is made with this credential.
    pub(in crate::world) fn actor(&self, by: Credential<'_>) -> Option<Person> {
        match by {
            Credential::Session(session) => {
                let own = || self.person_of(session.account).cloned();
                session.thief.clone().or_else(own)
            }
            Credential::Token(token) => token.thief.clone().or_else(|| {
                let state = self.tokens.get(&token.id)?;
                match (state.account, state.workflow) {
                    (Some(account), _) => self.person_of(account).cloned(),
                    (None, workflow) => self.keeper_of(workflow?),
                }
            }),
            Credential::Workflow(workflow) => {
                let own = || self.keeper_of(workflow.id);
                workflow.thief.clone().or_else(own)
            }
        }
    }

    /// Returns the person who owns a workflow: its repository's owner, or the maker.
    fn keeper_of(&self, workflow: u64) -> Option<Person> {
        let state = self.workflows.get(&workflow)?;
        let repository = state.repository.and_then(|id| self.repositories.get(&id));
        let owner = repository.and_then(|r| self.person_of(r.owner));
        owner.or(state.made_by.as_ref()).cloned()
    }

    /// Records that a stolen thing was used.
    pub(in crate::world) fn note_use(
        &mut self,
        by: Credential<'_>,
        right: Right,
        project: Option<u64>,
        made_it: bool,
    ) {
        let at = self.now;
        let (thief, workflow) = match by {
            Credential::Session(session) => (&session.thief, None),
            Credential::Workflow(workflow) => (&workflow.thief, Some(workflow.id)),
            Credential::Token(token) => {
                let state = self.tokens.get(&token.id);
                (&token.thief, state.and_then(|s| s.workflow))
            }
        };
        if let (Some(project), Some(workflow)) = (project, workflow) {
            self.truth.published_by.insert((project, workflow));
        }
        let Some(thief) = thief else {
            return;
        };
        let is_it = |theft: &&mut Theft| {
            theft.thief == *thief
                && match (&theft.loot, by) {
                    (Loot::Session(account), Credential::Session(session)) => {
                        *account == session.account
                    }
                    (Loot::Token { id, .. }, Credential::Token(token)) => *id == token.id,
                    (Loot::Workflow(id), _) => workflow == Some(*id),
                    _ => false,
                }
        };
        if let Some(theft) = self.truth.thefts.iter_mut().rev().find(is_it) {
            theft.uses.push(Use {
                at,
                right,
                project,
                made_it,
            });
        }
    }

    /// Records that a stolen token is dead.
    pub(in crate::world) fn note_token_end(&mut self, token: u64) {
        let now = self.now;
        for theft in &mut self.truth.thefts {
            let is_it = matches!(&theft.loot, Loot::Token { id, .. } if *id == token);
            if is_it && theft.until.is_none() {
                theft.until = Some(now);
            }
        }
    }

    /// Records that stolen sessions of an account are dead.
    pub(in crate::world) fn note_sessions_end(&mut self, account: u64) {
        let now = self.now;
        for theft in &mut self.truth.thefts {
            let is_it = matches!(theft.loot, Loot::Session(of) if of == account);
            if is_it && theft.until.is_none() {
                theft.until = Some(now);
            }
        }
    }

    /// Records that an account has a login, and the account's person if the account is new.
    pub(in crate::world) fn note_login(
        &mut self,
        platform: &Platform,
        login: &str,
        account: u64,
        is_person: bool,
    ) {
        let (login, now) = (login.to_ascii_lowercase(), self.now);
        let truth = &mut self.truth;
        let mut earlier = truth.logins.iter().rev();
        let earlier = earlier.find(|(p, l, id)| p == platform && *l == login && *id != account);
        let earlier = earlier.map(|(.., id)| *id);
        if is_person && !truth.people.contains_key(&account) {
            let name = match earlier {
                Some(_) => Person::named(&format!("the next {login}")),
                None => Person::named(&login),
            };
            truth.people.insert(account, name);
        }
        if let Some(old) = earlier {
            truth.recycled.push((account, old, now));
        }
        truth.logins.push((platform.clone(), login, account));
    }

    /// Returns whether an account ever had that login.
    pub(in crate::world) fn had_login(
        &self,
        account: u64,
        platform: &Platform,
        login: &str,
    ) -> bool {
        let logins = self.truth.logins.iter();
        logins
            .filter(|(p, ..)| p == platform)
            .any(|(_, l, id)| *id == account && l.eq_ignore_ascii_case(login))
    }

    /// Records the giver of a post, before the post is given.
    pub(in crate::world) fn note_giver(&mut self, by: Credential<'_>, place: Place, account: u64) {
        let giver = self.actor(by);
        let may_give = |giver: &Person| self.is_lawful_owner(giver, place, self.now);
        match giver {
            Some(giver) if !may_give(&giver) => {
                self.truth.tainted.insert((place, account), giver);
            }
            _ => {
                self.truth.tainted.remove(&(place, account));
            }
        }
    }

    /// Records that the registry itself gives a post.
    pub(in crate::world) fn note_gift(&mut self, place: Place, account: u64) {
        self.truth.tainted.remove(&(place, account));
    }

    /// Updates the posts of a place.
    fn note_posts(&mut self, place: Place, posts: &[(u64, Post)]) {
        let now = self.now;
        let truth = &mut self.truth;
        let open = |span: &PostSpan| span.place == place && span.until.is_none();
        for span in truth.posts.iter_mut().filter(|span| open(span)) {
            if !posts.contains(&(span.account, span.post)) {
                span.until = Some(now);
            }
        }
        for (account, post) in posts {
            let has = |span: &PostSpan| open(span) && span.account == *account;
            if !truth.posts.iter().any(has) {
                let giver = truth.tainted.get(&(place, *account)).cloned();
                truth.posts.push(PostSpan {
                    place,
                    account: *account,
                    post: *post,
                    from: now,
                    until: None,
                    lawful: giver.is_none(),
                    giver,
                });
            }
        }
    }

    /// Updates the roles on a project, and those of an earlier project of the same name.
    pub(in crate::world) fn note_roles(&mut self, namespace: &Namespace) {
        let Some(project) = self.projects.get(namespace) else {
            return;
        };
        let post = |(account, role): (&u64, &OwnerRole)| match role {
            OwnerRole::Owner => Some((*account, Post::Owner)),
            OwnerRole::Maintainer => Some((*account, Post::Lesser)),
            _ => None,
        };
        let posts: Vec<_> = project.roles.iter().filter_map(post).collect();
        let id = project.id;
        let known = self
            .truth
            .lives
            .iter()
            .any(|(_, project, ..)| *project == id);
        if !known {
            let life = (namespace.clone(), id, self.now, None);
            self.truth.lives.push(life);
        }
        self.note_posts(Place::Project(id), &posts);
    }

    /// Records that a project was deleted.
    pub(in crate::world) fn note_deletion(&mut self, project: u64) {
        let now = self.now;
        let mut lives = self.truth.lives.iter_mut();
        if let Some(life) = lives.find(|(_, id, ..)| *id == project) {
            life.3 = Some(now);
        }
        self.note_posts(Place::Project(project), &[]);
    }

    /// Updates the members of an organisation.
    pub(in crate::world) fn note_members(&mut self, org: u64) {
        let members = self.orgs.get(&org).map(|state| &state.members);
        let post = |(account, (role, active)): (&u64, &(OrgRole, bool))| match (role, active) {
            (OrgRole::Admin, true) => Some((*account, Post::Owner)),
            (OrgRole::Member, true) => Some((*account, Post::Lesser)),
            _ => None,
        };
        let posts: Vec<_> = members.into_iter().flatten().filter_map(post).collect();
        self.note_posts(Place::Organization(org), &posts);
    }

    /// Updates the owner and writers of a repository.
    pub(in crate::world) fn note_writers(&mut self, repository: u64) {
        let Some(state) = self.repositories.get(&repository) else {
            return;
        };
        let writers = state.writers.iter().map(|writer| (*writer, Post::Lesser));
        let posts: Vec<_> = std::iter::once((state.owner, Post::Owner))
            .chain(writers)
            .collect();
        self.note_posts(Place::Repository(repository), &posts);
    }

    /// Records that a repository was deleted.
    pub(in crate::world) fn note_repository_end(&mut self, repository: u64) {
        self.note_posts(Place::Repository(repository), &[]);
    }
}
