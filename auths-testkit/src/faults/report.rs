//! The report of a fault suite.

use std::fmt;
use std::time::Duration;

/// The findings of a [`FaultSuite`](super::FaultSuite). `Display` shows the counts and every failure.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub struct Report {
    /// The number of rows that ran on each route.
    pub counts: Vec<Count>,
    /// Every row with an outcome that is not allowed, on every route.
    pub failures: Vec<Failure>,
    /// The duration of the whole run.
    pub took: Duration,
}

/// The number of rows that ran on a route.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Count {
    /// The route.
    pub route: String,
    /// The number of faults: rows that need not, or must not, end as the good answer does.
    pub faults: usize,
    /// The number of controls: rows that must end as the good answer does.
    pub controls: usize,
}

/// A row with an outcome that is not allowed.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Failure {
    /// The name of the route.
    pub route: String,
    /// The name of the row.
    pub row: String,
    /// True where an earlier good answer was in the store.
    pub warm: bool,
    /// The outcome that was seen, and the outcomes that are allowed.
    pub what: String,
}

impl Report {
    /// Fails the test unless every row held, on at least one route, and at least `faults` faults ran on each.
    ///
    /// # Panics
    /// When a row failed, no route ran, or too few faults ran. The message names every failure.
    pub fn assert_held(&self, faults: usize) {
        assert!(self.failures.is_empty(), "{self}");
        assert!(!self.counts.is_empty(), "no route ran");
        for count in &self.counts {
            assert!(count.faults >= faults, "fewer faults than {faults}: {self}");
        }
    }

    /// Returns the names of the rows that failed on `route`, each once, in the order of the table.
    #[must_use]
    pub fn failed(&self, route: &str) -> Vec<&str> {
        let mut rows: Vec<&str> = Vec::new();
        for failure in self.failures.iter().filter(|f| f.route == route) {
            if !rows.contains(&failure.row.as_str()) {
                rows.push(&failure.row);
            }
        }
        rows
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for count in &self.counts {
            let (name, n, controls) = (&count.route, count.faults, count.controls);
            writeln!(
                f,
                "{name}: {n} faults and {controls} controls, each with an empty and a filled store"
            )?;
        }
        let (failed, took) = (self.failures.len(), self.took.as_secs_f32());
        writeln!(f, "{failed} failed; it took {took:.1}s")?;
        for failure in &self.failures {
            let store = if failure.warm { "filled" } else { "empty" };
            let (route, row, what) = (&failure.route, &failure.row, &failure.what);
            writeln!(f, "- {route}, \"{row}\", {store} store: {what}")?;
        }
        Ok(())
    }
}
