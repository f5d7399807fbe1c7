//! The backend of the conformance suite: a registry simulated from the test world, over a real socket.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::conformance::{NamespaceSubject, Offers, Opened, Stage};
use crate::world::{SimulatedClock, World};
use auths_core::Timestamp;
use auths_core::ports::{Clock, MemoryStore, NamespaceVerifier};

use super::flaws::{Flaws, Tags};
use super::{Received, Reply, Server, Shape};
use crate::doubles::RecordingSleeper;
use crate::faults::TestEndpoint;
use auths_http::Transport;
use auths_http::TransportConfig;

/// The time that an adapter waits for a registry that says nothing.
const PATIENCE: Duration = Duration::from_millis(500);

type Answer = dyn Fn(&World, &Received) -> Reply + Send + Sync;

/// A verifier for [`namespace_verifier_conformance!`](crate::namespace_verifier_conformance), before a loopback server that
/// answers from the simulated world in the registry's own wire format.
///
/// An adapter's author writes that format once, as a function from world and request to answer, and says how to make the adapter
/// for a [`TestEndpoint`]. The faults of the suite are made from the good answers: the [`Shape`] says where the name and the
/// owners are in them. A registry of several routes puts the name, and the owners where there are any, at the same place in all
/// of them, or says for each request [where](SimulatedBackend::shaped_by) they are.
///
/// ```
/// use async_trait::async_trait;
/// use auths_core::evidence::NamespaceEvidence;
/// use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};
/// use auths_testkit::world::World;
/// use auths_testkit::block_on;
/// use auths_testkit::conformance::namespace_verifier;
/// use auths_core::{Ecosystem, Origin, Platform};
/// use auths_testkit::server::{SimulatedBackend, Reply, Shape};
///
/// static SHELF: Ecosystem = Ecosystem::from_static("shelf");
///
/// /// An adapter that looks at nothing.
/// #[derive(Debug)]
/// struct Lazy(Origin);
///
/// #[async_trait]
/// impl NamespaceVerifier for Lazy {
///     fn ecosystem(&self) -> &Ecosystem { &SHELF }
///     fn origin(&self) -> &Origin { &self.0 }
///     fn is_public(&self) -> bool { false }
///     async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
///         query.check_for(self)?;
///         Ok(NamespaceEvidence::new(query.namespace.clone(), self.0.clone(), query.now))
///     }
/// }
///
/// let subject = SimulatedBackend::new(
///     |now| World::new(SHELF.clone(), Platform::from_static("shelf"), now),
///     |world, request| match world.project(request.path.trim_start_matches('/')) {
///         Some(project) => Reply::json(200, serde_json::json!({ "name": project.spelled(), "owners": [] })),
///         None => Reply::json(404, serde_json::json!({ "error": "unknown" })),
///     },
///     Shape { name: "/name", owners: "/owners" },
///     |site| Lazy(site.origin()),
/// );
/// let report = block_on(namespace_verifier(&subject));
/// assert!(report.broken_checks().contains(&"unknown-is-absent"), "{report}");
/// assert!(report.kept.contains(&"refuses-other-ecosystems"), "{report}");
/// ```
///
/// The time limits are short, and waits are recorded instead of waited for: see [`TestEndpoint::transport`].
pub struct SimulatedBackend<V> {
    world: Box<dyn Fn(Timestamp) -> World + Send + Sync>,
    answer: Arc<Answer>,
    shape: Arc<dyn Fn(&Received) -> Shape + Send + Sync>,
    open: Box<dyn Fn(&TestEndpoint) -> V + Send + Sync>,
    offers: Offers,
    flaws: Arc<Mutex<Flaws>>,
}

