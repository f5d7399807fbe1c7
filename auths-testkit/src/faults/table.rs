//! The table of faults. Each line is a row: its name, its allowed outcomes, and how it is made from the good answer.

use std::time::Duration;

use auths_core::UnavailableReason::*;

use super::proxy::ConnectionFault;
use super::row::{Make, Row};
use super::seen::Expect;
use super::{MAX_BYTES, html};
use crate::server::{Fault, Reply};

const GOOD: Expect = Expect::GOOD;
const NETWORK: Expect = Expect::unavailable(&[Network]);
const TIMEOUT: Expect = Expect::unavailable(&[Timeout]);
const TRUNCATED: Expect = Expect::unavailable(&[Truncated]);
const TOO_LARGE: Expect = Expect::unavailable(&[TooLarge]);
const UNREADABLE: Expect = Expect::unavailable(&[Unreadable]);
const SKEW: Expect = Expect::unavailable(&[ClockSkew]);
const SENT_AWAY: Expect = Expect::unavailable(&[Redirected]);
const STATUS: Expect = Expect::unavailable(&[UnexpectedStatus]);
/// The outcome of a 3xx that is no redirect.
const NEITHER: Expect = Expect::unavailable(&[Redirected, UnexpectedStatus, Unreadable]);
const LIMITED: Expect = Expect::unavailable(&[RateLimited]);
const FAILED: Expect = Expect::unavailable(&[ServerError]);
const LOGIN: Expect = Expect::unavailable(&[Forbidden, MissingScope]);
const FORBIDDEN: Expect = Expect::unavailable(&[Forbidden]);
const SSO: Expect = Expect::unavailable(&[Forbidden, SsoRequired]);
const SLOWER: Expect = Expect::unavailable(&[Forbidden, RateLimited]);
/// The outcome of a success that is not the answer.
const PARTIAL: Expect = Expect::unavailable(&[UnexpectedStatus, Unreadable, Truncated]);
const NOT_FOUND: Expect = Expect::unavailable(&[UnexpectedStatus, Forbidden, MissingScope]);
/// The outcome of JSON of another shape.
const SHAPE: Expect = Expect::unavailable(&[Unreadable, MissingField, Empty, EvidenceMismatch]);
/// The outcome of a followed redirect that leads to no answer.
const MISLED: Expect = Expect::unavailable(&[Redirected, Unreadable]);
const MISSED: Expect = Expect::unavailable(&[Redirected, UnexpectedStatus]);
const UNENDING: Expect = Expect::unavailable(&[
    RequestBudget,
    TooLarge,
    EvidenceMismatch,
    Unreadable,
    Redirected,
]);
const PAGE_AWAY: Expect = Expect::unavailable(&[Redirected, Unreadable, EvidenceMismatch]);
const PAGE_AGAIN: Expect = Expect::unavailable(&[EvidenceMismatch, Unreadable]);
const PAGE_GONE: Expect =
    Expect::unavailable(&[UnexpectedStatus, Forbidden, Truncated, Unreadable]);

/// A day in seconds, the longest wait that is passed on.
const DAY: u64 = 86_400;
const EVIL: &str = "https://evil.example/x";

/// Returns the time `ahead` of `now`, as headers write it.
fn http_date(now: auths_core::Timestamp, ahead: Duration) -> String {
    let unix = Duration::from_secs((now + ahead).as_unix().unsigned_abs());
    httpdate::fmt_http_date(std::time::UNIX_EPOCH + unix)
}

const fn minutes(n: u64) -> Duration {
    Duration::from_secs(60 * n)
}

