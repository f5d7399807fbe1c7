//! OAuth apps and their device flows (RFC 8628, with GitHub's limits).

use std::collections::BTreeSet;
use std::time::Duration;

use super::access::{Session, Token, TokenState};
use super::refused::Refused;
use super::rules::Grant;
use super::state::World;
use auths_core::Timestamp;
use auths_core::identity::{Ecosystem, Platform};

/// The values of a flow that the app began, for display and for polling.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct DeviceFlow {
    /// The app's secret for this flow.
    pub device_code: String,
    /// The code that the user types in the browser.
    pub user_code: String,
    /// The lifetime of both codes.
    pub expires_in: Duration,
    /// The time to wait between two polls.
    pub interval: Duration,
}

/// A reason why a flow gives no token, in the words of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FlowError {
    /// Nobody has decided yet.
    #[error("authorization_pending")]
    Pending,
    /// The app polled too early, and must wait this long from now on.
    #[error("slow_down")]
    SlowDown {
        /// The new interval.
        interval: Duration,
    },
    /// The codes have expired.
    #[error("expired_token")]
    Expired,
    /// The user refused.
    #[error("access_denied")]
    Denied,
    /// The device code does not exist, or was used.
    #[error("incorrect_device_code")]
    IncorrectDeviceCode,
    /// The app does not exist, or the flow belongs to another app.
    #[error("incorrect_client_credentials")]
    IncorrectClient,
    /// The app has not enabled the device flow.
    #[error("device_flow_disabled")]
    Disabled,
}

/// An OAuth app.
#[derive(Debug, Clone)]
pub(super) struct AppState {
    device_flow: bool,
}

/// A flow, as GitHub keeps it.
#[derive(Debug, Clone)]
pub(super) struct FlowState {
    app: String,
    user_code: String,
    grants: BTreeSet<Grant>,
    expires: Timestamp,
    interval: Duration,
    asked: Option<Timestamp>,
    answer: Option<Option<u64>>,
}

const LIFE: Duration = Duration::from_secs(900);
const INTERVAL: Duration = Duration::from_secs(5);

impl World {
    /// Registers an OAuth app on GitHub under its client id.
    pub fn register_app(&mut self, client_id: &str, device_flow: bool) {
        let state = AppState { device_flow };
        self.apps.insert(client_id.to_owned(), state);
    }

    /// Begins a flow of an app for these scopes. Anybody can do this for any app whose client id they know.
    ///
    /// # Errors
    /// [`FlowError::IncorrectClient`], [`FlowError::Disabled`].
    pub fn begin_device_flow(
        &mut self,
        client_id: &str,
        grants: &[Grant],
    ) -> Result<DeviceFlow, FlowError> {
        let app = self.apps.get(client_id).ok_or(FlowError::IncorrectClient)?;
        if !app.device_flow {
            return Err(FlowError::Disabled);
        }
        let id = self.next_id();
        let user_code = format!("{:04}-{:04}", id / 10_000 % 10_000, id % 10_000);
        let device_code = format!("{id:040x}");
        let state = FlowState {
            app: client_id.to_owned(),
            user_code: user_code.clone(),
            grants: grants.iter().copied().collect(),
            expires: self.now + LIFE,
            interval: INTERVAL,
            asked: None,
            answer: None,
        };
        self.flows.insert(device_code.clone(), state);
        Ok(DeviceFlow {
            device_code,
            user_code,
            expires_in: LIFE,
            interval: INTERVAL,
        })
    }

    /// Enters the code as the user, and approves or refuses. The code may also be one that an attacker sent.
    ///
    /// # Errors
    /// [`Refused::Dead`]; [`Refused::UnknownThing`] for a code that does not exist or has expired; [`Refused::NotOffered`] for a
    /// session of another platform.
    pub fn answer_device_flow(
        &mut self,
        by: &Session,
        user_code: &str,
        approves: bool,
    ) -> Result<(), Refused> {
        let account = self.signed_in(by)?;
        let state = self.accounts.get(&account).ok_or(Refused::Dead)?;
        if state.platform != Platform::GITHUB {
            return Err(Refused::NotOffered);
        }
        let now = self.now;
        let open =
            |f: &&mut FlowState| f.user_code == user_code && now < f.expires && f.answer.is_none();
        let flow = self.flows.values_mut().find(open);
        flow.ok_or(Refused::UnknownThing)?.answer = Some(approves.then_some(account));
        Ok(())
    }

