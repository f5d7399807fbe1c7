//! A verifier that lies in every way it can: each lie breaks the check that is about it, by name.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use auths_core::claim::Incarnation;
use auths_core::crypto::{KeyPair, Seed};
use auths_core::evidence::*;
use auths_core::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, ReadScope};
use auths_core::reason::{Refuted, RefutedReason, Unavailable, UnavailableReason};
use auths_core::{Did, Ecosystem, Origin, Timestamp};
use auths_testkit::block_on;
use auths_testkit::conformance::{NamespaceSubject, Offers, Opened, Stage, namespace_verifier};
use auths_testkit::world::{RegistryFault, World};

use crate::doubles::{Registry, RegistryOfTokens, Troubled, world, world_of_tokens};
use crate::{assert_caught, assert_every_check_caught};

/// A lie, and the check that it breaks.
macro_rules! lies {
    ($($lie:ident $check:literal)*) => {
        #[derive(Debug, Clone, Copy, PartialEq)]
        enum Lie { $($lie,)* }
        const LIES: &[(Lie, &str)] = &[$((Lie::$lie, $check),)*];
    };
}

lies! {
    IsAboutAnother "answers-what-was-asked"
    IsFromElsewhere "answers-what-was-asked"
    IsFromAnotherTime "answers-what-was-asked"
    NamesNoAddress "answers-what-was-asked"
    AnswersOtherEcosystems "refuses-other-ecosystems"
    AsksBeforeRefusing "refuses-other-ecosystems"
    AnswersOtherOrigins "refuses-other-origins"
    ChangesItsMind "same-world-same-answer"
    RemembersTheFirstAnswer "looks-again"
    RemembersNoAnswer "looks-again"
    MixesQuestions "keeps-questions-apart"
    CannotBeSigned "can-be-signed"
    LeavesOneOut "lists-every-owner"
    InventsOne "lists-every-owner"
    ListsTwice "lists-every-owner"
    NamesForIds "lists-every-owner"
    SaysTokensMayNotAdd "lists-every-owner"
    RaisesRoles "lists-the-roles"
    DropsLesserRoles "lists-the-roles"
    LetsReadersPublish "lists-readers-as-readers"
    DropsReaders "lists-readers-as-readers"
    KeepsOldNames "follows-renames"
    FirstPageOnly "lists-long-lists-whole"
    EndsAtADoubledPage "takes-no-page-twice"
    CountsADoubledPage "takes-no-page-twice"
    GoesInCircles "takes-no-page-twice"
    DoubledPageIsAbsence "takes-no-page-twice"
    HidesOrganization "shows-an-organization"
    AlwaysAnOrganization "shows-an-organization"
    ListsLessWhenAskedForLess "listing-only-lists-the-same"
    UnknownIsEmpty "unknown-is-absent"
    UnknownIsUnavailable "unknown-is-absent"
    UnknownForAnotherReason "unknown-is-absent"
    QuarantineIsNothing "quarantined-is-absent"
    NewLifeEachTime "one-life-one-incarnation"
    OneLifeForAll "another-life-another-incarnation"
    MixesLives "one-answer-one-life"
    MixesReleasesOfLives "one-answer-one-life"
    DropsTheOldest "shows-every-release"
    ShiftsTimes "shows-every-release"
    HidesTimes "shows-every-release"
    DropsWithdrawn "shows-withdrawn-releases"
    ForgetsWithdrawal "shows-withdrawn-releases"
    ShowsWithdrawn "shows-what-is-not-withdrawn"
    DropsOneMore "shows-what-is-not-withdrawn"
    DropsTimeless "shows-releases-without-a-time"
    BorrowsTimes "shows-releases-without-a-time"
    OldestIsDefault "shows-the-default-version"
    NoDefault "shows-the-default-version"
    NewestIsDefault "guesses-no-default-version"
    HighestIsDefault "guesses-no-default-version"
    NamesItself "reads-whom-releases-name"
    NamesNobody "reads-whom-releases-name"
    SpeaksForNobody "reads-account-statements"
    SpeaksForAnother "reads-account-statements"
    ReadsOneAccount "reads-account-statements"
    ReadsOnlyTheNewest "reads-as-far-as-needed"
    GivesUpEarly "reads-as-far-as-needed"
    TakesCopies "copied-metadata-says-nothing"
    ForbiddenIsNobody "trouble-forbidden"
    ForbiddenIsAbsent "trouble-forbidden"
    ThrottledForEver "trouble-throttled"
    ThrottledWithoutTime "trouble-throttled"
    ErrorIsTheOldAnswer "trouble-server-error"
    ErrorIsTheCallersFault "trouble-server-error"
    SilenceIsAbsence "trouble-silent"
    SilenceIsForEver "trouble-silent"
    CutIsTheHalf "trouble-cut"
    PageIsAbsence "trouble-other-format"
    NothingIsNobody "trouble-no-body"
    AnothersOwners "trouble-other-name"
    MissingIsTheOldAnswer "trouble-owners-missing"
    MissingIsNobody "trouble-owners-missing"
    EmptyIsTheCallersFault "trouble-owners-empty"
    EmptyIsAbsent "trouble-owners-empty"
    EmptyIsRead "trouble-owners-empty"
    KeepsNoRecord "keeps-a-record-of-owners"
    OldIsNow "as-old-as-its-answer"
    OldIsTheCallersFault "as-old-as-its-answer"
    Panics "answers-what-was-asked"
}

