//! How much a bundle from anybody makes a verifier ask of others.

use super::*;
use crate::claim::Delegation;
use crate::crypto::PublicKey;
use crate::evidence::{
    LinkedAccount, ListedAccount, Listing, ListingCompleteness, NamedAccount, OwnerRole,
};
use crate::identity::VerificationMethod;
use crate::ports::{
    AccountProofQuery, AccountProverError, DidResolver, GistHint, LinkedAccountsQuery,
    PlatformContext, ProofHint, ProofsToRead, ReadScope,
};
use crate::reason::Reason;

/// What others were asked for.
#[derive(Debug, Default)]
struct Asked {
    listings: AtomicUsize,
    wholes: AtomicUsize,
    gists: AtomicUsize,
    requests: AtomicUsize,
}

impl Asked {
    fn one_more(of: &AtomicUsize) {
        of.fetch_add(1, Ordering::Relaxed);
    }

    /// Listings alone, everything of a name, gists, requests.
    fn counts(&self) -> [usize; 4] {
        [&self.listings, &self.wholes, &self.gists, &self.requests]
            .map(|count| count.load(Ordering::Relaxed))
    }
}

/// A registry that shows the same listing for every name, one request, and takes 39 more for its releases, as far as it may.
#[derive(Debug)]
struct Shop {
    origin: Origin,
    shown: Reading<Listing>,
    /// The owner of every other name than `pypi:six`.
    elsewhere: Option<Account>,
    asked: Arc<Asked>,
    is_down: bool,
}

impl Shop {
    fn showing(shown: Reading<Listing>) -> Self {
        Self {
            origin: origin(),
            shown,
            elsewhere: None,
            asked: Arc::default(),
            is_down: false,
        }
    }

    fn listing(logins: &[&str]) -> Self {
        Self::showing(Reading::Read(owners(logins)))
    }
}

fn owners(logins: &[&str]) -> Listing {
    let owner =
        |login: &&str| ListedAccount::new(login.parse().unwrap(), OwnerRole::Owner, "Owner");
    Listing::new(logins.iter().map(owner).collect())
}

/// Returns the package as one made for `account`.
fn speaking(mut seen: NamespaceEvidence, account: &Account) -> NamespaceEvidence {
    let says = NamedAccount::new(did(), account.clone());
    let timeline = seen.timeline.get().unwrap();
    let releases = timeline.releases().iter().cloned();
    let releases = releases.map(|release| release.naming_accounts([says.clone()]));
    let default = timeline.default_version().map(str::to_owned);
    seen.timeline = Reading::Read(Timeline::new(releases.collect(), default));
    seen
}

#[async_trait]
impl NamespaceVerifier for Shop {
    fn ecosystem(&self) -> &Ecosystem {
        &Ecosystem::PYPI
    }
    fn origin(&self) -> &Origin {
        &self.origin
    }
    fn is_public(&self) -> bool {
        true
    }
    async fn gather(&self, query: &NamespaceQuery) -> Result<NamespaceEvidence, NamespaceError> {
        let request = || {
            query.budget.take_request()?;
            Asked::one_more(&self.asked.requests);
            Ok::<_, Unavailable>(())
        };
        Asked::one_more(match query.scope {
            ReadScope::Listing => &self.asked.listings,
            ReadScope::Everything => &self.asked.wholes,
        });
        if self.is_down {
            return Err(Unavailable::new(UnavailableReason::ServerError, "it is down").into());
        }
        request()?;
        let name = query.namespace.short();
        let mut seen = match name.as_str() {
            // Names nobody: only an account leads to it.
            "pypi:six" => {
                let mut seen = package(&name, 0);
                let old = Release::new("1", Some(now() - DAY * 900), false).naming([]);
                seen.timeline = Reading::Read(Timeline::new(vec![old], Some("1".into())));
                seen.listing = self.shown.clone();
                seen
            }
            _ => {
                let mut seen = package(&name, 0);
                if let Some(account) = &self.elsewhere {
                    seen = speaking(seen, account);
                }
                let owner = self.elsewhere.clone().map(|account| {
                    let owner = ListedAccount::new(account, OwnerRole::Owner, "Owner");
                    Reading::Read(Listing::new(vec![owner]))
                });
                seen.listing = owner.unwrap_or_else(|| self.shown.clone());
                seen
            }
        };
        if query.scope == ReadScope::Everything {
            let read = (0..39).try_for_each(|_| request());
            if let (Err(why), false) = (read, name == "pypi:six") {
                seen.timeline = Reading::Unread(why);
            }
        }
        Ok(seen)
    }
}

