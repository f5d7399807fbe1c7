//! The contract of [`PinStore`].

use std::fmt::Write as _;
use std::thread;

use super::report::{Check, Checked, Report, Violation, ensure, run, unless};
use crate::block_on;
use auths_core::identity::Namespace;
use auths_core::pin::Pin;
use auths_core::ports::{PinChange, PinRecording, PinStore, StoreError};

/// A [`PinStore`] under test.
pub trait PinSubject: Send + Sync {
    /// The implementation.
    type Pins: PinStore;

    /// Creates an empty store, separate from every other store.
    fn open(&self) -> Self::Pins;

    /// Opens the same store a second time, as another process would while the first has it open; `None` for a store of one process.
    fn also_open(&self, pins: &Self::Pins) -> Option<Self::Pins> {
        let _ = pins;
        None
    }

    /// Reopens the store as a later process would, which finds only what is durable; `None` for a store that lives as long as its
    /// process.
    fn reopen(&self, pins: Self::Pins) -> Option<Self::Pins> {
        drop(pins);
        None
    }

    /// Returns the store with its pins damaged or cut; `None` where nothing can be damaged.
    fn damaged(&self, pins: Self::Pins) -> Option<Self::Pins> {
        drop(pins);
        None
    }

    /// Returns the store after everything in it was removed behind its back; `None` where nothing can be removed.
    fn emptied(&self, pins: Self::Pins) -> Option<Self::Pins> {
        drop(pins);
        None
    }

    /// Returns whether plain threads may call it, without a runtime.
    fn threads_may_call(&self) -> bool {
        true
    }
}

/// Checks a store of pins against its contract.
pub async fn pin_store<S: PinSubject>(subject: &S) -> Report {
    run("PinStore", &checks::<S>(), subject).await
}

fn checks<S: PinSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "reads-what-it-recorded",
            promise: "a package without a pin has none, and a pin is read as it was recorded, in every part",
            excluded_by: |_| None,
            run: |s| Box::pin(reads_what_it_recorded(s)),
        },
        Check {
            name: "keeps-packages-apart",
            promise: "a pin is one of its package alone: of its name in normal form, in its ecosystem, on its server",
            excluded_by: |_| None,
            run: |s| Box::pin(keeps_packages_apart(s)),
        },
        Check {
            name: "the-first-pin-stays",
            promise: "recording where a pin is writes nothing, and says which pin is there",
            excluded_by: |_| None,
            run: |s| Box::pin(the_first_pin_stays(s)),
        },
        Check {
            name: "changes-from-what-was-read",
            promise: "a change from the present pin replaces it; a change back does too",
            excluded_by: |_| None,
            run: |s| Box::pin(changes_from_what_was_read(s)),
        },
        Check {
            name: "a-change-loses-to-an-earlier-one",
            promise: "a change from a pin that is there no longer writes nothing, and says which is there, or that none is",
            excluded_by: |_| None,
            run: |s| Box::pin(a_change_loses_to_an_earlier_one(s)),
        },
        Check {
            name: "a-change-stays-in-its-package",
            promise: "a change to the pin of another package is an error, and writes nothing",
            excluded_by: |_| None,
            run: |s| Box::pin(a_change_stays_in_its_package(s)),
        },
        Check {
            name: "one-first-pin-of-many",
            promise: "of 100 threads that record a first pin at once, one does, and all others learn of that one",
            excluded_by: |s| unless(s.threads_may_call(), "`PinSubject::threads_may_call`"),
            run: |s| Box::pin(one_first_pin_of_many(s)),
        },
        Check {
            name: "one-change-of-many",
            promise: "of many threads that change one pin at once, one does, and all others learn of its pin",
            excluded_by: |s| unless(s.threads_may_call(), "`PinSubject::threads_may_call`"),
            run: |s| Box::pin(one_change_of_many(s)),
        },
        Check {
            name: "processes-share-it",
            promise: "what one process writes binds another that has the store open, at once",
            excluded_by: |s| unless(s.also_open(&s.open()).is_some(), "`PinSubject::also_open`"),
            run: |s| Box::pin(processes_share_it(s)),
        },
        Check {
            name: "durable-when-it-returns",
            promise: "what was recorded or changed is so for a later process as soon as the call returns",
            excluded_by: |s| unless(s.reopen(s.open()).is_some(), "`PinSubject::reopen`"),
            run: |s| Box::pin(durable_when_it_returns(s)),
        },
        Check {
            name: "damage-is-an-error",
            promise: "a pin that cannot be read is an error for every call, and never no pin",
            excluded_by: |s| unless(s.damaged(s.open()).is_some(), "`PinSubject::damaged`"),
            run: |s| Box::pin(damage_is_an_error(s)),
        },
        Check {
            name: "an-emptied-store-is-an-error",
            promise: "a store whose pins were removed behind its back is an error for every call, and no store without pins",
            excluded_by: |s| unless(s.emptied(s.open()).is_some(), "`PinSubject::emptied`"),
            run: |s| Box::pin(an_emptied_store_is_an_error(s)),
        },
    ]
}

