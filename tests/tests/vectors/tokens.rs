//! PyPI tokens: each is read, written, made anew, and checked by every rule set, as its vector says.

use auths_core::Timestamp;
use data_encoding::HEXLOWER;
use pypi_tokens::{
    Attenuation, RejectReason, Restriction, RootKey, RuleSet, Token, TokenFormat, TokenRejected,
    TokenUse, TokenValid, TokenWarning, UnmetCause,
};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::shelf::Shelf;

/// Where we differ from pypitoken in what can be made: no server would take such a token for anything.
const NOT_MADE: [&str; 2] = ["p006", "p008"];
/// Where we write another name than was given: the one that servers know.
const NORMALISED: [&str; 2] = ["p024", "p026"];

#[derive(Deserialize)]
pub(crate) struct File {
    format: String,
    cases: Vec<Case>,
}

#[derive(Deserialize)]
struct Case {
    id: String,
    token_parts: Vec<String>,
    token_sha256: String,
    build: Build,
    load: Load,
    checks: Vec<Check>,
}

#[derive(Deserialize)]
struct Build {
    domain: Option<String>,
    identifier: Option<String>,
    key_hex: Option<String>,
    prefix: Option<String>,
    macaroon_version: Option<u8>,
    restrict_calls: Option<Vec<Call>>,
}

#[derive(Deserialize)]
struct Call {
    not_before: Option<i64>,
    not_after: Option<i64>,
    project_names: Option<Vec<String>>,
    project_ids: Option<Vec<String>>,
    user_id: Option<String>,
    legacy_noop: Option<bool>,
    legacy_project_names: Option<Vec<String>>,
    legacy_not_before: Option<i64>,
    legacy_not_after: Option<i64>,
}

#[derive(Deserialize)]
struct Load {
    ok: bool,
    parsed: Option<Parsed>,
}

#[derive(Deserialize)]
struct Parsed {
    prefix: String,
    macaroon_version: u8,
    domain: String,
    identifier_hex: String,
    identifier: Option<String>,
    caveats: Vec<ParsedCaveat>,
    restrictions: Option<Vec<Value>>,
    redump_identical: bool,
    redump_parts: Option<Vec<String>>,
}

#[derive(Deserialize)]
struct ParsedCaveat {
    id_hex: String,
    third_party: bool,
    location: Option<String>,
}

#[derive(Deserialize)]
struct Check {
    key_hex: String,
    context: Asked,
    context_oidc_publisher_id: Option<String>,
    pypitoken: Said,
    warehouse: Said,
    recommended: Said,
}

#[derive(Deserialize)]
struct Asked {
    project_name: Option<String>,
    project_id: Option<String>,
    user_id: Option<String>,
    now: i64,
}

#[derive(Deserialize)]
struct Said {
    outcome: String,
    reason: Option<String>,
}

pub(crate) fn read(shelf: &Shelf) -> File {
    let file: File = serde_json::from_slice(&shelf.read("pypi-tokens/pypi_tokens.json")).unwrap();
    assert_eq!(file.format, "pypi-token-vectors/1");
    file
}

fn cases() -> Vec<Case> {
    read(&Shelf::default()).cases
}

fn time(unix: i64) -> Timestamp {
    Timestamp::from_unix(unix).unwrap()
}

fn text(token: &Token) -> String {
    use secrecy::ExposeSecret;
    token.to_text().expose_secret().to_owned()
}

impl Case {
    fn text(&self) -> String {
        let text = self.token_parts.concat();
        assert_eq!(
            HEXLOWER.encode(&Sha256::digest(&text)),
            self.token_sha256,
            "{}",
            self.id
        );
        text
    }
}

impl Check {
    fn context(&self) -> TokenUse {
        let mut context = TokenUse::at(time(self.context.now));
        if let Some(name) = &self.context.project_name {
            context = context.project(name);
        }
        if let Some(id) = &self.context.project_id {
            context = context.project_id(id);
        }
        if let Some(id) = &self.context.user_id {
            context = context.user_id(id);
        }
        if let Some(id) = &self.context_oidc_publisher_id {
            context = context.publisher_id(id);
        }
        context
    }

    fn by(&self, token: &str, rules: RuleSet) -> Option<Result<TokenValid, TokenRejected>> {
        let key = RootKey::from_hex(&self.key_hex).unwrap();
        let token = Token::parse(token).ok()?;
        Some(token.check(&key, &self.context(), rules))
    }
}

/// An answer of ours in the words of the vectors.
fn outcome(answer: Option<&Result<TokenValid, TokenRejected>>, column: &str) -> &'static str {
    match (answer, column) {
        (None, "pypitoken") => "load_error",
        (None, _) => "invalid",
        (Some(Ok(_)), _) => "valid",
        (Some(Err(refusal)), "pypitoken")
            if refusal.warnings().contains(&TokenWarning::Crashes) =>
        {
            "crash"
        }
        (Some(Err(refusal)), _) if refusal.warnings().contains(&TokenWarning::Crashes) => "error",
        (Some(Err(_)), _) => "invalid",
    }
}