/// GitHub, where every gist takes three requests and is not there.
#[derive(Debug)]
struct NoGists(Arc<Asked>);

#[async_trait]
impl AccountProver for NoGists {
    fn platform(&self) -> &Platform {
        &Platform::GITHUB
    }
    fn accounts_at(&self) -> Option<Origin> {
        None
    }
    async fn prove(
        &self,
        query: &AccountProofQuery,
    ) -> Result<AccountEvidence, AccountProverError> {
        Asked::one_more(&self.0.gists);
        assert!(matches!(query.hint, ProofHint::Gist(_)));
        for _ in 0..3 {
            query.budget.take_request()?;
            Asked::one_more(&self.0.requests);
        }
        Err(Unavailable::new(UnavailableReason::AccountHidden, "it is not there").into())
    }
}

/// A bundle that says it holds these accounts, each with an observation that says where its proof lies.
fn bundle_of(accounts: impl IntoIterator<Item = String>) -> Bundle {
    let mut bundle = Bundle::new(claim("hub", None));
    for (i, login) in accounts.into_iter().enumerate() {
        let account: Account = login.parse().unwrap();
        let linked = done(sign_account_claim(&key(), account.clone(), None, now())).unwrap();
        let proof = match account.platform() == &Platform::GITHUB {
            true => AccountProof::GistProof {
                gist: format!("gist{i}"),
                claim: linked.id().clone(),
                unchanged_since: now() - DAY * 30,
                state: None,
            },
            false => AccountProof::AccountStatement(Box::new(package(&format!("pypi:p{i}"), 0))),
        };
        bundle.platform_claims.push(linked);
        let evidence = AccountEvidence::new(account, did(), now(), proof);
        let observation = Observation::new(Evidence::Account(Box::new(evidence)));
        let signed = done(SigningRequest::new(observation, now()).sign(&key()));
        bundle.observations.push(signed.unwrap());
    }
    bundle
}

fn numbered(platform: &str, n: usize) -> impl Iterator<Item = String> {
    (0..n).map(move |i| format!("{platform}:u{i}"))
}

/// What is decided, and what was asked for it: listings, wholes, gists, requests.
fn live(
    bundle: &Bundle,
    shop: Shop,
    audience: &str,
    limits: VerificationLimits,
) -> (Decision, [usize; 4]) {
    let (asked, shop) = (Arc::clone(&shop.asked), Arc::new(shop));
    let statements = StatementProver::new(Platform::PYPI, shop.clone());
    let gists = NoGists(asked.clone());
    let provers: Vec<Arc<dyn AccountProver>> = vec![Arc::new(statements), Arc::new(gists)];
    let policy = Policy::standard();
    let mut terms = VerifyOptions::new(
        ProofExpectation::new(audience.parse().unwrap()),
        &policy,
        now(),
    );
    terms.limits = limits;
    let decision = done(verify_live(bundle, terms, &*shop, provers));
    (decision, asked.counts())
}

fn why(decision: &Decision) -> &'static str {
    decision.reason().map_or("none", Obstacle::name)
}

#[test]
fn a_claim_that_does_not_hold_makes_nobody_ask_anything() {
    let good = bundle_of(numbered("pypi", 3));
    let ask = |bundle: &Bundle, audience: &str| {
        live(
            bundle,
            Shop::listing(&["pypi:u0"]),
            audience,
            VerificationLimits::default(),
        )
    };
    assert_ne!(ask(&good, "hub").1, [0; 4]);
    let (wrong_audience, asked) = ask(&good, "elsewhere");
    assert!(wrong_audience.is_refuted_by(RefutedReason::WrongAudience));
    assert_eq!(asked, [0; 4]);
    let spoiled = good
        .to_json()
        .replace("2026-11-21T08:00:00Z", "2026-11-21T07:59:59Z");
    let (spoiled, asked) = ask(&Bundle::parse(spoiled.as_bytes()).unwrap(), "hub");
    assert_eq!(spoiled.outcome(), Outcome::Denied);
    assert_eq!(asked, [0; 4]);
}

#[test]
fn a_platform_claim_that_does_not_hold_is_not_looked_at() {
    let mut bundle = bundle_of(numbered("pypi", 3));
    let listed = || Shop::listing(&["pypi:u0", "pypi:u1", "pypi:u2"]);
    let count = |bundle: &Bundle| live(bundle, listed(), "hub", VerificationLimits::default()).1[0];
    assert_eq!(count(&bundle), 3);
    let text = bundle.platform_claims[1].to_json();
    let spoiled = text.replace("2026-11-21T08:00:00Z", "2026-11-21T07:59:59Z");
    bundle.platform_claims[1] = Signed::parse(spoiled.as_bytes()).unwrap();
    assert_eq!(count(&bundle), 2);
}

