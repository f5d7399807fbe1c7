//! `auths org check`, `auths org list`: the organisations that a GitHub token shows of its account.

use auths_adapters_github::{
    MembershipState, OrgMembership, OrgNamespaces, OrgRole, OrgVisibility,
};
use auths_core::decide::Obstacle;
use auths_core::{
    Account, AccountId, Ecosystem, Invalid, Namespace, Reason, Timestamp, UnavailableReason,
};
use serde::Serialize;

use super::Context;
use crate::answer::Common;
use crate::args::{Org, OrgCheck};
use crate::exit::{Exit, Word};
use crate::failure::{Failure, with_causes};
use crate::page::Page;
use crate::progress::waiting;
use crate::token;

/// The answer of `org check`.
#[derive(Debug, Serialize)]
struct Checked {
    #[serde(flatten)]
    common: Common,
    org: Named,
    #[serde(skip_serializing_if = "Option::is_none")]
    account: Option<Account>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<OrgRole>,
    #[serde(skip_serializing_if = "Option::is_none")]
    state: Option<MembershipState>,
    visibility: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    valid_until: Option<Timestamp>,
}

/// An organisation, by its known parts.
#[derive(Debug, Serialize)]
struct Named {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<AccountId>,
    login: String,
}

/// The answer of `org list`.
#[derive(Debug, Serialize)]
struct Listed {
    #[serde(flatten)]
    common: Common,
    account: Account,
    namespaces: Vec<Held>,
    visibility: OrgVisibility,
    /// The organisations that are hidden behind a single sign-on, by id.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hidden: Vec<String>,
    valid_until: Timestamp,
}

#[derive(Debug, Serialize)]
struct Held {
    namespace: Namespace,
    kind: &'static str,
    id: AccountId,
}

/// Answers a question about organisations.
pub(crate) async fn run(context: &Context, what: &Org) -> Result<Exit, Failure> {
    match what {
        Org::Check(what) => check(context, what).await,
        Org::List => list(context).await,
    }
}

async fn check(context: &Context, what: &OrgCheck) -> Result<Exit, Failure> {
    let named = namespace(&what.org)?;
    let servers = context.servers(&context.home()?)?;
    let org = servers.orgs_registry().place(&named)?;
    let token = token::required(servers.token())?;
    let (orgs, now) = (servers.orgs(), context.now());
    let asking = format!("asking about {}", org.short());
    let seen = waiting(&asking, orgs.membership(token, &org, now)).await;
    let document = match seen {
        Ok(membership) => Checked::of(membership, now),
        Err(obstacle) => Checked::without(org.name().as_str(), &obstacle),
    };
    Ok(context
        .output
        .answer(&document.common, &document, &document.page()))
}

async fn list(context: &Context) -> Result<Exit, Failure> {
    let servers = context.servers(&context.home()?)?;
    let token = token::required(servers.token())?;
    let (orgs, now) = (servers.orgs(), context.now());
    let listing = orgs.org_namespaces(token, now);
    let held = waiting("asking for the organisations", listing).await;
    let held = held.map_err(|obstacle| Failure(read_just_now(Common::obstacle(&obstacle))))?;
    let document = Listed::of(held);
    Ok(context
        .output
        .answer(&document.common, &document, &document.page()))
}

/// Returns the organisation, in any of its spellings.
fn namespace(text: &str) -> Result<Namespace, Failure> {
    let bad = |e: &dyn std::error::Error| Failure::invalid(Invalid::BadName, with_causes(e));
    let named: Namespace = match text.contains(':') {
        true => text.parse().map_err(|e| bad(&e))?,
        false => Namespace::parse_name(Ecosystem::GITHUB, text).map_err(|e| bad(&e))?,
    };
    match named.parent() {
        None => Ok(named),
        Some(parent) => {
            let what = format!(
                "{} lies below the organisation {}",
                named.short(),
                parent.short()
            );
            Err(Failure::invalid(Invalid::BadName, what))
        }
    }
}

/// Changes the remedy of an answer that is too old although it was read just now: a cache gave an old copy.
fn read_just_now(mut common: Common) -> Common {
    if common.reason == Some(UnavailableReason::StaleEvidence.name()) {
        let remedy = "ask again later: a cache on the way hands out old copies";
        common.remedy = Some(remedy.to_owned());
    }
    common
}

