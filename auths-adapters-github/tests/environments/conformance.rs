//! The adapter, over a loopback GitHub, keeps the contract of its port.

use std::sync::Mutex;

use auths_adapters_github::GitHubEnvironments;
use auths_core::Timestamp;
use auths_core::ci::{CiIssuer, EnvironmentName, NumericId};
use auths_testkit::conformance::{EnvironmentState, EnvironmentSubject};
use auths_testkit::server::Server;

use crate::common::{Place, local_issuer, now, reader};

/// The GitHub that the last reader was opened before, and every server.
#[derive(Default)]
struct Subject {
    place: Mutex<Place>,
    servers: Mutex<Vec<Server>>,
}

impl EnvironmentSubject for Subject {
    type Reader = GitHubEnvironments;

    fn open(&self) -> GitHubEnvironments {
        let place = Place::default();
        let server = place.serve();
        let reader = reader(&server);
        *self.place.lock().unwrap() = place;
        self.servers.lock().unwrap().push(server);
        reader
    }

    fn issuer(&self) -> CiIssuer {
        local_issuer()
    }

    fn now(&self) -> Timestamp {
        now()
    }

    fn set(
        &self,
        _reader: &GitHubEnvironments,
        repository: NumericId,
        environment: &EnvironmentName,
        state: EnvironmentState,
    ) {
        let place = self.place.lock().unwrap();
        place.set(repository, environment, state);
    }
}

auths_testkit::environment_reader_conformance!(Subject::default(), tokio);