#[test]
fn proofs_of_accounts_that_the_registry_does_not_list_are_not_asked_for() {
    for platform in ["github", "pypi"] {
        let bundle = bundle_of(numbered(platform, 16));
        let shop = Shop::listing(&["pypi:alice"]);
        let (decision, asked) = live(&bundle, shop, "hub", VerificationLimits::default());
        assert_eq!(decision.outcome(), Outcome::Denied);
        assert_eq!(
            asked,
            [0, 1, 0, 40],
            "{platform}: the name itself, and nothing else"
        );
    }
    // Of the accounts in one bundle, those alone that are listed.
    let bundle = bundle_of(numbered("pypi", 16));
    let (_, asked) = live(
        &bundle,
        Shop::listing(&["pypi:u9"]),
        "hub",
        VerificationLimits::default(),
    );
    assert_eq!(asked[0], 1);
}

#[test]
fn where_the_listing_is_open_only_accounts_that_it_may_have_are_asked_for() {
    let mut organization = owners(&["pypi:alice"]);
    organization.owners = ListingCompleteness::Organization("acme".into());
    let mut partly = owners(&["pypi:alice"]);
    partly.owners =
        ListingCompleteness::Unread(Unavailable::new(UnavailableReason::Timeout, "one page"));
    let unread = Reading::Unread(Unavailable::new(UnavailableReason::Timeout, "it"));
    for open in [Reading::Read(organization), Reading::Read(partly), unread] {
        let ask = |bundle: &Bundle| {
            let shop = Shop::showing(open.clone());
            live(bundle, shop, "hub", VerificationLimits::default())
        };
        let (_, [listings, _, gists, _]) = ask(&bundle_of(numbered("pypi", 16)));
        assert_eq!((listings, gists), (4, 0), "no more than the limit");
        let (decision, [listings, _, gists, _]) = ask(&bundle_of(numbered("github", 16)));
        assert_eq!((listings, gists), (0, 0), "PyPI lists no account of GitHub");
        assert_ne!(decision.outcome(), Outcome::Accepted);
    }
}

#[test]
fn nothing_is_asked_about_accounts_when_nothing_is_seen_of_the_name() {
    let mut shop = Shop::listing(&["pypi:u0"]);
    shop.is_down = true;
    let (decision, asked) = live(
        &bundle_of(numbered("pypi", 16)),
        shop,
        "hub",
        VerificationLimits::default(),
    );
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(why(&decision), "server-error");
    assert_eq!(asked, [0, 1, 0, 0]);
}

#[test]
fn all_that_one_bundle_makes_a_verifier_ask_stays_within_one_budget() {
    let everybody: Vec<String> = numbered("pypi", 256).collect();
    let logins: Vec<&str> = everybody.iter().map(String::as_str).collect();
    let bundle = bundle_of(everybody.iter().cloned());
    for (limits, most) in [
        (VerificationLimits::default(), 64),
        (VerificationLimits::default().with_requests(7), 7),
        (VerificationLimits::default().with_requests(1), 1),
        (VerificationLimits::default().with_proofs(256), 64),
        (
            VerificationLimits::default()
                .with_requests(1_000)
                .with_proofs(2),
            42,
        ),
    ] {
        let (decision, asked) = live(&bundle, Shop::listing(&logins), "hub", limits);
        assert!(asked[3] <= most, "{asked:?} of {most}");
        assert_eq!(decision.outcome(), Outcome::Undetermined, "{limits:?}");
        assert_eq!(why(&decision), "request-budget", "{limits:?}");
    }
}

#[test]
fn a_spent_budget_is_neither_a_no_nor_a_yes_and_spoils_nothing_that_was_read() {
    let shop = || Shop {
        elsewhere: Some("pypi:u0".parse().unwrap()),
        ..Shop::listing(&["pypi:u0", "pypi:u1"])
    };
    let bundle = bundle_of(numbered("pypi", 2));
    // One more for the listing of the package that speaks for the account, and 40 to read it.
    let whole = 40 + 1 + 40;
    let ask = |requests| {
        live(
            &bundle,
            shop(),
            "hub",
            VerificationLimits::default().with_requests(requests),
        )
    };
    let (decision, _) = ask(whole);
    assert_eq!(
        decision.outcome(),
        Outcome::Accepted,
        "{:?}",
        decision.reason()
    );
    for short in [0, 1, 39, 40, 41, whole - 1] {
        let (decision, [.., requests]) = ask(short);
        assert_eq!(decision.outcome(), Outcome::Undetermined, "{short}");
        assert_eq!(why(&decision), "request-budget", "{short}");
        assert!(requests <= short as usize);
        assert!(decision.into_verified().is_err());
    }
}

