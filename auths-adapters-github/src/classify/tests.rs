use super::*;

type Headers = &'static [(&'static str, &'static str)];
type Row = (
    u16,
    Headers,
    &'static str,
    Result<AnswerClass, UnavailableReason>,
);

const FOREIGN: Result<AnswerClass, UnavailableReason> = Err(UnavailableReason::UnexpectedStatus);
const NOT_FOUND: &str = r#"{"message":"Not Found","documentation_url":"https://docs.github.com/rest/orgs/members#get","status":"404"}"#;
const TYPE: (&str, &str) = ("content-type", "application/json; charset=utf-8");
const SSO: (&str, &str) = ("x-github-sso", "required; url=https://sso.example/x");
const NO_SCOPES: (&str, &str) = ("x-oauth-scopes", "");
const OTHER_SCOPES: (&str, &str) = ("x-oauth-scopes", "repo, gist");
const APP_ID: (&str, &str) = ("x-oauth-client-id", "Iv1.0123456789abcdef");
const OAUTH_ID: (&str, &str) = ("x-oauth-client-id", "Ov23li0123456789");
const WANTS_ORG: (&str, &str) = ("x-accepted-oauth-scopes", "admin:org, read:org, write:org");
const FINE_GRAINED: (&str, &str) = ("x-accepted-github-permissions", "members=read");
const USED_UP: (&str, &str) = ("x-ratelimit-remaining", "0");
const LIMIT: &str = r#"{"message":"You have exceeded a secondary rate limit."}"#;
const RESTRICTED: &str = r#"{"message":"Although you appear to have the correct authorization credentials, the `acme` organization has enabled OAuth App access restrictions"}"#;

const NOT_ACCESSIBLE: &str = r#"{"message":"Resource not accessible by personal access token"}"#;

