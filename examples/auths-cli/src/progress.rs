//! A spinner for work that takes longer than a second, on a terminal only.

use std::future::Future;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::Duration;

use auths_core::escape;
use indicatif::ProgressBar;
use tokio::sync::watch;

/// The display of a long wait, on a terminal only.
#[derive(Debug, Default)]
pub(crate) struct Countdown(OnceLock<ProgressBar>);

impl Countdown {
    /// Returns whether nothing was shown yet.
    pub(crate) fn is_new(&self) -> bool {
        self.0.get().is_none()
    }

    /// Shows this text from now on.
    pub(crate) fn tick(&self, what: &str) {
        let bar = self.0.get_or_init(|| {
            let bar = ProgressBar::new_spinner();
            bar.enable_steady_tick(Duration::from_millis(120));
            bar
        });
        bar.set_message(escape(what).to_string());
    }

    /// Ends the display.
    pub(crate) fn end(&self) {
        if let Some(bar) = self.0.get() {
            bar.finish_and_clear();
        }
    }
}

/// The display of a longer work, step by step. A step that takes longer than a second is shown.
#[derive(Debug, Default)]
pub(crate) struct WaitingFor {
    what: watch::Sender<&'static str>,
    bar: Mutex<Option<ProgressBar>>,
}

impl WaitingFor {
    /// Says what is waited for from now on; nothing is shown for an empty text.
    pub(crate) fn now(&self, what: &'static str) {
        if let Some(bar) = self.bar().take() {
            bar.finish_and_clear();
        }
        self.what.send_replace(what);
    }

    /// Waits for `work`, whose steps say what they wait for.
    pub(crate) async fn show<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = std::pin::pin!(work);
        let mut steps = self.what.subscribe();
        loop {
            let what = *steps.borrow_and_update();
            let may_show = !what.is_empty() && self.bar().is_none();
            tokio::select! {
                biased;
                done = &mut work => {
                    self.now("");
                    return done;
                }
                _ = steps.changed() => {}
                () = tokio::time::sleep(Duration::from_secs(1)), if may_show => {
                    *self.bar() = Some(spinner(what));
                }
            }
        }
    }

    fn bar(&self) -> MutexGuard<'_, Option<ProgressBar>> {
        self.bar.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Returns a spinner with a text. It draws on stderr, and nothing where stderr is no terminal.
fn spinner(what: &str) -> ProgressBar {
    let bar = ProgressBar::new_spinner().with_message(escape(what).to_string());
    bar.enable_steady_tick(Duration::from_millis(120));
    bar
}

/// Waits for `work`. After a second it shows what it waits for.
pub(crate) async fn waiting<T>(what: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    let bar = spinner(what);
    let done = work.await;
    bar.finish_and_clear();
    done
}