#[test]
fn a_package_that_is_not_the_accounts_alone_is_not_read_whole() {
    let ask = |owner: &str, hinted: &str| {
        let shop = Shop {
            elsewhere: Some(owner.parse().unwrap()),
            ..Shop::listing(&["pypi:u0"])
        };
        let (asked, shop) = (Arc::clone(&shop.asked), Arc::new(shop));
        let prover = StatementProver::new(Platform::PYPI, shop);
        let claim = done(sign_account_claim(
            &key(),
            "pypi:u0".parse().unwrap(),
            None,
            now(),
        ))
        .unwrap();
        let hint = ProofHint::Statement(hinted.parse().unwrap());
        let proved = done(prover.prove(&AccountProofQuery::new(claim, hint, now(), DAY * 7)));
        (proved, asked.counts())
    };
    let (own, asked) = ask("pypi:u0", "pypi:p");
    assert!(own.is_ok());
    assert_eq!(asked, [1, 1, 0, 41]);
    let (anothers, asked) = ask("pypi:boto", "pypi:p");
    assert_eq!(asked, [1, 0, 0, 1]);
    let linked = LinkedAccount::new(
        done(sign_account_claim(
            &key(),
            "pypi:u0".parse().unwrap(),
            None,
            now(),
        ))
        .unwrap(),
        vec![ObservedEvidence::live(anothers.unwrap())],
    );
    let keys = crate::claim::KeyRing::intrinsic();
    let links = crate::decide::grade_account(&linked, &Policy::standard(), &keys, now());
    let said = serde_json::to_string(&links).unwrap();
    assert!(said.contains("not-sole-owner"), "{said}");
}

#[test]
fn an_npm_package_outside_the_accounts_scope_is_not_asked_for() {
    let asked = Arc::new(Shop::listing(&[]));
    let prover = StatementProver::new(Platform::NPM, asked.clone());
    let claim = done(sign_account_claim(
        &key(),
        "npm:alice".parse().unwrap(),
        None,
        now(),
    ))
    .unwrap();
    for package in ["npm:left-pad", "npm:@bob/auths", "npm:@alice-x/auths"] {
        let hint = ProofHint::Statement(package.parse().unwrap());
        let query = AccountProofQuery::new(claim.clone(), hint, now(), DAY * 7);
        let proved = done(prover.prove(&query)).unwrap_err();
        let AccountProverError::Refuted(refuted) = proved else {
            panic!("{proved}")
        };
        assert_eq!(refuted.reason, RefutedReason::NotSoleOwner);
    }
    assert_eq!(asked.asked.counts(), [0; 4]);
}

// --- delegations

/// Counts the DIDs that it is asked about.
#[derive(Debug, Default)]
struct Directory(Mutex<Vec<Did>>);

#[async_trait]
impl PlatformContext for Directory {
    async fn accounts(
        &self,
        query: &LinkedAccountsQuery,
    ) -> Result<Vec<LinkedAccount>, Unavailable> {
        // Names alone are asked for first.
        if !matches!(query.proofs, ProofsToRead::None) {
            self.0.lock().unwrap().push(query.did.clone());
        }
        Ok(Vec::new())
    }
}

fn delegations(n: u8) -> Vec<Signed<Delegation>> {
    let delegator = |i: u8| KeyPair::from_seed(&Seed::new(Zeroizing::new([i + 2; 32])));
    let body = || {
        Delegation::new(
            did(),
            ["pypi:six".parse().unwrap()],
            Actions::only(Action::Publish),
        )
    };
    let sign = |i| done(SigningRequest::new(body(), now()).sign(&delegator(i)));
    (0..n).map(|i| sign(i).unwrap()).collect()
}

#[test]
fn delegators_are_looked_up_as_far_as_the_limit_and_the_holder_first() {
    use crate::ports::NamespaceVerifierExt;
    let context = Directory::default();
    let mut case = DecisionInput::new(
        claim("hub", None),
        ProofExpectation::new("hub".parse().unwrap()),
    );
    case.delegations = delegations(200);
    let shop = Shop::listing(&["pypi:alice"]);
    let decision = done(shop.verify(&context, case, &Policy::standard(), now()));
    let looked_up = context.0.lock().unwrap();
    assert_eq!(looked_up.len(), VerificationLimits::default().dids);
    assert_eq!(looked_up[0], did());
    assert_eq!(decision.outcome(), Outcome::Undetermined);
    assert_eq!(why(&decision), "request-budget");
}

