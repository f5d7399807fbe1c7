//! Reports of the conformance suites.

use std::fmt;
use std::panic::AssertUnwindSafe;

use futures_util::FutureExt;
use futures_util::future::BoxFuture;

/// The reason why a check did not pass.
#[derive(Debug)]
pub(super) enum Violation {
    /// The promise is broken: what was seen.
    Broken(String),
    /// The world of the subject does not allow the moves of the check, so that nothing was seen of the adapter.
    CannotBePlayed(String),
}

// Lets `?` report any error. `Violation` itself is not an error.
impl<E: std::error::Error> From<E> for Violation {
    fn from(error: E) -> Self {
        Self::Broken(error.to_string())
    }
}

pub(super) type Checked = Result<(), Violation>;

/// Ends the check unless `$holds`.
macro_rules! ensure {
    ($holds:expr, $($seen:tt)+) => {
        if !$holds {
            return Err($crate::conformance::report::Violation::Broken(format!($($seen)+)));
        }
    };
}
pub(super) use ensure;

/// One promise of a contract, with the check of it.
pub(super) struct Check<S: ?Sized> {
    pub(super) name: &'static str,
    pub(super) promise: &'static str,
    /// The function that returns whether the subject offers the feature of the check.
    pub(super) offered: fn(&S) -> bool,
    pub(super) run: for<'a> fn(&'a S) -> BoxFuture<'a, Checked>,
}

/// A broken promise.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Broken {
    /// The check's name.
    pub check: &'static str,
    /// The promise.
    pub promise: &'static str,
    /// The observed behaviour.
    pub seen: String,
}

/// The result of a suite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// The port.
    pub port: &'static str,
    /// The checks that passed.
    pub kept: Vec<&'static str>,
    /// The checks that the subject says it does not offer.
    pub not_offered: Vec<&'static str>,
    /// The checks whose moves the world of the subject does not allow, with the reason. They say nothing of the adapter.
    pub cannot_be_played: Vec<(&'static str, String)>,
    /// The checks that failed.
    pub broken: Vec<Broken>,
}

impl Report {
    /// Panics with every broken promise, if there is any. For use in a test.
    ///
    /// # Panics
    /// When a check failed, or none ran.
    #[allow(clippy::panic, reason = "this is what an assertion does")]
    pub fn assert(&self) {
        assert!(
            self.broken.is_empty() && !self.kept.is_empty(),
            "\n{self}\n"
        );
    }

    /// Returns the names of the checks that failed.
    #[must_use]
    pub fn broken_checks(&self) -> Vec<&'static str> {
        self.broken.iter().map(|b| b.check).collect()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            port,
            kept,
            not_offered,
            cannot_be_played,
            broken,
        } = self;
        let (kept, count) = (kept.len(), broken.len());
        write!(
            f,
            "{port}: {kept} kept, {count} broken, {} not offered",
            not_offered.len()
        )?;
        for (i, check) in not_offered.iter().enumerate() {
            write!(f, "{}{check}", if i == 0 { ": " } else { ", " })?;
        }
        for (check, why) in cannot_be_played {
            write!(f, "\n- {check} cannot be played: {why}")?;
        }
        for Broken {
            check,
            promise,
            seen,
        } in broken
        {
            write!(f, "\n- {check}: {promise}\n  seen: {seen}")?;
        }
        Ok(())
    }
}

/// Runs every check on `subject`.
pub(super) async fn run<S: ?Sized>(port: &'static str, checks: &[Check<S>], subject: &S) -> Report {
    let mut report = Report {
        port,
        ..Report::default()
    };
    for check in checks {
        if !(check.offered)(subject) {
            report.not_offered.push(check.name);
            continue;
        }
        let outcome = AssertUnwindSafe(async { (check.run)(subject).await }).catch_unwind();
        let seen = match outcome.await {
            Ok(Ok(())) => {
                report.kept.push(check.name);
                continue;
            }
            Ok(Err(Violation::CannotBePlayed(why))) => {
                report.cannot_be_played.push((check.name, why));
                continue;
            }
            Ok(Err(Violation::Broken(seen))) => seen,
            Err(panic) => format!("a panic: {}", message(&*panic)),
        };
        report.broken.push(Broken {
            check: check.name,
            promise: check.promise,
            seen,
        });
    }
    report
}

fn message(panic: &(dyn std::any::Any + Send)) -> &str {
    panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("without a message")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_names_what_broke_and_what_was_not_looked_at() {
        let broken = Broken {
            check: "a",
            promise: "it is so",
            seen: "it is not".to_owned(),
        };
        let mut report = Report {
            port: "Port",
            kept: vec!["k"],
            ..Report::default()
        };
        assert_eq!(report.to_string(), "Port: 1 kept, 0 broken, 0 not offered");
        report.not_offered = vec!["x", "y"];
        report.broken = vec![broken];
        assert_eq!(
            report.to_string(),
            "Port: 1 kept, 1 broken, 2 not offered: x, y\n- a: it is so\n  seen: it is not"
        );
        report.broken.clear();
        report.cannot_be_played = vec![("b", "nobody signs up".to_owned())];
        assert_eq!(
            report.to_string(),
            "Port: 1 kept, 0 broken, 2 not offered: x, y\n- b cannot be played: nobody signs up"
        );
        report.assert();
    }
}
