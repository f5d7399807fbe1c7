//! Links that are worth more when their statement is mature.

use super::super::context::EvaluationContext;
use super::super::timeline::TimelineStatement;
use super::link::Link;
use crate::capability::CapabilitySet;
use crate::evidence::NamespaceEvidence;

impl Link {
    /// Sets that the link falls to `mature` when its statement is mature, and which release must be published for it, in the words
    /// of `says`.
    pub(super) fn maturing(
        self,
        context: &EvaluationContext<'_>,
        evidence: &NamespaceEvidence,
        says: &str,
        found: &TimelineStatement,
        mature: CapabilitySet,
    ) -> Self {
        // If only a release is missing, the earliest time is now. A time in the past would suggest that waiting was enough.
        let at = found.matures_at.max(context.now());
        let needs = found.needs_release.then(|| {
            let name = evidence.namespace.short();
            let when = if at > context.now() {
                format!(" at {at} or later")
            } else {
                String::new()
            };
            format!(
                "publish another release of {name} that {says}{when}; waiting alone is not enough"
            )
        });
        self.ripening(at, mature, needs)
    }
}
