//! PyPI tokens beside the Python library `pypitoken`: what is made here loads and checks there, and the other way round; and what
//! nobody made well is answered alike, or refused here. `tests/python/pypi_tokens.py` asks the library.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test may fail by panicking"
)]

use std::ffi::OsString;
use std::io::Write;
use std::process::{Command, Stdio};
use std::thread;

use auths_core::Timestamp;
use auths_tests::root;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use pypi_tokens::{Attenuation, RootKey, RuleSet, Token, TokenUse, TokenWarning};
use secrecy::ExposeSecret;
use serde_json::{Value, json};

const KEY: [u8; 32] = [0x5a; 32];
const ID: &str = "7d1e2f3a-0b1c-4d2e-8f3a-4b5c6d7e8f90";
const USER: &str = "3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a";
const PROJECT: &str = "aa11bb22-cc33-4d44-8e55-ff6677889900";
const NOW: i64 = 1_700_000_000;

/// The Python that tests/run has set up.
fn python() -> OsString {
    std::env::var_os("AUTHS_TEST_PYTHON").expect(
        "AUTHS_TEST_PYTHON is not set. It names a Python that has tests/requirements.txt installed; tests/run makes one \
         and sets it. To run this test by itself: AUTHS_TEST_PYTHON=$PWD/target/venv/bin/python",
    )
}