/// Returns the pin of a package to the repository of that number.
fn pin_of(namespace: &str, repository: u64) -> Result<Pin, Violation> {
    let mut text = String::new();
    write!(
        text,
        r#"{{"type":"auths-pin-1","namespace":"{namespace}",
        "incarnation":{{"kind":"first-upload","value":"2026-01-01T00:00:00Z"}},
        "issuer":"https://token.actions.githubusercontent.com",
        "repositoryId":"{repository}","repository":"acme/widget-{repository}","ownerId":"42",
        "recordedAt":"2026-11-21T08:46:00Z","fallsToCollaborator":{},"publisher":"sha256:{repository:064x}"}}"#,
        repository.is_multiple_of(2)
    )?;
    Ok(Pin::parse(text.as_bytes())?)
}

fn pin(repository: u64) -> Result<Pin, Violation> {
    pin_of("pkg:pypi/widget", repository)
}

/// Returns the package that [`pin`] makes pins of.
fn widget() -> Result<Namespace, Violation> {
    Ok("pypi:widget".parse()?)
}

async fn holds<P: PinStore>(pins: &P, expected: &Pin) -> Checked {
    let found = pins.read(expected.namespace()).await?;
    ensure!(
        found.as_ref() == Some(expected),
        "it should hold {expected}, and holds {}",
        shown(found.as_ref())
    );
    Ok(())
}

fn shown(pin: Option<&Pin>) -> String {
    pin.map_or("none".to_owned(), Pin::to_json)
}

async fn records<P: PinStore>(pins: &P, pin: &Pin) -> Checked {
    let recorded = pins.record(pin).await?;
    ensure!(
        recorded == PinRecording::Recorded,
        "a first pin is not recorded: {recorded:?}"
    );
    Ok(())
}

async fn changes<P: PinStore>(pins: &P, from: &Pin, to: &Pin) -> Checked {
    let changed = pins.change(from, to).await?;
    ensure!(
        changed == PinChange::Changed,
        "a change from the present pin is not made: {changed:?}"
    );
    Ok(())
}

async fn reads_what_it_recorded<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    ensure!(
        pins.read(&widget()?).await?.is_none(),
        "an empty store has a pin"
    );
    let first = pin(1)?;
    records(&pins, &first).await?;
    holds(&pins, &first).await
}

async fn keeps_packages_apart<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let names = [
        "pkg:cargo/tokio_util",
        "pkg:npm/tokio_util",
        "pkg:cargo/tokio_util?repository_url=https:%2F%2Fcrates.corp.example",
        "pkg:cargo/tokio_utils",
    ];
    for (number, name) in (1..).zip(names) {
        let name: Namespace = name.parse()?;
        let found = pins.read(&name).await?;
        ensure!(found.is_none(), "{name} has a pin before it was recorded");
        records(&pins, &pin_of(&name.to_string(), number)?).await?;
    }
    for (number, name) in (1..).zip(names) {
        holds(&pins, &pin_of(name, number)?).await?;
    }
    let found = pins.read(&"pkg:cargo/Tokio-Util".parse()?).await?;
    ensure!(
        found == Some(pin_of(names[0], 1)?),
        "asked in another spelling, the pin is {}",
        shown(found.as_ref())
    );
    Ok(())
}

