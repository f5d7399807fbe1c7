//! The cost of a forged yes for an attacker, in plain words: the capability, and the thing that it applies to.

use super::chain::Chain;
use super::link::Link;
use crate::capability::Capability::{
    self, AccountSession, CiWorkflow, Collaborator, DelegateKey, DeviceKey, FormerCollaborator,
    HeldToken, RecycledName, Registry, RepositoryWriter, StolenToken, Stranger,
};
use crate::capability::CapabilitySet;
use crate::evidence::EvidenceKind;
use crate::identity::{Namespace, Subject};
use crate::policy::Policy;
use crate::time::in_words;

/// Returns the text for the cost where no chain holds.
pub(super) fn no_cost() -> String {
    "nothing holds, so there is nothing to forge".to_owned()
}

/// Returns the actions that an attacker would have needed to forge this chain. `falls_to` gives what each link falls to, now or
/// when mature.
pub(super) fn cost(chain: &Chain, falls_to: fn(&Link) -> CapabilitySet, policy: &Policy) -> String {
    let mut ways: Vec<(Capability, &Subject, &Link)> = Vec::new();
    for link in &chain.links {
        let weakest = falls_to(link).weakest();
        ways.extend(weakest.map(|c| (c, link.report.held_of(c), link)));
    }
    if ways.iter().any(|(c, ..)| *c == Stranger) {
        return Stranger.row().cost.to_owned();
    }
    // Leave out a capability if a weaker one of the same thing also suffices.
    let is_dearer = |(c, of, _): &(Capability, &Subject, &Link)| {
        let mut others = ways.iter();
        others.any(|(other, same, _)| same == of && other != c && c.includes(*other))
    };
    let mut needed: Vec<_> = ways.iter().filter(|way| !is_dearer(way)).collect();
    needed.sort_by_key(|(capability, ..)| *capability);
    let mut words: Vec<String> = Vec::new();
    let said = needed.into_iter().map(|(capability, of, link)| {
        let words = match capability {
            HeldToken => by_held_token(link, of, policy),
            other => in_words_of(*other, of),
        };
        match link.report.kind {
            EvidenceKind::AccountStatement => {
                format!("{words}, which opens every package of the account that `{of}` speaks for")
            }
            _ => words,
        }
    });
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

/// Returns the action by which an attacker gains one capability of one thing.
fn in_words_of(capability: Capability, of: &Subject) -> String {
    match (capability, of) {
        (RecycledName, _) => format!("register the name of `{of}`, given up before"),
        (Collaborator, Subject::Organization(_)) => format!("be a member of `{of}`"),
        (Collaborator, _) => format!("hold a lesser role on `{of}`"),
        (FormerCollaborator, _) => format!(
            "have held a role on `{of}` while its releases were published, one that has ended since"
        ),
        (RepositoryWriter, Subject::Repository { .. }) => format!("get write access to `{of}`"),
        (RepositoryWriter, _) => {
            format!("get write access to the repository that `{of}` is published from")
        }
        (StolenToken, _) => format!("steal an API token of `{of}` once"),
        (HeldToken, _) => format!("steal an API token of `{of}`, and stay unnoticed"),
        (CiWorkflow, _) => format!("take lasting control of the publishing workflow of `{of}`"),
        (AccountSession, Subject::Account(_)) => format!(
            "take over the browser session of `{of}`, or trick one approval out of its holder"
        ),
        (AccountSession, _) => format!(
            "take over the browser session of an owner of `{of}`, or trick one approval out of one"
        ),
        (DelegateKey, _) => format!("steal the key of somebody that `{of}` delegated to"),
        (DeviceKey, _) => format!("steal the device key of `{of}`"),
        (Stranger | Registry, _) => capability.row().cost.to_owned(),
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
    let spoken_by = |link: &Link| {
        let package = link.report.stable_ids.get("package")?;
        package.parse::<Namespace>().ok()
    };
    let could_be_given = |link: &&Link| {
        link.report.kind == EvidenceKind::AccountStatement
            && spoken_by(link).is_none_or(|package| !package.name().as_str().starts_with('@'))
    };
    let given = chain.links.iter().any(|link| could_be_given(&link));
    given.then(|| {
        "get the account's holder to take over a package whose releases name the key".to_owned()
    })
}