#[derive(Debug)]
struct Evil {
    lie: Lie,
    honest: Troubled,
    first: Mutex<Option<Result<NamespaceEvidence, NamespaceError>>>,
    last: Mutex<Option<NamespaceEvidence>>,
    asked: AtomicU32,
    requests: std::sync::Arc<AtomicU32>,
}

struct Liar(Lie);

impl NamespaceSubject for Liar {
    fn world(&self, now: Timestamp) -> World {
        match self.0 {
            Lie::KeepsNoRecord => world_of_tokens(now),
            _ => world(now),
        }
    }

    fn open(&self, stage: Stage) -> Opened {
        let requests = std::sync::Arc::new(AtomicU32::new(0));
        let evil = Evil {
            lie: self.0,
            honest: Troubled::on(stage),
            first: Mutex::default(),
            last: Mutex::default(),
            asked: AtomicU32::new(0),
            requests: requests.clone(),
        };
        Opened::new(evil).counting(move || requests.load(Ordering::Relaxed) as usize)
    }

    fn offers(&self) -> Offers {
        match self.0 {
            Lie::ShowsWithdrawn | Lie::DropsOneMore => Offers::everything().hiding_withdrawn(),
            _ => Offers::everything(),
        }
    }
}

/// A registry that hides withdrawn releases, and an adapter that says what it shows.
struct Hiding;

impl NamespaceSubject for Hiding {
    fn world(&self, now: Timestamp) -> World {
        world(now)
    }

    fn open(&self, stage: Stage) -> Opened {
        Liar(Lie::DropsWithdrawn).open(stage)
    }

    fn offers(&self) -> Offers {
        Offers::everything().hiding_withdrawn()
    }
}

#[test]
fn every_lie_is_caught_by_name() {
    let honest = block_on(namespace_verifier(&Registry));
    honest.assert();
    for (lie, check) in LIES {
        let report = block_on(namespace_verifier(&Liar(*lie)));
        assert_caught(lie, check, &report);
    }
    let with_tokens = block_on(namespace_verifier(&RegistryOfTokens));
    with_tokens.assert();
    assert!(with_tokens.kept.contains(&"keeps-a-record-of-owners"));
    let hiding = block_on(namespace_verifier(&Hiding));
    hiding.assert();
    assert!(hiding.kept.contains(&"shows-what-is-not-withdrawn"));
    let caught: Vec<_> = LIES.iter().map(|(_, check)| *check).collect();
    for honest in [&honest, &with_tokens, &hiding] {
        assert_every_check_caught(honest, &caught);
    }
}

fn unread(why: UnavailableReason) -> Unavailable {
    Unavailable::new(why, "says the liar")
}

fn someone() -> Did {
    Did::from_key(&KeyPair::from_seed(&Seed::new([66; 32].into())).public())
}

#[async_trait]
impl NamespaceVerifier for Evil {
    fn ecosystem(&self) -> &Ecosystem {
        self.honest.ecosystem()
    }

    fn origin(&self) -> &Origin {
        self.honest.origin()
    }

