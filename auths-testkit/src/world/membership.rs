//! Visibility of memberships of organisations on GitHub.

use std::collections::BTreeSet;

use super::access::Credential;
use super::org::OrgRole;
use super::rules::Grant;
use super::state::World;
use auths_core::identity::Account;

/// One membership of an organisation.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Membership {
    /// The organisation, with its id where the platform shows one.
    pub org: Account,
    /// The member.
    pub user: Account,
    /// The role.
    pub role: OrgRole,
    /// True where the invitation was accepted.
    pub active: bool,
}

/// A reason why a membership is not shown to a credential. It is never a "no".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Hidden {
    /// The session or token has ended.
    #[error("the credential is not valid any more")]
    Dead,
    /// The token lacks `read:org`.
    #[error("the token lacks the scope read:org")]
    Scope,
    /// This kind of token is shown nothing, as if nothing existed.
    #[error("this kind of token is not shown memberships")]
    TokenKind,
    /// The organisation requires a single sign-on for this token.
    #[error("the organisation wants a single sign-on for this token")]
    Sso,
    /// The organisation allows approved apps only.
    #[error("the organisation lets in approved apps only")]
    AppRestricted,
    /// The organisation does not exist, or the account has no relation to it.
    #[error("there is no such organisation, or no membership")]
    NotAffiliated,
}

impl World {
    /// Returns all members and invited members of an organisation, by its numeric id.
    #[must_use]
    pub fn members(&self, org: u64) -> Vec<Membership> {
        let Some(state) = self.orgs.get(&org) else {
            return Vec::new();
        };
        let one = |(user, (role, active)): (&u64, &(OrgRole, bool))| {
            Some(Membership {
                org: self.account(org)?,
                user: self.account(*user)?,
                role: *role,
                active: *active,
            })
        };
        state.members.iter().filter_map(one).collect()
    }

    /// Returns the credential's own membership of an organisation, as GitHub shows it.
    ///
    /// # Errors
    /// [`Hidden`] when GitHub does not show it.
    pub fn membership<'a>(
        &self,
        by: impl Into<Credential<'a>>,
        org: &str,
    ) -> Result<Membership, Hidden> {
        let user = self.reader(by.into())?;
        let id = self.org(org).ok_or(Hidden::NotAffiliated)?;
        self.seen(&user, id)
    }

    /// Returns the credential's own memberships of every organisation, as GitHub lists them, and the organisations that GitHub
    /// leaves out because they require a single sign-on first. Organisations that restrict apps are left out silently.
    ///
    /// # Errors
    /// [`Hidden::Scope`], [`Hidden::TokenKind`], [`Hidden::Dead`].
    pub fn memberships<'a>(
        &self,
        by: impl Into<Credential<'a>>,
    ) -> Result<(Vec<Membership>, Vec<u64>), Hidden> {
        let reader = self.reader(by.into())?;
        let (mut shown, mut left_out) = (Vec::new(), Vec::new());
        for id in self.orgs.keys() {
            match self.seen(&reader, *id) {
                Ok(membership) => shown.push(membership),
                Err(Hidden::Sso) => left_out.push(*id),
                Err(_) => {}
            }
        }
        Ok((shown, left_out))
    }

    fn reader(&self, by: Credential<'_>) -> Result<Reader, Hidden> {
        let token = match by {
            Credential::Session(session) => {
                let user = self.signed_in(session).map_err(|_| Hidden::Dead)?;
                return Ok(Reader { user, token: None });
            }
            Credential::Token(token) => token,
            Credential::Workflow(_) => return Err(Hidden::TokenKind),
        };
        let state = self.live(token).map_err(|_| Hidden::Dead)?;
        let user = state.account.ok_or(Hidden::TokenKind)?;
        if state.is_fine_grained() || state.ecosystem.as_str() != "github" {
            return Err(Hidden::TokenKind);
        }
        let reads = [Grant::ReadOrg, Grant::WriteOrg, Grant::AdminOrg];
        if !state.grants.iter().any(|grant| reads.contains(grant)) {
            return Err(Hidden::Scope);
        }
        let token = Some((state.app.clone(), state.sso.clone()));
        Ok(Reader { user, token })
    }

    fn seen(&self, reader: &Reader, org: u64) -> Result<Membership, Hidden> {
        let state = self.orgs.get(&org).ok_or(Hidden::NotAffiliated)?;
        let own = state.members.get(&reader.user);
        let (role, active) = *own.ok_or(Hidden::NotAffiliated)?;
        if let Some((app, sso)) = &reader.token {
            if state.sso && !sso.contains(&org) {
                return Err(Hidden::Sso);
            }
            let barred = |app: &String| state.restricts_apps && !state.approved_apps.contains(app);
            if app.as_ref().is_some_and(barred) {
                return Err(Hidden::AppRestricted);
            }
        }
        let account = |id| self.account(id).ok_or(Hidden::NotAffiliated);
        Ok(Membership {
            org: account(org)?,
            user: account(reader.user)?,
            role,
            active,
        })
    }
}

struct Reader {
    user: u64,
    token: Option<(Option<String>, BTreeSet<u64>)>,
}