/// To a route that wants `read:org`.
const TABLE: &[Row] = &[
    (200, &[TYPE], "{}", Ok(AnswerClass::Body)),
    (200, &[TYPE], "[]", Ok(AnswerClass::Body)),
    (
        200,
        &[("content-type", "text/html")],
        "{}",
        Err(UnavailableReason::Unreadable),
    ),
    (200, &[], "{}", Err(UnavailableReason::Unreadable)),
    (201, &[TYPE], "{}", Err(UnavailableReason::UnexpectedStatus)),
    (202, &[TYPE], "{}", Err(UnavailableReason::UnexpectedStatus)),
    (204, &[], "", Err(UnavailableReason::UnexpectedStatus)),
    (301, &[TYPE], "{}", Err(UnavailableReason::Redirected)),
    (302, &[], "", Err(UnavailableReason::Redirected)),
    (304, &[], "", Err(UnavailableReason::Unreadable)),
    (307, &[], "", Err(UnavailableReason::Redirected)),
    (400, &[TYPE], "{}", Err(UnavailableReason::UnexpectedStatus)),
    // A gateway's 401 says nothing of the token.
    (401, &[TYPE], "{}", Err(UnavailableReason::Forbidden)),
    (401, &[], "", Err(UnavailableReason::Forbidden)),
    (
        401,
        &[TYPE],
        r#"{"message":"Requires authentication"}"#,
        Err(UnavailableReason::Forbidden),
    ),
    (
        401,
        &[TYPE],
        r#"{"message":"Bad credentials"}"#,
        Err(UnavailableReason::DeadToken),
    ),
    // 403 and 429: rate limits first, by their headers and then by the word.
    (403, &[TYPE], LIMIT, Err(UnavailableReason::RateLimited)),
    (429, &[TYPE], LIMIT, Err(UnavailableReason::RateLimited)),
    (429, &[], "", Err(UnavailableReason::RateLimited)),
    (
        403,
        &[("retry-after", "7")],
        "",
        Err(UnavailableReason::RateLimited),
    ),
    (
        403,
        &[("retry-after", "7"), SSO, NO_SCOPES],
        "",
        Err(UnavailableReason::RateLimited),
    ),
    (
        403,
        &[USED_UP, SSO, FINE_GRAINED],
        "",
        Err(UnavailableReason::RateLimited),
    ),
    (
        403,
        &[USED_UP, OTHER_SCOPES, WANTS_ORG],
        RESTRICTED,
        Err(UnavailableReason::RateLimited),
    ),
    (
        403,
        &[("x-ratelimit-remaining", "00")],
        "",
        Err(UnavailableReason::RateLimited),
    ),
    (
        403,
        &[("x-ratelimit-remaining", "+5")],
        "",
        Err(UnavailableReason::RateLimited),
    ),
    (
        403,
        &[("x-ratelimit-remaining", "4999")],
        "",
        Err(UnavailableReason::Forbidden),
    ),
    // Then what the token lacks.
    (403, &[SSO], "", Err(UnavailableReason::SsoRequired)),
    (
        403,
        &[SSO, NO_SCOPES],
        "",
        Err(UnavailableReason::SsoRequired),
    ),
    (403, &[NO_SCOPES], "", Err(UnavailableReason::MissingScope)),
    (
        403,
        &[OTHER_SCOPES, WANTS_ORG],
        "",
        Err(UnavailableReason::MissingScope),
    ),
    (
        403,
        &[("x-oauth-scopes", "gist, write:org"), WANTS_ORG],
        "",
        Err(UnavailableReason::Forbidden),
    ),
    (
        403,
        &[("x-oauth-scopes", "read:organs")],
        "",
        Err(UnavailableReason::MissingScope),
    ),
    (
        403,
        &[("x-oauth-scopes", "read:org")],
        RESTRICTED,
        Err(UnavailableReason::AppRestricted),
    ),
    (
        403,
        &[TYPE],
        RESTRICTED,
        Err(UnavailableReason::AppRestricted),
    ),
    (
        403,
        &[TYPE, FINE_GRAINED],
        NOT_ACCESSIBLE,
        Err(UnavailableReason::TokenKind),
    ),
    (
        403,
        &[TYPE, FINE_GRAINED],
        "{}",
        Err(UnavailableReason::Forbidden),
    ),
    (
        404,
        &[TYPE, ("retry-after", "soon")],
        NOT_FOUND,
        Err(UnavailableReason::RateLimited),
    ),
    (
        403,
        &[TYPE],
        r#"{"message":"Forbidden"}"#,
        Err(UnavailableReason::Forbidden),
    ),
    (
        403,
        &[("content-type", "text/html")],
        "<html>",
        Err(UnavailableReason::Forbidden),
    ),
    (403, &[], "", Err(UnavailableReason::Forbidden)),
    // A GitHub App's token has no scopes, and its header is empty.
    (
        403,
        &[NO_SCOPES, FINE_GRAINED],
        "",
        Err(UnavailableReason::TokenKind),
    ),
    (
        403,
        &[NO_SCOPES, APP_ID],
        "",
        Err(UnavailableReason::TokenKind),
    ),
    (
        403,
        &[NO_SCOPES, OAUTH_ID],
        "",
        Err(UnavailableReason::MissingScope),
    ),
    (
        404,
        &[TYPE, NO_SCOPES, APP_ID],
        NOT_FOUND,
        Err(UnavailableReason::TokenKind),
    ),
    (
        404,
        &[TYPE, NO_SCOPES],
        NOT_FOUND,
        Err(UnavailableReason::MissingScope),
    ),
    // 404: only the API's own word, and not for want of a scope.
    (404, &[TYPE], NOT_FOUND, Ok(AnswerClass::NotFound)),
    (
        404,
        &[TYPE, SSO],
        NOT_FOUND,
        Err(UnavailableReason::SsoRequired),
    ),
    (
        404,
        &[TYPE, OTHER_SCOPES],
        NOT_FOUND,
        Err(UnavailableReason::MissingScope),
    ),
    (
        404,
        &[TYPE, ("x-oauth-scopes", "read:org")],
        NOT_FOUND,
        Ok(AnswerClass::NotFound),
    ),
    (404, &[TYPE], "{}", Err(UnavailableReason::UnexpectedStatus)),
    (404, &[TYPE], "[]", Err(UnavailableReason::UnexpectedStatus)),
    (404, &[TYPE], "", Err(UnavailableReason::UnexpectedStatus)),
    (
        404,
        &[("content-type", "text/html")],
        NOT_FOUND,
        Err(UnavailableReason::UnexpectedStatus),
    ),
    (
        404,
        &[],
        NOT_FOUND,
        Err(UnavailableReason::UnexpectedStatus),
    ),
    (404, &[], "", Err(UnavailableReason::UnexpectedStatus)),
    // A gateway's: JSON with a message, and no page of GitHub's documentation, or one elsewhere.
    (404, &[TYPE], r#"{"message":"Not Found"}"#, FOREIGN),
    (
        404,
        &[TYPE],
        r#"{"message":"no Route matched with those values"}"#,
        FOREIGN,
    ),
    (
        404,
        &[TYPE],
        r#"{"message":"Not Found","documentation_url":null}"#,
        FOREIGN,
    ),
    (
        404,
        &[TYPE],
        r#"{"message":"Not Found","documentation_url":"x"}"#,
        FOREIGN,
    ),
    (
        404,
        &[TYPE],
        r#"{"message":"Not Found","documentation_url":"https://docs.gateway.example/rest"}"#,
        FOREIGN,
    ),
    (
        404,
        &[TYPE],
        r#"{"message":"Not Found","documentation_url":"http://docs.github.com/rest"}"#,
        FOREIGN,
    ),
    (
        404,
        &[TYPE],
        r#"{"message":"Not Found","documentation_url":"https://docs.github.com.example/rest"}"#,
        FOREIGN,
    ),
    (
        404,
        &[TYPE],
        r#"{"documentation_url":"https://docs.github.com/rest"}"#,
        FOREIGN,
    ),
    (406, &[], "", Err(UnavailableReason::UnexpectedStatus)),
    (410, &[TYPE], "{}", Err(UnavailableReason::UnexpectedStatus)),
    (422, &[TYPE], "{}", Err(UnavailableReason::UnexpectedStatus)),
    (451, &[], "", Err(UnavailableReason::UnexpectedStatus)),
    (500, &[TYPE], "{}", Err(UnavailableReason::ServerError)),
    (502, &[], "", Err(UnavailableReason::ServerError)),
    (
        503,
        &[("retry-after", "7")],
        "",
        Err(UnavailableReason::ServerError),
    ),
    (599, &[], "", Err(UnavailableReason::ServerError)),
];

fn now() -> Timestamp {
    "2026-11-21T08:46:00Z".parse().unwrap()
}

fn response(status: u16, headers: &[(&str, &str)], body: &str) -> Response {
    let url = "https://api.example/user".parse().unwrap();
    Response::from_parts(url, status, headers, body, now())
}

fn org() -> RequestRoute {
    let route =
        RequestRoute::read().needing(&["read:org", "write:org", "admin:org"], "members=read");
    route.with_token(&SecretString::from("gho_x"))
}

#[test]
fn each_answer_has_its_outcome() {
    for row in TABLE {
        let seen = classify(&response(row.0, row.1, row.2), &org());
        assert_eq!(seen.map_err(|u| u.reason), row.3, "{row:?}");
    }
}

/// Each of these read as "this token is shown no organisation", which leaves an Owner with less than is theirs.
#[test]
fn a_throttle_never_passes_for_something_that_the_token_lacks() {
    let lacking: [&[(&str, &str)]; 5] = [
        &[FINE_GRAINED],
        &[OTHER_SCOPES, WANTS_ORG],
        &[NO_SCOPES],
        &[NO_SCOPES, APP_ID],
        &[SSO],
    ];
    let check = |headers: &[(&str, &str)], body: &str| {
        let error = classify(&response(403, headers, body), &org()).unwrap_err();
        assert_eq!(
            error.reason,
            UnavailableReason::RateLimited,
            "{headers:?} {body}"
        );
        assert!(error.is_retryable());
    };
    for lacking in lacking {
        for throttle in [
            ("retry-after", "1.5"),
            ("retry-after", "soon"),
            ("retry-after", ""),
            ("retry-after", "\u{e9}"),
            ("x-ratelimit-remaining", "0, 0"),
            ("x-ratelimit-remaining", "none"),
            ("x-ratelimit-remaining", ""),
            ("x-ratelimit-remaining", "-1"),
        ] {
            check(&[&[TYPE, throttle], lacking].concat(), NOT_ACCESSIBLE);
        }
        for message in [
            "You have triggered an abuse detection mechanism. Please wait a few minutes before you try again.",
            "Maximum number of login attempts exceeded. Please try again later.",
            "You have exceeded a secondary rate limit.",
            "Too Many Requests",
        ] {
            let body = format!(r#"{{"message":"{message}"}}"#);
            check(&[&[TYPE], lacking].concat(), &body);
        }
    }
    let seconds = |wait: &str| {
        let error = classify(&response(403, &[("retry-after", wait)], ""), &org()).unwrap_err();
        error.retry_after.map(|wait| wait.as_secs())
    };
    assert_eq!(seconds("7"), Some(7));
    assert_eq!(seconds("1.5"), Some(60));
}

/// Only GitHub's documented words for it say that a kind of token is not shown something.
#[test]
fn a_permission_header_alone_says_nothing_of_the_token() {
    for message in ["Forbidden", "", "Sorry. Your account was suspended."] {
        let body = format!(r#"{{"message":"{message}"}}"#);
        let error = classify(&response(403, &[TYPE, FINE_GRAINED], &body), &org()).unwrap_err();
        assert_eq!(error.reason, UnavailableReason::Forbidden, "{message}");
    }
}

#[test]
fn only_the_expected_status_and_404_say_anything() {
    for (route, good) in [
        (RequestRoute::read(), [200, 200]),
        (RequestRoute::read().created(), [200, 201]),
    ] {
        for status in 100..1000 {
            let seen = classify(&response(status, &[TYPE], NOT_FOUND), &route);
            assert_eq!(
                seen.is_ok(),
                good.contains(&status) || status == 404,
                "{status}"
            );
        }
    }
}

#[test]
fn only_the_apis_own_301_says_that_something_has_moved() {
    let own = r#"{"message":"Moved Permanently","url":"https://api.github.com/repositories/7","documentation_url":"https://docs.github.com/rest/guides/best-practices-for-using-the-rest-api#follow-redirects"}"#;
    let portal =
        r#"{"message":"Moved Permanently","documentation_url":"https://docs.portal.example/"}"#;
    for (status, headers, body, has) in [
        (301, &[TYPE][..], own, true),
        (302, &[TYPE], own, false),
        (404, &[TYPE], own, false),
        (200, &[TYPE], own, false),
        (301, &[("content-type", "text/html")], own, false),
        (301, &[], own, false),
        (301, &[TYPE], portal, false),
        (301, &[TYPE], r#"{"message":"Moved Permanently"}"#, false),
        (301, &[TYPE], "{}", false),
        (301, &[TYPE], "", false),
    ] {
        assert_eq!(
            has_moved(&response(status, headers, body)),
            has,
            "{status} {body}"
        );
    }
}

#[test]
fn the_servers_wait_is_kept() {
    let wait = |status, headers: &[(&str, &str)], body: &str| {
        let error = classify(&response(status, headers, body), &RequestRoute::read()).unwrap_err();
        assert!(error.is_retryable(), "{error}");
        error.retry_after.map(|wait| wait.as_secs())
    };
    assert_eq!(wait(403, &[("retry-after", "7")], ""), Some(7));
    assert_eq!(wait(429, &[("retry-after", "7")], ""), Some(7));
    assert_eq!(wait(503, &[("retry-after", "7")], ""), Some(7));
    assert_eq!(wait(403, &[], LIMIT), Some(60));
    let date = ("date", "Sat, 21 Nov 2026 08:46:00 GMT");
    let reset = now().as_unix() + 90;
    let reset = reset.to_string();
    let used_up = [USED_UP, date, ("x-ratelimit-reset", reset.as_str())];
    assert_eq!(wait(403, &used_up, ""), Some(90));
    assert_eq!(
        wait(403, &[USED_UP, date, ("x-ratelimit-reset", "soon")], ""),
        None
    );
    let far = [USED_UP, date, ("x-ratelimit-reset", "99999999999")];
    assert_eq!(wait(403, &far, ""), Some(86_400));
}

#[test]
fn a_single_sign_on_header_never_means_that_the_answer_is_whole() {
    let sso = |text: &str| sso(&response(200, &[("x-github-sso", text)], "[]"));
    assert_eq!(
        sso("required; url=https://sso.example"),
        Some(SsoHeader::Required)
    );
    let ids = |ids: &[&str]| {
        Some(SsoHeader::Partial(
            ids.iter().map(|&id| id.to_owned()).collect(),
        ))
    };
    assert_eq!(
        sso("partial-results; organizations=21955855, 20582480"),
        ids(&["21955855", "20582480"])
    );
    assert_eq!(sso("partial-results"), ids(&[]));
    assert_eq!(sso("something-new; organizations=1"), ids(&["1"]));
    assert_eq!(sso(""), ids(&[]));
    assert!(matches!(
        sso("partial-results; organizations=5 \u{e9}"),
        Some(SsoHeader::Partial(_))
    ));
    let lines = [
        "partial-results; organizations=5",
        "partial-results; organizations=6",
    ];
    let lines = lines.map(|line| ("x-github-sso", line));
    assert_eq!(super::sso(&response(200, &lines, "[]")), ids(&["5", "6"]));
    assert_eq!(super::sso(&response(200, &[], "[]")), None);
}

#[test]
fn a_token_is_a_github_apps_by_its_form_and_the_answer_says_what_an_app_needs() {
    let classic = org().with_token(&SecretString::from("ghp_x"));
    for (token, expected) in [
        ("ghu_x", UnavailableReason::TokenKind),
        ("ghs_x", UnavailableReason::TokenKind),
        ("gho_x", UnavailableReason::MissingScope),
    ] {
        let error = classify(
            &response(403, &[NO_SCOPES], ""),
            &classic.with_token(&SecretString::from(token)),
        );
        let error = error.unwrap_err();
        assert_eq!(error.reason, expected, "{token}");
        let says =
            error.raw_detail.contains("members=read") && error.raw_detail.contains("read:org");
        assert_eq!(says, expected == UnavailableReason::TokenKind, "{error}");
    }
}

#[test]
fn bad_credentials_are_a_dead_token_only_where_a_token_was_sent() {
    let refused = response(401, &[TYPE], r#"{"message":"Bad credentials"}"#);
    let token = SecretString::from("gho_x");
    for (route, expected) in [
        (
            RequestRoute::read().with_token(&token),
            UnavailableReason::DeadToken,
        ),
        (
            RequestRoute::read().with_token(None),
            UnavailableReason::Forbidden,
        ),
        (RequestRoute::read(), UnavailableReason::Forbidden),
    ] {
        let why = classify(&refused, &route).unwrap_err();
        assert_eq!(why.reason, expected, "{why}");
    }
}

#[test]
fn an_installations_token_that_may_not_ask_is_of_the_wrong_kind_without_a_header_of_permissions_too()
 {
    let body = r#"{"message":"Resource not accessible by integration"}"#;
    for (token, expected) in [
        ("ghs_x", UnavailableReason::TokenKind),
        ("ghu_x", UnavailableReason::TokenKind),
        ("gho_x", UnavailableReason::Forbidden),
    ] {
        let token = SecretString::from(token);
        let route = RequestRoute::read().with_token(&token);
        let why = classify(&response(403, &[TYPE], body), &route).unwrap_err();
        assert_eq!(why.reason, expected, "{why}");
    }
}