    /// Polls for the app's token. The token is returned once.
    ///
    /// # Errors
    /// [`FlowError`].
    pub fn poll_device_flow(
        &mut self,
        client_id: &str,
        device_code: &str,
    ) -> Result<Token, FlowError> {
        if !self.apps.contains_key(client_id) {
            return Err(FlowError::IncorrectClient);
        }
        let now = self.now;
        let flow = self.flows.get_mut(device_code);
        let flow = flow.ok_or(FlowError::IncorrectDeviceCode)?;
        if flow.app != client_id {
            return Err(FlowError::IncorrectClient);
        }
        if now >= flow.expires {
            return Err(FlowError::Expired);
        }
        let last = flow.asked.replace(now);
        if last.is_some_and(|last| now < last + flow.interval) {
            flow.interval += INTERVAL;
            let interval = flow.interval;
            return Err(FlowError::SlowDown { interval });
        }
        let account = match flow.answer {
            None => return Err(FlowError::Pending),
            Some(None) => return Err(FlowError::Denied),
            Some(Some(account)) => account,
        };
        let (app, grants) = (flow.app.clone(), flow.grants.clone());
        self.flows.remove(device_code);
        Ok(self.issue(TokenState {
            account: Some(account),
            ecosystem: Ecosystem::GITHUB,
            grants,
            projects: None,
            expires: None,
            app: Some(app),
            workflow: None,
            sso: BTreeSet::new(),
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const APP: &str = "Iv1.simulated";

    fn world() -> (World, Session) {
        let mut world = World::github("2026-01-01T00:00:00Z".parse().unwrap());
        let alice = world.sign_up("alice").unwrap();
        world.register_app(APP, true);
        (world, alice)
    }

    #[test]
    fn the_flow_goes_by_the_protocol() {
        let (mut world, alice) = world();
        let flow = world.begin_device_flow(APP, &[Grant::Gist]).unwrap();
        let code = flow.device_code.as_str();
        assert_eq!(world.poll_device_flow(APP, code), Err(FlowError::Pending));
        for seconds in [10, 15] {
            let interval = Duration::from_secs(seconds);
            let slower = Err(FlowError::SlowDown { interval });
            assert_eq!(world.poll_device_flow(APP, code), slower);
        }
        world.wait(Duration::from_secs(15));
        assert_eq!(world.poll_device_flow(APP, code), Err(FlowError::Pending));
        world
            .answer_device_flow(&alice, &flow.user_code, true)
            .unwrap();
        world.wait(Duration::from_secs(15));
        let token = world.poll_device_flow(APP, code).unwrap();
        assert_eq!(world.whoami(&token).unwrap().login().as_str(), "alice");
        assert_eq!(world.app(&token), Some(APP));
        assert_eq!(world.grants(&token), [Grant::Gist]);
        let again = world.poll_device_flow(APP, code);
        assert_eq!(again, Err(FlowError::IncorrectDeviceCode));
    }

    #[test]
    fn what_ends_a_flow() {
        let (mut world, alice) = world();
        let flow = world.begin_device_flow(APP, &[]).unwrap();
        let code = flow.device_code.as_str();
        world.register_app("other", false);
        let other = world.poll_device_flow("other", code);
        assert_eq!(other, Err(FlowError::IncorrectClient));
        assert_eq!(
            world.begin_device_flow("other", &[]),
            Err(FlowError::Disabled)
        );
        assert_eq!(
            world.begin_device_flow("none", &[]),
            Err(FlowError::IncorrectClient)
        );
        world
            .answer_device_flow(&alice, &flow.user_code, false)
            .unwrap();
        let twice = world.answer_device_flow(&alice, &flow.user_code, true);
        assert_eq!(twice, Err(Refused::UnknownThing));
        assert_eq!(world.poll_device_flow(APP, code), Err(FlowError::Denied));
        let flow = world.begin_device_flow(APP, &[]).unwrap();
        world.wait(flow.expires_in);
        let late = world.answer_device_flow(&alice, &flow.user_code, true);
        assert_eq!(late, Err(Refused::UnknownThing));
        let polled = world.poll_device_flow(APP, &flow.device_code);
        assert_eq!(polled, Err(FlowError::Expired));
    }
}