    fn is_public(&self) -> bool {
        true
    }

    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        assert!(self.lie != Lie::Panics, "the liar panics");
        let is_mine = query.check_for(self).is_ok();
        if is_mine || self.lie == Lie::AsksBeforeRefusing {
            self.requests.fetch_add(1, Ordering::Relaxed);
        }
        let first = self.first.lock().unwrap().clone();
        let remembers = match &first {
            Some(Ok(_)) => self.lie == Lie::RemembersTheFirstAnswer,
            _ => false,
        };
        let forgets_absence = self.lie == Lie::RemembersNoAnswer;
        if let Some(Ok(seen)) = &first
            && (remembers || (forgets_absence && seen.existence != Existence::Present))
        {
            return Ok(seen.clone());
        }
        let mut honest = self.honest.gather(query).await;
        if let Ok(seen) = &mut honest {
            self.ask_again(query, seen).await?;
        }
        if first.is_none() {
            *self.first.lock().unwrap() = Some(honest.clone());
        }
        match (self.honest.stage.trouble(), honest) {
            (Some(trouble), honest) => self.in_trouble(query, trouble, honest).await,
            (None, Err(NamespaceError::Unavailable(why))) => self.in_circles(query, why).await,
            (None, Err(error)) => self.refused(query, error),
            (None, Ok(honest)) => {
                let told = self.tell(query, honest);
                if let Ok(told) = &told {
                    *self.last.lock().unwrap() = Some(told.clone());
                }
                told
            }
        }
    }
}

impl Evil {
    fn empty(&self, query: &NamespaceQuery) -> NamespaceEvidence {
        let mut seen =
            NamespaceEvidence::new(query.namespace.clone(), self.origin().clone(), query.now);
        seen.sources = vec!["https://registry.example".to_owned()];
        seen
    }

    /// Takes a part from another answer, which may be of another life.
    async fn ask_again(
        &self,
        query: &NamespaceQuery,
        seen: &mut NamespaceEvidence,
    ) -> Result<(), NamespaceError> {
        match self.lie {
            Lie::MixesLives => seen.listing = self.honest.gather(query).await?.listing,
            Lie::MixesReleasesOfLives => seen.timeline = self.honest.gather(query).await?.timeline,
            _ => {}
        }
        Ok(())
    }

    /// Of a question that is another registry's.
    fn refused(
        &self,
        query: &NamespaceQuery,
        honest: NamespaceError,
    ) -> Result<NamespaceEvidence, NamespaceError> {
        let other_ecosystem = *query.namespace.ecosystem() != *self.ecosystem();
        match self.lie {
            Lie::AnswersOtherEcosystems if other_ecosystem => Ok(self.empty(query)),
            Lie::AnswersOtherOrigins if !other_ecosystem => Ok(self.empty(query)),
            _ => Err(honest),
        }
    }

    /// Of a list whose first page came again.
    async fn in_circles(
        &self,
        query: &NamespaceQuery,
        honest: Unavailable,
    ) -> Result<NamespaceEvidence, NamespaceError> {
        let mut seen = self.honest.registry.gather(query).await?;
        let Reading::Read(listing) = &mut seen.listing else {
            return Err(honest.into());
        };
        match self.lie {
            Lie::EndsAtADoubledPage => listing.accounts.truncate(50),
            Lie::CountsADoubledPage => listing.accounts.extend_from_within(..50),
            Lie::GoesInCircles => while self.honest.stage.repeats_page() {},
            Lie::DoubledPageIsAbsence => {
                let refuted = Refuted::new(RefutedReason::UnknownProject, "says the liar");
                seen.existence = Existence::Absent(refuted);
            }
            _ => return Err(honest.into()),
        }
        Ok(seen)
    }

