//! The stage that a verifier is looked at on: the world that its registry shows, and how that registry fails.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::simulation::{Refused, RegistryFault, World};

/// The world that a verifier reads, and the trouble that its registry is in.
#[derive(Debug, Clone)]
pub struct Stage {
    world: Arc<Mutex<World>>,
    trouble: Arc<Mutex<Option<RegistryFault>>>,
    turn: Arc<Mutex<Turn>>,
    circle: Arc<Mutex<Circle>>,
}

/// Lists that do not go on to their next page.
#[derive(Debug, Default)]
struct Circle {
    /// How often a page may still come in place of the next one.
    left: usize,
    come: usize,
}

type Moves = Box<dyn FnOnce(&mut World) -> Result<(), Refused> + Send>;

/// Moves that are made between two answers.
#[derive(Default)]
enum Turn {
    #[default]
    None,
    /// To be made after so many answers.
    Waits(usize, Moves),
    /// They were made, or the world refused them.
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
    /// This world, in no trouble.
    pub(super) fn new(world: World) -> Self {
        Self {
            world: Arc::new(Mutex::new(world)),
            trouble: Arc::default(),
            turn: Arc::default(),
            circle: Arc::default(),
        }
    }

    /// The world as it is now.
    pub fn world(&self) -> MutexGuard<'_, World> {
        self.world.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The world, for a server or clock that outlives the call.
    #[must_use]
    pub fn shared_world(&self) -> Arc<Mutex<World>> {
        Arc::clone(&self.world)
    }

    /// How the registry fails just now.
    #[must_use]
    pub fn trouble(&self) -> Option<RegistryFault> {
        *self.trouble.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The subject's server says this after each answer that it made of the world, when it has let go of [`Stage::world`]. A
    /// check may then move the world between two requests of one question.
    pub fn answered(&self) {
        let mut turn = self.turn();
        *turn = match std::mem::take(&mut *turn) {
            Turn::Waits(1, moves) => Turn::Made(moves(&mut self.world())),
            Turn::Waits(answers, moves) => Turn::Waits(answers - 1, moves),
            other => other,
        };
    }

    /// A server asks this whenever a further page of a list was asked for. Where it is so, the answer is the list's first page once
    /// more, as it came.
    #[must_use]
    pub fn repeats_page(&self) -> bool {
        let mut circle = self.circle();
        let repeats = circle.left > 0;
        circle.left -= usize::from(repeats);
        circle.come += usize::from(repeats);
        repeats
    }

    /// From now on the first page comes so often in place of a further one.
    pub(super) fn repeat_pages(&self, times: usize) {
        *self.circle() = Circle {
            left: times,
            come: 0,
        };
    }

    /// How often it did.
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

    /// What became of the moves; `None` while they wait.
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