/// Makes the table, and its rows in the documentation.
macro_rules! faults {
    (@ $expect:expr) => { Some($expect) };
    (@) => { None };
    ($(#[$meta:meta])* $vis:vis const $table:ident:
     $($name:literal $expect:expr, $([paged $paged:expr])? $([warm $warm:expr])? $kind:ident $make:expr;)*) => {
        $(#[$meta])*
        ///
        /// | row | ends |
        /// |---|---|
        $(#[doc = concat!("| ", $name, " | `", stringify!($expect), "`", $(" with pages `", stringify!($paged), "`",)? " |")])*
        $vis const $table: &[Row] = &[$(Row {
            name: $name,
            expect: $expect,
            paged: faults!(@ $($paged)?),
            warm: faults!(@ $($warm)?),
            make: Make::$kind($make),
        },)*];
    };
}

faults! {
/// The faults that an adapter is tested with, on each of its routes. Rows that expect [`Expect::GOOD`] are controls: they show
/// that the suite asks what it means to ask, and that an adapter does not refuse answers that it should read.
///
/// In addition, each field that a route declares is left out, made null, made of every other type, emptied and doubled.
///
/// `GOOD` ends like the good answer. The other words are lists of allowed reasons: `NETWORK`, `TIMEOUT`, `TRUNCATED`, `TOO_LARGE`,
/// `UNREADABLE`, `FORBIDDEN` are those reasons, `SKEW` is `ClockSkew`, `SENT_AWAY` is `Redirected`, `STATUS` is `UnexpectedStatus`,
/// `LIMITED` is `RateLimited`, `FAILED` is `ServerError`. `SHAPE` is any reason for JSON of another shape, `NOT_FOUND` any for a 404
/// from somebody else, `LOGIN` any for an answer that asks for another token. `after` is the wait in seconds that is passed on.
pub const FAULTS:
    // --- controls -----------------------------------------------------------------------------------------------------
    "good: as it is" GOOD, Reply |g| g.reply();
    "good: compressed" GOOD, Reply |g| g.reply().gzip();
    "good: with white space" GOOD, Reply |g| g.text(g.written_loosely());
    "good: with a charset" GOOD, Reply |g| g.as_type(&format!("{}; charset=utf-8", g.media_type));
    "good: with an unknown field" GOOD, Reply |g| g.with_field("auths-unknown", "{\"a\":[1,null]}");
    "good: with Retry-After" GOOD, Reply |g| g.reply().header("retry-after", "7");
    "good: without Date" GOOD, Reply |g| g.reply().without_date();
    "good: with an unreadable Date" GOOD, Reply |g| g.reply().header("date", "yesterday");
    "good: nine minutes ahead" GOOD, Reply |g| g.reply().date(g.now + minutes(9));
    "good: an hour old, from a cache that dates anew" GOOD, Reply |g| g.reply().from_cache(minutes(60));
    "good: an hour old, from a cache" GOOD, Reply |g| g.reply().date(g.now - minutes(60)).header("age", "3600");

    // --- statuses: successes that are none ------------------------------------------------------------------------------
    "201 with the good body" PARTIAL, Reply |g| g.under(201);
    "202 with the good body" PARTIAL, Reply |g| g.under(202);
    "203 with the good body" PARTIAL, Reply |g| g.under(203);
    "204" PARTIAL, Reply |_| Reply::status(204);
    "205" PARTIAL, Reply |_| Reply::status(205);
    "206 with the good body" PARTIAL, Reply |g| g.under(206).header("content-range", "bytes 0-9/99");
    "226 with the good body" PARTIAL, Reply |g| g.under(226);

    // --- redirects ------------------------------------------------------------------------------------------------------
    "300" NEITHER, Reply |_| html(300);
    "304 unasked" NEITHER, [warm NEITHER.or_good()] Reply |_| Reply::status(304);
    "304 of another state" NEITHER, Reply |_| Reply::status(304).header("etag", "\"another\"");
    "305" NEITHER, Reply |_| Reply::redirect(305, EVIL);
    "301 to another host" SENT_AWAY, Reply |_| Reply::redirect(301, EVIL);
    "302 to another host" SENT_AWAY, Reply |_| Reply::redirect(302, EVIL);
    "303 to another host" SENT_AWAY, Reply |_| Reply::redirect(303, EVIL);
    "307 to another host" SENT_AWAY, Reply |_| Reply::redirect(307, EVIL);
    "308 to another host" SENT_AWAY, Reply |_| Reply::redirect(308, EVIL);
    "redirect to another host, with the good body" SENT_AWAY, Reply |g| g.under(302).header("location", EVIL);
    "redirect to plain http" SENT_AWAY, Reply |_| Reply::redirect(302, "http://registry.example/x");
    "redirect without scheme" SENT_AWAY, Reply |_| Reply::redirect(302, "//evil.example/x");
    "redirect to another port" SENT_AWAY, Reply |_| Reply::redirect(302, "http://127.0.0.1:1/x");
    "redirect to this host by name" SENT_AWAY, Reply |g| Reply::redirect(302, &g.origin.replace("127.0.0.1", "localhost"));
    "redirect to this host, as a user" SENT_AWAY, Reply |g| Reply::redirect(302, &g.origin.replace("://", "://a:b@"));
    "redirect to a file" SENT_AWAY, Reply |_| Reply::redirect(302, "file:///etc/passwd");
    "redirect to itself" SENT_AWAY, Reply |g| Reply::redirect(302, &g.target());
    "redirect to itself, for good" SENT_AWAY, Reply |g| Reply::redirect(308, &g.target());
    "redirect in circles" SENT_AWAY, Reply |g| Reply::redirect(302, &g.detour(2));
    "redirect on and on" SENT_AWAY, Reply |g| Reply::redirect(302, &g.detour(usize::MAX));
    "redirect nowhere" NEITHER, Reply |_| Reply::status(302);
    "redirect to nothing" NEITHER, Reply |_| Reply::redirect(302, "");
    "redirect to an unreadable address" NEITHER, Reply |_| Reply::redirect(302, "http://[::");
    "redirect to an error page" MISSED, Reply |g| g.led_to(html(418));
    "redirect to a web page" MISLED, Reply |g| g.led_to(html(200));

    // --- statuses: the caller's fault, they say ---------------------------------------------------------------------------
    "400" STATUS, Reply |_| html(400);
    "401" LOGIN, Reply |_| html(401).header("www-authenticate", "Bearer realm=\"x\"");
    "401 with the good body" LOGIN, Reply |g| g.under(401);
    "402" STATUS, Reply |_| html(402);
    "403" LOGIN, Reply |g| g.body_of(403, "{\"message\":\"Forbidden\"}");
    "403 with the good body" LOGIN, Reply |g| g.under(403);
    "403 block page" FORBIDDEN, Reply |_| html(403).header("server", "cloudflare");
    "403 rate limit" SLOWER, Reply |g| g.body_of(403, "{\"message\":\"API rate limit exceeded\"}")
        .header("x-ratelimit-limit", "60").header("x-ratelimit-remaining", "0")
        .header("x-ratelimit-reset", &(g.now + minutes(10)).as_unix().to_string());
    "403 secondary rate limit" SLOWER, Reply |g| g.body_of(403, "{\"message\":\"You have exceeded a secondary rate limit\"}")
        .header("retry-after", "7");
    "403 single sign-on" SSO, Reply |g| g.body_of(403, "{\"message\":\"Resource protected by organization SAML enforcement\"}")
        .header("x-github-sso", "required; url=https://github.example/orgs/x/sso?authorization_request=y");
    "403 missing permission" LOGIN, Reply |g| g.body_of(403, "{\"message\":\"Resource not accessible by integration\"}")
        .header("x-accepted-github-permissions", "members=read");
    "403 missing scope" LOGIN, Reply |g| g.body_of(403, "{\"message\":\"Must have admin rights\"}")
        .header("x-oauth-scopes", "repo").header("x-accepted-oauth-scopes", "read:org");
    "404 web page" NOT_FOUND, Reply |_| html(404);
    "404 in JSON" NOT_FOUND, Reply |g| g.body_of(404, "{\"message\":\"Not Found\"}");
    "404 in JSON, an error" NOT_FOUND, Reply |g| g.body_of(404, "{\"error\":\"Not Found\"}");
    "404 in JSON, a detail" NOT_FOUND, Reply |g| g.body_of(404, "{\"detail\":\"Not found.\"}");
    "404 in JSON, a code" NOT_FOUND, Reply |g| g.body_of(404, "{\"error\":{\"code\":404}}");
    "404 without a word" NOT_FOUND, Reply |_| Reply::status(404);
    "405" STATUS, Reply |_| html(405);
    "406" STATUS, Reply |_| html(406);
    "407" Expect::unavailable(&[UnexpectedStatus, Forbidden, Network]), Reply |_| html(407);
    "408" Expect::unavailable(&[UnexpectedStatus, ServerError]), Reply |_| html(408);
    "409" STATUS, Reply |_| html(409);
    "410" STATUS, Reply |_| html(410);
    "412" STATUS, Reply |_| html(412);
    "415" STATUS, Reply |_| html(415);
    "416" STATUS, Reply |_| html(416);
    "418" STATUS, Reply |_| html(418);
    "421" STATUS, Reply |_| html(421);
    "422" STATUS, Reply |g| g.body_of(422, "{\"message\":\"Validation Failed\"}");
    "425" STATUS, Reply |_| html(425);
    "426" STATUS, Reply |_| html(426);
    "428" STATUS, Reply |_| html(428);
    "431" STATUS, Reply |_| html(431);
    "451" STATUS, Reply |_| html(451);

    // --- rate limits and their waits ----------------------------------------------------------------------------------------
    "429" LIMITED.after(60), Reply |_| html(429);
    "429 with the good body" LIMITED, Reply |g| g.under(429);
    "429 after seconds" LIMITED.after(7), Reply |_| html(429).header("retry-after", "7");
    "429 after a date" LIMITED.after(30), Reply |g| html(429).header("retry-after", &http_date(g.now, Duration::from_secs(30)));
    "429 after a date that has passed" LIMITED.after(60), Reply |g| html(429).header("retry-after", &http_date(g.now, Duration::ZERO));
    "429 after no time" LIMITED.after(60), Reply |_| html(429).header("retry-after", "0");
    "429 after an age" LIMITED.after(DAY), Reply |_| html(429).header("retry-after", "99999999999999999999999");
    "429 after a century" LIMITED.after(DAY), Reply |g| html(429).header("retry-after", &http_date(g.now, minutes(60 * 24 * 36_525)));
    "429 after nonsense" LIMITED.after(60), Reply |_| html(429).header("retry-after", "soon");
    "429 after less than nothing" LIMITED.after(60), Reply |_| html(429).header("retry-after", "-5");
    "429 after a part" LIMITED.after(60), Reply |_| html(429).header("retry-after", "1.5");

    // --- statuses: the server's fault ---------------------------------------------------------------------------------------
    "500" FAILED, Reply |_| html(500);
    "500 with the good body" FAILED, Reply |g| g.under(500);
    "500 without a word" FAILED, Reply |_| Reply::status(500);
    "501" FAILED, Reply |_| html(501);
    "502" FAILED, Reply |_| html(502);
    "503" FAILED.without_wait(), Reply |_| html(503);
    "503 with the good body" FAILED, Reply |g| g.under(503);
    "503 after seconds" FAILED.after(7), Reply |_| html(503).header("retry-after", "7");
    "503 after an age" FAILED.after(DAY), Reply |_| html(503).header("retry-after", "4294967296");
    "504" FAILED, Reply |_| html(504);
    "505" FAILED, Reply |_| html(505);
    "507" FAILED, Reply |_| html(507);
    "511 of a captive portal" FAILED, Reply |_| html(511);
    "521 of a content network" FAILED, Reply |_| html(521);
    "599" FAILED, Reply |_| html(599);
    "999" Expect::unavailable(&[UnexpectedStatus, Unreadable]), Reply |_| html(999);
    "101" Expect::unavailable(&[UnexpectedStatus, Unreadable, Network, Truncated]), Reply |_| Reply::status(101).header("upgrade", "x").header("connection", "upgrade");

    // --- the head ---------------------------------------------------------------------------------------------------------
    "no word" TIMEOUT, Reply |g| g.fault(Fault::StallBeforeHead);
    "slow head" TIMEOUT, Reply |g| g.fault(Fault::SlowHead);
    "endless head" UNREADABLE, Reply |g| g.fault(Fault::EndlessHead);
    "cut head" NETWORK, Reply |g| g.fault(Fault::CutHead);
    "reset in the head" NETWORK, Reply |g| g.fault(Fault::ResetInHead);
    "closed after the request" NETWORK, Reply |g| g.fault(Fault::CloseAfterRequest);
    "reset after the request" NETWORK, Reply |g| g.fault(Fault::ResetAfterRequest);
    "not HTTP" UNREADABLE, Reply |g| g.fault(Fault::Garbage);
    "a header that is none" UNREADABLE, Reply |g| g.fault(Fault::BadHeader);
    "two lengths" UNREADABLE, Reply |g| g.fault(Fault::TwoLengths);
    "a length that is no number" UNREADABLE, Reply |g| g.fault(Fault::BadLength);
    "an hour ahead" SKEW, Reply |g| g.reply().date(g.now + minutes(60));
    "an hour behind" SKEW, Reply |g| g.reply().date(g.now - minutes(60));
    "eleven minutes ahead" SKEW, Reply |g| g.reply().date(g.now + minutes(11));
    "eleven minutes behind" SKEW, Reply |g| g.reply().date(g.now - minutes(11));
    "an age that is no number" UNREADABLE, Reply |g| g.reply().header("age", "soon");
    "two ages, one of them none" UNREADABLE, Reply |g| g.reply().header("age", "5").header("age", "-5");
    "an hour behind, and a minute in a cache" SKEW, Reply |g| g.reply().date(g.now - minutes(60)).header("age", "60");

    // --- the body on its way ------------------------------------------------------------------------------------------------
    "stalled body" TIMEOUT, Reply |g| g.fault(Fault::StallInBody);
    "dripping body" TIMEOUT, Reply |g| g.fault(Fault::DripBody);
    "cut body" TRUNCATED, Reply |g| g.fault(Fault::CutBody);
    "cut chunks" TRUNCATED, Reply |g| g.fault(Fault::CutChunks);
    "cut body of no length" Expect::unavailable(&[Truncated, Unreadable]), Reply |g| g.fault(Fault::CutUntilClose);
    "reset in the body" TRUNCATED, Reply |g| g.fault(Fault::ResetInBody);
    "a longer length" TRUNCATED, Reply |g| g.fault(Fault::LongerLength);
    "a shorter length" Expect::unavailable(&[Truncated, Unreadable]), Reply |g| g.fault(Fault::ShorterLength);
    "bad chunks" UNREADABLE, Reply |g| g.fault(Fault::BadChunks);
    "an endless body" TOO_LARGE, Reply |g| g.fault(Fault::EndlessBody);
    "an oversized body" TOO_LARGE, Reply |g| g.text(format!("{}{}", g.written(), " ".repeat(MAX_BYTES)));
    "an oversized field" TOO_LARGE, Reply |g| match g.value.is_object() {
        true => g.with_field("auths-unknown", &format!("\"{}\"", "x".repeat(MAX_BYTES))),
        false => g.json(&"x".repeat(MAX_BYTES).into()),
    };
    "an oversized list" TOO_LARGE, Reply |_| Reply::bytes(200, "application/json", format!("[{}0]", "0,".repeat(MAX_BYTES)));
    "a gzip bomb" TOO_LARGE, Reply |g| g.fault(Fault::GzipBomb(1));
    "cut gzip" TRUNCATED, Reply |g| g.fault(Fault::CutGzip);
    "not gzip" UNREADABLE, Reply |g| g.fault(Fault::NotGzip);
    "an encoding nobody asked for" UNREADABLE, Reply |g| g.reply().header("content-encoding", "br");
    "a second answer, unasked" Expect::unavailable(&[Network, Unreadable]).or_good(), Reply |g| g.fault(Fault::SecondAnswer);

    // --- the body: what it is -------------------------------------------------------------------------------------------------
    "a web page" UNREADABLE, Reply |_| html(200);
    "a web page that says it is JSON" UNREADABLE, Reply |g| g.text("<!doctype html><title>Login</title>");
    "the answer as a web page" UNREADABLE, Reply |g| g.as_type("text/html");
    "the answer as text" UNREADABLE, Reply |g| g.as_type("text/plain");
    "the answer as bytes" UNREADABLE, Reply |g| g.as_type("application/octet-stream");
    "the answer without a type" UNREADABLE, Reply |g| Reply::untyped(200, g.written());
    "an empty body" UNREADABLE, Reply |g| g.text("");
    "white space" UNREADABLE, Reply |g| g.text(" \n");
    "null" SHAPE, Reply |g| g.text("null");
    "true" SHAPE, Reply |g| g.text("true");
    "a number" SHAPE, Reply |g| g.text("7");
    "a string" SHAPE, Reply |g| g.text("\"OK\"");
    "an empty list" SHAPE, Reply |g| g.text("[]");
    "an empty object" SHAPE, Reply |g| g.text("{}");
    "an error in place of the answer" SHAPE, Reply |g| g.text("{\"message\":\"Not Found\",\"status\":\"404\"}");
    "errors in place of the answer" SHAPE, Reply |g| g.text("{\"data\":null,\"errors\":[{\"type\":\"NOT_FOUND\"}]}");
    "the answer in a list" SHAPE, Reply |g| g.text(format!("[[{}]]", g.written()));
    "the answer in an object" SHAPE, Reply |g| g.text(format!("{{\"data\":{}}}", g.written()));
    "the answer in a string" SHAPE, Reply |g| g.json(&g.written().into());
    "a byte order mark" UNREADABLE.or_good(), Reply |g| g.text(format!("\u{feff}{}", g.written()));
    "UTF-16" UNREADABLE, Reply |g| g.text(g.written().encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>());
    "not UTF-8" SHAPE, Reply |g| g.text(not_utf8(&g.written()));
    "half the JSON, whole" UNREADABLE, Reply |g| g.text(&g.written().as_bytes()[..g.written().len() / 2]);
    "more behind the JSON" UNREADABLE, Reply |g| g.text(format!("{}x", g.written()));
    "the JSON twice" UNREADABLE, Reply |g| g.text(format!("{0}\n{0}", g.written()));
    "a guard before the JSON" UNREADABLE, Reply |g| g.text(format!(")]}}',\n{}", g.written()));
    "the JSON as a script" UNREADABLE, Reply |g| g.text(format!("callback({});", g.written()));
    "a comment in the JSON" UNREADABLE, Reply |g| g.text(format!("/* ok */ {}", g.written()));
    "deep nesting" UNREADABLE, Reply |g| g.text("[".repeat(MAX_BYTES / 2));
    "deep nesting of objects" UNREADABLE, Reply |g| g.text("{\"a\":".repeat(MAX_BYTES / 8));
    "deep nesting in an unknown field" UNREADABLE.or_good(), Reply |g| g.with_field("auths-unknown", &format!("{}{}", "[".repeat(5000), "]".repeat(5000)));
    "a number beyond numbers, unknown" UNREADABLE.or_good(), Reply |g| g.with_field("auths-unknown", "1e999");
    "no number, unknown" UNREADABLE, Reply |g| match g.value.is_object() { true => g.with_field("auths-unknown", "NaN"), false => g.text("[NaN]") };

    // --- further pages --------------------------------------------------------------------------------------------------------
    "pages without end" GOOD, [paged UNENDING] Reply |g| g.next(&g.page(g.page_asked() + 1));
    "a next page that is this page" GOOD, [paged UNENDING] Reply |g| g.next(&format!("{}{}", g.origin, g.target()));
    "a next page on another host" GOOD, [paged PAGE_AWAY] Reply |g| g.next("https://evil.example/x?page=2");
    "a next page on plain http" GOOD, [paged PAGE_AWAY] Reply |g| g.next("http://registry.example/x?page=2");
    "a next page without scheme" GOOD, [paged PAGE_AWAY] Reply |g| g.next("//evil.example/x?page=2");
    "a next page on this host, as a user" GOOD, [paged PAGE_AWAY] Reply |g| g.next(&g.origin.replace("://", "://a:b@"));
    "a next page that is no address" GOOD, [paged PAGE_AWAY] Reply |g| g.next("http://[::");
    "a second page that is the first again" GOOD, [paged PAGE_AGAIN] Reply |g| g.then(|| g.reply());
    "a second page 404" GOOD, [paged PAGE_GONE] Reply |g| g.then(|| html(404));
    "a second page 403" GOOD, [paged LOGIN] Reply |g| g.then(|| html(403));
    "a second page 429" GOOD, [paged LIMITED.after(7)] Reply |g| g.then(|| html(429).header("retry-after", "7"));
    "a second page 500" GOOD, [paged FAILED] Reply |g| g.then(|| html(500));
    "a second page 304" GOOD, [paged NEITHER] Reply |g| g.then(|| Reply::status(304));
    "a second page elsewhere" GOOD, [paged SENT_AWAY] Reply |g| g.then(|| Reply::redirect(302, EVIL));
    "a second page that is cut" GOOD, [paged TRUNCATED] Reply |g| g.then(|| g.fault(Fault::CutBody));
    "a second page without a body" GOOD, [paged UNREADABLE] Reply |g| g.then(|| g.text(""));
    "a second page that is a web page" GOOD, [paged UNREADABLE] Reply |g| g.then(|| html(200));
    "a second page of another shape" GOOD, [paged SHAPE] Reply |g| g.then(|| g.text("{}"));
    "a second page that is never sent" GOOD, [paged TIMEOUT] Reply |g| g.then(|| g.fault(Fault::StallBeforeHead));

    // --- the way to the server ------------------------------------------------------------------------------------------------
    "connection refused" NETWORK, ConnectionFault ConnectionFault::Refused;
    "connection reset" NETWORK, ConnectionFault ConnectionFault::Reset;
    "connection closed" NETWORK, ConnectionFault ConnectionFault::Closed;
    "connection that nobody serves" TIMEOUT, ConnectionFault ConnectionFault::Silent;
    "TLS: plain text" NETWORK, ConnectionFault ConnectionFault::PlainText;
    "TLS: broken off" NETWORK, ConnectionFault ConnectionFault::TlsClosed;
    "TLS: never answered" TIMEOUT, ConnectionFault ConnectionFault::TlsSilent;
    "TLS: of an authority nobody knows" NETWORK, ConnectionFault ConnectionFault::UnknownAuthority;
    "TLS: of another name" NETWORK, ConnectionFault ConnectionFault::OtherName;
    "TLS: expired" NETWORK, ConnectionFault ConnectionFault::Expired;
}

/// Returns `text` with a byte that is not UTF-8 in its first string.
fn not_utf8(text: &str) -> Vec<u8> {
    let at = text.find('"').map_or(0, |quote| quote + 1);
    let (before, after) = text.as_bytes().split_at(at);
    [before, b"\xff", after].concat()
}
