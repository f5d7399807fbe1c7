//! A spinner for whatever takes longer than a second, on a terminal only.

use std::future::Future;
use std::time::Duration;

use auths_core::escape;
use indicatif::ProgressBar;

/// Waits for `work`; after a second it shows what is waited for.
pub(crate) async fn waiting<T>(what: &str, work: impl Future<Output = T>) -> T {
    let mut work = std::pin::pin!(work);
    tokio::select! {
        done = &mut work => return done,
        () = tokio::time::sleep(Duration::from_secs(1)) => {}
    }
    // Draws on stderr, and nothing where that is no terminal.
    let bar = ProgressBar::new_spinner().with_message(escape(what).to_string());
    bar.enable_steady_tick(Duration::from_millis(120));
    let done = work.await;
    bar.finish_and_clear();
    done
}
