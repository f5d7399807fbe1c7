//! The contract of [`PlatformContext`].

use super::report::{Check, Checked, Report, ensure, run, unless};
use auths_core::Timestamp;
use auths_core::claim::{PlatformClaim, Signed};
use auths_core::crypto::{KeyPair, Seed};
use auths_core::identity::{Account, Did};
use auths_core::policy::DEFAULT_MATURITY;
use auths_core::ports::{LinkedAccountsQuery, PlatformContext};
use auths_core::use_cases::sign_account_claim;

/// A [`PlatformContext`] under test.
pub trait ContextSubject: Send + Sync {
    /// The implementation.
    type Context: PlatformContext;

    /// Creates a context that knows these claims and no others. Their accounts need no further proof.
    fn knowing(&self, claims: Vec<Signed<PlatformClaim>>) -> Self::Context;

    /// Creates a context of these claims whose source cannot be read; `None` where that cannot happen.
    fn unreadable(&self, claims: Vec<Signed<PlatformClaim>>) -> Option<Self::Context> {
        drop(claims);
        None
    }
}

/// Checks a context against its contract.
pub async fn platform_context<S: ContextSubject>(subject: &S) -> Report {
    run("PlatformContext", &checks::<S>(), subject).await
}

fn checks<S: ContextSubject>() -> Vec<Check<S>> {
    vec![
        Check {
            name: "shows-every-account",
            promise: "every account of the DID is shown, each by its claim, whole",
            excluded_by: |_| None,
            run: |s| Box::pin(shows_every_account(s)),
        },
        Check {
            name: "shows-no-other-did",
            promise: "a claim of another DID is not shown",
            excluded_by: |_| None,
            run: |s| Box::pin(shows_no_other_did(s)),
        },
        Check {
            name: "unreadable-is-not-nobody",
            promise: "accounts that could not be looked up are an error, never left out",
            excluded_by: |s| {
                unless(
                    s.unreadable(Vec::new()).is_some(),
                    "`ContextSubject::unreadable`",
                )
            },
            run: |s| Box::pin(unreadable_is_not_nobody(s)),
        },
    ]
}

async fn claim(of: u8, account: &str) -> Result<Signed<PlatformClaim>, super::report::Violation> {
    let account: Account = account.parse()?;
    Ok(sign_account_claim(&key(of), account, None, now()?).await?)
}

fn key(byte: u8) -> KeyPair {
    KeyPair::from_seed(&Seed::new([byte; 32].into()))
}

fn now() -> Result<Timestamp, auths_core::TimeError> {
    Timestamp::from_unix(1_700_000_000)
}

fn query(of: u8) -> Result<LinkedAccountsQuery, super::report::Violation> {
    let did = Did::from_key(&key(of).public());
    Ok(LinkedAccountsQuery::new(
        did,
        "pypi:six".parse()?,
        now()?,
        DEFAULT_MATURITY,
    ))
}

async fn shows_every_account<S: ContextSubject>(subject: &S) -> Checked {
    let claims = vec![claim(1, "pypi:alice").await?, claim(1, "npm:alice").await?];
    let shown = subject.knowing(claims.clone()).accounts(&query(1)?).await?;
    for claim in &claims {
        let times = shown.iter().filter(|l| l.claim == *claim).count();
        let account = &claim.unverified().account;
        ensure!(times == 1, "{account} is shown {times} times");
    }
    ensure!(shown.len() == claims.len(), "{} are shown", shown.len());
    Ok(())
}

async fn shows_no_other_did<S: ContextSubject>(subject: &S) -> Checked {
    let claims = vec![claim(1, "pypi:alice").await?, claim(2, "pypi:bob").await?];
    let shown = subject.knowing(claims).accounts(&query(2)?).await?;
    let dids: Vec<_> = shown.iter().map(|l| l.claim.did().to_string()).collect();
    let expected = query(2)?.did.to_string();
    ensure!(dids == [expected], "the accounts shown are of {dids:?}");
    let nobodys = subject.knowing(Vec::new()).accounts(&query(1)?).await?;
    ensure!(nobodys.is_empty(), "a DID without claims has {nobodys:?}");
    Ok(())
}

async fn unreadable_is_not_nobody<S: ContextSubject>(subject: &S) -> Checked {
    let claims = vec![claim(1, "pypi:alice").await?];
    let Some(context) = subject.unreadable(claims) else {
        return Ok(());
    };
    let seen = context.accounts(&query(1)?).await;
    ensure!(seen.is_err(), "it shows {:?}", seen.map(|s| s.len()));
    Ok(())
}
