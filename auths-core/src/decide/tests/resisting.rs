//! A verified value under another policy than it was decided under.

use super::properties::for_all;
use super::worlds::world;
use super::*;
use crate::claim::ClaimError;
use crate::identity::Ecosystem;
use proptest::prelude::*;

fn policy(text: &str) -> Policy {
    Policy::from_toml(&format!(
        "resist = ['collaborator', 'stolen-token']\n{text}"
    ))
    .unwrap()
}

fn accepted(case: &DecisionInput, policy: &Policy) -> Verified<NamespaceAuthority> {
    decide(case, policy, now()).into_verified().unwrap()
}

#[test]
fn a_statement_that_stood_for_a_day_does_not_resist_under_a_week() {
    let rows: &[(u32, &[u8])] = &[(400, &[]), (2, &[1]), (0, &[1])];
    let by_releases = six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), rows);
    let mut by_account = case(1, six_of_alice());
    by_account.accounts.push(stated(1, "pypi:alice", 2));
    let gist = platform_claim(1, "pypi:alice");
    let proof = AccountProof::GistProof {
        gist: "abc".into(),
        claim: gist.id().clone(),
        unchanged_since: ago(2),
        state: None,
    };
    let seen = AccountEvidence::new(account("pypi:alice"), did(1), now(), proof);
    let mut by_gist = case(1, six_of_alice());
    by_gist
        .accounts
        .push(LinkedAccount::new(gist, vec![ObservedEvidence::live(seen)]));
    let day = policy("maturity_hours = 24");
    for case in [by_releases, by_account, by_gist] {
        assert_ne!(answer(&case).outcome(), Outcome::Accepted);
        let verified = accepted(&case, &day);
        assert!(verified.resisting(&day, now()).is_ok());
        let week = NotResisting::Maturity {
            decided: DAY,
            required: DAY * 7,
        };
        assert_eq!(verified.resisting(&Policy::standard(), now()), Err(week));
    }
}

#[test]
fn what_time_does_not_matter_to_resists_under_every_maturity() {
    let mut case = case(1, six_of_alice());
    case.accounts.push(by_flow(1, account("pypi:alice"), None));
    let verified = accepted(&case, &policy("maturity_hours = 24"));
    assert!(verified.resisting(&Policy::standard(), now()).is_ok());
}

#[test]
fn where_a_token_may_add_owners_an_owner_of_a_day_does_not_resist_under_a_week() {
    let account = github("alice", "7");
    let mut entry = ListedAccount::new(account.clone(), OwnerRole::Owner, "owner");
    entry.first_published = Some(ago(2));
    let mut case = case(1, owned_by(entry, true));
    case.accounts.push(by_flow(1, account, None));
    let verified = accepted(&case, &policy("maturity_hours = 24"));
    assert!(matches!(
        verified.resisting(&Policy::standard(), now()),
        Err(NotResisting::Maturity { .. })
    ));
}

#[test]
fn a_shorter_maturity_may_speak_for_another_did_and_is_not_taken_for_less_strict() {
    // 2 stood for two days before 1 took its place yesterday: under a day it was mature, under a week it was not.
    let rows: &[(u32, &[u8])] = &[(20, &[2]), (18, &[2]), (17, &[1]), (9, &[1])];
    let case = six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), rows);
    let verified = accepted(&case, &Policy::standard());
    let day = policy("maturity_hours = 24");
    assert!(matches!(
        verified.resisting(&day, now()),
        Err(NotResisting::Maturity { .. })
    ));
    // Where nobody else is named, less is less.
    let alone: &[(u32, &[u8])] = &[(20, &[]), (17, &[1]), (9, &[1])];
    let case = six_naming(owners(&[("pypi:alice", OwnerRole::Owner)]), alone);
    let verified = accepted(&case, &Policy::standard());
    assert!(verified.resisting(&day, now()).is_ok());
}

#[test]
fn evidence_that_is_too_old_for_the_policy_asked_does_not_resist() {
    let month = policy("evidence_age_hours = 720");
    let verified = accepted(&accepted_case(), &month);
    let later = now() + DAY * 2;
    assert!(verified.resisting(&month, later).is_ok());
    let stale = NotResisting::StaleEvidence {
        observed_at: now(),
        max_age: DAY,
    };
    assert_eq!(verified.resisting(&Policy::standard(), later), Err(stale));
    let hour = policy("evidence_age_hours = 1");
    let just = now() + (HOUR - Duration::from_secs(1));
    assert!(verified.resisting(&hour, just).is_ok());
    // As it is when it is decided anew.
    assert!(verified.resisting(&hour, now() + HOUR).is_err());
}

#[test]
fn old_evidence_of_the_account_alone_does_not_resist_either() {
    let seen_at = now() - DAY * 3;
    let mut linked = stated(1, "pypi:alice", 100);
    let mut evidence = linked.evidence[0].evidence().clone();
    evidence.observed_at = seen_at;
    if let AccountProof::AccountStatement(own) = &mut evidence.proof {
        own.observed_at = seen_at;
        own.timeline = Reading::Read(releases(&[(100, &[1]), (9, &[1])]));
        **own = speaking((**own).clone(), &account("pypi:alice"));
    }
    linked.evidence = vec![ObservedEvidence::live(evidence)];
    let mut case = case(1, six_of_alice());
    case.accounts.push(linked);
    let verified = accepted(&case, &policy("evidence_age_hours = 720"));
    assert!(matches!(
        verified.resisting(&Policy::standard(), now()),
        Err(NotResisting::StaleEvidence { observed_at, .. }) if observed_at == seen_at
    ));
}

