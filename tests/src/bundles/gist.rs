//! A crate, listed to a GitHub account that a gist links to the DID.

use super::*;

const CREATED: &str = "2015-01-01T00:00:00Z";
const OLD: &str = "2026-11-01T00:00:00Z";
const NEW: &str = "2026-11-20T00:00:00Z";

pub(super) fn cases() -> Vec<Case> {
    let of_another = || {
        let another = crate::claims::platform_by_name("npm:alice");
        by_gist(listed("583231"), &gist(another.id().clone(), OLD))
    };
    vec![
        good(
            "gist",
            "A crate whose maker is the account that a gist links to the DID, with the state in which the gist was found.",
            &by_gist(listed("583231"), &link_by_gist(OLD)),
        ),
        good(
            "gist-login-renamed",
            "The registry still shows the account's older login: the id is the same.",
            &by_gist(named("monalisa", "583231"), &link_by_gist(OLD)),
        ),
        bad(
            "gist-young",
            "A gist that has held the claim for less than the maturity.",
            by_gist(listed("583231"), &link_by_gist(NEW)).to_json(),
            ("young", "pending: "),
        ),
        bad(
            "gist-of-another-claim",
            "A gist that holds another claim than the one beside it links nothing.",
            of_another().to_json(),
            ("evidence-mismatch", "undetermined: "),
        ),
        bad(
            "gist-same-login",
            "The crate lists an account of the same login and another id.",
            by_gist(listed("583232"), &link_by_gist(OLD)).to_json(),
            ("not-listed", "(id 583232) is, and may be another account"),
        ),
    ]
}

/// Returns the listing of a crate: the account that made it.
fn listed(id: &str) -> NamespaceEvidence {
    named("octocat", id)
}

fn named(login: &str, id: &str) -> NamespaceEvidence {
    let origin = "https://crates.example".parse().unwrap();
    let mut evidence = NamespaceEvidence::new("cargo:six".parse().unwrap(), origin, now());
    evidence.sources = vec!["https://crates.example/api/v1/crates/six".to_owned()];
    evidence.incarnation = Reading::Read(life());
    let account: Account = format!("github:{login}").parse().unwrap();
    let account = account.with_id(AccountId::new(id).unwrap());
    let mut owner = ListedAccount::new(account, OwnerRole::Owner, "user");
    owner.first_published = Some(at(CREATED));
    owner.founder = true;
    let mut listing = Listing::new(vec![owner]);
    listing.tokens_may_add_owners = true;
    evidence.listing = Reading::Read(listing);
    // crates.io has no place for statements.
    evidence.timeline = Reading::NotOffered;
    evidence
}

fn life() -> Incarnation {
    Incarnation::new("created-at", CREATED)
}

/// Returns the observer's observation that this gist holds this claim since then.
fn gist(claim: ClaimId, since: &str) -> Signed<Observation> {
    let platform = crate::claims::platform();
    let proof = AccountProof::GistProof {
        gist: "aa5a315d61ae9438b18d".to_owned(),
        claim,
        unchanged_since: at(since),
        state: Some(GistState::new(
            None,
            format!("sha256:{}", "0123456789abcdef".repeat(4)),
            at(since),
        )),
    };
    let account = platform.unverified().account.clone();
    let evidence = AccountEvidence::new(account, did(&alice()), now(), proof);
    let evidence = Evidence::Account(Box::new(evidence));
    signed_by(&observer(), Observation::new(evidence))
}

fn link_by_gist(since: &str) -> Signed<Observation> {
    gist(crate::claims::platform().id().clone(), since)
}

fn by_gist(package: NamespaceEvidence, gist: &Signed<Observation>) -> Bundle {
    let claim = NamespaceClaim::new(
        package.namespace.clone(),
        life(),
        Actions::only(Action::Publish),
    );
    let claim = sign(
        SigningRequest::new(claim, now()).for_audience(hub()),
        &alice(),
    );
    let mut bundle = Bundle::new(claim);
    bundle.platform_claims = vec![crate::claims::platform()];
    bundle.observations = vec![seen(package), gist.clone()];
    bundle
}