    /// Of a registry in trouble.
    async fn in_trouble(
        &self,
        query: &NamespaceQuery,
        trouble: RegistryFault,
        honest: Result<NamespaceEvidence, NamespaceError>,
    ) -> Result<NamespaceEvidence, NamespaceError> {
        let nobody = |mut seen: NamespaceEvidence| {
            seen.listing = Reading::Read(Listing::new(Vec::new()));
            Ok(seen)
        };
        let absent = |mut seen: NamespaceEvidence| {
            let refuted = Refuted::new(RefutedReason::UnknownProject, "says the liar");
            seen.existence = Existence::Absent(refuted);
            Ok(seen)
        };
        let blame = || Err(NamespaceError::invalid("your fault"));
        let empty = || self.empty(query);
        match (self.lie, trouble) {
            (Lie::ForbiddenIsNobody, RegistryFault::Forbidden)
            | (Lie::NothingIsNobody, RegistryFault::NoBody)
            | (Lie::MissingIsNobody, RegistryFault::OwnersMissing)
            | (Lie::EmptyIsRead, RegistryFault::OwnersEmpty) => nobody(empty()),
            (Lie::ForbiddenIsAbsent, RegistryFault::Forbidden)
            | (Lie::SilenceIsAbsence, RegistryFault::Silent)
            | (Lie::PageIsAbsence, RegistryFault::OtherFormat)
            | (Lie::EmptyIsAbsent, RegistryFault::OwnersEmpty) => absent(empty()),
            (Lie::ThrottledForEver, RegistryFault::Throttled) => {
                Err(unread(UnavailableReason::Forbidden).into())
            }
            (Lie::ThrottledWithoutTime, RegistryFault::Throttled) => {
                Err(unread(UnavailableReason::RateLimited).into())
            }
            (Lie::SilenceIsForEver, RegistryFault::Silent) => {
                Err(unread(UnavailableReason::Forbidden).into())
            }
            (Lie::ErrorIsTheCallersFault, RegistryFault::ServerError)
            | (Lie::EmptyIsTheCallersFault, RegistryFault::OwnersEmpty)
            | (Lie::OldIsTheCallersFault, RegistryFault::OldCopy) => blame(),
            (Lie::OldIsNow, RegistryFault::OldCopy) => {
                let mut seen = honest?;
                seen.observed_at = query.now;
                Ok(seen)
            }
            (Lie::ErrorIsTheOldAnswer, RegistryFault::ServerError)
            | (Lie::MissingIsTheOldAnswer, RegistryFault::OwnersMissing) => {
                let last = self.last.lock().unwrap().clone();
                last.map_or(honest, Ok)
            }
            (Lie::CutIsTheHalf, RegistryFault::Cut)
            | (Lie::AnothersOwners, RegistryFault::OtherName) => {
                Ok(self.honest.registry.gather(query).await?)
            }
            _ => honest,
        }
    }

    /// Of what the registry shows.
    fn tell(
        &self,
        query: &NamespaceQuery,
        mut seen: NamespaceEvidence,
    ) -> Result<NamespaceEvidence, NamespaceError> {
        let asked = self.asked.load(Ordering::Relaxed);
        match self.lie {
            Lie::IsAboutAnother => seen.namespace = "pypi:gadget".parse().unwrap(),
            Lie::IsFromElsewhere => seen.origin = "https://elsewhere.example".parse().unwrap(),
            Lie::IsFromAnotherTime => seen.observed_at = query.now + Duration::from_secs(1),
            Lie::NamesNoAddress => seen.sources.clear(),
            Lie::ChangesItsMind => seen.sources.push(format!("question {asked}")),
            Lie::MixesQuestions => {
                if let Some(last) = self.last.lock().unwrap().as_ref() {
                    seen.listing = last.listing.clone();
                }
            }
            Lie::CannotBeSigned => seen.sources.push("a".repeat(16 << 20)),
            Lie::QuarantineIsNothing | Lie::UnknownIsEmpty => seen.existence = Existence::Present,
            Lie::UnknownIsUnavailable if seen.existence != Existence::Present => {
                return Err(unread(UnavailableReason::Network).into());
            }
            Lie::UnknownForAnotherReason if seen.existence != Existence::Present => {
                let refuted = Refuted::new(RefutedReason::NoReleases, "says the liar");
                seen.existence = Existence::Absent(refuted);
            }
            Lie::NewLifeEachTime => {
                let life = Incarnation::new("first-upload", asked.to_string());
                seen.incarnation = Reading::Read(life);
            }
            Lie::OneLifeForAll => {
                seen.incarnation = Reading::Read(Incarnation::new("first-upload", "always"));
            }
            _ => {}
        }
        if let Reading::Read(listing) = &mut seen.listing {
            self.list(query, listing);
        }
        if let Reading::Read(timeline) = &seen.timeline {
            seen.timeline = Reading::Read(self.history(timeline));
        }
        Ok(seen)
    }

