//! The links of what was seen when a trusted publisher was taken in. They fall to `former-collaborator` too.

use super::super::context::EvaluationContext;
use super::super::intake::PublisherIntake;
use super::link::Link;
use crate::capability::Capability;
use crate::evidence::{EvidenceGrade, EvidenceKind, LinkedAccount, NamespaceEvidence};
use crate::identity::{Account, Subject};

/// Creates the link account - organisation of an Owner's role that was seen then. `None` where it was not seen, or the organisation is
/// another by now.
pub(in crate::decide) fn recorded_role_link(
    context: &EvaluationContext<'_>,
    evidence: &NamespaceEvidence,
    intake: &PublisherIntake,
    account: &Account,
) -> Option<Link> {
    let name = &evidence.namespace;
    let incarnation = evidence.incarnation.get().ok()?;
    if !name.is_organization() || !intake.is_about(name, incarnation) || !intake.saw_owner(account)
    {
        return None;
    }
    let at = intake.taken_in_at();
    let says = format!(
        "{} listed {account} as an Owner at {at}, when the trusted publisher was taken in",
        name.short()
    );
    let of = Subject::of_namespace(name);
    let link = Link::new(
        EvidenceKind::ListedOwner,
        EvidenceGrade::Established,
        of,
        says,
    )
    .observed_in(evidence, context.policy())
    .identifying(account);
    Some(recorded(link, intake))
}

/// Creates the link DID - account of a device flow that was seen then. `None` where none was.
pub(in crate::decide) fn recorded_flow_link(
    intake: &PublisherIntake,
    linked: &LinkedAccount,
) -> Option<Link> {
    let account = linked.account();
    if !intake.saw_flow(account) {
        return None;
    }
    let at = intake.taken_in_at();
    let says = format!(
        "the holder of {account} approved it in a device flow at {at}, when the trusted publisher was taken in"
    );
    let of = Subject::Account(account.clone());
    let link = Link::new(EvidenceKind::DeviceFlow, EvidenceGrade::Plain, of, says);
    let link = link.identifying(account).until(linked.claim.expires());
    Some(recorded(link, intake))
}

fn recorded(link: Link, intake: &PublisherIntake) -> Link {
    link.falling_to_also([Capability::FormerCollaborator].into_iter().collect())
        .said(intake.taken_in_at())
}