#[test]
fn every_token_is_answered_as_each_column_says() {
    let mut wrong = Vec::new();
    let mut checks = 0;
    for case in cases() {
        let token = case.text();
        for (n, check) in case.checks.iter().enumerate() {
            checks += 1;
            for (rules, column, said) in [
                (RuleSet::Strict, "recommended", &check.recommended),
                (RuleSet::PyPiToken, "pypitoken", &check.pypitoken),
                (RuleSet::Warehouse, "warehouse", &check.warehouse),
            ] {
                let answer = check.by(&token, rules);
                let ours = outcome(answer.as_ref(), column);
                if ours != said.outcome {
                    let id = &case.id;
                    wrong.push(format!("{id}/{n} {column}: {ours}, not {}", said.outcome));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
    assert_eq!(checks, 115);
}

/// What the vectors call a reason, in our words; pypitoken's precedence (caveats before the signature) is not ours.
#[test]
fn the_reason_is_that_of_the_vector() {
    for case in cases() {
        let token = case.text();
        for check in &case.checks {
            let reason = check.recommended.reason.as_deref().unwrap();
            let ours = match check.by(&token, RuleSet::Strict) {
                None => "load_error".to_owned(),
                Some(Ok(_)) => "ok".to_owned(),
                Some(Err(refusal)) => match refusal.reason() {
                    RejectReason::Signature => "signature_mismatch".to_owned(),
                    RejectReason::Unmet(unmet) => unmet[0].cause.name().replace('-', "_"),
                    other => panic!("{other:?}"),
                },
            };
            let hidden = ours == "signature_mismatch" && check.recommended.outcome == "invalid";
            assert!(
                ours == reason || hidden,
                "{}: {ours}, not {reason}",
                case.id
            );
        }
    }
}

/// The two programs say yes to a caveat that nobody signed and that is not met; the emulations say so, and we never do.
#[test]
fn what_fails_open_elsewhere_says_so_and_is_refused_here() {
    let cases = cases();
    let case = cases.iter().find(|case| case.id == "p033").unwrap();
    let check = &case.checks[0];
    for rules in [RuleSet::PyPiToken, RuleSet::Warehouse] {
        let held = check.by(&case.text(), rules).unwrap().unwrap();
        assert!(
            held.warnings().contains(&TokenWarning::FailsOpen(1)),
            "{held:?}"
        );
    }
    let refusal = check
        .by(&case.text(), RuleSet::Strict)
        .unwrap()
        .unwrap_err();
    assert_eq!(refusal.reason(), &RejectReason::Signature);
}

#[test]
fn every_token_is_read_as_the_vector_says() {
    for case in cases() {
        let (id, token) = (&case.id, Token::parse(&case.text()));
        assert_eq!(token.is_ok(), case.load.ok, "{id}: {token:?}");
        let (Ok(token), Some(parsed)) = (token, case.load.parsed.as_ref()) else {
            continue;
        };
        assert_eq!(token.prefix(), parsed.prefix, "{id}");
        assert_eq!(token.domain(), parsed.domain, "{id}");
        assert_eq!(
            HEXLOWER.encode(token.identifier()),
            parsed.identifier_hex,
            "{id}"
        );
        assert_eq!(
            token.identifier_text(),
            parsed.identifier.as_deref(),
            "{id}"
        );
        let version = if token.format() == TokenFormat::V1 {
            1
        } else {
            2
        };
        assert_eq!(version, parsed.macaroon_version, "{id}");
        assert_eq!(token.caveats().len(), parsed.caveats.len(), "{id}");
        for (caveat, said) in token.caveats().iter().zip(&parsed.caveats) {
            assert_eq!(HEXLOWER.encode(caveat.id()), said.id_hex, "{id}");
            assert_eq!(caveat.is_third_party(), said.third_party, "{id}");
            assert_eq!(caveat.location(), said.location.as_deref(), "{id}");
        }
        if let Some(restrictions) = &parsed.restrictions {
            let ours: Vec<_> = token.restrictions().iter().map(in_their_words).collect();
            let theirs: Vec<_> = restrictions.iter().map(without_dump).collect();
            assert_eq!(ours, theirs, "{id}");
        }
        match &parsed.redump_parts {
            Some(parts) => assert_eq!(text(&token), parts.concat(), "{id}"),
            None => {
                assert!(parsed.redump_identical);
                assert_eq!(text(&token), case.text(), "{id}");
            }
        }
    }
}

fn without_dump(restriction: &Value) -> Value {
    let mut restriction = restriction.clone();
    restriction.as_object_mut().unwrap().remove("dump");
    // They keep `1.0` as it stands.
    for time in ["not_before", "not_after"] {
        if let Some(float) = restriction[time].as_f64() {
            #[expect(clippy::cast_possible_truncation, reason = "a second")]
            let whole = float as i64;
            restriction[time] = json!(whole);
        }
    }
    if restriction["not_before"].is_null() {
        let fields = restriction.as_object_mut().unwrap();
        fields.retain(|_, value| !value.is_null());
    }
    restriction
}

fn in_their_words(restriction: &Restriction) -> Value {
    use Restriction as R;
    match restriction {
        R::Date {
            not_before,
            not_after,
        } => {
            json!({ "type": "DateRestriction", "not_before": not_before, "not_after": not_after })
        }
        R::ProjectNames { names } => {
            json!({ "type": "ProjectNamesRestriction", "project_names": names })
        }
        R::ProjectIds { ids } => json!({ "type": "ProjectIDsRestriction", "project_ids": ids }),
        R::UserId { id } => json!({ "type": "UserIDRestriction", "user_id": id }),
        R::LegacyNoop => json!({ "type": "LegacyNoopRestriction" }),
        R::LegacyProjectNames { names } => {
            json!({ "type": "LegacyProjectNamesRestriction", "project_names": names })
        }
        R::LegacyDate {
            not_before,
            not_after,
        } => {
            json!({ "type": "LegacyDateRestriction", "not_before": not_before, "not_after": not_after })
        }
        other => json!(format!("{other:?}")),
    }
}

/// Making the token again from what it was made from gives the same bytes, and where it does not, on purpose.
#[test]
fn every_token_is_made_again() {
    let mut made = 0;
    for case in cases() {
        let build = &case.build;
        let (Some(calls), Some(2)) = (&build.restrict_calls, build.macaroon_version) else {
            continue;
        };
        let key = RootKey::from_hex(build.key_hex.as_deref().unwrap()).unwrap();
        let domain = build.domain.as_deref().unwrap();
        let identifier = build.identifier.as_deref().unwrap();
        let mut token = Token::create(domain, identifier, &key)
            .and_then(|token| token.with_prefix(build.prefix.as_deref().unwrap()))
            .unwrap();
        let narrowed: Result<Vec<_>, _> = calls.iter().map(Call::narrowing).collect();
        assert_eq!(
            narrowed.is_err(),
            NOT_MADE.contains(&&*case.id),
            "{}",
            case.id
        );
        let Ok(narrowings) = narrowed else { continue };
        for narrowing in narrowings {
            // Through its text, as one that came from elsewhere.
            token = Token::parse(&text(&token.restrict(&narrowing).unwrap())).unwrap();
        }
        let is_theirs = text(&token) == case.text();
        assert_eq!(!is_theirs, NORMALISED.contains(&&*case.id), "{}", case.id);
        made += 1;
    }
    assert!(made > 15, "{made}");
}

/// What pypitoken would have written for nobody is good here for the project that was meant.
#[test]
fn a_name_that_is_not_normal_is_written_normally() {
    let key = RootKey::new(b"any").unwrap();
    let narrowing = Attenuation::new().projects(["Foo.Bar"]).unwrap();
    let token = Token::create("pypi.example", "id", &key).unwrap();
    let token = token.restrict(&narrowing).unwrap();
    let ask = |name: &str| {
        let context = TokenUse::at(time(0)).project(name);
        token.check(&key, &context, RuleSet::Strict)
    };
    assert!(ask("foo-bar").is_ok());
    let refusal = ask("Foo.Bar").unwrap_err();
    assert!(
        matches!(refusal.reason(), RejectReason::Unmet(u) if u[0].cause == UnmetCause::OtherProject)
    );
}

impl Call {
    fn narrowing(&self) -> Result<Attenuation, pypi_tokens::NarrowError> {
        let mut narrowing = Attenuation::new();
        if let Some((start, end)) = self.not_before.zip(self.not_after) {
            narrowing = narrowing.between(time(start), time(end))?;
        }
        if let Some(names) = &self.project_names {
            narrowing = narrowing.projects(names)?;
        }
        if let Some(ids) = &self.project_ids {
            narrowing = narrowing.project_ids(ids)?;
        }
        if let Some(id) = &self.user_id {
            narrowing = narrowing.user_id(id)?;
        }
        if self.legacy_noop == Some(true) {
            narrowing = narrowing.legacy_noop();
        }
        if let Some(names) = &self.legacy_project_names {
            narrowing = narrowing.legacy_projects(names)?;
        }
        if let Some((start, end)) = self.legacy_not_before.zip(self.legacy_not_after) {
            narrowing = narrowing.legacy_between(time(start), time(end))?;
        }
        Ok(narrowing)
    }
}
