//! Stores of pins that lie.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use auths_core::Namespace;
use auths_core::pin::Pin;
use auths_core::ports::{PinChange, PinRecording, PinStore, StoreError, StoreKey};
use auths_testkit::block_on;
use auths_testkit::conformance::{PinSubject, pin_store};

use crate::doubles::Pins;
use crate::{assert_caught, assert_every_check_caught};

#[derive(Debug, Clone, Copy, PartialEq)]
enum Lie {
    Honest,
    LosesThePublisher,
    KeepsNothing,
    PinsByName,
    ForgetsTheServer,
    ComparesSpellings,
    LastRecordStays,
    SaysRecordedAgain,
    ChangesNothing,
    ChangesNeverBack,
    ChangesWhateverIsThere,
    ComparesRepositories,
    ChangesWhereNoneIs,
    ChangesAnotherPackage,
    ReadsThenRecords,
    ReadsThenChanges,
    ReadsItsOwnCopy,
    AnswersBeforeItIsKept,
    ChangesLater,
    DamagedIsNone,
    RecordsOverDamage,
    EmptiedIsEmpty,
}

const LIES: &[(Lie, &str)] = &[
    (Lie::LosesThePublisher, "reads-what-it-recorded"),
    (Lie::KeepsNothing, "reads-what-it-recorded"),
    (Lie::PinsByName, "keeps-packages-apart"),
    (Lie::ForgetsTheServer, "keeps-packages-apart"),
    (Lie::ComparesSpellings, "keeps-packages-apart"),
    (Lie::LastRecordStays, "the-first-pin-stays"),
    (Lie::SaysRecordedAgain, "the-first-pin-stays"),
    (Lie::ChangesNothing, "changes-from-what-was-read"),
    (Lie::ChangesNeverBack, "changes-from-what-was-read"),
    (
        Lie::ChangesWhateverIsThere,
        "a-change-loses-to-an-earlier-one",
    ),
    (
        Lie::ComparesRepositories,
        "a-change-loses-to-an-earlier-one",
    ),
    (Lie::ChangesWhereNoneIs, "a-change-loses-to-an-earlier-one"),
    (Lie::ChangesAnotherPackage, "a-change-stays-in-its-package"),
    (Lie::ReadsThenRecords, "one-first-pin-of-many"),
    (Lie::ReadsThenChanges, "one-change-of-many"),
    (Lie::ReadsItsOwnCopy, "processes-share-it"),
    (Lie::AnswersBeforeItIsKept, "durable-when-it-returns"),
    (Lie::ChangesLater, "durable-when-it-returns"),
    (Lie::DamagedIsNone, "damage-is-an-error"),
    (Lie::RecordsOverDamage, "damage-is-an-error"),
    (Lie::EmptiedIsEmpty, "an-emptied-store-is-an-error"),
];

/// The trouble that a store is in.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Trouble {
    None,
    Damaged,
    Emptied,
}

#[derive(Debug)]
struct EvilPins {
    lie: Lie,
    pins: Arc<Mutex<BTreeMap<String, Pin>>>,
    /// What a later process finds.
    durable: Arc<Mutex<BTreeMap<String, Pin>>>,
    trouble: Trouble,
}

impl EvilPins {
    fn key(&self, namespace: &Namespace) -> String {
        match self.lie {
            Lie::PinsByName => namespace.name().as_str().to_owned(),
            Lie::ForgetsTheServer => namespace.in_normal_form().at(None).to_string(),
            Lie::ComparesSpellings => namespace.to_string(),
            _ => namespace.in_normal_form().to_string(),
        }
    }

    fn check(&self, for_lie: &[Lie]) -> Result<(), StoreError> {
        match self.trouble != Trouble::None && !for_lie.contains(&self.lie) {
            true => Err(StoreError::new(
                &StoreKey::new("pins", ""),
                "read",
                "it is in trouble",
            )),
            false => Ok(()),
        }
    }

    fn found(&self, namespace: &Namespace) -> Option<Pin> {
        let pins = self.pins.lock().unwrap();
        pins.get(&self.key(namespace)).cloned()
    }

    fn write(&self, pin: &Pin) {
        let mut pin = pin.clone();
        match self.lie {
            Lie::KeepsNothing => return,
            Lie::LosesThePublisher => {
                let mut stored: serde_json::Value = serde_json::to_value(&pin).unwrap();
                stored.as_object_mut().unwrap().remove("publisher");
                pin = Pin::parse(stored.to_string().as_bytes()).unwrap();
            }
            _ => {}
        }
        let key = self.key(pin.namespace());
        let mut pins = self.pins.lock().unwrap();
        let is_first = pins.insert(key, pin).is_none();
        let is_durable = match self.lie {
            Lie::AnswersBeforeItIsKept => false,
            Lie::ChangesLater => is_first,
            _ => true,
        };
        if is_durable {
            *self.durable.lock().unwrap() = pins.clone();
        }
    }
}