async fn the_first_pin_stays<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let first = pin(1)?;
    records(&pins, &first).await?;
    for other in [pin(2)?, first.clone()] {
        let recorded = pins.record(&other).await?;
        ensure!(
            recorded == PinRecording::Present(first.clone()),
            "recording where a pin is says {recorded:?}"
        );
        holds(&pins, &first).await?;
    }
    Ok(())
}

async fn changes_from_what_was_read<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let theirs = pin_of("pkg:npm/widget", 9)?;
    records(&pins, &theirs).await?;
    let [first, second, third] = [pin(1)?, pin(2)?, pin(3)?];
    records(&pins, &first).await?;
    for (from, to) in [(&first, &second), (&second, &first), (&first, &third)] {
        changes(&pins, from, to).await?;
        holds(&pins, to).await?;
    }
    holds(&pins, &theirs).await
}

async fn a_change_loses_to_an_earlier_one<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let [first, second, third] = [pin(1)?, pin(2)?, pin(3)?];
    let changed = pins.change(&first, &second).await?;
    ensure!(
        changed == PinChange::Conflict(None),
        "a change where no pin is says {changed:?}"
    );
    ensure!(
        pins.read(first.namespace()).await?.is_none(),
        "a change where no pin is wrote one"
    );
    records(&pins, &first).await?;
    changes(&pins, &first, &second).await?;
    let changed = pins.change(&first, &third).await?;
    ensure!(
        changed == PinChange::Conflict(Some(second.clone())),
        "a change from a pin that is there no longer says {changed:?}"
    );
    holds(&pins, &second).await
}

async fn a_change_stays_in_its_package<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let (first, other) = (pin(1)?, pin_of("pkg:pypi/gadget", 2)?);
    records(&pins, &first).await?;
    let changed = pins.change(&first, &other).await;
    ensure!(
        changed.is_err(),
        "a change to the pin of another package says {changed:?}"
    );
    holds(&pins, &first).await?;
    let found = pins.read(other.namespace()).await?;
    ensure!(found.is_none(), "the other package has a pin");
    Ok(())
}

/// Runs `call` on each pin, every one in a thread of its own, and returns what the calls returned.
fn at_once<T: Send>(
    pins: &[Pin],
    call: impl Fn(&Pin) -> Result<T, StoreError> + Sync,
) -> Result<Vec<T>, Violation> {
    let call = &call;
    let outcomes: Vec<_> = thread::scope(|scope| {
        let threads: Vec<_> = pins.iter().map(|pin| scope.spawn(|| call(pin))).collect();
        let outcomes = threads.into_iter().map(thread::ScopedJoinHandle::join);
        outcomes.collect()
    });
    let outcomes = outcomes
        .into_iter()
        .map(|outcome| outcome.map_err(|_| Violation::Broken("a thread panicked".to_owned())));
    let outcomes = outcomes.collect::<Result<Vec<_>, _>>()?;
    Ok(outcomes.into_iter().collect::<Result<_, _>>()?)
}

async fn one_first_pin_of_many<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let made = (1..=100).map(pin).collect::<Result<Vec<_>, _>>()?;
    let outcomes = at_once(&made, |pin| block_on(pins.record(pin)))?;
    let is_first = |outcome: &&PinRecording| **outcome == PinRecording::Recorded;
    let firsts = outcomes.iter().filter(is_first).count();
    ensure!(firsts == 1, "{firsts} of 100 recorded a first pin");
    let first = outcomes.iter().zip(&made).find(|(one, _)| is_first(one));
    let Some((_, first)) = first else {
        return Ok(());
    };
    let others = outcomes.iter().filter(|one| !is_first(one));
    for other in others {
        ensure!(
            *other == PinRecording::Present(first.clone()),
            "{first} was recorded, and another learns of {other:?}"
        );
    }
    holds(&pins, first).await
}

