//! PyPI tokens: what a holder, a server and a thief can do with one. The vectors of `tests/vectors/pypi-tokens` are held by the
//! package `auths-tests`, and so is the comparison with the Python library.
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "tests")]

use data_encoding::BASE64URL_NOPAD;
use libmacaroon::{Macaroon, MacaroonKey, Verifier};
use proptest::prelude::*;
use pypi_tokens::{
    Attenuation, ExposeSecret, MAX_CAVEATS, MAX_TEXT, MakeError, NarrowError, ParseError,
    RejectReason, Restriction, RootKey, RuleSet, Timestamp, Token, TokenFormat, TokenUse,
    UnmetCause,
};

const KEY: &[u8] = b"a root key of these tests, not of PyPI";
const ID: &str = "7d1e2f3a-0b1c-4d2e-8f3a-4b5c6d7e8f90";
const USER: &str = "3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a";
const PROJECT: &str = "aa11bb22-cc33-4d44-8e55-ff6677889900";

fn key() -> RootKey {
    RootKey::new(KEY).unwrap()
}

fn fresh() -> Token {
    Token::create("pypi.example", ID, &key()).unwrap()
}

fn text(token: &Token) -> String {
    token.to_text().expose_secret().to_owned()
}

fn at(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix).unwrap()
}

/// A context in which everything in [`narrowed`] is met.
fn good() -> TokenUse {
    let context = TokenUse::at(at(1_000)).project("six").project_id(PROJECT);
    context.user_id(USER)
}

fn narrowed() -> Token {
    let narrowing = Attenuation::new().projects(["six", "wheel"]).unwrap();
    let narrowing = narrowing.user_id(USER).unwrap().between(at(900), at(1_100));
    fresh().restrict(&narrowing.unwrap()).unwrap()
}

fn holds(token: &Token, context: &TokenUse) -> bool {
    token.check(&key(), context, RuleSet::Strict).is_ok()
}

/// The binary macaroon in a token's text, to be changed and put back.
fn bytes(token: &Token) -> Vec<u8> {
    let text = text(token);
    let (_, body) = text.split_once('-').unwrap();
    BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()
}

fn of_bytes(bytes: &[u8]) -> Result<Token, ParseError> {
    Token::parse(&format!("pypi-{}", BASE64URL_NOPAD.encode(bytes)))
}

#[test]
fn a_token_holds_exactly_in_its_context() {
    let token = narrowed();
    assert!(holds(&token, &good()));
    let refusal = |context: &TokenUse| {
        let refusal = token.check(&key(), context, RuleSet::Strict).unwrap_err();
        match refusal.reason() {
            RejectReason::Unmet(unmet) => unmet.iter().map(|u| (u.number, u.cause)).collect(),
            other => panic!("{other:?}"),
        }
    };
    let other: Vec<_> = refusal(&TokenUse::at(at(2_000)).project("flask"));
    // All of them, not the first.
    assert_eq!(
        other,
        [
            (1, UnmetCause::Expired),
            (2, UnmetCause::OtherProject),
            (3, UnmetCause::Missing)
        ]
    );
    let early: Vec<_> = refusal(&TokenUse::at(at(0)).project("six").user_id(PROJECT));
    assert_eq!(
        early,
        [(1, UnmetCause::NotYetValid), (3, UnmetCause::OtherUser)]
    );
    let message = token.check(&key(), &TokenUse::at(at(2_000)), RuleSet::Strict);
    let message = message.unwrap_err().to_string();
    assert!(
        message.contains("1970-01-01T00:18:20Z: the time is over"),
        "{message}"
    );
}

#[test]
fn the_ends_of_a_time_are_its_first_second_and_the_one_after_its_last() {
    let narrowing = Attenuation::new().between(at(10), at(20)).unwrap();
    let token = fresh().restrict(&narrowing).unwrap();
    let held: Vec<_> = (8..22)
        .filter(|s| holds(&token, &TokenUse::at(at(*s))))
        .collect();
    assert_eq!(held, (10..20).collect::<Vec<_>>());
    // Zero is a time, and not the absence of one.
    let from_zero = Attenuation::new().between(at(0), at(1)).unwrap();
    assert!(holds(
        &fresh().restrict(&from_zero).unwrap(),
        &TokenUse::at(at(0))
    ));
}

