//! The oracle: checks whether an accepted answer is right, by comparing it with what everybody really holds.

use std::collections::BTreeSet;
use std::fmt;
use std::time::Duration;

use super::project::PublishedRelease;
use super::state::World;
use super::truth::{Held, HeldOf, Person};
use crate::world::rules::Right;
use auths_core::Timestamp;
use auths_core::capability::Capability;
use auths_core::claim::{Delegation, NamespaceClaim, PlatformClaim, Signed, TrustedPublisher};
use auths_core::decide::{Decision, LinkReport, Outcome};
use auths_core::evidence::EvidenceKind;
use auths_core::identity::{Did, Namespace, Subject};

use super::access::CiRun;

mod contest;
mod given;
mod run;

pub use given::Given;

/// Who asks: a key by its claim, or a CI run.
#[derive(Debug, Clone, Copy)]
#[non_exhaustive]
pub enum AskedWith<'a> {
    /// The claim.
    Claim(&'a Signed<NamespaceClaim>),
    /// The run whose ID token was presented.
    Run(&'a CiRun),
}

/// The input of an answer.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Asked<'a> {
    /// The person who asked. They have the key of the claim's DID, or present somebody else's claim; or they have the ID tokens of
    /// the run.
    pub by: &'a Person,
    /// What they asked with.
    pub with: AskedWith<'a>,
    /// The platform claims that came with it.
    pub platform_claims: &'a [Signed<PlatformClaim>],
    /// The delegations that came with it.
    pub delegations: &'a [Signed<Delegation>],
    /// The trusted publishers that came with it.
    pub publishers: &'a [Signed<TrustedPublisher>],
    /// The maturity of the policy.
    pub maturity: Duration,
}

impl<'a> Asked<'a> {
    /// Creates the input of a claim alone.
    #[must_use]
    pub const fn new(
        by: &'a Person,
        claim: &'a Signed<NamespaceClaim>,
        maturity: Duration,
    ) -> Self {
        Self::with(by, AskedWith::Claim(claim), maturity)
    }

    /// Creates the input of a run alone.
    #[must_use]
    pub const fn of_run(by: &'a Person, run: &'a CiRun, maturity: Duration) -> Self {
        Self::with(by, AskedWith::Run(run), maturity)
    }

    const fn with(by: &'a Person, with: AskedWith<'a>, maturity: Duration) -> Self {
        Self {
            by,
            with,
            platform_claims: &[],
            delegations: &[],
            publishers: &[],
            maturity,
        }
    }
}

/// A reason why an accepted answer is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum WrongBecause {
    /// The chain names nothing that the asker really holds of somebody else's.
    NothingHeld,
    /// Everything named in the chain that the asker holds belongs to another package.
    OfAnotherPackage,
    /// Another DID's statement of the package is mature and present.
    AroundMatureDid,
    /// The answer rests on a DID or claim whose rightful revocation the verifier was given.
    RestsOnRevoked,
    /// The run is none that the signer of the rule agreed to.
    OutsideRule,
}

/// An accepted answer that should not have been accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct WrongYes {
    /// The reason why it is wrong.
    pub because: WrongBecause,
    /// The reason in a sentence, with what the chain names and what the asker holds.
    pub says: String,
}

impl fmt::Display for WrongYes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.says)
    }
}

