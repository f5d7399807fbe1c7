//! GitHub's own namespaces: the administrators of organisations, and the owners of personal names.

use super::access::{AccountKind, Token};
use super::membership::{Hidden, Membership};
use super::org::OrgRole;
use super::state::World;
use auths_core::claim::Incarnation;
use auths_core::evidence::{
    Existence, ListedAccount, Listing, ListingCompleteness, NamespaceEvidence, OwnerRole, Reading,
};
use auths_core::identity::Platform;
use auths_core::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};

/// The reason that a reader reports for each kind of hidden membership.
const HIDDEN: &[(Hidden, UnavailableReason)] = &[
    (Hidden::Dead, UnavailableReason::DeadToken),
    (Hidden::Scope, UnavailableReason::MissingScope),
    (Hidden::TokenKind, UnavailableReason::MissingScope),
    (Hidden::Sso, UnavailableReason::SsoRequired),
    (Hidden::AppRestricted, UnavailableReason::Forbidden),
    (Hidden::NotAffiliated, UnavailableReason::OwnersHidden),
];

/// Fills in the evidence that GitHub shows of a login.
pub(super) fn fill(evidence: &mut NamespaceEvidence, world: &World, token: Option<&Token>) {
    evidence.timeline = Reading::NotOffered;
    let login = evidence.namespace.name().as_str();
    let Some(state) = world.account_by_login(&Platform::GITHUB, login) else {
        let refuted = Refuted::new(
            RefutedReason::UnknownProject,
            "nobody has this name on GitHub",
        );
        evidence.existence = Existence::Absent(refuted);
        return;
    };
    let id = state.id();
    if state.kind() == AccountKind::User {
        let account = world.account(id).into_iter();
        let own = account.map(|a| ListedAccount::new(a, OwnerRole::OwnAccount, "own account"));
        evidence.incarnation = Reading::Read(Incarnation::new("account-id", id.to_string()));
        evidence.listing = Reading::Read(Listing::new(own.collect()));
        return;
    }
    evidence.incarnation = Reading::Read(Incarnation::new("org-id", id.to_string()));
    evidence.listing = match token {
        None => {
            let everybody = world.members(id);
            Reading::Read(Listing::new(everybody.iter().map(member).collect()))
        }
        Some(token) => match world.membership(token, login) {
            Ok(own) => {
                let mut listing = Listing::new(vec![member(&own)]);
                listing.owners = ListingCompleteness::Organization(login.to_owned());
                Reading::Read(listing)
            }
            Err(hidden) => Reading::Unread(unavailable(hidden)),
        },
    };
}

/// Converts a membership to a listed account: only an active administrator is an Owner.
fn member(membership: &Membership) -> ListedAccount {
    let (role, name) = (membership.role, membership.role.as_str());
    let label = match membership.active {
        true => name.to_owned(),
        false => format!("{name} (pending)"),
    };
    let role = match (role, membership.active) {
        (OrgRole::Admin, true) => OwnerRole::Owner,
        (_, true) => OwnerRole::Other,
        (_, false) => OwnerRole::Invited,
    };
    ListedAccount::new(membership.user.clone(), role, label)
}

fn unavailable(hidden: Hidden) -> Unavailable {
    let row = HIDDEN.iter().find(|(kind, _)| *kind == hidden);
    let why = row.map_or(UnavailableReason::Forbidden, |(_, why)| *why);
    Unavailable::new(why, hidden.to_string())
}
