//! Making and revoking tokens, and the rights of each credential.

use std::collections::BTreeSet;

use super::access::{Credential, Session, Token, TokenState};
use super::named::Named;
use super::refused::Refused;
use super::rules::{GRANTS, Grant, REGISTRIES, Right};
use super::state::World;
use auths_core::evidence::OwnerRole;
use auths_core::identity::{Account, Ecosystem, Namespace, PackageName};

/// The account and the projects of a credential.
pub(super) struct Holder {
    /// The account; `None` for the token of a run.
    pub(super) account: Option<u64>,
    /// The projects that the credential is for; `None` for all of its account's.
    pub(super) projects: Option<BTreeSet<u64>>,
}

impl World {
    /// Makes a token of the platform's usual kind for publishing, for all of the account's projects or for one.
    ///
    /// On PyPI it uploads. On npm it is a granular token that bypasses the second factor. From a GitHub session it is a token of
    /// crates.io with every scope.
    ///
    /// # Errors
    /// [`Refused::Dead`], [`Refused::UnknownProject`], or [`Refused::Forbidden`] without a role on the project.
    pub fn create_token(&mut self, by: &Session, project: Option<&str>) -> Result<Token, Refused> {
        let account = self.signed_in(by)?;
        let state = self.accounts.get(&account).ok_or(Refused::Dead)?;
        let grants = self.platform_rules(&state.platform).grants;
        self.create_token_for(by, grants, project)
    }

    /// Makes a token for exactly these grants, all of one registry or platform.
    ///
    /// # Errors
    /// The errors of [`World::create_token`], and [`Refused::NotOffered`] when the platform has no such token.
    pub fn create_token_for(
        &mut self,
        by: &Session,
        grants: &[Grant],
        project: Option<&str>,
    ) -> Result<Token, Refused> {
        let account = self.signed_in(by)?;
        let ecosystem = self.ecosystem_of(account, grants)?;
        let projects = match project {
            None => None,
            Some(name) => {
                let namespace = Namespace::parse_name(ecosystem.clone(), name)?;
                let project = self.projects.get(&namespace);
                let project = project.ok_or(Refused::UnknownProject)?;
                if !project.roles.contains_key(&account) {
                    return Err(Refused::Forbidden);
                }
                Some(BTreeSet::from([project.id]))
            }
        };
        let issued = self.issue(TokenState {
            account: Some(account),
            ecosystem,
            grants: grants.iter().copied().collect(),
            projects,
            expires: None,
            app: None,
            workflow: None,
            sso: BTreeSet::new(),
        });
        Ok(Token {
            thief: by.thief.clone(),
            ..issued
        })
    }

