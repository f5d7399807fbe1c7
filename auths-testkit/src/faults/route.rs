//! The description that an adapter gives of one of its routes.

use std::collections::BTreeMap;
use std::pin::Pin;
use std::sync::Arc;

use auths_core::UnavailableReason::*;
use serde_json::{Value, json};

use super::endpoint::TestEndpoint;
use super::field::{Change, Field, with_value};
use super::html;
use super::row::{Make, Row};
use super::seen::{Expect, Seen};
use super::table::FAULTS;
use crate::server::{Received, Reply};

/// The outcome of a no whose words come under a success.
const SUCCESS: Expect = Expect::unavailable(&[MissingField, Unreadable, EvidenceMismatch]);

/// One route of an adapter: the path, a good answer, the fields that the outcome depends on, and how to ask.
///
/// Differences from the table are declared here, as data, and counted. No row is ever left out.
pub struct Route<'a> {
    pub(super) name: String,
    pub(super) served: Served,
    pub(super) says_no: bool,
    fields: Vec<Field>,
    identities: Vec<(&'static str, Value)>,
    pages: bool,
    is_list: bool,
    expects: BTreeMap<String, Expect>,
    pub(super) ask: Ask<'a>,
}

/// The part of a route that the server needs.
#[derive(Clone)]
pub(super) struct Served {
    pub(super) is_asked: Arc<dyn Fn(&Received) -> bool + Send + Sync>,
    pub(super) good: Value,
    /// True where the good answer is plain text, the value a JSON text.
    pub(super) is_text: bool,
    pub(super) status: u16,
    pub(super) media_type: String,
    pub(super) headers: Vec<(String, String)>,
    /// The text in the good answer that stands for the address of the test server.
    pub(super) origin_text: Option<String>,
    pub(super) others: Arc<dyn Fn(&Received) -> Reply + Send + Sync>,
}

type SeenFuture<'a> = Pin<Box<dyn Future<Output = Seen> + 'a>>;
type Ask<'a> = Box<dyn Fn(TestEndpoint) -> SeenFuture<'a> + Send + Sync + 'a>;

/// A row as it applies to a route.
pub(super) struct Case {
    pub(super) name: String,
    pub(super) expect: Expect,
    /// The allowed outcomes with an earlier good answer in the store.
    pub(super) warm: Expect,
    pub(super) how: How,
}

#[derive(Clone)]
pub(super) enum How {
    Row(Make),
    Change(Change),
}

