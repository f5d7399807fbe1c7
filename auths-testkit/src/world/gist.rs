//! Gists: public texts, written by an account or a token of it.

use super::access::{Credential, Session};
use super::refused::Refused;
use super::rules::Right;
use super::state::World;
use auths_core::Timestamp;
use auths_core::ports::CLAIM_FILE;

/// A gist with one file.
#[derive(Debug, Clone)]
pub struct Gist {
    pub(super) id: String,
    pub(super) owner: u64,
    pub(super) file: String,
    pub(super) created: Timestamp,
    pub(super) fork_of: Option<String>,
    pub(super) revisions: Vec<Revision>,
    pub(super) commented: Option<Timestamp>,
}

/// One state of a gist.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Revision {
    /// The version: 40 hexadecimal digits.
    pub version: String,
    /// The time when it was written.
    pub at: Timestamp,
    /// The content of the file.
    pub content: String,
}

/// The number of bytes of a file that GitHub shows. It says when it cut the rest.
const SHOWN: usize = 1_000_000;

impl Gist {
    /// Returns its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Returns the numeric id of the account that owns it.
    #[must_use]
    pub fn owner_id(&self) -> u64 {
        self.owner
    }

    /// Returns the name of its file.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Returns when it was made.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// Returns when it was last changed, starred or commented on.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        let changed = self.revisions.last().map_or(self.created, |r| r.at);
        self.commented.map_or(changed, |at| at.max(changed))
    }

    /// Returns the gist that it was forked from.
    #[must_use]
    pub fn fork_of(&self) -> Option<&str> {
        self.fork_of.as_deref()
    }

    /// Returns the present content of the file.
    #[must_use]
    pub fn content(&self) -> &str {
        self.revisions.last().map_or("", |r| &r.content)
    }

    /// Returns whether the file is larger than what is shown of it.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.content().len() > SHOWN
    }

    /// Returns its states, oldest first.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }
}

impl World {
    /// Writes a new gist with a file named as that of a proof, and returns its id.
    ///
    /// # Errors
    /// [`Refused::Dead`], or [`Refused::Forbidden`] without the right to write gists.
    pub fn create_gist<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        content: impl Into<String>,
    ) -> Result<String, Refused> {
        self.create_gist_file(by, CLAIM_FILE, content)
    }

    /// Writes a new gist with a file of any name. Services make such gists when they publish strangers' text under accounts of
    /// their own.
    ///
    /// # Errors
    /// The errors of [`World::create_gist`].
    pub fn create_gist_file<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        file: &str,
        content: impl Into<String>,
    ) -> Result<String, Refused> {
        let by = by.into();
        let owner = self.gist_writer(by)?;
        self.note_use(by, Right::WriteGist, None, false);
        Ok(self.new_gist(owner, None, file.to_owned(), content.into()))
    }

    /// Changes the content of a gist. The earlier states remain.
    ///
    /// # Errors
    /// The errors of [`World::create_gist`], also for others than its owner; [`Refused::UnknownThing`].
    pub fn edit_gist<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        id: &str,
        content: impl Into<String>,
    ) -> Result<(), Refused> {
        let by = by.into();
        let revision = self.revision(content.into());
        self.own_gist(by, id)?.revisions.push(revision);
        self.note_use(by, Right::WriteGist, None, false);
        Ok(())
    }

    /// Deletes a gist.
    ///
    /// # Errors
    /// The errors of [`World::edit_gist`].
    pub fn delete_gist<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        id: &str,
    ) -> Result<(), Refused> {
        self.own_gist(by.into(), id)?;
        self.gists.remove(id);
        Ok(())
    }

    /// Forks anybody's gist into the account's own gists.
    ///
    /// # Errors
    /// The errors of [`World::create_gist`]; [`Refused::UnknownThing`].
    pub fn fork_gist<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        id: &str,
    ) -> Result<String, Refused> {
        let by = by.into();
        let owner = self.gist_writer(by)?;
        self.note_use(by, Right::WriteGist, None, false);
        let forked = self.gist(id).ok_or(Refused::UnknownThing)?;
        let (file, content) = (forked.file.clone(), forked.content().to_owned());
        Ok(self.new_gist(owner, Some(id.to_owned()), file, content))
    }

    /// Stars or comments on anybody's gist, which changes the time at which it was updated.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::UnknownThing`].
    pub fn comment_on_gist(&mut self, by: &Session, id: &str) -> Result<(), Refused> {
        self.signed_in(by)?;
        let now = self.now;
        let gist = self.gists.get_mut(id).ok_or(Refused::UnknownThing)?;
        gist.commented = Some(now);
        Ok(())
    }

    /// Returns the gist with that id.
    #[must_use]
    pub fn gist(&self, id: &str) -> Option<&Gist> {
        self.gists.get(id)
    }

    /// Returns the gists of an account, by its numeric id, oldest first.
    pub fn gists_of(&self, owner: u64) -> impl Iterator<Item = &Gist> {
        self.gists.values().filter(move |gist| gist.owner == owner)
    }

    fn new_gist(
        &mut self,
        owner: u64,
        fork_of: Option<String>,
        file: String,
        content: String,
    ) -> String {
        let id = format!("{:032x}", self.next_id());
        let gist = Gist {
            id: id.clone(),
            owner,
            file,
            created: self.now,
            fork_of,
            revisions: vec![self.revision(content)],
            commented: None,
        };
        self.gists.insert(id.clone(), gist);
        id
    }

    fn revision(&mut self, content: String) -> Revision {
        Revision {
            version: format!("{:040x}", self.next_id()),
            at: self.now,
            content,
        }
    }

    /// Returns the GitHub account that a credential may write gists for.
    fn gist_writer(&self, by: Credential<'_>) -> Result<u64, Refused> {
        let account = self.acting(by, Right::WriteGist)?;
        let state = self.accounts.get(&account).ok_or(Refused::Dead)?;
        match state.platform.as_str() {
            "github" => Ok(account),
            _ => Err(Refused::NotOffered),
        }
    }

    fn own_gist(&mut self, by: Credential<'_>, id: &str) -> Result<&mut Gist, Refused> {
        let writer = self.gist_writer(by)?;
        let gist = self.gists.get_mut(id).ok_or(Refused::UnknownThing)?;
        match gist.owner == writer {
            true => Ok(gist),
            false => Err(Refused::Forbidden),
        }
    }
}
