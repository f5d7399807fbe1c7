//! The cost of a forged yes for an attacker, in plain words: the capability, and the thing that it applies to.

use super::chain::Chain;
use super::links::Link;
use crate::capability::Capability::{
    self, AccountSession, CiWorkflow, Collaborator, DelegateKey, DeviceKey, FormerCollaborator,
    HeldToken, PoisonedRun, RecycledName, Registry, RepositoryWriter, StolenToken, Stranger,
};
use crate::capability::CapabilitySet;
use crate::evidence::EvidenceKind;
use crate::identity::{Namespace, Subject};
use crate::policy::Policy;
use crate::time::in_words;

/// Returns the actions that an attacker would have needed to forge this chain. `falls_to` gives what each link falls to, now or
/// when mature.
pub(super) fn cost(chain: &Chain, falls_to: fn(&Link) -> CapabilitySet, policy: &Policy) -> String {
    let mut ways: Vec<Forgery<'_>> = Vec::new();
    for link in &chain.links {
        for capability in falls_to(link).weakest() {
            let of = link.report.subject_of(capability);
            ways.push(Forgery {
                capability,
                of,
                link,
            });
        }
    }
    if ways.iter().any(|way| way.capability == Stranger) {
        return Stranger.row().cost.to_owned();
    }
    // Leave out a capability if a weaker one of the same thing also suffices.
    let mut needed: Vec<_> = ways.iter().filter(|way| !way.is_dearer(&ways)).collect();
    needed.sort_by_key(|way| way.capability);
    let mut words: Vec<String> = Vec::new();
    let said = needed.into_iter().map(|way| way.in_words(policy));
    for way in said.chain(gifted_package_cost(chain)) {
        if !words.contains(&way) {
            words.push(way);
        }
    }
    match words.as_slice() {
        [] => "no attacker that this library knows of could have forged it".to_owned(),
        [only] => format!("an attacker would have had to {only}"),
        several => format!(
            "an attacker would have had to do one of these: {}",
            several.join("; or ")
        ),
    }
}

/// One way to forge a chain: a link of it, by a capability of something.
struct Forgery<'a> {
    capability: Capability,
    of: &'a Subject,
    link: &'a Link,
}

impl Forgery<'_> {
    /// Returns whether one of `all` forges by a weaker capability of the same thing.
    fn is_dearer(&self, all: &[Forgery<'_>]) -> bool {
        all.iter().any(|other| {
            other.of == self.of
                && other.capability != self.capability
                && self.capability.includes(other.capability)
        })
    }

    /// Returns what an attacker would have had to do.
    fn in_words(&self, policy: &Policy) -> String {
        let words = self.in_words_by_itself(policy);
        // Other subjects of such a link speak for no account: an observer's DID, or the account itself.
        let is_of_the_package = *self.of == self.link.report.of;
        match self.link.report.kind {
            EvidenceKind::AccountStatement if is_of_the_package => format!(
                "{words}, which opens every package of the account that `{}` speaks for",
                self.of
            ),
            _ => words,
        }
    }

    /// Returns the action by which an attacker gains this capability of this thing.
    fn in_words_by_itself(&self, policy: &Policy) -> String {
        let of = self.of;
        match (self.capability, of) {
            (RecycledName, _) => format!("register the name of `{of}`, given up before"),
            (Collaborator, Subject::Organization(_)) => format!("be a member of `{of}`"),
            (Collaborator, _) => format!("hold a lesser role on `{of}`"),
            (FormerCollaborator, _) => format!(
                "have held a role on `{of}` while its releases were published, one that has ended since"
            ),
            (RepositoryWriter, Subject::Repository { .. } | Subject::CiRepository { .. }) => {
                format!("get write access to `{of}`")
            }
            (RepositoryWriter, _) => {
                format!("get write access to the repository that `{of}` is published from")
            }
            (StolenToken, _) => format!("steal an API token of `{of}` once"),
            (HeldToken, _) => by_held_token(self.link, of, policy),
            (PoisonedRun, _) => {
                format!("get code to run in a publishing job of `{of}` once")
            }
            (CiWorkflow, _) => format!("take lasting control of the publishing workflow of `{of}`"),
            (AccountSession, Subject::Account(_)) => format!(
                "take over the browser session of `{of}`, or trick one approval out of its holder"
            ),
            (AccountSession, _) => format!(
                "take over the browser session of an owner of `{of}`, or trick one approval out of one"
            ),
            (DelegateKey, _) => format!("steal the key of somebody that `{of}` delegated to"),
            (DeviceKey, _) => format!("steal the device key of `{of}`"),
            (Stranger | Registry, _) => self.capability.row().cost.to_owned(),
        }
    }
}

/// Returns the action that needs a held token, for a link that falls to one.
fn by_held_token(link: &Link, of: &Subject, policy: &Policy) -> String {
    let time = in_words(policy.maturity());
    match link.report.kind {
        EvidenceKind::GistProof => format!(
            "steal an API token of `{of}`, put up a gist with it, and stay unnoticed for {time}"
        ),
        EvidenceKind::ListedOwner => format!(
            "steal an API token of `{of}`, add an owner with it, and stay unnoticed for {time}"
        ),
        _ if link.from_the_first_release => format!(
            "steal an API token of `{of}`, publish with it the first release that the registry shows of the package, and stay \
             unnoticed for {time}"
        ),
        _ => format!(
            "steal an API token of `{of}`, publish with it twice, and stay unnoticed for {time} in between"
        ),
    }
}

/// Returns the cost of a forged gift: a package that speaks for its account may have been made by somebody else, and given to the
/// account. `None` in a scope of the account's own, where nobody else could have made it.
fn gifted_package_cost(chain: &Chain) -> Option<String> {
    chain.links.iter().any(could_be_given).then(|| {
        "get the account's holder to take over a package whose releases name the key".to_owned()
    })
}

/// Returns whether a link rests on a package that may have been given to its account.
fn could_be_given(link: &Link) -> bool {
    if link.report.kind != EvidenceKind::AccountStatement {
        return false;
    }
    let package = link.report.stable_ids.get("package");
    let package = package.and_then(|package| package.parse::<Namespace>().ok());
    package.is_none_or(|package| !package.lies_in_scope())
}
