//! Gists: what an account, or a token of it, has written down in public.

use super::access::{Credential, Session};
use super::refused::Refused;
use super::rules::Right;
use super::world::World;
use crate::Timestamp;
use crate::ports::CLAIM_FILE;

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
    /// Its version: 40 hexadecimal digits.
    pub version: String,
    /// When it was written.
    pub at: Timestamp,
    /// What the file holds.
    pub content: String,
}

/// GitHub shows this many bytes of a file, and says that it cut the rest.
const SHOWN: usize = 1_000_000;

impl Gist {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The numeric id of the account that owns it.
    #[must_use]
    pub fn owner_id(&self) -> u64 {
        self.owner
    }

    /// What its file is called.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// When it was made.
    #[must_use]
    pub fn created(&self) -> Timestamp {
        self.created
    }

    /// When it was last changed, starred or commented on.
    #[must_use]
    pub fn updated(&self) -> Timestamp {
        let changed = self.revisions.last().map_or(self.created, |r| r.at);
        self.commented.map_or(changed, |at| at.max(changed))
    }

    /// The gist that it was forked from.
    #[must_use]
    pub fn fork_of(&self) -> Option<&str> {
        self.fork_of.as_deref()
    }

    /// What the file holds now.
    #[must_use]
    pub fn content(&self) -> &str {
        self.revisions.last().map_or("", |r| &r.content)
    }

    /// Whether the file is larger than what is shown of it.
    #[must_use]
    pub fn is_truncated(&self) -> bool {
        self.content().len() > SHOWN
    }

    /// Its states, oldest first.
    #[must_use]
    pub fn revisions(&self) -> &[Revision] {
        &self.revisions
    }
}

impl World {
    /// Writes a new gist, its file called as that of a proof is, and gives its id.
    ///
    /// # Errors
    /// [`Refused::Dead`], or [`Refused::Forbidden`] without the right to.
    pub fn create_gist<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        content: impl Into<String>,
    ) -> Result<String, Refused> {
        self.create_gist_file(by, CLAIM_FILE, content)
    }

    /// The same with a file of another name: what services make that publish strangers' text under accounts of their own.
    ///
    /// # Errors
    /// As [`World::create_gist`].
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

    /// Changes what a gist holds. The earlier states remain.
    ///
    /// # Errors
    /// As [`World::create_gist`], to others than its owner too; [`Refused::UnknownThing`].
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
    /// As [`World::edit_gist`].
    pub fn delete_gist<'a>(
        &mut self,
        by: impl Into<Credential<'a>>,
        id: &str,
    ) -> Result<(), Refused> {
        self.own_gist(by.into(), id)?;
        self.gists.remove(id);
        Ok(())
    }

    /// Forks anybody's gist into one of the account's own.
    ///
    /// # Errors
    /// As [`World::create_gist`]; [`Refused::UnknownThing`].
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

    /// Stars anybody's gist, or comments on it: that moves the time at which it was updated.
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

    /// The gist of that id.
    #[must_use]
    pub fn gist(&self, id: &str) -> Option<&Gist> {
        self.gists.get(id)
    }

    /// The gists of an account, by its numeric id, oldest first.
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

    /// The GitHub account that a credential may write gists for.
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
