//! Loopback servers that answer as the services.

use std::sync::{Arc, Mutex, PoisonError};

use auths_core::ports::Clock;

use super::SimulatedAnswer;
use super::github::Asked;
use crate::server::{Received, Reply, Server};
use crate::world::World;

/// Starts a server that answers from a shared world by `reply`.
pub(super) fn serve(
    world: Arc<Mutex<World>>,
    clock: Arc<dyn Clock>,
    reply: fn(&mut World, &Received) -> Reply,
) -> Server {
    Server::start_with_clock(clock, move |request| {
        let mut world = world.lock().unwrap_or_else(PoisonError::into_inner);
        reply(&mut world, request)
    })
}

impl From<SimulatedAnswer> for Reply {
    fn from(answer: SimulatedAnswer) -> Self {
        let reply = Self::bytes(answer.status, answer.content_type, answer.body);
        let headers = answer.headers.iter();
        headers.fold(reply, |reply, (name, value)| reply.header(name, value))
    }
}

impl<'a> From<&'a Received> for Asked<'a> {
    fn from(request: &'a Received) -> Self {
        let Received {
            method,
            path,
            query,
            headers,
            body,
        } = request;
        Self::new(method, path, headers, body).with_query(query.as_deref())
    }
}