impl World {
    /// Compares an answer with the truth, and returns why it should not have been accepted, if it was wrongly accepted.
    ///
    /// Pure: it reads the world, and nothing of the decision's code.
    #[must_use]
    pub fn find_wrong_yes(
        &self,
        asked: &Asked<'_>,
        decision: &Decision,
        given: &Given,
    ) -> Option<WrongYes> {
        let chain = match decision.outcome() {
            Outcome::Accepted => decision.chains().first()?,
            _ => return None,
        };
        if let Some(says) = given.find_revoked(asked, &chain.links, decision.decided_at()) {
            return Some(wrong(WrongBecause::RestsOnRevoked, says));
        }
        let claim = match asked.with {
            AskedWith::Claim(claim) => claim,
            AskedWith::Run(run) => {
                return self.find_wrong_run(asked, run, decision, &chain.links, given);
            }
        };
        let namespace = decision.namespace();
        let seen = chain.links.iter().filter_map(|link| link.observed_at);
        let at = seen.min().unwrap_or_else(|| decision.decided_at());
        let mut people = self.askers(asked.by, claim.did(), &chain.links);
        if people.iter().any(|p| self.may_speak_for(p, namespace, at)) {
            return None;
        }
        people.extend(self.accomplices(&people, namespace, &chain.links));
        let held: Vec<Held> = people.iter().flat_map(|p| self.holdings(p)).collect();
        let links = &chain.links;
        let named = held.iter().filter(|held| {
            links
                .iter()
                .any(|link| self.names(held, &people, link, at, asked.maturity))
        });
        let named: Vec<&Held> = named.collect();
        let anybody = has_stranger(links);
        let about = || format!("{} is accepted for {}", asked.by, namespace.short());
        let told = || tell(links, &held);
        if named.is_empty() && !anybody {
            let says = format!("{} with nothing that its chain names: {}", about(), told());
            return Some(wrong(WrongBecause::NothingHeld, says));
        }
        let concerns = |held: &&&Held| self.opens(&held.of, namespace, links, at);
        if !anybody && !named.iter().any(|held| concerns(&held)) {
            let says = format!("{} with what is of another package: {}", about(), told());
            return Some(wrong(WrongBecause::OfAnotherPackage, says));
        }
        let has_session = held.iter().any(|held| {
            held.capability.includes(Capability::AccountSession)
                && self.concerns(&held.of, namespace, at)
        });
        if has_session {
            return None;
        }
        let mut dids = chain_dids(links);
        dids.insert(claim.did());
        let dids: Vec<&Did> = dids.into_iter().collect();
        let other = self.mature_other(&dids, namespace, asked.maturity, given)?;
        let maker = self.maker_of(&other);
        if maker.is_some_and(|maker| people.contains(maker) || self.has_key(&people, &other)) {
            return None;
        }
        let says = format!("{} around {other}, mature and present: {}", about(), told());
        Some(wrong(WrongBecause::AroundMatureDid, says))
    }

    /// Returns everybody who speaks in a claim: the makers of its key, those who delegated to it, and those who present a copy of
    /// it.
    fn askers(&self, by: &Person, did: &Did, links: &[LinkReport]) -> Vec<Person> {
        let dids = chain_dids(links).into_iter().chain([did]);
        let makers: BTreeSet<&Person> = dids.filter_map(|did| self.maker_of(did)).collect();
        let mut people: Vec<Person> = makers.into_iter().cloned().collect();
        let asker = std::slice::from_ref(by);
        if !people.contains(by) && self.has_key(asker, did) {
            people.push(by.clone());
        }
        people
    }

    /// Returns everybody who did something for the askers that counts in a chain: published a release that names a key of the
    /// chain or a repository of the askers, or gave them a post without the right to. What these people stole counts for the
    /// askers too; what is their own does not.
    fn accomplices(
        &self,
        askers: &[Person],
        namespace: &Namespace,
        links: &[LinkReport],
    ) -> Vec<Person> {
        let dids = chain_dids(links);
        let packages = links.iter().filter_map(|link| match &link.of {
            Subject::Package(package) => Some(package),
            _ => None,
        });
        let projects = packages.chain([namespace]).filter_map(|n| self.project(n));
        let of_theirs = |account: Option<u64>| {
            let person = account.and_then(|id| self.person_of(id));
            person.is_some_and(|person| askers.contains(person))
        };
        let helps = |release: &&PublishedRelease| {
            let mut statements = release.metadata().statements().iter();
            let built = release
                .attestation()
                .map(|a| a.owner_id.as_str().parse().ok());
            let typed = release.metadata().repository().map(|r| {
                let owner = self.account_by_login(&r.platform, &r.owner);
                owner.map(|state| state.id())
            });
            statements.any(|s| s.dids.iter().any(|did| dids.contains(did)))
                || of_theirs(built.flatten())
                || of_theirs(typed.flatten())
        };
        let releases = projects.flat_map(|project| project.releases());
        let publishers = releases.filter(helps).filter_map(|release| release.actor());
        let givers = askers.iter().flat_map(|person| self.posts_of(person));
        let givers = givers.filter_map(|span| span.giver.as_ref());
        let all: BTreeSet<&Person> = publishers.chain(givers).collect();
        let all = all.into_iter().filter(|person| !askers.contains(person));
        all.cloned().collect()
    }

    fn has_key(&self, people: &[Person], did: &Did) -> bool {
        let key = HeldOf::Key(did.clone());
        let mut held = people.iter().flat_map(|person| self.holdings(person));
        held.any(|held| held.of == key)
    }

    /// Returns whether a link names what is held.
    fn names(
        &self,
        held: &Held,
        people: &[Person],
        link: &LinkReport,
        at: Timestamp,
        maturity: Duration,
    ) -> bool {
        // The holder of a key has what its maker holds; that is counted instead.
        if matches!(held.of, HeldOf::Key(_)) || !held.allows(rights_for(link.kind)) {
            return false;
        }
        link.falls_to.weakest().any(|capability| {
            let of = link.subject_of(capability);
            self.covers(&held.of, of, at)
                && (held.capability.includes(capability)
                    || capability == Capability::HeldToken
                        && held.capability.includes(Capability::StolenToken)
                        && self.is_held_token(held, people, link, of, at, maturity))
        })
    }