impl<'a> Route<'a> {
    /// Creates the route at `path` with the good answer `good`. The answer is a yes to the question that `ask` asks the server of
    /// the [`TestEndpoint`].
    pub fn new<F: Future<Output = Seen> + 'a>(
        name: impl Into<String>,
        path: impl Into<String>,
        good: Value,
        ask: impl Fn(TestEndpoint) -> F + Send + Sync + 'a,
    ) -> Self {
        let path = path.into();
        Self {
            name: name.into(),
            served: Served {
                is_asked: Arc::new(move |request| request.path == path),
                good,
                is_text: false,
                status: 200,
                media_type: "application/json".into(),
                headers: Vec::new(),
                origin_text: None,
                others: Arc::new(|_| html(404)),
            },
            says_no: false,
            fields: Vec::new(),
            identities: Vec::new(),
            pages: false,
            is_list: false,
            expects: BTreeMap::new(),
            ask: Box::new(move |site| Box::pin(ask(site))),
        }
    }

    /// Sets which requests belong to this route, where the path alone does not say it: by a method, a query, a GraphQL body.
    #[must_use]
    pub fn asked_by(
        mut self,
        is_asked: impl Fn(&Received) -> bool + Send + Sync + 'static,
    ) -> Self {
        self.served.is_asked = Arc::new(is_asked);
        self
    }

    /// Sets the answers to requests beside this route. Default: 404. Behind a proxy, which some rows need, the request has an
    /// `x-forwarded-proto` with the scheme that the client used.
    #[must_use]
    pub fn beside(mut self, others: impl Fn(&Received) -> Reply + Send + Sync + 'static) -> Self {
        self.served.others = Arc::new(others);
        self
    }

    /// Sets the media type of good answers. Default: `application/json`.
    #[must_use]
    pub fn media_type(mut self, media_type: impl Into<String>) -> Self {
        self.served.media_type = media_type.into();
        self
    }

    /// Adds a header to good answers.
    #[must_use]
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.served
            .headers
            .push((name.to_owned(), value.to_owned()));
        self
    }

    /// Puts the address of the test server in place of `text`, wherever texts of the good answer hold it. For answers that name
    /// their own server, as a discovery document does.
    ///
    /// ```
    /// use auths_testkit::faults::{Route, Seen};
    /// use serde_json::json;
    ///
    /// let discovery = json!({ "issuer": "https://issuer.example" });
    /// let _ = Route::new("discovery", "/.well-known/openid-configuration", discovery, |_| async { Seen::Yes })
    ///     .with_origin_for("https://issuer.example");
    /// ```
    #[must_use]
    pub fn with_origin_for(mut self, text: impl Into<String>) -> Self {
        self.served.origin_text = Some(text.into());
        self
    }

    /// Declares that the good answer is a no: the registry's own, complete answer.
    #[must_use]
    pub fn says_no(mut self) -> Self {
        self.says_no = true;
        self
    }

    /// Declares that the good answer is a no, under a status of its own, mostly 404, instead of 200.
    ///
    /// Every fault is then made of that answer. A no that is changed, or that is about another name, is not the registry's
    /// answer. It may then also end as its status does from any other sender:
    /// [`UnavailableReason::UnexpectedStatus`](auths_core::UnavailableReason::UnexpectedStatus). One more row, `200 with the good body`, puts
    /// the words of the no under a success.
    ///
    /// ```
    /// use auths_testkit::faults::{Route, Seen};
    /// use serde_json::json;
    ///
    /// let no = json!({ "error": "no-such-package", "name": "widget" });
    /// let _ = Route::new("its no", "/packages/widget", no, |_| async { Seen::No("it says so".into()) })
    ///     .says_no_by(404)
    ///     .identity("/name", "gadget");
    /// ```
    #[must_use]
    pub fn says_no_by(mut self, status: u16) -> Self {
        self.says_no = true;
        self.served.status = status;
        self
    }

    /// Declares that the good answer is a no in plain text, under a status of its own, mostly 404. The value of the route is the
    /// text, as a JSON text.
    ///
    /// It does what [`says_no_by`](Self::says_no_by) does. More rows, such as `the text in other letters`, are nearly the
    /// registry's words, and come from somebody else.
    ///
    /// ```
    /// use auths_testkit::faults::{Route, Seen};
    ///
    /// let no = "This package could not be found.".into();
    /// let _ = Route::new("its no", "/packages/widget", no, |_| async { Seen::No("it says so".into()) })
    ///     .says_no_in_text(404);
    /// ```
    #[must_use]
    pub fn says_no_in_text(self, status: u16) -> Self {
        let mut route = self.says_no_by(status).media_type("text/plain");
        route.served.is_text = true;
        // Of plain text this is no fault.
        route.expect("the answer as text", Expect::GOOD)
    }

    /// Declares that the good answer is a bare list, without an object around it. This adds rows such as `its first entry twice`.
    #[must_use]
    pub fn bare_list(mut self) -> Self {
        self.is_list = true;
        self
    }

    /// Adds the fields that the outcome depends on.
    #[must_use]
    pub fn fields(mut self, fields: impl IntoIterator<Item = Field>) -> Self {
        self.fields.extend(fields);
        self
    }

    /// Sets the field that names the subject of the answer, and its value in an answer about something else.
    #[must_use]
    pub fn identity(mut self, pointer: &'static str, another: impl Into<Value>) -> Self {
        self.identities.push((pointer, another.into()));
        self
    }

    /// Declares that the route reads further pages, by `Link: rel="next"`.
    #[must_use]
    pub fn pages(mut self) -> Self {
        self.pages = true;
        self
    }

    /// Sets the allowed outcome of a row on this route, in place of the table's. A row name that does not exist is a failure.
    #[must_use]
    pub fn expect(mut self, row: impl Into<String>, expect: Expect) -> Self {
        self.expects.insert(row.into(), expect);
        self
    }

    /// Sets the allowed outcome of a 404 on this route, in each of its forms.
    #[must_use]
    pub fn on_404(self, expect: Expect) -> Self {
        let rows = FAULTS.iter().filter(|row| row.name.starts_with("404"));
        rows.fold(self, |route, row| route.expect(row.name, expect))
    }

    /// Returns every row as it applies to this route.
    ///
    /// # Errors
    /// The name of a declared field or row that does not exist.
    pub(super) fn cases(&self) -> Result<Vec<Case>, String> {
        let of_row = |row: &Row| {
            let expect = row.paged.filter(|_| self.pages).unwrap_or(row.expect);
            Case {
                name: row.name.to_owned(),
                expect,
                warm: row.warm.unwrap_or(expect),
                how: How::Row(row.make),
            }
        };
        let mut cases: Vec<Case> = FAULTS.iter().map(of_row).collect();
        let mut add = |name: String, expect: Expect, change: Change| {
            cases.push(Case {
                name,
                expect,
                warm: expect,
                how: How::Change(change),
            });
        };
        if self.served.is_text {
            for (name, change) in of_text() {
                add(
                    name.into(),
                    Expect::unavailable(&[UnexpectedStatus]),
                    change,
                );
            }
        }
        if self.is_list {
            for (name, expect, change) in of_list(&self.served.good)? {
                add(name.into(), expect, change);
            }
        }
        for field in &self.fields {
            for (name, expect, change) in field.faults(&self.served.good)? {
                add(name, expect, change);
            }
        }
        for (pointer, another) in &self.identities {
            if self
                .served
                .good
                .pointer(pointer)
                .is_none_or(|v| v == another)
            {
                return Err(format!("{pointer} of another answer is no other"));
            }
            let (pointer, another) = (*pointer, another.clone());
            let change: Change =
                Arc::new(move |g| g.json(&with_value(g.value, pointer, another.clone())));
            let expect = Expect::unavailable(&[EvidenceMismatch]);
            add(format!("{pointer} of another"), expect, change);
        }
        if self.served.status != 200 {
            let change: Change = Arc::new(|g| g.under(200));
            add("200 with the good body".into(), SUCCESS, change);
            for case in &mut cases {
                case.expect = case.expect.or_status();
                case.warm = case.warm.or_status();
                if case.name == "good: with Retry-After" {
                    // A sender that asks to wait has not answered yet.
                    let limited = Expect::unavailable(&[RateLimited]).or_good();
                    (case.expect, case.warm) = (limited, limited);
                }
            }
        }
        for (name, expect) in &self.expects {
            let Some(case) = cases.iter_mut().find(|case| case.name == *name) else {
                return Err(format!("there is no row \"{name}\""));
            };
            (case.expect, case.warm) = (*expect, *expect);
        }
        Ok(cases)
    }
}

