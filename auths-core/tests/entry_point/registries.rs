//! Routing by name.

use super::*;
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
        // The public server of an adapter is not named, and a name there is another name.
        ("pkg:pypi/six?repository_url=https://a.example", None),
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