#[test]
fn ownership_of_an_organisation_ages_by_its_own_rule_under_every_policy() {
    let five_minutes = Duration::from_secs(300);
    let seen = super::super::reuse::EvidenceUse::new(
        &ObservedEvidence::live(()),
        now() - HOUR,
        Some(&Ecosystem::GITHUB),
    );
    let mut grounds = super::super::reuse::ReuseConditions::signature_alone();
    grounds.evidence.push(seen);
    assert!(matches!(
        grounds.allow(&Policy::standard(), now()),
        Err(NotResisting::StaleEvidence { max_age, .. }) if max_age == five_minutes
    ));
}

#[test]
fn an_observer_whom_the_policy_asked_does_not_trust_is_not_relied_on() {
    let untrusted = Err(NotResisting::UntrustedObserver { observer: did(5) });
    let trusting = Policy::standard().trusting([did(5)]);
    // Of the namespace.
    let mut of_namespace = accepted_case();
    of_namespace.evidence = vec![observed(5, six_of_alice())];
    let verified = accepted(&of_namespace, &trusting);
    assert!(verified.resisting(&trusting, now()).is_ok());
    assert_eq!(verified.resisting(&Policy::standard(), now()), untrusted);
    // Of the account.
    let mut of_account = case(1, six_of_alice());
    let seen = stated(1, "pypi:alice", 100).evidence[0].evidence().clone();
    of_account.accounts.push(LinkedAccount::new(
        platform_claim(1, "pypi:alice"),
        vec![observers::account_seen_by(5, seen)],
    ));
    let verified = accepted(&of_account, &trusting);
    assert!(verified.resisting(&trusting, now()).is_ok());
    assert_eq!(verified.resisting(&Policy::standard(), now()), untrusted);
}

#[test]
fn a_verified_act_says_who_signed_it() -> Result<(), ClaimError> {
    let public = ProofExpectation::new(Audience::public());
    let keys = KeyRing::intrinsic();
    let theft = sign(9, Revocation::new(RevocationTarget::Did(did(1))));
    let theft = theft.verify(&public, &keys, now())?;
    assert!(theft.resisting(&Policy::strict(), now()).is_ok());
    assert_eq!(theft.signer(), Some(&did(9)), "not the DID that it revokes");
    let gift = sign(9, delegated(false)).verify(&public, &keys, now())?;
    assert_eq!(gift.signer(), Some(&did(9)));
    let seen = observation(9, six_of_alice()).verify(&public, &keys, now())?;
    assert_eq!(seen.signer(), Some(&did(9)));
    assert_eq!(
        accepted(&accepted_case(), &Policy::standard()).signer(),
        Some(&did(1))
    );
    Ok(())
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let resist = prop::sample::select(vec![
        "stranger",
        "collaborator', 'stolen-token",
        "held-token",
    ]);
    let maturity = prop::sample::select(vec![24u32, 72, 168, 336]);
    let age = prop::sample::select(vec![1u32, 24, 720]);
    (resist, maturity, age, any::<bool>()).prop_map(|(resist, maturity, age, trusting)| {
        let text = format!(
            "resist = ['{resist}']\nmaturity_hours = {maturity}\nevidence_age_hours = {age}"
        );
        let observers = trusting.then(|| did(5));
        Policy::from_toml(&text).unwrap().trusting(observers)
    })
}

#[test]
fn asking_another_policy_is_never_kinder_than_deciding_anew() {
    let other = prop::collection::vec((0u32..40, 1u8..3), 0..4);
    let agreed = std::cell::Cell::new(0);
    for_all(
        &(world(), other, any_policy(), any_policy(), any::<bool>()),
        |(world, other, decided, asked, same)| {
            // Half of the time the same policy: or so few agree that the property shows nothing.
            let asked = if same { decided.clone() } else { asked };
            let mut case = world.case();
            for sighting in &mut case.evidence {
                let mut seen = sighting.evidence().clone();
                if let Reading::Read(timeline) = &seen.timeline {
                    let mut rows = timeline.releases().to_vec();
                    rows.extend(other.iter().enumerate().map(|(i, (days, n))| {
                        Release::new(format!("w{i}"), Some(ago(*days)), false).naming([did(*n)])
                    }));
                    rows.sort_by_key(|r| r.uploaded_at);
                    let default = rows.last().map(|r| r.version.clone());
                    seen.timeline = Reading::Read(Timeline::new(rows, default));
                }
                *sighting = sighting.with(seen);
            }
            if let Ok(verified) = decide(&case, &decided, now()).into_verified()
                && verified.resisting(&asked, now()).is_ok()
            {
                let anew = decide(&case, &asked, now());
                prop_assert_eq!(anew.outcome(), Outcome::Accepted, "{:?}", anew.reason());
                agreed.set(agreed.get() + 1);
            }
            Ok(())
        },
    );
    assert!(agreed.get() >= 2, "{} agreed", agreed.get());
}
