//! What a grant is asked to be made of.

use std::time::Duration;

use crate::Timestamp;
use crate::claim::Actions;
use crate::decide::{NamespaceAuthority, Verified};
use crate::policy::Policy;

/// The longest life of a grant: five minutes.
pub const MAX_GRANT_LIFE: Duration = Duration::from_secs(5 * 60);

/// A request for a grant: what was decided, and what the grant is for.
///
/// # Security
/// Nothing but an accepted decision makes a grant:
///
/// ```compile_fail,E0308
/// # fn said() -> auths_core::NamespaceAuthority { unimplemented!() }
/// # fn policy() -> auths_core::Policy { unimplemented!() }
/// use auths_core::claim::{Action, Actions};
/// use auths_core::grant::GrantRequest;
///
/// let actions = Actions::only(Action::Publish);
/// let request = GrantRequest::new(&[said()], actions, &policy(), auths_core::Timestamp::MAX);
/// ```
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct GrantRequest<'a> {
    /// What was decided, one for each name: at least one, all of one speaker.
    pub authorities: &'a [Verified<NamespaceAuthority>],
    /// The actions that the grant is for. Every decision must cover them.
    pub actions: Actions,
    /// The policy of whoever hands the grant out. Every decision is checked against it again.
    pub policy: &'a Policy,
    /// The time of the request.
    pub now: Timestamp,
    /// The life of the grant: whole seconds, at least one, and [`MAX_GRANT_LIFE`] at most. The grant ends earlier where a decision
    /// does.
    pub life: Duration,
}

impl<'a> GrantRequest<'a> {
    /// Creates a request for a grant that lives for [`MAX_GRANT_LIFE`].
    #[must_use]
    pub const fn new(
        authorities: &'a [Verified<NamespaceAuthority>],
        actions: Actions,
        policy: &'a Policy,
        now: Timestamp,
    ) -> Self {
        Self {
            authorities,
            actions,
            policy,
            now,
            life: MAX_GRANT_LIFE,
        }
    }

    /// Sets the life.
    #[must_use]
    pub const fn living(mut self, life: Duration) -> Self {
        self.life = life;
        self
    }
}