    /// Returns whether a token was really held: used for publishing at least twice, the maturity apart, or held since it made the
    /// package. For evidence that one use of a token makes: held since that use.
    fn is_held_token(
        &self,
        held: &Held,
        people: &[Person],
        link: &LinkReport,
        of: &Subject,
        at: Timestamp,
        maturity: Duration,
    ) -> bool {
        let project = match of {
            Subject::Package(namespace) => self.named_at(namespace, at),
            _ => None,
        };
        let Some(HeldOf::Project(project)) = project.filter(|_| is_released(link.kind)) else {
            let rights = rights_for(link.kind);
            let used = held
                .uses
                .iter()
                .filter(|u| rights.is_empty() || rights.contains(&u.right));
            let first = used.map(|u| u.at).min();
            return first.is_some_and(|first| at.since(first) >= maturity);
        };
        let all: Vec<Held> = people.iter().flat_map(|p| self.holdings(p)).collect();
        let uses = all.iter().flat_map(|held| &held.uses);
        let on_it = uses.filter(|u| u.project == Some(project) && u.right == Right::Publish);
        let on_it: Vec<_> = on_it.collect();
        let first = on_it.iter().map(|u| u.at).min();
        let last = on_it.iter().map(|u| u.at).max();
        let (Some(first), Some(last)) = (first, last) else {
            return false;
        };
        let made_it = on_it.iter().any(|u| u.made_it) && at.since(first) >= maturity;
        let repeated = last.since(first) >= maturity;
        repeated || (made_it && link.kind != EvidenceKind::AccountStatement)
    }

    /// Returns whether what is held opens the package that a claim is about.
    fn opens(
        &self,
        held: &HeldOf,
        namespace: &Namespace,
        links: &[LinkReport],
        at: Timestamp,
    ) -> bool {
        if self.concerns(held, namespace, at) {
            return true;
        }
        // If the answer names a package that was made for an account, that package opens every package of the account.
        let target = self.named_at(namespace, at);
        let mut packages = links.iter().filter_map(|link| match &link.of {
            Subject::Package(package) if self.covers(held, &link.of, at) => self.project(package),
            _ => None,
        });
        packages.any(|package| {
            let mut accounts = self.made_for(package).into_iter().map(HeldOf::Account);
            accounts.any(|a| {
                target
                    .as_ref()
                    .is_some_and(|target| self.reaches(&a, target))
            })
        })
    }
}

/// Returns whether a chain falls to anybody at all.
fn has_stranger(links: &[LinkReport]) -> bool {
    let mut links = links.iter();
    links.any(|link| link.falls_to.contains(Capability::Stranger))
}

fn did_of(link: &LinkReport) -> Option<&Did> {
    match &link.of {
        Subject::Did(did) => Some(did),
        _ => None,
    }
}

/// Returns the DIDs that signed the claim and the delegations of a chain.
fn chain_dids(links: &[LinkReport]) -> BTreeSet<&Did> {
    links.iter().filter_map(did_of).collect()
}

fn wrong(because: WrongBecause, says: String) -> WrongYes {
    WrongYes { because, says }
}

/// Returns whether a link shows releases.
fn is_released(kind: EvidenceKind) -> bool {
    matches!(
        kind,
        EvidenceKind::PackageStatement
            | EvidenceKind::AccountStatement
            | EvidenceKind::Provenance
            | EvidenceKind::RegistryPublisher
            | EvidenceKind::SourceRepository
    )
}

/// Returns the rights that a token needs to make a link; an empty list where any token will do.
fn rights_for(kind: EvidenceKind) -> &'static [Right] {
    match kind {
        EvidenceKind::GistProof => &[Right::WriteGist],
        EvidenceKind::ListedOwner | EvidenceKind::ListedMaintainer => {
            &[Right::ChangeOwners, Right::ChangeMembers]
        }
        kind if is_released(kind) => &[Right::Publish, Right::Register],
        _ => &[],
    }
}

fn tell(links: &[LinkReport], held: &[Held]) -> String {
    let link = |l: &LinkReport| format!("{} of {} ({:?})", l.kind, l.of, l.falls_to);
    let links: Vec<String> = links.iter().map(link).collect();
    let one = |h: &Held| format!("{} of {:?}", h.capability, h.of);
    let held: Vec<String> = held.iter().map(one).collect();
    format!("[{}], holding [{}]", links.join("; "), held.join("; "))
}