/// What nobody signed is not repeated: it could be an attacker's text.
#[test]
fn before_the_signature_is_known_good_nothing_is_said_of_the_caveats() {
    let token = narrowed();
    let wrong = RootKey::new(b"another").unwrap();
    let refusal = token.check(&wrong, &TokenUse::at(at(0)), RuleSet::Strict);
    let refusal = refusal.unwrap_err();
    assert_eq!(refusal.reason(), &RejectReason::Signature);
    assert!(!format!("{refusal} {refusal:?}").contains("six"));
    for rules in [RuleSet::PyPiToken, RuleSet::Warehouse] {
        let refusal = token
            .check(&wrong, &TokenUse::at(at(0)), rules)
            .unwrap_err();
        assert_eq!(refusal.reason(), &RejectReason::Signature);
        assert!(!format!("{refusal} {refusal:?}").contains("six"));
    }
}

#[test]
fn any_bit_that_is_turned_ends_the_token_but_in_the_domain() {
    let token = narrowed();
    let original = bytes(&token);
    let domain = 3..3 + "pypi.example".len();
    assert_eq!(&original[domain.clone()], b"pypi.example");
    for byte in 0..original.len() {
        for bit in 0..8 {
            let mut changed = original.clone();
            changed[byte] ^= 1 << bit;
            let holds = of_bytes(&changed).is_ok_and(|t| holds(&t, &good()));
            // Nothing signs the domain. Turned into something that is not UTF-8, it is not read.
            assert!(!holds || domain.contains(&byte), "bit {bit} of byte {byte}");
        }
    }
}

#[test]
fn a_token_that_was_cut_is_none() {
    let whole = text(&narrowed());
    for length in 0..whole.len() {
        let held = Token::parse(&whole[..length]).is_ok_and(|t| holds(&t, &good()));
        assert!(!held, "{length}");
    }
    let bytes = bytes(&narrowed());
    for length in 0..bytes.len() {
        assert!(of_bytes(&bytes[..length]).is_err(), "{length}");
    }
}

