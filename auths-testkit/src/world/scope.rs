//! npm's scopes, and the accounts that they belong to.

use super::state::World;
use auths_core::identity::{Login, Namespace, Platform};

impl World {
    /// Returns whether an account may publish an npm package because its organisation has the scope.
    ///
    /// By default an organisation's members may write all its packages. It is not documented whether they are then listed as
    /// maintainers, so they are not.
    pub(super) fn writes_for_org(&self, account: u64, namespace: &Namespace) -> bool {
        let org = scope_of(namespace).and_then(|scope| {
            let org = self.account_by_login(&Platform::NPM, scope)?;
            self.orgs.get(&org.id())
        });
        org.is_some_and(|org| org.is_member(account))
    }

    /// Returns whether an account may make a package of that name: an npm scope belongs to a user or an organisation.
    pub(super) fn owns_scope(&self, account: u64, namespace: &Namespace) -> bool {
        let Some(scope) = scope_of(namespace) else {
            return true;
        };
        let own = self.accounts.get(&account).map(|a| &a.login);
        let scope = Login::parse(&Platform::NPM, scope).ok();
        own == scope.as_ref() || self.writes_for_org(account, namespace)
    }
}

/// Returns the scope of an npm package, without its `@`.
pub(super) fn scope_of(namespace: &Namespace) -> Option<&str> {
    let name = match namespace.ecosystem().as_str() {
        "npm" => namespace.name().as_str().strip_prefix('@')?,
        _ => return None,
    };
    name.split_once('/').map(|(scope, _)| scope)
}
