//! Queries of public listings, many at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, Shared};
use futures_util::stream::{self, Stream, StreamExt};

use crate::Timestamp;
use crate::decide::{ListingAnswer, check_age, check_listing};
use crate::evidence::NamespaceEvidence;
use crate::identity::{Account, Namespace};
use crate::policy::Policy;
use crate::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier, NamespaceVerifierExt};
use crate::reason::{Obstacle, Unavailable};

/// One query: does the registry list this account for this name?
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ListingQuery {
    /// The name.
    pub namespace: Namespace,
    /// The account.
    pub account: Account,
}

impl ListingQuery {
    /// Creates the query whether `account` is listed for `namespace`.
    ///
    /// On a configured registry both must name its server: `namespace.at(Some(origin))` and `account.at(Some(origin))`. `alice`
    /// there and `alice` on the public registry are different accounts, and neither is listed as the other.
    #[must_use]
    pub fn new(namespace: Namespace, account: Account) -> Self {
        Self { namespace, account }
    }
}

type Gathered = Result<Arc<NamespaceEvidence>, Unavailable>;

/// Answers the queries in their order, `concurrency` at a time, and asks the registry once for each distinct name.
///
/// Each answer comes with its evidence, so that it can be shown. Dropping the stream stops the requests.
pub fn check_many(
    verifier: Arc<dyn NamespaceVerifier>,
    queries: Vec<ListingQuery>,
    policy: Policy,
    now: Timestamp,
    concurrency: usize,
) -> impl Stream<
    Item = (
        ListingQuery,
        Result<(ListingAnswer, Arc<NamespaceEvidence>), Obstacle>,
    ),
> + Send {
    let mut gatherings: BTreeMap<Namespace, Shared<BoxFuture<'static, Gathered>>> = BTreeMap::new();
    let mut about: BTreeMap<Namespace, Vec<Account>> = BTreeMap::new();
    for ListingQuery { namespace, account } in &queries {
        let accounts = about.entry(namespace.clone()).or_default();
        accounts.push(account.clone());
    }
    let pending: Vec<_> = queries
        .into_iter()
        .map(|query| {
            let gathering = gatherings
                .entry(query.namespace.clone())
                .or_insert_with(|| {
                    let to_registry =
                        NamespaceQuery::new(query.namespace.clone(), now).listing_only();
                    let accounts = about.remove(&query.namespace).unwrap_or_default();
                    gather(verifier.clone(), to_registry.about(accounts))
                        .boxed()
                        .shared()
                });
            (query, gathering.clone())
        })
        .collect();
    let policy = Arc::new(policy);
    stream::iter(pending)
        .map(move |(query, gathering)| {
            let policy = policy.clone();
            async move {
                let answer = gathering.await.map_err(Obstacle::from);
                let answer = answer.and_then(|seen| {
                    check_age(&seen, &policy, now)?;
                    Ok((check_listing(&seen, &query.account, &policy)?, seen))
                });
                (query, answer)
            }
        })
        .buffered(concurrency.max(1))
}

async fn gather(verifier: Arc<dyn NamespaceVerifier>, query: NamespaceQuery) -> Gathered {
    let seen = verifier.gather_checked(&query).await;
    Ok(Arc::new(seen.map_err(NamespaceError::into_unavailable)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::evidence::{ListedAccount, Listing, OwnerRole, Reading};
    use crate::identity::{Ecosystem, Origin};
    use crate::reason::UnavailableReason;

    /// Answers every question with the same evidence.
    #[derive(Debug)]
    struct FixedEvidence(NamespaceEvidence);

    #[async_trait::async_trait]
    impl NamespaceVerifier for FixedEvidence {
        fn ecosystem(&self) -> &Ecosystem {
            self.0.namespace.ecosystem()
        }
        fn origin(&self) -> &Origin {
            &self.0.origin
        }
        fn is_public(&self) -> bool {
            true
        }
        async fn gather(&self, _: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
            Ok(self.0.clone())
        }
    }

    #[test]
    fn a_listing_of_another_name_or_server_answers_nothing() {
        let alice: Account = "pypi:alice".parse().unwrap();
        let origin: Origin = "https://pypi.example".parse().unwrap();
        let now = Timestamp::from_unix(1_700_000_000).unwrap();
        let six: Namespace = "pypi:six".parse().unwrap();
        let mut seen = NamespaceEvidence::new(six.clone(), origin.clone(), now);
        let listed = ListedAccount::new(alice.clone(), OwnerRole::Owner, "Owner");
        seen.listing = Reading::Read(Listing::new(vec![listed]));
        let elsewhere = six.clone().at(Some("http://127.0.0.1:9".parse().unwrap()));
        let mut dishonest = seen.clone();
        dishonest.namespace = elsewhere.clone();
        for (seen, asked, good) in [
            (seen.clone(), six.clone(), true),
            (seen.clone(), "pypi:requests".parse().unwrap(), false),
            (seen, elsewhere.clone(), false),
            (dishonest, elsewhere, false),
        ] {
            let question = ListingQuery::new(asked, alice.clone());
            let answers = check_many(
                Arc::new(FixedEvidence(seen)),
                vec![question],
                Policy::standard(),
                now,
                1,
            );
            let answers: Vec<_> = answers.collect().now_or_never().unwrap();
            match &answers[0].1 {
                Ok(_) => assert!(good),
                Err(Obstacle::Unavailable(u)) => {
                    assert!(!good && u.reason == UnavailableReason::EvidenceMismatch);
                }
                Err(other) => panic!("{other}"),
            }
        }
    }
}
