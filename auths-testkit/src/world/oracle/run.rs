//! The judgement of an answer to a CI run.

use std::collections::BTreeSet;

use super::{Asked, Given, WrongBecause, WrongYes, chain_dids, did_of, has_stranger, tell, wrong};
use crate::world::access::CiRun;
use crate::world::runs::RunState;
use crate::world::state::World;
use crate::world::truth::{Held, HeldOf, Person};
use auths_core::Timestamp;
use auths_core::capability::Capability;
use auths_core::ci::{CiProvider, PublisherRuleFields, WorkflowBinding};
use auths_core::claim::{Signed, TrustedPublisher};
use auths_core::decide::{Decision, LinkReport};
use auths_core::evidence::EvidenceKind;
use auths_core::identity::{Did, Namespace};

/// An answer to a run that is judged.
#[derive(Clone, Copy)]
pub(super) struct JudgedRun<'a> {
    asked: &'a Asked<'a>,
    namespace: &'a Namespace,
    links: &'a [LinkReport],
    at: Timestamp,
    state: &'a RunState,
}

impl World {
    /// Compares an accepted answer to a run with the truth.
    ///
    /// It asks, in this order: is the run one that the signer of the rule agreed to; had the asker this run by its own repository or
    /// by something that the links of the run name; and does the rest of the chain come from somebody who may let others act, or name
    /// something that was really held.
    pub(super) fn find_wrong_run(
        &self,
        asked: &Asked<'_>,
        run: &CiRun,
        decision: &Decision,
        links: &[LinkReport],
        given: &Given,
    ) -> Option<WrongYes> {
        let namespace = decision.namespace();
        let about = |what: &str, held: &[Held]| {
            let told = tell(links, held);
            let of = namespace.short();
            format!("{} is accepted for {of} {what}: {told}", asked.by)
        };
        let Some(state) = self.runs.get(&run.id) else {
            return Some(wrong(WrongBecause::NothingHeld, about("by no run", &[])));
        };
        let seen = links.iter().filter_map(|link| link.observed_at);
        let at = seen.min().unwrap_or_else(|| decision.decided_at());
        let judged = JudgedRun {
            asked,
            namespace,
            links,
            at,
            state,
        };
        if let Some(difference) = self.outside_rule(&judged, decision.decided_at()) {
            let says = about(&format!("by a rule for other runs ({difference})"), &[]);
            return Some(wrong(WrongBecause::OutsideRule, says));
        }
        let own = self.holdings(asked.by);
        let is_holder = self.holder_of_run(run).as_ref() == Some(asked.by);
        if !is_holder || !self.had_run(&judged, &own) {
            let says = about("with a run that it had by nothing that is named", &own);
            return Some(wrong(WrongBecause::NothingHeld, says));
        }
        let (rule, others) = self.signers(&judged);
        let owns = self.has_repository(asked.by, state.repository, at);
        let may_speak = |person: &Person| self.may_speak_for(person, namespace, at);
        let has_key_of_owner = chain_dids(links).into_iter().any(|did| {
            let may = self.maker_of(did).is_some_and(may_speak);
            may && self.has_key(std::slice::from_ref(asked.by), did)
        });
        let signer = rule.and_then(|did| self.maker_of(did));
        let is_rightful = signer.is_some_and(|who| self.may_pass_on(who, namespace, at));
        if may_speak(asked.by) || has_key_of_owner || (owns && is_rightful) {
            return None;
        }
        let mut people = vec![asked.by.clone()];
        // Who signs a rule lets others do what that person can do: what a signer holds of the package counts.
        people.extend(signer.filter(|who| *who != asked.by).cloned());
        people.extend(others);
        people.extend(self.accomplices(&people, namespace, links));
        let helpers = people[1..].iter().flat_map(|person| self.holdings(person));
        let of_signer = signer.into_iter().flat_map(|who| self.holdings(who));
        let held: Vec<Held> = own
            .iter()
            .cloned()
            .chain(of_signer)
            .chain(helpers.filter(|h| !h.is_own))
            .collect();
        if !is_rightful && !has_stranger(links) {
            let rest = || links.iter().filter(|link| link.kind != EvidenceKind::CiRun);
            let names = |held: &&Held| {
                let mut rest = rest();
                rest.any(|link| self.names(held, &people, link, at, asked.maturity))
            };
            let named: Vec<&Held> = held.iter().filter(names).collect();
            if named.is_empty() {
                let says = about("with nothing that its chain names beside the run", &held);
                return Some(wrong(WrongBecause::NothingHeld, says));
            }
            let owner = self.repositories.get(&state.repository).map(|r| r.owner);
            // What is held of a repository is held of the account that has it, where the run itself speaks for that account.
            let is_of_account = links.iter().any(|l| l.kind == EvidenceKind::OwnRepository)
                && self.named_at(namespace, at) == owner.map(HeldOf::Account);
            let opens = |held: &&Held| self.opens(&held.of, namespace, links, at);
            if !is_of_account && !named.iter().any(opens) {
                let says = about("with what is of another package", &held);
                return Some(wrong(WrongBecause::OfAnotherPackage, says));
            }
        }
        self.contested_run(&judged, &people, &held, given)
            .map(|other| {
                let says = about(&format!("around {other}, mature and present"), &held);
                wrong(WrongBecause::AroundMatureDid, says)
            })
    }