/// Has one process of the library do all of this.
fn ask(questions: &[Value]) -> Vec<Value> {
    let mut process = Command::new(python())
        .arg(root().join("tests/python/pypi_tokens.py"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("AUTHS_TEST_PYTHON can be started");
    let mut stdin = process.stdin.take().unwrap();
    let output = thread::scope(|scope| {
        scope.spawn(move || {
            for question in questions {
                writeln!(stdin, "{question}").unwrap();
            }
        });
        process.wait_with_output().unwrap()
    });
    assert!(output.status.success(), "the Python library failed");
    let answers = str::from_utf8(&output.stdout).unwrap().lines();
    let answers: Vec<_> = answers.map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(answers.len(), questions.len());
    answers
}

fn key() -> RootKey {
    RootKey::new(&KEY).unwrap()
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

/// A context in both languages.
#[derive(Debug, Clone)]
struct Asked {
    name: Option<&'static str>,
    id: Option<&'static str>,
    user: Option<&'static str>,
    now: i64,
}

const GOOD: Asked = Asked {
    name: Some("six"),
    id: Some(PROJECT),
    user: Some(USER),
    now: NOW,
};

/// The good one, and each that differs from it in one thing or in all.
fn contexts() -> Vec<Asked> {
    let names = [Some("flask"), Some("Six"), Some("six\n"), Some(""), None];
    let ids = [Some(USER), Some(""), None];
    let mut all = vec![GOOD];
    all.extend(names.map(|name| Asked { name, ..GOOD }));
    all.extend(ids.map(|id| Asked { id, ..GOOD }));
    all.extend([Some(PROJECT), None].map(|user| Asked { user, ..GOOD }));
    all.extend([NOW - 1, NOW + 59, NOW + 60, 0].map(|now| Asked { now, ..GOOD }));
    all.push(Asked {
        name: None,
        id: None,
        user: None,
        now: 0,
    });
    all
}

impl Asked {
    fn ours(&self) -> TokenUse {
        let mut context = TokenUse::at(at(self.now));
        if let Some(name) = self.name {
            context = context.project(name);
        }
        if let Some(id) = self.id {
            context = context.project_id(id);
        }
        if let Some(id) = self.user {
            context = context.user_id(id);
        }
        context
    }

    fn question(&self, token: &str) -> Value {
        let context = json!({
            "project_name": self.name, "project_id": self.id, "user_id": self.user, "now": self.now,
        });
        json!({ "do": "check", "token": token, "key": HEXLOWER.encode(&KEY), "context": context })
    }
}

/// Our answer by a rule set, in the words of the Python script.
fn ours(token: &str, context: &Asked, rules: RuleSet) -> &'static str {
    let Ok(token) = Token::parse(token) else {
        return "load_error";
    };
    match token.check(&key(), &context.ours(), rules) {
        Ok(_) => "valid",
        Err(refusal) if refusal.warnings().contains(&TokenWarning::Crashes) => "crash",
        Err(_) => "invalid",
    }
}

/// Asks both about each of these tokens in each of these contexts. The emulation says what they say; our own rules never say yes
/// where they say no.
fn compare(tokens: &[String], contexts: &[Asked]) -> Vec<&'static str> {
    let cases: Vec<_> = tokens
        .iter()
        .flat_map(|token| contexts.iter().map(move |context| (token, context)))
        .collect();
    let questions: Vec<_> = cases.iter().map(|(t, c)| c.question(t)).collect();
    let mut said = Vec::new();
    for ((token, context), answer) in cases.iter().zip(ask(&questions)) {
        let theirs = answer["outcome"].as_str().unwrap();
        let shown = || format!("{:?} {context:?}", Token::parse(token));
        assert_eq!(
            ours(token, context, RuleSet::PyPiToken),
            theirs,
            "{}",
            shown()
        );
        let strict = ours(token, context, RuleSet::Strict);
        assert!(strict != "valid" || theirs == "valid", "{}", shown());
        let written = text(&Token::parse(token).unwrap());
        assert_eq!(answer["redump"], written, "{}", shown());
        said.push(strict);
    }
    said
}

/// Each kind alone, and all of them: here, and in the library's words.
fn narrowings() -> Vec<(Attenuation, Value)> {
    let (start, end) = (NOW, NOW + 60);
    let new = Attenuation::new;
    let dates = json!({ "not_before": start, "not_after": end });
    let old_dates = json!({ "legacy_not_before": start, "legacy_not_after": end });
    let odd = "Foo.B\u{e4}r \u{1f600}\"\\\u{7f}\n";
    let mut all = vec![
        (new(), json!({})),
        (new().between(at(start), at(end)).unwrap(), dates),
        (
            new().projects(["six", "wheel"]).unwrap(),
            json!({ "project_names": ["six", "wheel"] }),
        ),
        (
            new().project_ids([PROJECT, ID]).unwrap(),
            json!({ "project_ids": [PROJECT, ID] }),
        ),
        (new().user_id(USER).unwrap(), json!({ "user_id": USER })),
        (new().legacy_noop(), json!({ "legacy_noop": true })),
        (
            new().legacy_projects([odd, "six"]).unwrap(),
            json!({ "legacy_project_names": [odd, "six"] }),
        ),
        (new().legacy_between(at(start), at(end)).unwrap(), old_dates),
    ];
    let whole = new()
        .between(at(start), at(end))
        .and_then(|n| n.projects(["six", "wheel"]))
        .and_then(|n| n.project_ids([PROJECT, ID]))
        .and_then(|n| n.user_id(USER))
        .and_then(|n| n.legacy_noop().legacy_projects([odd, "six"]))
        .and_then(|n| n.legacy_between(at(start), at(end)));
    let mut together = json!({});
    for (_, one) in &all {
        let fields = one.as_object().unwrap().clone();
        together.as_object_mut().unwrap().extend(fields);
    }
    all.push((whole.unwrap(), together));
    all
}

/// Byte for byte the same from both, in one step and in several, and so it loads and checks on either side.
#[test]
fn what_either_makes_the_other_makes_loads_and_checks() {
    let kinds = narrowings();
    let mut made: Vec<(Token, Vec<Value>)> = Vec::new();
    for (one, theirs) in &kinds {
        let token = fresh().restrict(one).unwrap();
        for (other, more) in &kinds {
            made.push((
                token.restrict(other).unwrap(),
                vec![theirs.clone(), more.clone()],
            ));
        }
    }
    let questions: Vec<_> = made
        .iter()
        .map(|(_, restrict)| {
            let key = HEXLOWER.encode(&KEY);
            json!({ "do": "make", "domain": "pypi.example", "identifier": ID, "key": key, "restrict": restrict })
        })
        .collect();
    let mut tokens = Vec::new();
    for ((token, restrict), answer) in made.iter().zip(ask(&questions)) {
        assert_eq!(answer["token"], text(token), "{restrict:?}");
        tokens.push(text(token));
    }
    let said = compare(&tokens[..kinds.len()], &contexts());
    assert!(said.contains(&"valid") && said.contains(&"invalid"));
    let contexts = [GOOD, contexts().pop().unwrap()];
    let said = compare(&tokens[kinds.len()..], &contexts);
    let count = |outcome| said.iter().filter(|said| **said == outcome).count();
    assert!(count("valid") > 50 && count("invalid") > 50);
}

/// Caveats at the edges of what the library understands.
const EDGES: &[&str] = &[
    r#"[0, 1700000060, 1700000000]"#,
    r#"[0,1700000060,1700000000]"#,
    r#" [0, 1700000060.0, 17e8]"#,
    r#"[0.0, 1700000060, 1700000000]"#,
    r#"[-0, 1700000060, 1700000000]"#,
    r#"[false, 1700000060, 1700000000]"#,
    r#"[0, 1700000060.5, 1700000000]"#,
    r#"[0, true, 0]"#,
    r#"[0, "1700000060", 0]"#,
    r#"[0, null, 0]"#,
    r#"[0, 1700000060]"#,
    r#"[0, 1700000060, 1700000000, 0]"#,
    r#"[0, 99999999999999999999999999, -99999999999999999999999999]"#,
    r#"[0, 18446744073709551615, -9223372036854775809]"#,
    r#"[0, 1e308, -1e308]"#,
    r#"[0, -1, -2]"#,
    r#"[1, ["six"]]"#,
    "[1, [\"six\\n\"]]",
    "[1, [\"six\\n\\n\"]]",
    r#"[1, ["s\u0069x"]]"#,
    r#"[1, ["six", "Six"]]"#,
    r#"[1, ["six", 1]]"#,
    r#"[1, ["six", "a--b", "0"]]"#,
    r#"[1, ["six", "-a"]]"#,
    r#"[1, ["six", "a-"]]"#,
    r#"[1, ["six", "a.b"]]"#,
    r#"[1, ["six", "a_b"]]"#,
    r#"[1, ["six", ""]]"#,
    r#"[1, ["six", "é"]]"#,
    r#"[1, []]"#,
    r#"[1, "six"]"#,
    r#"[1, {"six": 1}]"#,
    r#"[1]"#,
    r#"["1", ["six"]]"#,
    r#"[1, ["six"],]"#,
    r#"[2, ["aa11bb22-cc33-4d44-8e55-ff6677889900"]]"#,
    "[2, [\"aa11bb22-cc33-4d44-8e55-ff6677889900\\n\"]]",
    r#"[2, ["AA11BB22-CC33-4D44-8E55-FF6677889900"]]"#,
    r#"[2, ["aa11bb22cc334d448e55ff6677889900"]]"#,
    r#"[2, ["aa11bb22-cc33-4d44-8e55-ff6677889900", "x"]]"#,
    r#"[3, "3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a"]"#,
    r#"[3.0, "3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a"]"#,
    r#"[3, ["3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a"]]"#,
    r#"[3, "gc9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a"]"#,
    r#"[4, "3c9d5b1e-7a2f-4e6d-8b0c-1f2e3d4c5b6a"]"#,
    r#"[5]"#,
    r#"[]"#,
    r#"{}"#,
    r#"{"version": 1, "permissions": "user"}"#,
    r#"{"permissions":"user","version":1}"#,
    r#"{"version": 1.0, "permissions": "user"}"#,
    r#"{"version": true, "permissions": "user"}"#,
    r#"{"version": "1", "permissions": "user"}"#,
    r#"{"version": 2, "permissions": "user"}"#,
    r#"{"version": 1, "permissions": "users"}"#,
    r#"{"version": 1, "permissions": null}"#,
    r#"{"version": 1, "permissions": "user", "more": 1}"#,
    r#"{"version": 2, "version": 1, "permissions": "user"}"#,
    r#"{"version": 1, "permissions": {"projects": ["six"]}}"#,
    r#"{"version": 1, "permissions": {"projects": ["Six", "six", "", "\ud83d\ude00"]}}"#,
    r#"{"version": 1, "permissions": {"projects": "six"}}"#,
    r#"{"version": 1, "permissions": {"projects": []}}"#,
    r#"{"version": 1, "permissions": {"projects": ["six", 1]}}"#,
    r#"{"version": 1, "permissions": {"projects": ["six"], "more": 1}}"#,
    r#"{"nbf": 1700000000, "exp": 1700000060}"#,
    r#"{"exp": 1700000060.0, "nbf": 17e8}"#,
    r#"{"nbf": 1700000000}"#,
    r#"{"nbf": 1700000000, "exp": true}"#,
    r#"{"nbf": 0, "exp": 1700000060, "version": 1}"#,
    r#"{"project_ids": ["aa11bb22-cc33-4d44-8e55-ff6677889900"]}"#,
    r#"null"#,
    r#"true"#,
    r#"1"#,
    r#""user""#,
    r#"NaN"#,
    r#"[0, NaN, 0]"#,
    r#"[0, Infinity, 0]"#,
    r#"[0, 1e400, 0]"#,
    r#"[1, ["six"]] "#,
    r#"[1, ["six"]] x"#,
    r#"// [1, ["six"]]"#,
    r#"['six']"#,
    "",
    " ",
    "\u{feff}[1, [\"six\"]]",
];

/// Where the library says yes and we, emulating it, do not, since our JSON is stricter: text that is no Unicode.
const STRICTER: &[&str] = &[r#"{"version": 1, "permissions": {"projects": ["six", "\ud800"]}}"#];

fn signed(caveats: &[&[&str]]) -> Vec<String> {
    let questions: Vec<_> = caveats
        .iter()
        .map(|caveats| {
            let caveats: Vec<_> = caveats.iter().map(|c| HEXLOWER.encode(c.as_bytes())).collect();
            let key = HEXLOWER.encode(&KEY);
            json!({ "do": "sign", "domain": "pypi.example", "identifier": ID, "key": key, "caveats": caveats })
        })
        .collect();
    let answers = ask(&questions).into_iter();
    answers
        .map(|a| a["token"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn caveats_at_the_edges_are_understood_alike() {
    let one: Vec<_> = EDGES.iter().map(std::slice::from_ref).collect();
    let mut tokens = signed(&one);
    // Two at once, which makes the library crash where neither is met.
    let pairs: Vec<_> = EDGES.windows(2).collect();
    tokens.extend(signed(&pairs));
    // The first signed, and the second only put there: it passes over that where it is not met.
    let unsigned: Vec<_> = tokens[..EDGES.len()]
        .iter()
        .zip(EDGES.iter().rev())
        .map(|(token, caveat)| with_unsigned(token, caveat.as_bytes()))
        .collect();
    let fail_open = compare(&unsigned, &[GOOD]);
    assert!(
        fail_open.iter().all(|said| *said != "valid"),
        "an unsigned caveat was accepted"
    );
    tokens.push(with_unsigned(&tokens[0], b"\xff"));
    let (alone, together) = tokens.split_at(EDGES.len());
    assert!(compare(alone, &contexts()).contains(&"valid"));
    let late = Asked {
        name: Some("flask"),
        now: NOW + 60,
        ..GOOD
    };
    compare(together, &[GOOD, late]);
    for token in signed(
        &STRICTER
            .iter()
            .map(std::slice::from_ref)
            .collect::<Vec<_>>(),
    ) {
        assert_eq!(ask(&[GOOD.question(&token)])[0]["outcome"], "valid");
        assert_eq!(ours(&token, &GOOD, RuleSet::Strict), "invalid");
    }
}

fn bytes(token: &str) -> Vec<u8> {
    let (_, body) = token.split_once('-').unwrap();
    BASE64URL_NOPAD.decode(body.as_bytes()).unwrap()
}

fn of_bytes(bytes: &[u8]) -> String {
    format!("pypi-{}", BASE64URL_NOPAD.encode(bytes))
}

/// The token with one more caveat, and the signature that it had.
fn with_unsigned(token: &str, caveat: &[u8]) -> String {
    let whole = bytes(token);
    let (head, tail) = whole.split_at(whole.len() - 35);
    let length = u8::try_from(caveat.len()).unwrap();
    let mut count = vec![length];
    if length > 0x7f {
        count = vec![length, 1];
    }
    of_bytes(&[head, &[2], &count, caveat, &[0], tail].concat())
}

/// A bit of every byte turned, every byte left out, and all ends cut off: what we read they read, with the same answer; what we do not read is
/// either no token to them, or a text or byte form that we refuse on purpose, and then never one that we would say yes to.
#[test]
fn what_was_damaged_is_answered_alike_or_refused() {
    let narrowing = Attenuation::new().projects(["six"]).unwrap();
    let narrowing = narrowing.between(at(NOW), at(NOW + 60)).unwrap();
    let original = text(&fresh().restrict(&narrowing).unwrap());
    let whole = bytes(&original);
    let mut damaged = Vec::new();
    for n in 0..whole.len() {
        let mut changed = whole.clone();
        changed[n] ^= 1 << (n % 8);
        damaged.push(of_bytes(&changed));
        damaged.push(of_bytes(&[&whole[..n], &whole[n + 1..]].concat()));
        damaged.push(of_bytes(&[&whole[..n], &[0], &whole[n..]].concat()));
        damaged.push(of_bytes(&whole[..n]));
    }
    for n in 0..original.len() {
        damaged.push(original[..n].to_owned());
        let put = ["=", "-", "!", "+", "A"][n % 5];
        damaged.push(format!("{}{put}{}", &original[..n], &original[n..]));
    }
    let questions: Vec<_> = damaged.iter().map(|t| GOOD.question(t)).collect();
    let (mut read, mut refused) = (0, 0);
    for (token, answer) in damaged.iter().zip(ask(&questions)) {
        let theirs = answer["outcome"].as_str().unwrap();
        match Token::parse(token) {
            Ok(parsed) => {
                read += 1;
                assert_eq!(ours(token, &GOOD, RuleSet::PyPiToken), theirs, "{parsed:?}");
                assert_eq!(answer["redump"], text(&parsed), "{parsed:?}");
                let strict = ours(token, &GOOD, RuleSet::Strict);
                assert!(strict != "valid" || theirs == "valid", "{parsed:?}");
            }
            Err(error) => {
                refused += 1;
                // Foreign letters in base64, an end that is not whole, a `=` inside, a prefix of other letters.
                let on_purpose = ["not base64", "prefix is not up to"];
                let is_ours = on_purpose
                    .iter()
                    .any(|part| error.to_string().contains(part));
                assert!(theirs == "load_error" || is_ours, "{error}: {theirs}");
            }
        }
    }
    assert!(read > 100 && refused > 100, "{read} {refused}");
}
