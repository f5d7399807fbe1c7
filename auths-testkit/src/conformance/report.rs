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

impl Violation {
    /// Adds what to do if the check does not fit the subject.
    pub(super) fn advising(self, advice: &str) -> Self {
        match self {
            Self::Broken(seen) => Self::Broken(format!("{seen}. {advice}")),
            other @ Self::CannotBePlayed(_) => other,
        }
    }
}

pub(super) type Checked = Result<(), Violation>;

/// Returns `setting` unless the subject offers what it is about.
pub(super) fn unless(offers: bool, setting: &'static str) -> Option<&'static str> {
    (!offers).then_some(setting)
}

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
    /// The function that returns the setting that excludes the check; `None` where the subject offers its feature.
    pub(super) excluded_by: fn(&S) -> Option<&'static str>,
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
    /// What is wrong with the simulated registry itself; empty where nothing is known to be. Look there first.
    pub flaws: Vec<String>,
}

impl Broken {
    /// Returns the reason of the failure, without the ports of loopback servers, which differ from check to check.
    fn reason(&self) -> String {
        let reason = match self.flaws.is_empty() {
            true => self.seen.clone(),
            false => self.flaws.join("; "),
        };
        without_ports(&reason)
    }

    fn write_reason(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for flaw in &self.flaws {
            write!(f, "\n  the simulated registry: {flaw}")?;
        }
        write!(f, "\n  seen: {}", self.seen)
    }
}

/// Returns `text` without the ports of loopback servers.
fn without_ports(text: &str) -> String {
    const HOST: &str = "127.0.0.1:";
    let mut parts = text.split(HOST);
    let mut all = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        all.push_str(HOST);
        all.push_str(part.trim_start_matches(|c: char| c.is_ascii_digit()));
    }
    all
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
    /// The setting that excludes each check of `not_offered`.
    settings: Vec<&'static str>,
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
            settings,
        } = self;
        let (kept, count) = (kept.len(), broken.len());
        write!(
            f,
            "{port}: {kept} kept, {count} broken, {} not offered",
            not_offered.len()
        )?;
        for (check, setting) in not_offered.iter().zip(settings) {
            write!(f, "\n- {check} is not offered ({setting})")?;
        }
        for (check, why) in cannot_be_played {
            write!(f, "\n- {check} cannot be played: {why}")?;
        }
        // One cause often breaks many checks.
        let mut causes: Vec<(String, Vec<&Broken>)> = Vec::new();
        for one in broken {
            let reason = one.reason();
            match causes.iter_mut().find(|(other, _)| *other == reason) {
                Some((_, same)) => same.push(one),
                None => causes.push((reason, vec![one])),
            }
        }
        for (_, same) in &causes {
            match same.as_slice() {
                [] => {}
                [one] => {
                    write!(f, "\n- {}: {}", one.check, one.promise)?;
                    one.write_reason(f)?;
                }
                [one, ..] => {
                    let names: Vec<_> = same.iter().map(|one| one.check).collect();
                    let (count, names) = (same.len(), names.join(", "));
                    write!(f, "\n- the same for {count} checks: {names}")?;
                    one.write_reason(f)?;
                }
            }
        }
        Ok(())
    }
}

/// Runs every check on `subject`.
pub(super) async fn run<S: ?Sized>(port: &'static str, checks: &[Check<S>], subject: &S) -> Report {
    run_before(port, checks, subject, Vec::new).await
}

/// Runs every check on `subject`, before a simulated registry. `flaws` returns what was seen to be wrong with the registry since
/// the last call.
pub(super) async fn run_before<S: ?Sized>(
    port: &'static str,
    checks: &[Check<S>],
    subject: &S,
    flaws: impl Fn() -> Vec<String>,
) -> Report {
    let mut report = Report {
        port,
        ..Report::default()
    };
    for check in checks {
        if let Some(setting) = (check.excluded_by)(subject) {
            report.not_offered.push(check.name);
            report.settings.push(setting);
            continue;
        }
        drop(flaws());
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
            flaws: flaws(),
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
            flaws: Vec::new(),
        };
        let mut report = Report {
            port: "Port",
            kept: vec!["k"],
            ..Report::default()
        };
        assert_eq!(report.to_string(), "Port: 1 kept, 0 broken, 0 not offered");
        report.not_offered = vec!["x", "y"];
        report.settings = vec!["`X`", "`Y`"];
        report.broken = vec![broken];
        assert_eq!(
            report.to_string(),
            "Port: 1 kept, 1 broken, 2 not offered\n- x is not offered (`X`)\n- y is not offered (`Y`)\n- a: it is so\n  seen: it is not"
        );
        report.broken.clear();
        (report.not_offered, report.settings) = (vec!["x"], vec!["`X`"]);
        report.cannot_be_played = vec![("b", "nobody signs up".to_owned())];
        assert_eq!(
            report.to_string(),
            "Port: 1 kept, 0 broken, 1 not offered\n- x is not offered (`X`)\n- b cannot be played: nobody signs up"
        );
        report.assert();
    }

    #[test]
    fn one_cause_is_told_once() {
        let broken = |check, port, flaws: &[&str]| Broken {
            check,
            promise: "it is so",
            seen: format!("http://127.0.0.1:{port}/x fails"),
            flaws: flaws.iter().map(ToString::to_string).collect(),
        };
        let report = Report {
            port: "Port",
            broken: vec![
                broken("a", 1, &[]),
                broken("b", 2, &["no owners"]),
                broken("c", 33, &[]),
            ],
            ..Report::default()
        };
        assert_eq!(
            report.to_string(),
            "Port: 0 kept, 3 broken, 0 not offered\n- the same for 2 checks: a, c\n  seen: http://127.0.0.1:1/x fails\n- b: it is so\n  the simulated registry: no owners\n  seen: http://127.0.0.1:2/x fails"
        );
    }
}
