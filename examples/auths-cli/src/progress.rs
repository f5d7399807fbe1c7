//! A spinner for work that takes longer than a second, on a terminal only.

use std::future::Future;
use std::sync::OnceLock;
use std::time::Duration;

use auths_core::escape;
use indicatif::ProgressBar;

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

/// Waits for `work`. After a second it shows what it waits for.
pub(crate) async fn waiting<T>(what: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    // Draws on stderr, and draws nothing where stderr is no terminal.
    let bar = ProgressBar::new_spinner().with_message(escape(what).to_string());
    bar.enable_steady_tick(Duration::from_millis(120));
    let done = work.await;
    bar.finish_and_clear();
    done
}
