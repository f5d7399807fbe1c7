//! Asking public listings many questions at once.

use std::collections::BTreeMap;
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt, Shared};
use futures_util::stream::{self, Stream, StreamExt};

use crate::Timestamp;
use crate::decide::{ListingAnswer, Obstacle, check_listing};
use crate::evidence::NamespaceEvidence;
use crate::identity::{Account, Namespace};
use crate::outcome::Unavailable;
use crate::policy::Policy;
use crate::ports::{NamespaceError, NamespaceQuery, NamespaceVerifier};

/// One question: does the registry list this account for this name?
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Question {
    /// The name.
    pub namespace: Namespace,
    /// The account.
    pub account: Account,
}

impl Question {
    /// Is `account` listed for `namespace`?
    #[must_use]
    pub fn new(namespace: Namespace, account: Account) -> Self {
        Self { namespace, account }
    }
}

type Gathered = Result<Arc<NamespaceEvidence>, Unavailable>;

/// Answers the questions in their order, `concurrency` at a time, asking the registry once for each distinct name.
///
/// The evidence comes with each answer, so that it can be shown. Dropping the stream stops asking.
pub fn check_many(
    verifier: Arc<dyn NamespaceVerifier>,
    questions: Vec<Question>,
    policy: Policy,
    now: Timestamp,
    concurrency: usize,
) -> impl Stream<
    Item = (
        Question,
        Result<(ListingAnswer, Arc<NamespaceEvidence>), Obstacle>,
    ),
> + Send {
    let mut asked: BTreeMap<Namespace, Shared<BoxFuture<'static, Gathered>>> = BTreeMap::new();
    let pending: Vec<_> = questions
        .into_iter()
        .map(|question| {
            let gathering = asked.entry(question.namespace.clone()).or_insert_with(|| {
                gather(verifier.clone(), question.namespace.clone(), now)
                    .boxed()
                    .shared()
            });
            (question, gathering.clone())
        })
        .collect();
    let policy = Arc::new(policy);
    stream::iter(pending)
        .map(move |(question, gathering)| {
            let policy = policy.clone();
            async move {
                let answer = gathering.await.map_err(Obstacle::from);
                let answer = answer
                    .and_then(|seen| Ok((check_listing(&seen, &question.account, &policy)?, seen)));
                (question, answer)
            }
        })
        .buffered(concurrency.max(1))
}

async fn gather(
    verifier: Arc<dyn NamespaceVerifier>,
    namespace: Namespace,
    now: Timestamp,
) -> Gathered {
    let query = NamespaceQuery::new(namespace, now).listing_only();
    verifier
        .gather(&query)
        .await
        .map(Arc::new)
        .map_err(NamespaceError::into_unavailable)
}
