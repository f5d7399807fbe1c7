//! Deciding about a CI run, on what the registry and the platforms show now.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::super::gather::{NamedParts, gather_about, named_accounts};
use super::super::{
    ClaimsContext, RevocableParts, VerificationLimits, Verifier, collect_revocations,
};
use super::{PublishError, PublishGate, PublishRequest};
use crate::Timestamp;
use crate::ci::{EnvironmentEvidence, VerifiedCiToken};
use crate::decide::{AwaitingToken, DecisionInput, NotAccepted, RunProof, decide, decide_run};
use crate::identity::{Did, Namespace};
use crate::policy::Policy;
use crate::ports::{EnvironmentQuery, EnvironmentReaderExt};

impl Verifier {
    /// Decides about one package. An answer that is not a yes is an error.
    pub(super) async fn decide_publish(
        &self,
        request: &PublishRequest,
        token: &Arc<VerifiedCiToken>,
        environment: Option<&EnvironmentEvidence>,
        namespace: Namespace,
        policy: &Policy,
        now: Timestamp,
    ) -> Result<AwaitingToken, PublishError> {
        let mut run = RunProof::new(Arc::clone(token), namespace, request.actions.clone());
        // A claim that was kept twice counts once.
        let mut seen = BTreeSet::new();
        let publishers = request.publishers.iter();
        let publishers = publishers.filter(|one| seen.insert(one.id()));
        run.publishers.extend(publishers.cloned());
        run.environments.extend(environment.cloned());
        run.intakes.clone_from(&request.intakes);
        let mut input = DecisionInput::for_run(run);
        input.delegations.clone_from(&request.delegations);
        let dids = input.dids();
        input.keys = self.keys(&dids, now).await;
        let mut revocable = RevocableParts::of_input(&input);
        revocable.linked(request.links.iter().map(|link| &link.claim));
        let (sources, memory) = (self.sources(), self.memory());
        input.revocations =
            collect_revocations(&sources, memory, &revocable, &input.keys, now).await;
        let context = self.context(request.links.clone());
        let context = context.reading_at_most(self.limits().proofs);
        // Nothing is kept of a stranger, and nothing is looked up: its rules use no limit up.
        let is_kept = |did: &&Did| request.links.iter().any(|link| link.claim.did() == *did);
        let kept = dids.iter().filter(is_kept).cloned().collect();
        self.read_evidence(&mut input, kept, &context, policy, now)
            .await;
        // The accounts that were read may name recovery DIDs.
        let signers = [dids, input.recovery_revokers()].concat();
        input.keys = self.keys(&signers, now).await;
        match decide_run(&input, policy, now) {
            Some(decided) if decided.is_accepted() => Ok(decided),
            Some(decided) => Err(NotAccepted(Box::new(decided.report().clone())).into()),
            // Of a run, there is one. A decision without a use gives no `Verified`.
            None => Err(NotAccepted(Box::new(decide(&input, policy, now))).into()),
        }
    }

    async fn read_evidence(
        &self,
        input: &mut DecisionInput,
        dids: Vec<Did>,
        context: &ClaimsContext,
        policy: &Policy,
        now: Timestamp,
    ) {
        let name = input.evidence_name();
        let limits = self.limits();
        let accounts = named_accounts(dids.clone(), context, &name, limits, now).await;
        let names = NamedParts { dids, accounts };
        let registry = self.registries().find(&name).map(|registry| &**registry);
        gather_about(input, names, registry, context, policy, limits, now).await;
    }
}

/// Reads the environment that the run is in, once, where a rule that it matches names it and a reader is there for it.
pub(super) async fn environment(
    gate: &PublishGate,
    token: &VerifiedCiToken,
    request: &PublishRequest,
    limits: VerificationLimits,
    now: Timestamp,
) -> Option<EnvironmentEvidence> {
    let identity = token.identity();
    let (issuer, repository) = (identity.issuer(), identity.repository().id);
    let environment = identity.parts().environment.clone()?;
    let mut readers = gate.environments.iter();
    let reader = readers.find(|reader| reader.issuer() == issuer)?;
    let rules = request.publishers.iter();
    let mut rules = rules.map(|publisher| &publisher.unverified().publisher);
    rules.find(|rule| rule.fields().environment.is_some() && rule.matches(identity).is_ok())?;
    let query = EnvironmentQuery::new(issuer.clone(), repository, environment, now);
    Some(reader.read_checked(&query.within(limits.budget())).await)
}