    /// Returns whether the asker had the run: it is of its own repository, or something that it holds, or that those hold who gave it
    /// a post, is named in a link of the run.
    fn had_run(&self, judged: &JudgedRun<'_>, own: &[Held]) -> bool {
        let by = judged.asked.by;
        if self.has_repository(by, judged.state.repository, judged.at) {
            return true;
        }
        let givers: BTreeSet<&Person> = self
            .posts_of(by)
            .filter_map(|span| span.giver.as_ref())
            .collect();
        let given = givers.into_iter().flat_map(|giver| self.holdings(giver));
        let held: Vec<Held> = own
            .iter()
            .cloned()
            .chain(given)
            .filter(|h| !h.is_own)
            .collect();
        let is_of_run = |link: &&LinkReport| {
            matches!(
                link.kind,
                EvidenceKind::CiRun | EvidenceKind::RegistryPublisher | EvidenceKind::OwnRepository
            )
        };
        let people = std::slice::from_ref(by);
        judged.links.iter().filter(is_of_run).any(|link| {
            held.iter()
                .any(|held| self.names(held, people, link, judged.at, judged.asked.maturity))
        })
    }

    /// Returns the DID that signed the rule of a chain, and those who signed for it: its maker, and the makers of the DIDs that let it
    /// pass the right on.
    fn signers<'l>(&self, judged: &JudgedRun<'l>) -> (Option<&'l Did>, BTreeSet<Person>) {
        let mut links = judged.links.iter();
        let rule = links.find(|link| link.kind == EvidenceKind::TrustedPublisher);
        let Some(rule) = rule.and_then(did_of) else {
            return (None, BTreeSet::new());
        };
        let above = chain_dids(judged.links).into_iter().filter(|did| {
            *did == rule || self.has_passed_on(did, rule, judged.namespace, judged.at)
        });
        let people = above.filter_map(|did| self.maker_of(did)).cloned();
        (Some(rule), people.collect())
    }

    /// Returns the first difference between the run and the rule that its chain rests on.
    fn outside_rule(&self, judged: &JudgedRun<'_>, now: Timestamp) -> Option<&'static str> {
        let mut links = judged.links.iter();
        let link = links.find(|link| link.kind == EvidenceKind::TrustedPublisher)?;
        let id = link.stable_ids.get("claim");
        let mut shown = judged.asked.publishers.iter();
        let Some(signed) = shown.find(|signed| Some(&signed.id().to_string()) == id) else {
            return Some("it was not shown");
        };
        self.differs(judged, signed, now)
    }

    fn differs(
        &self,
        judged: &JudgedRun<'_>,
        signed: &Signed<TrustedPublisher>,
        now: Timestamp,
    ) -> Option<&'static str> {
        let (body, run) = (signed.unverified(), judged.state);
        let rule = body.publisher.fields();
        let owner = self.repositories.get(&run.repository).map(|r| r.owner);
        let is_named = body.namespaces.iter().any(|n| n.includes(judged.namespace));
        let is_in_time = signed.expires().is_some_and(|end| now < end);
        let environment = run.environment.as_ref().map(|name| name.as_str());
        let is_there = rule.environment.as_ref().is_none_or(|named| {
            environment.is_some_and(|there| there.eq_ignore_ascii_case(named.as_str()))
        });
        let defaults = CiProvider::GitHubActions.default_triggers();
        let is_triggered = match &rule.triggers {
            Some(listed) => listed.contains(&run.trigger),
            None => defaults.contains(&run.trigger.as_str()),
        };
        let checks = [
            (is_named, "the package"),
            (is_in_time, "the time"),
            (
                rule.issuer.to_string() == CiProvider::GitHubActions.public_issuer(),
                "the issuer",
            ),
            (rule.repository_id.get() == run.repository, "the repository"),
            (Some(rule.owner_id.get()) == owner, "the owner"),
            (has_workflows(rule, run), "the workflow"),
            (is_there, "the environment"),
            (is_triggered, "the event"),
        ];
        checks
            .into_iter()
            .find(|(holds, _)| !holds)
            .map(|(_, what)| what)
    }

    /// Returns another DID that is mature and present, and neither agreed to the run nor is one of somebody who takes part in it.
    fn contested_run(
        &self,
        judged: &JudgedRun<'_>,
        people: &[Person],
        held: &[Held],
        given: &Given,
    ) -> Option<Did> {
        let (namespace, at) = (judged.namespace, judged.at);
        let has_session = held.iter().any(|held| {
            held.capability.includes(Capability::AccountSession)
                && self.concerns(&held.of, namespace, at)
        });
        if has_session {
            return None;
        }
        let dids: Vec<&Did> = chain_dids(judged.links).into_iter().collect();
        let other = self.mature_other(&dids, namespace, judged.asked.maturity, given)?;
        let maker = self.maker_of(&other);
        let takes_part = maker.is_some_and(|maker| people.contains(maker));
        let agreed = self.has_trusted(&other, judged.state.repository, namespace, at);
        (!takes_part && !agreed && !self.has_key(people, &other)).then_some(other)
    }
}

/// Returns whether the workflows of a run are those of a rule.
fn has_workflows(rule: &PublisherRuleFields, run: &RunState) -> bool {
    let is_caller = run.file == rule.workflow.as_str();
    let is_job = match (&rule.reusable, &run.called) {
        (Some(named), Some((_, name, file))) => {
            file == named.workflow.as_str() && name.eq_ignore_ascii_case(named.repository.as_str())
        }
        (None, None) => is_caller,
        _ => false,
    };
    match rule.binding {
        WorkflowBinding::Caller => is_caller,
        WorkflowBinding::Job => is_job,
        _ => is_caller && is_job,
    }
}