    fn list(&self, query: &NamespaceQuery, listing: &mut Listing) {
        let accounts = &mut listing.accounts;
        let mallory = || "pypi:mallory".parse().unwrap();
        match self.lie {
            Lie::LeavesOneOut => drop(accounts.pop()),
            Lie::InventsOne => {
                accounts.push(ListedAccount::new(mallory(), OwnerRole::Owner, "Owner"));
            }
            Lie::ListsTwice => accounts.extend(accounts.clone()),
            Lie::NamesForIds => {
                for listed in accounts {
                    listed.basis = ListingBasis::Id;
                }
            }
            Lie::SaysTokensMayNotAdd => listing.tokens_may_add_owners ^= true,
            Lie::KeepsNoRecord => {
                for listed in accounts {
                    (listed.known_since, listed.absent_at) = (None, None);
                }
            }
            Lie::RaisesRoles => {
                for listed in accounts {
                    listed.role = OwnerRole::Owner;
                }
            }
            Lie::LetsReadersPublish => {
                for listed in accounts.iter_mut().filter(|l| l.role == OwnerRole::Other) {
                    listed.role = OwnerRole::Maintainer;
                }
            }
            Lie::KeepsOldNames => {
                if let Some(Ok(first)) = &*self.first.lock().unwrap()
                    && first.namespace == query.namespace
                    && let Reading::Read(listing) = &first.listing
                {
                    accounts.clone_from(&listing.accounts);
                }
            }
            Lie::DropsReaders => accounts.retain(|l| l.role != OwnerRole::Other),
            Lie::DropsLesserRoles => accounts.retain(|l| l.role == OwnerRole::Owner),
            Lie::FirstPageOnly => accounts.truncate(100),
            Lie::HidesOrganization => listing.owners = ListingCompleteness::Listed,
            Lie::AlwaysAnOrganization => {
                listing.owners = ListingCompleteness::Organization("acme".to_owned());
            }
            Lie::ListsLessWhenAskedForLess if query.scope == ReadScope::Listing => {
                accounts.truncate(1);
            }
            _ => {}
        }
    }

    fn history(&self, honest: &Timeline) -> Timeline {
        let mut releases = honest.releases().to_vec();
        let mut default = honest.default_version().map(str::to_owned);
        match self.lie {
            Lie::DropsTheOldest => drop(releases.remove(0)),
            Lie::ShiftsTimes => {
                for release in &mut releases {
                    let later = |at: Timestamp| at + Duration::from_secs(1);
                    release.uploaded_at = release.uploaded_at.map(later);
                }
            }
            Lie::HidesTimes => {
                for release in &mut releases {
                    release.uploaded_at = None;
                }
            }
            Lie::DropsWithdrawn => releases.retain(|r| !r.withdrawn),
            Lie::DropsOneMore => {
                releases.retain(|r| !r.withdrawn);
                releases.pop();
            }
            Lie::DropsTimeless => releases.retain(|r| r.uploaded_at.is_some()),
            Lie::BorrowsTimes => {
                let newest = releases.last().and_then(|r| r.uploaded_at);
                for release in &mut releases {
                    release.uploaded_at = release.uploaded_at.or(newest);
                }
            }
            Lie::ForgetsWithdrawal => {
                for release in &mut releases {
                    release.withdrawn = false;
                }
            }
            Lie::OldestIsDefault => default = releases.first().map(|r| r.version.clone()),
            Lie::NoDefault => default = None,
            Lie::NewestIsDefault => {
                let newest = releases.iter().max_by_key(|r| r.uploaded_at);
                default = newest.map(|r| r.version.clone());
            }
            Lie::HighestIsDefault => {
                let highest = releases.iter().map(|r| &r.version).max();
                default = highest.cloned();
            }
            Lie::NamesItself | Lie::TakesCopies => {
                for release in &mut releases {
                    let dids = release.dids.get_or_insert_default();
                    Arc::make_mut(dids).insert(someone());
                }
            }
            Lie::NamesNobody => {
                for release in &mut releases {
                    release.dids = Some(Arc::default());
                }
            }
            Lie::SpeaksForNobody => {
                for release in &mut releases {
                    release.accounts = Arc::default();
                }
            }
            Lie::SpeaksForAnother => {
                for release in releases.iter_mut().filter(|r| !r.accounts.is_empty()) {
                    let mallory = "pypi:mallory".parse().unwrap();
                    let accounts = Arc::make_mut(&mut release.accounts);
                    accounts.insert(NamedAccount::new(someone(), mallory));
                }
            }
            Lie::ReadsOneAccount => {
                for release in releases.iter_mut().rev().skip(1) {
                    if !release.accounts.is_empty() {
                        (release.dids, release.accounts) = (None, Arc::default());
                    }
                }
            }
            Lie::ReadsOnlyTheNewest | Lie::GivesUpEarly => {
                let newest = releases.len() - 1;
                for release in &mut releases[..newest] {
                    release.dids = None;
                }
            }
            _ => {}
        }
        let timeline = Timeline::new(releases, default);
        if self.lie == Lie::GivesUpEarly {
            return timeline.stopped(unread(UnavailableReason::RequestBudget));
        }
        timeline
    }
}