#[test]
fn a_caveat_taken_out_or_moved_or_put_in_ends_the_token() {
    let section = |caveat: &[u8]| [&[2, caveat.len() as u8][..], caveat, &[0]].concat();
    let token = narrowed();
    let sections: Vec<_> = token.caveats().iter().map(|c| section(c.id())).collect();
    let original = bytes(&token);
    let head = original.len() - sections.concat().len() - 1 - 34;
    let with = |sections: &[Vec<u8>]| {
        let tail = &original[original.len() - 35..];
        let bytes = [&original[..head], &sections.concat(), tail].concat();
        holds(&of_bytes(&bytes).unwrap(), &good())
    };
    assert!(with(&sections));
    let met = section(br#"[1, ["six"]]"#);
    for at in 0..3 {
        let mut out = sections.clone();
        let removed = out.remove(at);
        assert!(!with(&out));
        let mut moved = out.clone();
        moved.insert((at + 1) % 3, removed);
        assert!(!with(&moved));
        let mut more = sections.clone();
        more.insert(at, met.clone());
        assert!(!with(&more));
    }
}

#[test]
fn a_token_is_never_shown() {
    let token = narrowed();
    let whole = text(&token);
    let secret = &whole[whole.len() - 43..];
    let shown = format!("{token:?} {:?} {:?}", token.to_text(), key());
    assert!(!shown.contains(secret), "{shown}");
    let signature = &bytes(&token)[bytes(&token).len() - 32..];
    assert!(!shown.contains(&format!("{signature:?}")), "{shown}");
    assert!(shown.contains("six") && shown.contains(ID));
    // Nor is what could not be read.
    let body = whole.split_once('-').unwrap().1;
    for bad in [
        body.replace('-', "_"),
        format!("p p-{body}"),
        format!("pypi-{body}!"),
        format!("pypi-{}", &body[..body.len() - 1]),
        format!("pypi-X{body}"),
    ] {
        let error = Token::parse(&bad).unwrap_err();
        let said = format!("{error} {error:?}");
        assert!(
            !said.contains(&body[..12]) && !said.contains(secret),
            "{said}"
        );
    }
}

#[test]
fn what_is_too_large_is_neither_read_nor_made() {
    let long = format!("pypi-{}", "A".repeat(MAX_TEXT));
    assert_eq!(Token::parse(&long), Err(ParseError::TooLarge));
    let one = Attenuation::new().user_id(USER).unwrap();
    let mut token = fresh();
    let refused = loop {
        match token.restrict(&one) {
            Ok(more) => token = more,
            Err(error) => break error,
        }
    };
    assert_eq!(refused, MakeError::TooLarge);
    assert!(token.caveats().len() > 900 && text(&token).len() <= MAX_TEXT);
    assert!(Token::parse(&text(&token)).is_ok());
    // All of a narrowing or none of it: the date alone would still fit.
    let names: Vec<_> = (0..9_000).map(|n| format!("n{n}")).collect();
    let both = Attenuation::new().between(at(1), at(2)).unwrap();
    let both = both.projects(names).unwrap();
    assert_eq!(fresh().restrict(&both), Err(MakeError::TooLarge));
    // Many empty ones take few characters.
    let mut many = bytes(&fresh());
    let signature = many.split_off(many.len() - 35);
    many.extend([2, 0, 0].repeat(MAX_CAVEATS + 1));
    many.extend(signature);
    assert_eq!(of_bytes(&many), Err(ParseError::TooLarge));
    // Deep JSON is a restriction that is not understood.
    let id = "i".repeat(MAX_TEXT);
    assert_eq!(Token::create("x", &id, &key()), Err(MakeError::TooLarge));
}

#[test]
fn nothing_is_made_with_an_empty_key_or_from_a_signature_that_was_cut() {
    assert!(RootKey::new(b"").is_err() && RootKey::from_hex("").is_err());
    for bad in ["0", "0g", "00 11", "é"] {
        assert!(RootKey::from_hex(bad).is_err(), "{bad}");
    }
    let mut cut = bytes(&fresh());
    cut.pop();
    let length = cut.len() - 32;
    cut[length] = 31;
    let cut = of_bytes(&cut).unwrap();
    assert!(!holds(&cut, &good()));
    let one = Attenuation::new().user_id(USER).unwrap();
    assert_eq!(cut.restrict(&one), Err(MakeError::BadSignature));
    assert_eq!(fresh().with_prefix("a-b"), Err(MakeError::BadPrefix));
}

#[test]
fn what_no_server_would_find_is_refused_or_written_normally() {
    let names = Attenuation::new().projects(["Foo._Bar"]).unwrap();
    let written: Vec<_> = names.restrictions().cloned().collect();
    let names = vec!["foo-bar".to_owned()];
    assert_eq!(written, [Restriction::ProjectNames { names }]);
    let ids = Attenuation::new()
        .project_ids([PROJECT.to_uppercase()])
        .unwrap();
    assert!(ids.restrictions().any(|r| *r
        == Restriction::ProjectIds {
            ids: vec![PROJECT.to_owned()]
        }));
    let none: [&str; 0] = [];
    assert_eq!(
        Attenuation::new().projects(none),
        Err(NarrowError::NoProject)
    );
    assert_eq!(
        Attenuation::new().project_ids(none),
        Err(NarrowError::NoProject)
    );
    assert_eq!(
        Attenuation::new().legacy_projects(none),
        Err(NarrowError::NoProject)
    );
    assert!(matches!(
        Attenuation::new().projects(["six", "a b"]),
        Err(NarrowError::Name(_))
    ));
    assert!(matches!(
        Attenuation::new().user_id("alice"),
        Err(NarrowError::Id { .. })
    ));
    let backwards = Attenuation::new().between(at(20), at(20));
    assert!(matches!(backwards, Err(NarrowError::NoTime { .. })));
}

#[test]
fn every_kind_is_written_and_read_again() {
    let narrowing = Attenuation::new()
        .between(at(900), at(1_100))
        .and_then(|n| n.projects(["six"]))
        .and_then(|n| n.project_ids([PROJECT]))
        .and_then(|n| n.user_id(USER))
        .and_then(|n| n.legacy_noop().legacy_projects(["Foo.Bär\u{1f600}\u{7f}"]))
        .and_then(|n| n.legacy_between(at(900), at(1_100)))
        .and_then(|n| n.publisher_id(ID))
        .and_then(|n| n.legacy_project_ids([PROJECT]))
        .unwrap();
    let token = fresh().restrict(&narrowing).unwrap();
    let written: Vec<_> = narrowing.restrictions().cloned().collect();
    assert_eq!(written.len(), 9);
    assert_eq!(token.restrictions(), written);
    assert!(token.caveats().iter().all(|c| c.id().is_ascii()));
    let again = Token::parse(&text(&token)).unwrap();
    assert_eq!((&again, again.restrictions()), (&token, written));
    // The last two only PyPI itself understands.
    let all = good().project("Foo.Bär\u{1f600}\u{7f}").publisher_id(ID);
    let refusal = token.check(&key(), &all, RuleSet::Strict).unwrap_err();
    let RejectReason::Unmet(unmet) = refusal.reason() else {
        panic!("{refusal}")
    };
    let causes: Vec<_> = unmet.iter().map(|u| (u.number, u.cause.name())).collect();
    let expected = [
        (2, "project-name-not-listed"),
        (8, "unknown-caveat"),
        (9, "unknown-caveat"),
    ];
    assert_eq!(causes, expected);
    let publisher = Attenuation::new().publisher_id(ID).unwrap();
    let token = fresh().restrict(&publisher).unwrap();
    assert!(token.check(&key(), &all, RuleSet::Warehouse).is_ok());
    assert!(token.check(&key(), &good(), RuleSet::Warehouse).is_err());
}

/// A caveat of anybody's, signed by the key.
fn signed(caveat: &[u8]) -> Token {
    let mut macaroon = theirs(&fresh());
    macaroon.add_first_party_caveat(caveat).unwrap();
    of_theirs(&macaroon)
}

#[test]
fn what_is_not_understood_is_kept_and_shown_and_never_met() {
    let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
    for caveat in [
        &b"[5, 1]"[..],
        b"[]",
        b"null",
        b"true",
        b"[1, [\"six\"], 2]",
        b"[1, \"six\"]",
        b"[1, [\"Six\"]]",
        b"[0, 99999999999]",
        b"[0, \"99999999999\", 0]",
        b"[true, [\"six\"]]",
        b"{\"version\": 2, \"permissions\": \"user\"}",
        b"{\"nbf\": 0, \"exp\": 99999999999, \"more\": 1}",
        b"[1, [\"six\"]",
        b"[1, [\"six\"]] x",
        b"\xef\xbb\xbf[1, [\"six\"]]",
        b"\xff",
        b"",
        deep.as_bytes(),
    ] {
        let token = signed(caveat);
        let unknown = Restriction::Unknown {
            caveat: caveat.to_vec(),
        };
        assert_eq!(token.restrictions(), [unknown]);
        assert_eq!(token.caveats()[0].id(), caveat);
        assert!(!holds(&token, &good()), "{token:?}");
        // And stays, whatever is added.
        let more = token
            .restrict(&Attenuation::new().user_id(USER).unwrap())
            .unwrap();
        assert_eq!(more.caveats()[0].id(), caveat);
        assert!(!holds(&more, &good()));
    }
    // Written in another way than ours, and meant the same.
    for caveat in [
        &b"[1.0,[\"six\"]]"[..],
        b" [3,\n\"3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a\"] ",
        b"[0, 1e300, -1e300]",
        b"[0, 99999999999999999999, -5]",
    ] {
        assert!(
            holds(&signed(caveat), &good()),
            "{}",
            String::from_utf8_lossy(caveat)
        );
    }
}

#[test]
fn what_is_asked_for_twice_must_be_met_both_times() {
    let twice = Attenuation::new()
        .projects(["six"])
        .and_then(|n| n.between(at(900), at(1_100)))
        .and_then(|n| n.projects(["six", "other"]))
        .and_then(|n| n.between(at(900), at(9_000)))
        .unwrap();
    let token = fresh().restrict(&twice).unwrap();
    assert_eq!(token.restrictions().len(), 4);
    assert!(holds(&token, &TokenUse::at(at(1_000)).project("six")));
    assert!(!holds(&token, &TokenUse::at(at(1_000)).project("other")));
    assert!(!holds(&token, &TokenUse::at(at(2_000)).project("six")));
}

#[test]
fn a_token_in_the_place_of_a_name_or_id_is_not_repeated() {
    let token = text(&narrowed());
    let spoilt = format!("{token}.");
    for error in [
        Attenuation::new().projects([&token]),
        Attenuation::new().projects([&spoilt]),
        Attenuation::new().projects([&token[..60]]),
        Attenuation::new().project_ids([&token]),
        Attenuation::new().user_id(&token),
        Attenuation::new().user_id(&token[..50]),
        Attenuation::new().publisher_id(&token),
        Attenuation::new().legacy_project_ids([&token]),
        Attenuation::new().legacy_projects([token.as_str()]),
    ] {
        assert_eq!(error, Err(NarrowError::Token));
    }
}

#[test]
fn what_the_publisher_was_made_for_is_shown() {
    let token = signed(b"[4,\"an id\",{\"sub\":\"repo:six\"}]");
    let shown = token.restrictions()[0].to_string();
    assert!(
        shown.contains("an id") && shown.contains("repo:six"),
        "{shown}"
    );
    let json = serde_json::to_value(&token.restrictions()[0]).unwrap();
    assert_eq!(json["claims"]["sub"], "repo:six");
}

/// What PyPI's server says of a caveat of anybody's, signed or put in behind the signature.
fn warehouse(caveat: &[u8]) -> (bool, bool) {
    let good = good();
    let ask = |token: &Token| token.check(&key(), &good, RuleSet::Warehouse).is_ok();
    let (before, mut after) = (bytes(&fresh()), bytes(&signed(caveat)));
    let end = after.len() - 32;
    after[end..].copy_from_slice(&before[before.len() - 32..]);
    (ask(&signed(caveat)), ask(&of_bytes(&after).unwrap()))
}

#[test]
fn pypis_server_fails_on_a_tag_that_is_a_list_and_takes_whole_numbers_of_any_size() {
    let (met, not_met, fails) = ((true, false), (false, true), (false, false));
    for (caveat, expected) in [
        (&b"[7, 2]"[..], not_met),
        (b"[[1], 2]", fails),
        (b"[[], 2]", fails),
        (b"[{}, 2]", fails),
        (b"[[[[1]]], 2]", fails),
        (b"[0, 18446744073709551616, 0]", met),
        (b"[0, 2000000000, -9223372036854775809]", met),
        (b"[0, 2000000000, -0]", met),
        (b"[0, 2000000000, 0, 1.5]", met),
        (
            b"{\"exp\": 99999999999999999999, \"nbf\": 0, \"e1\": \"1.5\"}",
            met,
        ),
        (b"[0, 2000000000.0, 0]", not_met),
        (b"[0, 2e9, 0]", not_met),
        (b"[0, 2E9, 0]", not_met),
        (b"{\"exp\": 2e9, \"nbf\": 0}", not_met),
        (b"[true, [\"six\"]]", met),
    ] {
        let text = String::from_utf8_lossy(caveat);
        assert_eq!(warehouse(caveat), expected, "{text}");
    }
}

#[test]
fn pypis_server_takes_an_identifier_in_any_spelling_of_a_uuid() {
    for (identifier, served) in [
        (ID.to_owned(), true),
        (ID.replace('-', ""), true),
        (format!("urn:uuid:{}", ID.to_uppercase()), true),
        (format!("{{{ID}}}"), true),
        ("alice".to_owned(), false),
        (format!("{ID}0"), false),
    ] {
        let token = Token::create("pypi.example", &identifier, &key()).unwrap();
        let held = token.check(&key(), &good(), RuleSet::Warehouse);
        assert_eq!(held.is_ok(), served, "{identifier}");
    }
}

#[test]
fn third_party_caveats_are_kept_and_never_met() {
    let mut macaroon = theirs(&fresh());
    let their_key = MacaroonKey::generate(b"theirs");
    macaroon
        .add_third_party_caveat("auth.example", &their_key, "ask them")
        .unwrap();
    let token = of_theirs(&macaroon);
    let restriction = Restriction::ThirdParty {
        location: "auth.example".to_owned(),
    };
    assert_eq!(token.restrictions(), [restriction]);
    for rules in [RuleSet::Strict, RuleSet::PyPiToken, RuleSet::Warehouse] {
        let refusal = token.check(&key(), &good(), rules).unwrap_err();
        assert!(
            matches!(refusal.reason(), RejectReason::Unmet(u) if u[0].cause == UnmetCause::ThirdParty)
        );
    }
    let more = token
        .restrict(&Attenuation::new().user_id(USER).unwrap())
        .unwrap();
    macaroon
        .add_first_party_caveat(more.caveats()[1].id())
        .unwrap();
    assert_eq!(more, of_theirs(&macaroon));
}

// --- libmacaroon, which shares no code with this module ---------------------------------------------------------------------------

fn theirs(token: &Token) -> Macaroon {
    Macaroon::deserialize_binary(&bytes(token)).unwrap()
}

/// It pads its base64, and writes both formats.
fn of_theirs(macaroon: &Macaroon) -> Token {
    let text = macaroon.serialize(libmacaroon::Format::V2).unwrap();
    Token::parse(&format!("pypi-{text}")).unwrap()
}

fn verified_by_them(token: &Token) -> bool {
    let mut verifier = Verifier::default();
    verifier.satisfy_general(|_| true);
    let key = MacaroonKey::generate(KEY);
    verifier.verify(&theirs(token), &key, &[]).is_ok()
}

#[test]
fn libmacaroon_signs_and_verifies_the_same() {
    let key = MacaroonKey::generate(KEY);
    let mut macaroon = Macaroon::create(Some("pypi.example"), &key, ID).unwrap();
    assert_eq!(of_theirs(&macaroon), fresh());
    assert!(verified_by_them(&fresh()) && verified_by_them(&narrowed()));
    for caveat in narrowed().caveats() {
        macaroon.add_first_party_caveat(caveat.id()).unwrap();
    }
    assert_eq!(of_theirs(&macaroon), narrowed());
    // Their packets.
    let packets = macaroon.serialize(libmacaroon::Format::V1).unwrap();
    let token = Token::parse(&format!("pypi-{packets}")).unwrap();
    assert_eq!(token.format(), TokenFormat::V1);
    assert!(holds(&token, &good()));
    assert_eq!(
        text(&token),
        format!("pypi-{}", packets.trim_end_matches('='))
    );
    let more = token
        .restrict(&Attenuation::new().user_id(USER).unwrap())
        .unwrap();
    assert!(verified_by_them(&more) && more.format() == TokenFormat::V1);
}

// --- what holds of all tokens -------------------------------------------------------------------------------------------------

fn some_name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("six".to_owned()),
        Just("wheel".to_owned()),
        "[A-Za-z0-9]([A-Za-z0-9._-]{0,8}[A-Za-z0-9])?"
    ]
}