    /// Revokes a token of the account, including stolen copies.
    ///
    /// # Errors
    /// [`Refused::Dead`], or [`Refused::Forbidden`] when it is somebody else's.
    pub fn revoke_token(&mut self, by: &Session, token: &Token) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let state = self.tokens.get(&token.id).ok_or(Refused::Dead)?;
        if state.account != Some(account) {
            return Err(Refused::Forbidden);
        }
        self.tokens.remove(&token.id);
        self.note_token_end(token.id);
        Ok(())
    }

    /// Returns the secret text of a token, for what is sent over a wire. One token always has the same text.
    #[must_use]
    pub fn secret(&self, token: &Token) -> String {
        let prefix = match self.tokens.get(&token.id) {
            Some(state) if state.app.is_some() => "gho_",
            Some(state) => match state.ecosystem.as_str() {
                "github" if state.is_fine_grained() => "github_pat_",
                "github" => "ghp_",
                "npm" => "npm_",
                "cargo" => "cio",
                _ => "pypi-",
            },
            None => "revoked_",
        };
        format!("{prefix}simulated{:027}", token.id)
    }

    /// Returns the live token with this secret text.
    ///
    /// # Errors
    /// [`Refused::Dead`] when there is none.
    pub fn bearer(&self, secret: &str) -> Result<Token, Refused> {
        let tokens = self.tokens.keys().map(|id| Token {
            id: *id,
            thief: None,
        });
        let mut tokens = tokens.filter(|token| self.secret(token) == secret);
        let token = tokens.next().ok_or(Refused::Dead)?;
        self.live(&token).map(|_| token)
    }

    /// Returns the account of a token.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::NotOffered`] for the token of a run, which has no account.
    pub fn whoami(&self, token: &Token) -> Result<Account, Refused> {
        let account = self.live(token)?.account.ok_or(Refused::NotOffered)?;
        self.account(account).ok_or(Refused::Dead)
    }

    /// Returns the grants of a live token.
    #[must_use]
    pub fn grants(&self, token: &Token) -> Vec<Grant> {
        let live = self.live(token).ok();
        live.map_or_else(Vec::new, |state| state.grants.iter().copied().collect())
    }

    /// Returns the OAuth app that a live token was issued to.
    #[must_use]
    pub fn app(&self, token: &Token) -> Option<&str> {
        self.live(token).ok()?.app.as_deref()
    }

    /// Returns the service where a live token is valid. A registry may accept the accounts of another platform, but never its
    /// tokens.
    pub(super) fn counts_at(&self, token: &Token) -> Option<&str> {
        let state = self.live(token).ok()?;
        Some(state.ecosystem.as_str())
    }

    pub(super) fn issue(&mut self, state: TokenState) -> Token {
        let id = self.next_id();
        self.tokens.insert(id, state);
        Token { id, thief: None }
    }

    pub(super) fn live(&self, token: &Token) -> Result<&TokenState, Refused> {
        let state = self.tokens.get(&token.id).ok_or(Refused::Dead)?;
        match state.expires {
            Some(end) if end <= self.now => Err(Refused::Dead),
            _ => Ok(state),
        }
    }

    /// Returns the service where such a token of the account is valid.
    fn ecosystem_of(&self, account: u64, grants: &[Grant]) -> Result<Ecosystem, Refused> {
        let platform = &self.accounts.get(&account).ok_or(Refused::Dead)?.platform;
        let home = self.registry_of(platform).ok_or(Refused::NotOffered)?;
        let mut found = None;
        for grant in grants {
            let row = GRANTS.iter().find(|row| row.grant == *grant);
            let row = row.filter(|_| *grant != Grant::Run);
            let at = row.ok_or(Refused::NotOffered)?.ecosystem.clone();
            let listed = || REGISTRIES.iter().any(|r| r.ecosystem == home);
            let at = at.or_else(|| (!listed()).then(|| home.clone()));
            let at = at.ok_or(Refused::NotOffered)?;
            let lives = match self.rules(&at) {
                Some(rules) => rules.platform == *platform,
                None => at.as_str() == platform.as_str(),
            };
            if !lives || found.as_ref().is_some_and(|f| *f != at) {
                return Err(Refused::NotOffered);
            }
            found = Some(at);
        }
        found.ok_or(Refused::NotOffered)
    }

    /// Returns the holder of the credential, if it may be used for `right` at all.
    pub(super) fn may(&self, by: Credential<'_>, right: Right) -> Result<Holder, Refused> {
        match by {
            Credential::Session(session) => Ok(Holder {
                account: Some(self.signed_in(session)?),
                projects: None,
            }),
            Credential::Token(token) => {
                let state = self.live(token)?;
                let rows = GRANTS
                    .iter()
                    .filter(|row| state.grants.contains(&row.grant));
                let mut may = rows.flat_map(|row| row.may);
                if !may.any(|may| *may == right) && !self.adds_owners(state, right) {
                    return Err(Refused::Forbidden);
                }
                Ok(Holder {
                    account: state.account,
                    projects: state.projects.clone(),
                })
            }
            Credential::Workflow(workflow) => {
                if right != Right::Publish {
                    return Err(Refused::Forbidden);
                }
                Ok(Holder {
                    account: None,
                    projects: Some(self.trusting(workflow)),
                })
            }
        }
    }

    /// Returns whether it is a publish token of a registry that is not in the table, where such tokens add owners.
    fn adds_owners(&self, token: &TokenState, right: Right) -> bool {
        let rules = self.rules(&token.ecosystem);
        let may = rules.is_some_and(|rules| rules.tokens_may_add_owners);
        may && right == Right::ChangeOwners && token.grants.contains(&Grant::Upload)
    }

    /// Returns the project that the holder of a credential means.
    pub(super) fn meant(&self, by: Credential<'_>, name: Named<'_>) -> Result<Namespace, Refused> {
        let at = match by {
            Credential::Session(session) => {
                let account = self.signed_in(session)?;
                let state = self.accounts.get(&account).ok_or(Refused::Dead)?;
                self.registry_of(&state.platform)
            }
            Credential::Token(token) => Some(self.live(token)?.ecosystem.clone()),
            Credential::Workflow(workflow) => {
                let trusting = self.trusting(workflow);
                let trusts = |(_, p): &(&Namespace, &super::Project)| trusting.contains(&p.id);
                let named = |n: &Namespace| match name {
                    Named::Here(text) => {
                        PackageName::parse(n.ecosystem(), &self.scoped(n.ecosystem(), text))
                            .is_ok_and(|parsed| parsed == *n.name())
                    }
                    Named::Namespace(namespace) => namespace.clone().at(None) == *n,
                };
                let mut projects = self.projects.iter().filter(trusts);
                let found = projects.find(|(n, _)| named(n));
                Some(match found {
                    Some((namespace, _)) => namespace.ecosystem().clone(),
                    None => self.ecosystem().clone(),
                })
            }
        };
        let at = at.ok_or(Refused::NotOffered)?;
        match name {
            Named::Here(name) => {
                let name = self.scoped(&at, name);
                Ok(Namespace::parse_name(at, &name)?)
            }
            Named::Namespace(namespace) if *namespace.ecosystem() == at => {
                Ok(namespace.clone().at(None))
            }
            Named::Namespace(_) => Err(Refused::Forbidden),
        }
    }

    /// Returns the account that a credential for `right` belongs to.
    pub(super) fn acting(&self, by: Credential<'_>, right: Right) -> Result<u64, Refused> {
        self.may(by, right)?.account.ok_or(Refused::Forbidden)
    }

    /// Returns whether the holder of a credential may do something to a project: by its own role, its team's or organisation's,
    /// or because the project trusts the workflow.
    pub(super) fn has_role(&self, holder: &Holder, namespace: &Namespace, right: Right) -> bool {
        let Some(project) = self.projects.get(namespace) else {
            return false;
        };
        let in_scope = holder.projects.as_ref();
        if !in_scope.is_none_or(|ids| ids.contains(&project.id)) {
            return false;
        }
        let Some(account) = holder.account else {
            // The project itself trusts the workflow.
            return right == Right::Publish;
        };
        match (project.roles.get(&account), right) {
            (Some(OwnerRole::Owner), _) | (Some(OwnerRole::Maintainer), Right::Publish) => true,
            // On npm, everybody who may publish may also deprecate and move tags.
            (_, Right::Publish | Right::Withdraw | Right::Tag) => {
                self.writes_for_org(account, namespace) || {
                    let on_team = |t: &super::TeamOwner| self.is_on_team(account, t.org, t.team);
                    right != Right::Tag && project.teams.iter().any(on_team)
                }
            }
            _ => false,
        }
    }
}

impl TokenState {
    pub(super) fn is_fine_grained(&self) -> bool {
        let fine = [Grant::FineGrainedGists, Grant::FineGrainedMembers];
        self.grants.iter().any(|grant| fine.contains(grant))
    }
}