impl<V: NamespaceVerifier + 'static> SimulatedBackend<V> {
    /// Creates a backend from an adapter that `open` makes, and a registry that holds `world`, empty at first, and answers by
    /// `answer`. The backend offers everything, unless told otherwise.
    pub fn new(
        world: impl Fn(Timestamp) -> World + Send + Sync + 'static,
        answer: impl Fn(&World, &Received) -> Reply + Send + Sync + 'static,
        shape: Shape,
        open: impl Fn(&TestEndpoint) -> V + Send + Sync + 'static,
    ) -> Self {
        Self {
            world: Box::new(world),
            answer: Arc::new(answer),
            shape: Arc::new(move |_| shape),
            open: Box::new(open),
            offers: Offers::everything(),
            flaws: Arc::default(),
        }
    }

    /// Sets the shape of the answers by the request, for registries whose answers have several shapes.
    #[must_use]
    pub fn shaped_by(mut self, shape: impl Fn(&Received) -> Shape + Send + Sync + 'static) -> Self {
        self.shape = Arc::new(shape);
        self
    }

    /// Sets what the backend offers. What is not offered is not checked, and the report says so.
    #[must_use]
    pub fn offering(mut self, offers: Offers) -> Self {
        self.offers = offers;
        self
    }
}

impl<V: NamespaceVerifier + 'static> NamespaceSubject for SimulatedBackend<V> {
    fn world(&self, now: Timestamp) -> World {
        (self.world)(now)
    }

    #[expect(clippy::expect_used, reason = "without a transport there is no test")]
    fn open(&self, stage: Stage) -> Opened {
        let clock: Arc<dyn Clock> = Arc::new(SimulatedClock::new(stage.shared_world()));
        let (answer, shape) = (Arc::clone(&self.answer), Arc::clone(&self.shape));
        let (pages, tags) = (FirstPages::default(), Mutex::<Tags>::default());
        let flaws = Arc::clone(&self.flaws);
        let server = Server::start_with_clock(Arc::clone(&clock), move |request| {
            let trouble = stage.trouble();
            let (reply, shape) = (answer(&stage.world(), request), shape(request));
            lock(&flaws).look(request, &reply, trouble, shape, &mut lock(&tags));
            stage.answered();
            let reply = pages.in_place_of(request, reply, || stage.repeats_page());
            reply.in_trouble(trouble, shape)
        });
        let (store, sleeper) = (Arc::new(MemoryStore::new()), RecordingSleeper::default());
        let (config, sleeper) = (TransportConfig::default(), Arc::new(sleeper));
        let base = Transport::new(config, Arc::clone(&clock), sleeper, store.clone());
        let site = TestEndpoint {
            origin: server.origin(),
            store,
            clock,
            base: base.expect("a transport"),
            timeout: PATIENCE,
        };
        let server = Arc::new(server);
        let counted = Arc::clone(&server);
        Opened::new((self.open)(&site))
            .counting(move || counted.request_count())
            .keeping(server)
    }

    fn offers(&self) -> Offers {
        self.offers.clone()
    }

    fn flaws(&self) -> Vec<String> {
        lock(&self.flaws).take()
    }
}

fn lock<T>(shared: &Mutex<T>) -> MutexGuard<'_, T> {
    shared.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The first answer at each path. It can be served again in place of an answer that differs only in the query.
#[derive(Default)]
struct FirstPages(Mutex<HashMap<String, (Option<String>, Reply)>>);

impl FirstPages {
    fn in_place_of(
        &self,
        request: &Received,
        reply: Reply,
        repeats: impl FnOnce() -> bool,
    ) -> Reply {
        let mut pages = lock(&self.0);
        let (path, query) = (request.path.clone(), request.query.clone());
        match pages.get(&path) {
            // The page is untagged: otherwise the doubled page would be asked for conditionally, and stay.
            Some((first, page)) if *first != query && repeats() => page.clone().untagged(),
            Some(_) => reply,
            None => {
                pages.insert(path, (query, reply.clone()));
                reply
            }
        }
    }
}

impl<V> fmt::Debug for SimulatedBackend<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SimulatedBackend")
            .field("offers", &self.offers)
            .finish_non_exhaustive()
    }
}
