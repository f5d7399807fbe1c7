//! The people behind the accounts, and what they take from each other.

use std::fmt;
use std::sync::Arc;

use super::record::{Loot, Theft};
use crate::world::refused::Refused;
use crate::world::{Session, Token, Workflow, World};
use auths_core::identity::{Did, Platform};

/// A person in the world, who owns accounts, keys and stolen things.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Person(Arc<str>);

impl Person {
    /// Creates the person of this name.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self(name.into())
    }

    /// Returns the name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.0
    }
}

impl From<&str> for Person {
    fn from(name: &str) -> Self {
        Self::named(name)
    }
}

impl fmt::Display for Person {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl World {
    /// Makes an account, as [`World::sign_up_on`] does, that belongs to this person regardless of its login.
    ///
    /// # Errors
    /// The errors of [`World::sign_up_on`].
    pub fn sign_up_as(
        &mut self,
        person: impl Into<Person>,
        platform: &Platform,
        login: &str,
    ) -> Result<Session, Refused> {
        let session = self.sign_up_on(platform, login)?;
        self.truth.people.insert(session.account, person.into());
        Ok(session)
    }

    /// Returns the person who owns an account; `None` for organisations.
    #[must_use]
    pub fn person_of(&self, account: u64) -> Option<&Person> {
        self.truth.people.get(&account)
    }

    /// Records who made a key. Signing is done outside the world.
    pub fn make_key(&mut self, person: impl Into<Person>, did: Did) {
        self.truth.keys.entry(did).or_insert_with(|| person.into());
    }

    /// Returns the person who made the key of a DID.
    #[must_use]
    pub fn maker_of(&self, did: &Did) -> Option<&Person> {
        self.truth.keys.get(did)
    }

    /// Steals a key: from now on both persons sign with it.
    pub fn steal_key(&mut self, thief: impl Into<Person>, did: &Did) {
        self.steal(thief.into(), Loot::Key(did.clone()));
    }

    /// Steals a session, and returns the thief's copy.
    ///
    /// # Errors
    /// [`Refused::Dead`].
    pub fn steal_session(
        &mut self,
        thief: impl Into<Person>,
        session: &Session,
    ) -> Result<Session, Refused> {
        let account = self.signed_in(session)?;
        let thief = thief.into();
        self.steal(thief.clone(), Loot::Session(account));
        let mut copy = session.clone();
        copy.thief = Some(thief);
        Ok(copy)
    }

    /// Steals a token, and returns the thief's copy.
    ///
    /// # Errors
    /// [`Refused::Dead`].
    pub fn steal_token(
        &mut self,
        thief: impl Into<Person>,
        token: &Token,
    ) -> Result<Token, Refused> {
        let state = self.live(token)?.clone();
        let thief = thief.into();
        let id = token.id;
        self.steal(thief.clone(), Loot::Token { id, state });
        Ok(Token {
            id,
            thief: Some(thief),
        })
    }

    /// Takes lasting control of a workflow, and returns the thief's copy.
    ///
    /// # Errors
    /// [`Refused::UnknownThing`].
    pub fn steal_workflow(
        &mut self,
        thief: impl Into<Person>,
        workflow: &Workflow,
    ) -> Result<Workflow, Refused> {
        if !self.workflows.contains_key(&workflow.id) {
            return Err(Refused::UnknownThing);
        }
        let thief = thief.into();
        self.steal(thief.clone(), Loot::Workflow(workflow.id));
        Ok(Workflow {
            id: workflow.id,
            thief: Some(thief),
        })
    }

    fn steal(&mut self, thief: Person, loot: Loot) {
        let since = self.now;
        self.truth.thefts.push(Theft {
            thief,
            loot,
            since,
            until: None,
            uses: Vec::new(),
        });
    }
}