/// Returns the visibility that a failure to read implies for the token.
fn visibility(why: UnavailableReason) -> &'static str {
    match why {
        UnavailableReason::MissingScope => "no-org-scope",
        UnavailableReason::TokenKind => "token-kind-limited",
        UnavailableReason::SsoRequired => "sso-hidden",
        UnavailableReason::AppRestricted => "app-restricted",
        _ => "unknown",
    }
}

impl Checked {
    fn of(membership: OrgMembership, now: Timestamp) -> Self {
        let common = match membership.is_owner(now) {
            Ok(()) => Common::positive(Word::Confirmed),
            Err(obstacle) => Common::obstacle(&obstacle),
        };
        Self {
            common,
            org: Named {
                id: membership.org.id().cloned(),
                login: membership.org.login().to_string(),
            },
            account: Some(membership.user),
            role: Some(membership.role),
            state: Some(membership.state),
            visibility: "complete",
            valid_until: Some(membership.valid_until),
        }
    }

    fn without(login: &str, obstacle: &Obstacle) -> Self {
        let (word, visibility) = match obstacle {
            Obstacle::Unavailable(why) if why.reason == UnavailableReason::OwnersHidden => {
                (Word::Undetermined, visibility(why.reason))
            }
            Obstacle::Unavailable(why) => (Word::Unavailable, visibility(why.reason)),
            _ => (Word::Refuted, "complete"),
        };
        Self {
            common: read_just_now(Common::standing_in_the_way(word, obstacle)),
            org: Named {
                id: None,
                login: login.to_owned(),
            },
            account: None,
            role: None,
            state: None,
            visibility,
            valid_until: None,
        }
    }

    fn page(&self) -> Page {
        let mut page = Page::new();
        let org = &self.org.login;
        match (&self.common.message, &self.account) {
            (None, Some(account)) => {
                page.outcome(
                    self.common.outcome,
                    format!("{account} is an Owner of {org}"),
                );
            }
            (message, _) => {
                let code = self.common.code.unwrap_or_default();
                let says = message.as_deref().unwrap_or_default();
                page.outcome(self.common.outcome, format!("{org}: {says} ({code})"));
            }
        }
        if let Some(remedy) = &self.common.remedy {
            page.field("what to do", remedy);
        }
        if let Some(until) = self.valid_until {
            page.field("valid until", until.to_string());
        }
        page
    }
}

impl Listed {
    /// Creates the answer. Hidden organisations leave it open, and it lists the visible ones.
    fn of(held: OrgNamespaces) -> Self {
        let common = match held.limit() {
            None => Common::positive(Word::Done),
            Some(limit) => Common::standing_in_the_way(Word::Undetermined, &Obstacle::from(limit)),
        };
        let hidden = match &held.visibility {
            OrgVisibility::SsoHidden(ids) => ids.iter().cloned().collect(),
            _ => Vec::new(),
        };
        let own = std::iter::once(("personal", held.personal));
        let orgs = held.orgs.into_iter().map(|org| ("org", org));
        let one = |(kind, owned): (&'static str, auths_adapters_github::OwnedNamespace)| Held {
            namespace: owned.namespace,
            kind,
            id: owned.id,
        };
        Self {
            common,
            account: held.account,
            namespaces: own.chain(orgs).map(one).collect(),
            visibility: held.visibility,
            hidden,
            valid_until: held.valid_until,
        }
    }

    fn page(&self) -> Page {
        let mut page = Page::new();
        let says = self.common.message.as_deref();
        let all = format!("everything that {} has on GitHub", self.account);
        page.outcome(self.common.outcome, says.unwrap_or(&all));
        if let Some(remedy) = &self.common.remedy {
            page.field("what to do", remedy);
        }
        let row = |held: &Held| {
            let short = held.namespace.short();
            vec![short, held.kind.to_owned(), held.id.to_string()]
        };
        let rows: Vec<_> = self.namespaces.iter().map(row).collect();
        page.table(&["name", "kind", "id"], &rows);
        page.field("visibility", self.visibility.as_str());
        page.field("valid until", self.valid_until.to_string());
        page
    }
}