/// Makes calls one after the other, for the lies that are about something else.
static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());

#[async_trait]
impl PinStore for EvilPins {
    async fn read(&self, namespace: &Namespace) -> Result<Option<Pin>, StoreError> {
        self.check(&[Lie::DamagedIsNone, Lie::EmptiedIsEmpty])?;
        match self.trouble {
            Trouble::None => Ok(self.found(namespace)),
            _ => Ok(None),
        }
    }

    async fn record(&self, pin: &Pin) -> Result<PinRecording, StoreError> {
        self.check(&[Lie::RecordsOverDamage, Lie::EmptiedIsEmpty])?;
        let waits = self.lie == Lie::ReadsThenRecords;
        let _guard = (!waits).then(|| ONE_AT_A_TIME.lock().unwrap());
        let present = self.found(pin.namespace());
        if waits {
            std::thread::sleep(Duration::from_millis(50));
        }
        match present {
            Some(present) => match self.lie {
                Lie::SaysRecordedAgain => return Ok(PinRecording::Recorded),
                Lie::LastRecordStays => {
                    self.write(pin);
                    return Ok(PinRecording::Present(present));
                }
                _ if self.trouble == Trouble::None => return Ok(PinRecording::Present(present)),
                _ => self.write(pin),
            },
            None => self.write(pin),
        }
        Ok(PinRecording::Recorded)
    }

    async fn change(&self, from: &Pin, to: &Pin) -> Result<PinChange, StoreError> {
        self.check(&[Lie::EmptiedIsEmpty])?;
        if from.namespace() != to.namespace() && self.lie != Lie::ChangesAnotherPackage {
            let key = StoreKey::new("pins", "");
            return Err(StoreError::new(&key, "written", "of another package"));
        }
        let waits = self.lie == Lie::ReadsThenChanges;
        let _guard = (!waits).then(|| ONE_AT_A_TIME.lock().unwrap());
        let present = self.found(from.namespace());
        if waits {
            std::thread::sleep(Duration::from_millis(50));
        }
        let is_there = match (&present, self.lie) {
            (Some(_), Lie::ChangesWhateverIsThere) => true,
            (None, Lie::ChangesWhereNoneIs) => true,
            (Some(present), Lie::ComparesRepositories) => present.owner() == from.owner(),
            (Some(present), _) => present == from,
            (None, _) => false,
        };
        if !is_there {
            return Ok(PinChange::Conflict(present));
        }
        let is_back = from.repository().id > to.repository().id;
        match self.lie {
            Lie::ChangesNothing => {}
            Lie::ChangesNeverBack if is_back => {}
            _ => self.write(to),
        }
        Ok(PinChange::Changed)
    }
}

struct LyingPins(Lie);

impl PinSubject for LyingPins {
    type Pins = EvilPins;

    fn open(&self) -> EvilPins {
        EvilPins {
            lie: self.0,
            pins: Arc::default(),
            durable: Arc::default(),
            trouble: Trouble::None,
        }
    }

    fn also_open(&self, pins: &EvilPins) -> Option<EvilPins> {
        let copy = || Arc::new(Mutex::new(pins.pins.lock().unwrap().clone()));
        Some(EvilPins {
            lie: self.0,
            pins: match self.0 {
                Lie::ReadsItsOwnCopy => copy(),
                _ => pins.pins.clone(),
            },
            durable: pins.durable.clone(),
            trouble: Trouble::None,
        })
    }

    fn reopen(&self, pins: EvilPins) -> Option<EvilPins> {
        let durable = pins.durable.lock().unwrap().clone();
        *pins.pins.lock().unwrap() = durable;
        Some(pins)
    }

    fn damaged(&self, pins: EvilPins) -> Option<EvilPins> {
        let trouble = Trouble::Damaged;
        Some(EvilPins { trouble, ..pins })
    }

    fn emptied(&self, pins: EvilPins) -> Option<EvilPins> {
        let trouble = Trouble::Emptied;
        pins.pins.lock().unwrap().clear();
        Some(EvilPins { trouble, ..pins })
    }
}

#[test]
fn every_lying_store_of_pins_is_caught_by_name() {
    let honest = block_on(pin_store(&LyingPins(Lie::Honest)));
    honest.assert();
    for (lie, check) in LIES {
        let report = block_on(pin_store(&LyingPins(*lie)));
        assert_caught(lie, check, &report);
    }
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    // The honest liar offers what the store in memory does not: a second process, damage, an emptied store.
    assert_every_check_caught(&honest, &caught);
    assert_every_check_caught(&block_on(pin_store(&Pins)), &caught);
}
