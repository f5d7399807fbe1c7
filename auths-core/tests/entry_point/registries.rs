//! Routing by name.

use super::*;
use auths_core::claim::{Action, Actions, Incarnation, NamespaceClaim, SigningRequest};
use auths_core::use_cases::{Registries, SetupError};
use auths_core::{Namespace, Outcome};

fn registry(ecosystem: Ecosystem, origin: &str, public: bool) -> Arc<SimulatedRegistry> {
    let world = Arc::new(Mutex::new(World::pypi(
        "2026-01-01T00:00:00Z".parse().unwrap(),
    )));
    let origin = origin.parse().unwrap();
    let registry = match public {
        true => SimulatedRegistry::public(world, origin),
        false => SimulatedRegistry::configured(world, origin),
    };
    Arc::new(registry.of(ecosystem))
}

#[test]
fn a_name_goes_to_the_adapter_of_its_ecosystem_and_server() {
    let mut registries = Registries::default();
    let places = [
        (Ecosystem::PYPI, "https://a.example", true),
        (Ecosystem::NPM, "https://b.example", true),
        (Ecosystem::PYPI, "https://c.example", false),
    ];
    for (ecosystem, origin, public) in &places {
        registries
            .add(registry(ecosystem.clone(), origin, *public))
            .unwrap();
    }
    for (name, origin) in [
        ("pypi:six", Some("https://a.example")),
        ("npm:six", Some("https://b.example")),
        (
            "pkg:pypi/six?repository_url=https://c.example",
            Some("https://c.example"),
        ),
        // A public server that is spelled is the public one.
        (
            "pkg:pypi/six?repository_url=https://a.example",
            Some("https://a.example"),
        ),
        ("pkg:npm/six?repository_url=https://c.example", None),
        ("cargo:six", None),
    ] {
        let namespace: Namespace = name.parse().unwrap();
        match (registries.find(&namespace), origin) {
            (Ok(found), Some(origin)) => assert_eq!(found.origin(), &origin.parse().unwrap()),
            (Err(why), None) => {
                assert_eq!(why.reason, UnavailableReason::NotOffered);
                assert!(why.to_string().contains("plugged in"), "{why}");
            }
            (found, _) => panic!("{name}: {found:?}"),
        }
    }
    assert_eq!(registries.iter().count(), 3);
}

#[test]
fn a_public_server_that_is_spelled_is_left_out_and_no_other() {
    let mut registries = Registries::default();
    for (ecosystem, origin, public) in [
        (Ecosystem::PYPI, "https://a.example", true),
        (Ecosystem::PYPI, "https://c.example", false),
        (Ecosystem::NPM, "https://b.example", false),
    ] {
        registries.add(registry(ecosystem, origin, public)).unwrap();
    }
    for (given, canonical) in [
        ("pypi:six", "pkg:pypi/six"),
        (
            "pkg:pypi/six?repository_url=https://a.example",
            "pkg:pypi/six",
        ),
        (
            "pkg:pypi/six?repository_url=https://c.example",
            "pkg:pypi/six?repository_url=https://c.example",
        ),
        // Public for names of PyPI only.
        (
            "pkg:npm/six?repository_url=https://a.example",
            "pkg:npm/six?repository_url=https://a.example",
        ),
        // A configured server is no public one.
        (
            "pkg:npm/six?repository_url=https://b.example",
            "pkg:npm/six?repository_url=https://b.example",
        ),
        (
            "pkg:pypi/six?repository_url=https://a.example:8443",
            "pkg:pypi/six?repository_url=https://a.example:8443",
        ),
        ("cargo:six", "pkg:cargo/six"),
    ] {
        let namespace: Namespace = given.parse().unwrap();
        let canonical: Namespace = canonical.parse().unwrap();
        assert_eq!(registries.canonical(&namespace), canonical);
    }
}

#[test]
fn a_holder_who_spells_the_public_server_claims_the_public_name() {
    let scene = Scene::new();
    let verifier = scene.verifier_with_challenges();
    let spelled: Namespace = "pkg:pypi/six?repository_url=https://registry.example"
        .parse()
        .unwrap();
    let (did, now, policy) = (did(&scene.key), scene.now(), Policy::standard());
    let given = block_on(verifier.issue_challenge(did, spelled.clone(), now)).unwrap();
    let request = ClaimRequest::new(spelled, now)
        .for_audience(HUB.parse().unwrap())
        .with_challenge(given.challenge().clone());
    let nobody = ClaimsContext::new(vec![], vec![]);
    let claimed = block_on(verifier.claim(&scene.key, &nobody, request, &policy)).unwrap();
    let namespace = &claimed.bundle.claim.unverified().namespace;
    assert_eq!(namespace.to_string(), "pkg:pypi/six");
    let decision = scene.verify(&verifier, &claimed.bundle);
    assert_eq!(decision.outcome(), Outcome::Accepted);
}

#[test]
fn a_name_that_is_signed_with_its_public_server_is_never_accepted() {
    let scene = Scene::new();
    let verifier = scene.verifier();
    let body = NamespaceClaim::new(
        "pkg:pypi/six?repository_url=https://registry.example"
            .parse()
            .unwrap(),
        Incarnation::new("first-upload", "x"),
        Actions::only(Action::Publish),
    );
    let request = SigningRequest::new(body, scene.now()).for_audience(HUB.parse().unwrap());
    let bundle = Bundle::new(block_on(request.sign(&scene.key)).unwrap());
    let asked = scene.asked();
    let decision = scene.verify(&verifier, &bundle);
    assert_eq!(
        (decision.outcome(), code(&decision)),
        (Outcome::Undetermined, "AUTHS-3026")
    );
    let said = decision.reason().unwrap().to_string();
    assert!(said.contains("claim pkg:pypi/six"), "{said}");
    assert_eq!(scene.asked(), asked, "the registry is not asked");
}

#[test]
fn two_adapters_of_one_registry_are_refused() {
    let scene = Scene::new();
    let twice = scene
        .builder()
        .registry(scene.pypi.clone())
        .build()
        .unwrap_err();
    assert!(matches!(twice, SetupError::SameRegistry(_)), "{twice}");
    assert_eq!(twice.code(), "AUTHS-1008");
}

#[test]
fn a_name_that_nothing_reads_is_undetermined_and_never_denied() {
    let scene = Scene::new();
    let bundle = scene.bundle(&scene.verifier(), &scene.key, false);
    let blind = Verifier::builder(HUB.parse().unwrap())
        .revocations(scene.list.clone())
        .revocation_memory(scene.memory.clone())
        .without_challenges()
        .build()
        .unwrap();
    let decision = scene.verify(&blind, &bundle);
    assert_eq!(
        (decision.outcome(), code(&decision)),
        (Outcome::Undetermined, "AUTHS-3026")
    );
}
