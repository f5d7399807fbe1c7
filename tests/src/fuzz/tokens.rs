//! PyPI tokens.

use pypi_tokens::{
    Attenuation, MAX_CAVEATS, MAX_TEXT, RejectReason, Restriction, RootKey, RuleSet, Token,
    TokenUse,
};
use secrecy::ExposeSecret;

use super::claims::text;
use crate::claims::now;

fn written(token: &Token) -> String {
    token.to_text().expose_secret().to_owned()
}

/// Reads a PyPI token. It is written as it was read, a restriction only adds to it, and a token that holds is understood by all
/// rules.
///
/// The input is tried as a token, as the bytes of a macaroon, as the caveat of a signed token, and as that of an unsigned one.
pub fn pypi_token(data: &[u8]) -> bool {
    let key = RootKey::new(b"the key of this target").unwrap();
    let as_text = text(data).is_some_and(|text| judge(Token::parse(text).ok(), &key));
    let as_bytes = judge(of_bytes(data), &key);
    let fresh = Token::create("pypi.example", "id", &key).unwrap();
    let named = |name: &str| Attenuation::new().legacy_projects([name]);
    let name = text(data).filter(|name| name.len() < 1_000);
    // A token is no name.
    if let Some((name, Ok(legacy))) = name.map(|name| (name, named(name))) {
        let token = fresh.restrict(&legacy).unwrap();
        let names = vec![name.to_owned()];
        assert_eq!(
            token.restrictions(),
            [Restriction::LegacyProjectNames { names }]
        );
        let context = TokenUse::at(now()).project(name);
        assert!(token.check(&key, &context, RuleSet::Strict).is_ok());
    }
    // The token is `head`, no caveats, an end and a signature of 35 bytes.
    let whole = bytes(&fresh);
    let (head, tail) = whole.split_at(whole.len() - 35);
    if let Ok(length) = u8::try_from(data.len()).map(|n| n & 0x7f) {
        let caveat = &data[..usize::from(length)];
        let unsigned = [head, &[2, length], caveat, &[0], tail].concat();
        let unsigned = of_bytes(&unsigned).expect("a caveat may hold anything");
        assert_eq!(unsigned.caveats()[0].id(), caveat);
        let refusal = unsigned
            .check(&key, &TokenUse::at(now()), RuleSet::Strict)
            .expect_err("nobody signed it");
        assert_eq!(refusal.reason(), &RejectReason::Signature);
        judge(Some(unsigned), &key);
    }
    as_text || as_bytes
}

fn bytes(token: &Token) -> Vec<u8> {
    let text = written(token);
    let (_, body) = text.split_once('-').unwrap();
    data_encoding::BASE64URL_NOPAD
        .decode(body.as_bytes())
        .unwrap()
}

fn of_bytes(bytes: &[u8]) -> Option<Token> {
    let body = data_encoding::BASE64URL_NOPAD.encode(bytes);
    Token::parse(&format!("pypi-{body}")).ok()
}

fn judge(token: Option<Token>, key: &RootKey) -> bool {
    let Some(token) = token else { return false };
    let text = written(&token);
    assert!(text.len() <= MAX_TEXT && token.caveats().len() <= MAX_CAVEATS);
    let again = Token::parse(&text).expect("what was written is read");
    assert_eq!((&again, written(&again)), (&token, text));
    let restrictions = token.restrictions();
    assert_eq!(restrictions.len(), token.caveats().len());
    let context = TokenUse::at(now()).project("six");
    for rules in [RuleSet::Strict, RuleSet::PyPiToken, RuleSet::Warehouse] {
        let answer = token.check(key, &context, rules);
        let said = match &answer {
            Ok(held) => format!("{held:?}"),
            Err(refusal) => refusal.to_string(),
        };
        assert!(!said.is_empty());
        if let Err(refusal) = &answer
            && let RejectReason::Unmet(unmet) = refusal.reason()
        {
            assert!(!unmet.is_empty());
        }
    }
    let narrowing = Attenuation::new().projects(["six"]).unwrap();
    if let Ok(narrower) = token.restrict(&narrowing) {
        assert_eq!(narrower.caveats().len(), restrictions.len() + 1);
        assert_eq!(
            &narrower.caveats()[..restrictions.len()],
            token.caveats(),
            "the original bytes are kept"
        );
        assert_eq!(Token::parse(&written(&narrower)).as_ref(), Ok(&narrower));
    }
    true
}