/// Knows every DID but one, and counts how often it is asked.
#[derive(Debug, Default)]
struct Resolver(AtomicUsize);

#[async_trait]
impl DidResolver for Resolver {
    async fn resolve(
        &self,
        did: &Did,
        _: Timestamp,
    ) -> Result<Vec<(VerificationMethod, PublicKey)>, Unavailable> {
        Asked::one_more(&self.0);
        match did.as_str() {
            "did:web:d1.example" => Err(Unavailable::new(UnavailableReason::Network, "it is gone")),
            _ => Ok(Vec::new()),
        }
    }
}

#[test]
fn few_dids_are_resolved_each_once_and_one_that_is_not_spoils_no_other() {
    let web = |i: usize| format!("did:web:d{i}.example").parse::<Did>().unwrap();
    let mut dids: Vec<Did> = (0..300).map(web).collect();
    dids.extend((0..300).map(web));
    dids.push(did());
    let resolver = Resolver::default();
    let ring = done(resolve_keys(&dids, &resolver, 16, now()));
    assert_eq!(resolver.0.load(Ordering::Relaxed), 16);
    let signed = |i: usize| {
        let text = claim("hub", None).to_json();
        let text = text.replace(did().as_str(), web(i).as_str());
        let fragment = did().as_str().replace("did:key:", "#");
        let claim: Signed<NamespaceClaim> =
            Signed::parse(text.replace(&fragment, "#k").as_bytes()).unwrap();
        match claim.check_signature(&ring) {
            Err(crate::claim::ClaimError::Unavailable(why)) => why.reason.name(),
            Err(crate::claim::ClaimError::Refuted(refuted)) => refuted.reason.name(),
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(signed(0), "unknown-key", "it was read, and has no such key");
    assert_eq!(signed(1), "network");
    assert_eq!(signed(2), "unknown-key");
    assert_eq!(signed(16), "request-budget");
    let unasked = claim("hub", None);
    assert!(unasked.check_signature(&ring).is_ok());
}

#[test]
fn a_claim_is_made_though_another_dids_accounts_cannot_be_read() {
    /// Shows the holder's accounts, and nobody else's.
    #[derive(Debug)]
    struct Half(ClaimsContext);

    #[async_trait]
    impl PlatformContext for Half {
        async fn accounts(
            &self,
            query: &LinkedAccountsQuery,
        ) -> Result<Vec<LinkedAccount>, Unavailable> {
            match query.did == did() {
                true => self.0.accounts(query).await,
                false => Err(Unavailable::new(UnavailableReason::Network, "down")),
            }
        }
    }
    let shop = Arc::new(Shop {
        elsewhere: Some("pypi:u0".parse().unwrap()),
        ..Shop::listing(&["pypi:u0"])
    });
    let linked = done(sign_account_claim(
        &key(),
        "pypi:u0".parse().unwrap(),
        None,
        now(),
    ))
    .unwrap();
    let hint = ProofHint::Statement("pypi:p".parse().unwrap());
    let link = StoredLink::new(linked, Some(hint));
    let prover = StatementProver::new(Platform::PYPI, shop.clone());
    let context = Half(ClaimsContext::new(vec![link], vec![Arc::new(prover)]));
    let signer = key();
    let workflow = ClaimNamespace {
        signer: &signer,
        verifier: &*shop,
        context: &context,
        revocations: &[],
        memory: &crate::ports::MemoryRevocations::new(),
        resolver: None,
    };
    let mut request = ClaimRequest::new("pypi:six".parse().unwrap(), now());
    request.limits = request.limits.with_requests(100);
    request.delegations = delegations(1);
    let claimed = done(workflow.run(request, &Policy::standard())).unwrap();
    assert_eq!(claimed.decision.outcome(), Outcome::Accepted);
}

#[test]
fn a_gist_hint_is_for_github_alone() {
    let hint = ProofHint::Gist(GistHint::new("gist"));
    let shop = Arc::new(Shop::listing(&["pypi:u0"]));
    let prover = StatementProver::new(Platform::PYPI, shop.clone());
    let claim = done(sign_account_claim(
        &key(),
        "pypi:u0".parse().unwrap(),
        None,
        now(),
    ))
    .unwrap();
    assert!(done(prover.prove(&AccountProofQuery::new(claim, hint, now(), DAY))).is_err());
    assert_eq!(shop.asked.counts(), [0; 4]);
}
