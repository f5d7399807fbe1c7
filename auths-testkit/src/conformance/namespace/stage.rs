//! The environment of a verifier under test: the world that its registry shows, and the faults of the registry.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::world::{Refused, RegistryFault, World};

/// The world that a verifier reads, and the present fault of its registry.
#[derive(Debug, Clone)]
pub struct Stage {
    world: Arc<Mutex<World>>,
    trouble: Arc<Mutex<Option<RegistryFault>>>,
    turn: Arc<Mutex<Turn>>,
    circle: Arc<Mutex<Circle>>,
}

/// Repeated pages: lists that do not continue to their next page.
#[derive(Debug, Default)]
struct Circle {
    /// The number of times that a page may still be sent instead of the next one.
    left: usize,
    come: usize,
}

type Moves = Box<dyn FnOnce(&mut World) -> Result<(), Refused> + Send>;

/// Moves that are made between two answers.
#[derive(Default)]
enum Turn {
    #[default]
    None,
    /// The moves are to be made after so many answers.
    Waits(usize, Moves),
    /// The moves were made, or the world refused them.
    Made(Result<(), Refused>),
}

impl fmt::Debug for Turn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Waits(answers, _) => write!(f, "Waits({answers})"),
            Self::Made(result) => write!(f, "Made({result:?})"),
        }
    }
}

impl Stage {
    /// Creates a stage with this world and no fault.
    pub(super) fn new(world: World) -> Self {
        Self {
            world: Arc::new(Mutex::new(world)),
            trouble: Arc::default(),
            turn: Arc::default(),
            circle: Arc::default(),
        }
    }

    /// Returns the world in its present state.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Returns the world, for a server or clock that outlives the call.
    #[must_use]
    pub fn shared_world(&self) -> Arc<Mutex<World>> {
        Arc::clone(&self.world)
    }

    /// Returns the present fault of the registry.
    #[must_use]
    pub fn trouble(&self) -> Option<RegistryFault> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Records an answer. The subject's server calls this after each answer about the world, when it has released
    /// [`Stage::world`]. A check may then change the world between two requests of one query.
    pub fn answered(&self) {
        let mut turn = self.turn();
        *turn = match std::mem::take(&mut *turn) {
            Turn::Waits(1, moves) => Turn::Made(moves(&mut self.world())),
            Turn::Waits(answers, moves) => Turn::Waits(answers - 1, moves),
            other => other,
        };
    }

    /// Returns whether to repeat a page. A server calls this whenever a further page of a list is requested. If true, it must
    /// send the list's first page once more, unchanged.
    #[must_use]
    pub fn repeats_page(&self) -> bool {
        let mut circle = self.circle();
        let repeats = circle.left > 0;
        circle.left -= usize::from(repeats);
        circle.come += usize::from(repeats);
        repeats
    }

    /// Sets how often the first page is sent instead of a further one.
    pub(super) fn repeat_pages(&self, times: usize) {
        *self.circle() = Circle {
            left: times,
            come: 0,
        };
    }

    /// Returns how often the first page was repeated.
    pub(super) fn repeated(&self) -> usize {
        self.circle().come
    }

    pub(super) fn set_trouble(&self, trouble: Option<RegistryFault>) {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner) = trouble;
    }

    /// Makes these moves after so many more answers, one or more.
    pub(super) fn after(
        &self,
        answers: usize,
        moves: impl FnOnce(&mut World) -> Result<(), Refused> + Send + 'static,
    ) {
        *self.turn() = Turn::Waits(answers.max(1), Box::new(moves));
    }

    /// Returns the result of the moves; `None` while they wait.
    pub(super) fn moved(&self) -> Option<Result<(), Refused>> {
        match &*self.turn() {
            Turn::Made(result) => Some(result.clone()),
            _ => None,
        }
    }

    fn circle(&self) -> MutexGuard<'_, Circle> {
        self.circle.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn(&self) -> MutexGuard<'_, Turn> {
        self.turn.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