/// Returns the faults of a no in plain text: words that are nearly the registry's.
fn of_text() -> [(&'static str, Change); 4] {
    [
        (
            "the text in other letters",
            Arc::new(|g| g.text(g.written().to_uppercase())),
        ),
        (
            "the text in a sentence",
            Arc::new(|g| g.text(format!("Error: {}", g.written()))),
        ),
        (
            "the text in JSON",
            Arc::new(|g| g.as_type("application/json")),
        ),
        (
            "the text in a web page",
            Arc::new(|g| {
                let page = format!("<!doctype html><title>{}</title>", g.written());
                Reply::bytes(g.status, "text/html", page)
            }),
        ),
    ]
}

/// Returns the faults of a bare list of objects, and a control.
///
/// # Errors
/// What is wrong with the route when its good answer is no such list.
fn of_list(good: &Value) -> Result<Vec<(&'static str, Expect, Change)>, String> {
    let items = good.as_array().filter(|items| !items.is_empty());
    let items = items
        .ok_or("the good answer is no list with entries")?
        .clone();
    let first = items[0].as_object().ok_or("the entries are no objects")?;
    let mut wider = first.clone();
    wider.insert("auths-unknown".into(), Value::Null);
    let values = |item: &Value| match item.as_object() {
        Some(fields) => fields.values().cloned().collect(),
        None => item.clone(),
    };
    let with_first = |first: Value| {
        let rest = items.iter().skip(1).cloned();
        Value::Array(std::iter::once(first).chain(rest).collect())
    };
    let twice = [&items[..1], &items[..]].concat();
    let longer = [&items[..], &[Value::from(7)]].concat();
    let changed: [(&str, Expect, Value); 5] = [
        (
            "an unknown field in its first entry",
            Expect::GOOD,
            with_first(wider.into()),
        ),
        ("the list in an object", SUCCESS, json!({ "items": items })),
        (
            "its entries by position",
            SUCCESS,
            items.iter().map(values).collect(),
        ),
        (
            "its first entry twice",
            Expect::unavailable(&[EvidenceMismatch, Unreadable]),
            twice.into(),
        ),
        ("an entry of another kind", SUCCESS, longer.into()),
    ];
    let of = |(name, expect, value): (&'static str, Expect, Value)| {
        let change: Change = Arc::new(move |g| g.json(&value));
        (name, expect, change)
    };
    Ok(changed.into_iter().map(of).collect())
}

impl std::fmt::Debug for Route<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Route({})", self.name)
    }
}