async fn one_change_of_many<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let mut present = pin(1)?;
    records(&pins, &present).await?;
    for round in 1..=4 {
        let made = (0..16).map(|n| pin(100 * round + n));
        let made = made.collect::<Result<Vec<_>, _>>()?;
        let outcomes = at_once(&made, |to| block_on(pins.change(&present, to)))?;
        let is_made = |outcome: &&PinChange| **outcome == PinChange::Changed;
        let count = outcomes.iter().filter(is_made).count();
        ensure!(count == 1, "{count} of 16 changed one pin");
        let changed = outcomes.iter().zip(&made).find(|(one, _)| is_made(one));
        let Some((_, changed)) = changed else {
            return Ok(());
        };
        for other in outcomes.iter().filter(|one| !is_made(one)) {
            ensure!(
                *other == PinChange::Conflict(Some(changed.clone())),
                "it was changed to {changed}, and another learns of {other:?}"
            );
        }
        present = changed.clone();
        holds(&pins, &present).await?;
    }
    Ok(())
}

async fn processes_share_it<S: PinSubject>(subject: &S) -> Checked {
    let one = subject.open();
    let Some(other) = subject.also_open(&one) else {
        return Ok(());
    };
    let [first, second, third] = [pin(1)?, pin(2)?, pin(3)?];
    ensure!(
        other.read(first.namespace()).await?.is_none(),
        "an empty store has a pin"
    );
    records(&one, &first).await?;
    holds(&other, &first).await?;
    let recorded = other.record(&second).await?;
    ensure!(
        recorded == PinRecording::Present(first.clone()),
        "another process recorded a first pin too: {recorded:?}"
    );
    changes(&other, &first, &second).await?;
    let changed = one.change(&first, &third).await?;
    ensure!(
        changed == PinChange::Conflict(Some(second.clone())),
        "two processes changed one pin: {changed:?}"
    );
    holds(&one, &second).await
}

async fn durable_when_it_returns<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    let [first, second] = [pin(1)?, pin(2)?];
    records(&pins, &first).await?;
    let Some(pins) = subject.reopen(pins) else {
        return Ok(());
    };
    holds(&pins, &first).await?;
    changes(&pins, &first, &second).await?;
    let Some(pins) = subject.reopen(pins) else {
        return Ok(());
    };
    holds(&pins, &second).await
}

/// Checks that every call about [`widget`] is an error.
async fn every_call_fails<P: PinStore>(pins: &P, how: &str) -> Checked {
    let [first, second, third] = [pin(1)?, pin(2)?, pin(3)?];
    let read = pins.read(&widget()?).await;
    ensure!(read.is_err(), "{how}, and reading says {read:?}");
    for from in [&first, &second] {
        let recorded = pins.record(from).await;
        ensure!(recorded.is_err(), "{how}, and recording says {recorded:?}");
        let changed = pins.change(from, &third).await;
        ensure!(changed.is_err(), "{how}, and changing says {changed:?}");
    }
    Ok(())
}

async fn damage_is_an_error<S: PinSubject>(subject: &S) -> Checked {
    for is_changed in [false, true] {
        let pins = subject.open();
        records(&pins, &pin(1)?).await?;
        if is_changed {
            changes(&pins, &pin(1)?, &pin(2)?).await?;
        }
        let Some(pins) = subject.damaged(pins) else {
            return Ok(());
        };
        every_call_fails(&pins, "the pin is damaged").await?;
    }
    Ok(())
}

async fn an_emptied_store_is_an_error<S: PinSubject>(subject: &S) -> Checked {
    let pins = subject.open();
    records(&pins, &pin(1)?).await?;
    let Some(pins) = subject.emptied(pins) else {
        return Ok(());
    };
    every_call_fails(&pins, "its pins were removed").await
}
