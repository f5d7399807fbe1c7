//! Using a challenge once.

use crate::Timestamp;
use crate::decide::{Decision, Obstacle, Outcome};
use crate::outcome::{Refutation, Refuted, Unavailable, Why};
use crate::ports::ReplayGuard;

/// Uses up the challenge that an accepted claim answered; a second use of it is denied.
///
/// The order is: **decide, then use up, and act only on what comes back accepted**. A claim that is not accepted uses
/// nothing up, so that nobody can spoil a challenge by sending a bad answer to it. Deciding alone is pure and accepts the
/// same answer as often as it is asked.
///
/// Accepted only when the guard says that it is the first use. A use before, an expired challenge, and a decision that was
/// made on no challenge of the verifier's own ([`Terms::answering`](super::Terms::answering), [`Case::issued`]) are denied;
/// a guard that could not record the use leaves it undetermined.
///
/// [`Case::issued`]: crate::decide::Case::issued
///
/// ```
/// use auths_core::decide::Decision;
/// use auths_core::ports::ReplayGuard;
/// use auths_core::workflow::{Terms, use_once, verify_offline};
/// use auths_core::{Bundle, Timestamp};
/// # use auths_core::claim::IssuedChallenge;
///
/// async fn accept(
///     bundle: Bundle,
///     terms: Terms<'_>,
///     issued: IssuedChallenge,
///     guard: &dyn ReplayGuard,
///     now: Timestamp,
/// ) -> Result<Decision, Box<dyn std::error::Error>> {
///     let decision = verify_offline(bundle, terms.answering(issued))?;
///     Ok(use_once(decision, guard, now).await)
/// }
/// ```
pub async fn use_once(decision: Decision, guard: &dyn ReplayGuard, now: Timestamp) -> Decision {
    if decision.outcome() != Outcome::Accepted {
        return decision;
    }
    match used_first(&decision, guard, now).await {
        Ok(()) => decision,
        Err(obstacle) => decision.taken_back(obstacle),
    }
}

async fn used_first(
    decision: &Decision,
    guard: &dyn ReplayGuard,
    now: Timestamp,
) -> Result<(), Obstacle> {
    let issued = decision.answered().ok_or_else(|| {
        let detail = "it was decided without a challenge that this verifier gave";
        Refuted::new(Refutation::WrongChallenge, detail)
    })?;
    let token = issued.challenge().as_str();
    match guard.consume(token, now, issued.expires()).await {
        Ok(true) => Ok(()),
        Ok(false) => {
            let detail = format!("it was to be used once, before {}", issued.expires());
            Err(Refuted::new(Refutation::ChallengeUsed, detail).into())
        }
        Err(error) => {
            let detail = format!("the use of the challenge could not be recorded: {error}");
            Err(Unavailable::new(Why::StoreFailed, detail).into())
        }
    }
}