fn some_narrowing() -> impl Strategy<Value = Attenuation> {
    let date = prop::option::of((0i64..3_000, 1i64..3_000));
    let names = prop::option::of(prop::collection::vec(some_name(), 1..4));
    let ids = prop::option::of(prop_oneof![Just(PROJECT), Just(USER)]);
    let user = prop::option::of(prop_oneof![Just(USER), Just(PROJECT)]);
    let legacy = prop::option::of(prop::collection::vec(any::<String>(), 1..3));
    (date, names, ids, user, legacy, any::<bool>()).prop_map(
        |(date, names, ids, user, legacy, noop)| {
            let mut all = Attenuation::new();
            if let Some((start, length)) = date {
                all = all.between(at(start), at(start + length)).unwrap();
                all = all.legacy_between(at(start), at(start + length)).unwrap();
            }
            if let Some(names) = names {
                all = all.projects(names).unwrap();
            }
            if let Some(id) = ids {
                all = all.project_ids([id]).unwrap();
            }
            if let Some(id) = user {
                all = all.user_id(id).unwrap();
            }
            if let Some(names) = legacy {
                all = all.legacy_projects(names).unwrap();
            }
            if noop { all.legacy_noop() } else { all }
        },
    )
}

fn some_context() -> impl Strategy<Value = TokenUse> {
    let of = |known: &'static str| {
        prop::option::of(prop_oneof![Just(known.to_owned()), any::<String>()])
    };
    (0i64..4_000, of("six"), of(PROJECT), of(USER)).prop_map(|(now, name, project, user)| {
        let mut context = TokenUse::at(at(now));
        if let Some(name) = name {
            context = context.project(name);
        }
        if let Some(id) = project {
            context = context.project_id(id);
        }
        if let Some(id) = user {
            context = context.user_id(id);
        }
        context
    })
}

proptest! {
    #[test]
    fn restricting_only_ever_narrows(
        steps in prop::collection::vec(some_narrowing(), 1..4),
        context in some_context(),
    ) {
        let mut token = fresh();
        let mut expected = Vec::new();
        for step in &steps {
            let narrower = token.restrict(step).unwrap();
            for rules in [RuleSet::Strict, RuleSet::PyPiToken, RuleSet::Warehouse] {
                let holds = |token: &Token| token.check(&key(), &context, rules).is_ok();
                prop_assert!(!holds(&narrower) || holds(&token), "{rules:?} {narrower:?} {context:?}");
            }
            expected.extend(step.restrictions().cloned());
            prop_assert_eq!(narrower.restrictions(), expected.clone());
            // It is written as it is read, and all of it is signed.
            let again = Token::parse(&text(&narrower)).unwrap();
            prop_assert_eq!(&again, &narrower);
            prop_assert!(verified_by_them(&narrower));
            token = narrower;
        }
    }

    #[test]
    fn a_changed_letter_ends_the_token(at in any::<prop::sample::Index>(), letter in "[A-Za-z0-9_-]") {
        let original = text(&narrowed());
        let at = at.index(original.len());
        let mut changed = original.clone();
        changed.replace_range(at..=at, &letter);
        prop_assume!(changed != original);
        let token = Token::parse(&changed);
        if let Ok(token) = token {
            let unsigned = token.prefix() != "pypi" || token.domain() != "pypi.example";
            prop_assert!(unsigned || !holds(&token, &good()), "{changed}");
        }
    }

    #[test]
    fn any_text_is_refused_or_read(text in ".{0,200}", bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = Token::parse(&text);
        let second = of_bytes(&[&[2], &bytes[..]].concat());
        let first = of_bytes(&[b"0", &bytes[..]].concat());
        for token in [second, first, of_bytes(&bytes)].into_iter().flatten() {
            prop_assert!(!holds(&token, &good()));
        }
    }

    #[test]
    fn any_caveat_is_read_without_trouble(caveat in prop_oneof![
        any::<Vec<u8>>(),
        r#"\[ ?([0-4]|1\.0|true), ?(\[("six",? ?){0,2}\]|"[a-f0-9-]{36}"|[0-9e.-]{1,20}, [0-9]{1,25})\]"#.prop_map(String::into_bytes),
    ]) {
        let token = signed(&caveat);
        for rules in [RuleSet::Strict, RuleSet::PyPiToken, RuleSet::Warehouse] {
            let answer = token.check(&key(), &good(), rules);
            // What holds was understood.
            let is_unknown = matches!(token.restrictions()[0], Restriction::Unknown { .. });
            prop_assert!(answer.is_err() || rules == RuleSet::Warehouse || !is_unknown);
        }
    }
}
