use super::*;
use auths_core::crypto::PublicKey;
use proptest::prelude::*;

const A: &str = "did:key:z6MkhaXgBZDvotDkL5257faiztiGiC2QtKLGpbnnEGta2doK";
const B: &str = "did:key:z6MkpTHR8VNsBxYAAWHut2Geadd9jSwuBV8xRoAnwWsdvktH";

fn six() -> Namespace {
    "pypi:six".parse().unwrap()
}

fn dids(texts: &[&str]) -> BTreeSet<Did> {
    texts.iter().map(|t| t.parse().unwrap()).collect()
}

#[test]
fn urls_that_name_somebody() {
    for (fragment, named) in [
        (format!("auths-did={A}&for=pypi:six"), vec![A]),
        (format!("for=pypi:six&auths-did={A}"), vec![A]),
        (format!("auths-did={A},{B}&for=pypi:six"), vec![A, B]),
        (format!("auths-did={A},{A}&for=pypi:six"), vec![A]),
        (format!("auths-did={A}&for=pypi:Six"), vec![A]),
        (format!("auths-did={A}&for=pkg:pypi/six"), vec![A]),
        (
            format!("auths-did={}&for=pypi%3Asix", A.replace(':', "%3a")),
            vec![A],
        ),
        (
            "auths-did=did:web:a%2eexample:u&for=pypi:six".into(),
            vec!["did:web:a.example:u"],
        ),
    ] {
        for base in [
            "https://a.example/",
            "http://a.example/?q=%zz",
            "HTTPS://a.example",
        ] {
            let url = format!("{base}#{fragment}");
            assert_eq!(named_by_url(&url, &six()), dids(&named), "{url}");
        }
    }
}

#[test]
fn an_account_statement_has_a_third_part_and_no_fourth() {
    let alice: Account = "pypi:alice".parse().unwrap();
    let said = |text: &str| accounts_named_by_url(&format!("https://a.example/#{text}"), &six());
    for text in [
        format!("auths-did={A}&for=pypi:six&account=pypi:alice"),
        format!("account=pypi:Alice&auths-did={A}&for=pypi:six"),
        format!("for=pypi:six&account=pypi%3Aalice&auths-did={A}"),
    ] {
        let accounts = said(&text);
        assert_eq!(accounts.len(), 1, "{text}");
        assert!(accounts.first().unwrap().says(&A.parse().unwrap(), &alice));
        let url = format!("https://a.example/#{text}");
        assert_eq!(
            named_by_url(&url, &six()),
            dids(&[A]),
            "it names the package too"
        );
        assert_eq!(said_by_keywords(&text, &six()).accounts, accounts);
    }
    assert!(said(&format!("auths-did={A}&for=pypi:six")).is_empty());
    for text in [
        format!("auths-did={A}&for=pypi:six&account="),
        format!("auths-did={A}&for=pypi:six&account=alice"),
        format!("auths-did={A}&for=pypi:six&account=npm:alice"),
        format!("auths-did={A}&for=pypi:six&account=pypi:-"),
        format!("auths-did={A}&for=pypi:six&account=pypi:alice&account=pypi:alice"),
        format!("auths-did={A}&for=pypi:six&account=pypi:alice&x=y"),
        format!("auths-did={A}&for=pypi:six&account=pypi:alice,pypi:bob"),
        format!("auths-did={A}&account=pypi:alice"),
        "for=pypi:six&account=pypi:alice".to_owned(),
    ] {
        let url = format!("https://a.example/#{text}");
        assert_eq!(
            said_by_url(&url, &six()),
            ProjectStatements::default(),
            "{text}"
        );
    }
}

#[test]
fn texts_that_name_nobody() {
    let good = format!("auths-did={A}&for=pypi:six");
    for fragment in [
        String::new(),
        format!("auths-did={A}"),
        "for=pypi:six".into(),
        format!("auths-did={A}&for="),
        format!("auths-did={A}&for=six"),
        format!("auths-did={A}&for=npm:six"),
        format!("auths-did={A}&for=pypi:sixx"),
        format!("auths-did={A}&for=pypi:six&for=pypi:six"),
        format!("auths-did={A}&auths-did={B}&for=pypi:six"),
        format!("auths-did={A}&for=pypi:six&x=y"),
        format!("auths-did={A}&for=pypi:six&"),
        format!("&auths-did={A}&for=pypi:six"),
        format!("auths-did={A},&for=pypi:six"),
        format!("auths-did={A},did:key:zBroken&for=pypi:six"),
        format!("auths-did={A}%2C{B}&for=pypi:six"),
        format!("auths-did={A} &for=pypi:six"),
        format!("auths-did={A}%&for=pypi:six"),
        format!("auths-did={A}%0a&for=pypi:six"),
        format!("auths-did={A}&for=pypi:s%69%7"),
        format!("auths-did={A}&for=pypi:six%ff"),
        format!("auths-did={A}&for=pypi:six#"),
        format!("auths-did={A}&for=pypi:six+"),
        format!("AUTHS-DID={A}&for=pypi:six"),
        format!("auths-did={A}&for=pkg:pypi/six@1.0"),
        format!("auths-did={A}&for=pkg:pypi/six?repository_url=https://other.example"),
        format!("x{good}"),
        format!("{good}{}", "&".repeat(5000)),
    ] {
        let url = format!("https://a.example/#{fragment}");
        assert!(named_by_url(&url, &six()).is_empty(), "{url}");
        assert!(read(&fragment, &six()).is_none(), "{fragment}");
    }
    for url in [
        good.clone(),
        format!("https://a.example/?{good}"),
        format!("#{good}"),
        format!("/x#{good}"),
        format!("ftp://a.example/#{good}"),
        format!("javascript:alert(1)#{good}"),
        format!("mailto:a@b#{good}"),
        format!(" https://a.example/#{good}"),
        format!("https://a.example/#{good}\n"),
        format!("https://a.example/é#{good}"),
        format!("https://a.example/#x#{good}"),
        format!("https://#{good}"),
    ] {
        assert!(named_by_url(&url, &six()).is_empty(), "{url}");
    }
}

#[test]
fn keywords_name_one_did_each() {
    let (a, b) = (
        format!("auths-did={A}&for=pypi:six"),
        format!("auths-did={B}&for=pypi:six"),
    );
    for (keywords, named) in [
        (a.clone(), vec![A]),
        (format!("python,{a},compat,{b}"), vec![A, B]),
        (format!("python {a}\tcompat\n{b} "), vec![A, B]),
        (format!("{a}, auths-did={B}&for=pypi:other"), vec![A]),
        // Keywords are divided by commas first, so a list of DIDs is broken and names nobody.
        (format!("auths-did={A},{B}&for=pypi:six"), vec![]),
        (format!("#{a}"), vec![]),
        (format!("https://a.example/#{a}"), vec![]),
        (String::new(), vec![]),
    ] {
        assert_eq!(
            named_by_keywords(&keywords, &six()),
            dids(&named),
            "{keywords}"
        );
    }
}

#[test]
fn a_release_says_the_name_without_the_server() {
    let local = six().at(Some("http://127.0.0.1:9/base".parse().unwrap()));
    let did: Did = A.parse().unwrap();
    let url = render([&did], &local);
    assert!(
        url.starts_with("http://127.0.0.1:9/base/project/six/#") && url.ends_with("&for=pypi:six")
    );
    assert_eq!(named_by_url(&url, &local), dids(&[A]));
    assert_eq!(named_by_url(&url, &six()), dids(&[A]));
    // One that names a server counts there only.
    let fragment =
        format!("auths-did={A}&for=pkg:pypi/six?repository_url%3Dhttp://127.0.0.1:9/base");
    assert_eq!(
        named_by_url(&format!("https://a.example/#{fragment}"), &local),
        dids(&[A])
    );
    assert!(named_by_url(&format!("https://a.example/#{fragment}"), &six()).is_empty());
}

#[test]
fn another_ecosystem_is_never_named() {
    let npm: Namespace = "npm:six".parse().unwrap();
    let url = format!("https://a.example/#auths-did={A}&for=npm:six");
    assert!(named_by_url(&url, &npm).is_empty());
}

fn any_did() -> impl Strategy<Value = Did> {
    prop_oneof![
        any::<[u8; 32]>().prop_filter_map("a key", |seed| {
            PublicKey::from_bytes(&seed)
                .ok()
                .map(|key| Did::from_key(&key))
        }),
        "did:web:[a-z]{1,9}(\\.[a-z0-9_-]{1,4})?(:[a-z]{1,4})?".prop_map(|t| t.parse().unwrap()),
    ]
}

proptest! {
    #[test]
    fn what_is_rendered_is_read(
        named in proptest::collection::btree_set(any_did(), 1..5),
        name in "[a-z0-9]{1,5}([._-]{1,2}[A-Z0-9]{1,4}){0,2}",
    ) {
        let namespace: Namespace = format!("pypi:{name}").parse().unwrap();
        prop_assert_eq!(&named_by_url(&render(&named, &namespace), &namespace), &named);
        let keywords: Vec<_> = named.iter().map(|did| render_keyword(did, &namespace)).collect();
        prop_assert_eq!(&named_by_keywords(&keywords.join(","), &namespace), &named);
        prop_assert_eq!(&named_by_keywords(&keywords.join(" "), &namespace), &named);
        let other: Namespace = format!("pypi:{name}x").parse().unwrap();
        prop_assert!(named_by_url(&render(&named, &namespace), &other).is_empty());
    }

    #[test]
    fn reading_never_panics(text in "\\PC{0,80}", prefix in "(https://a.example/#)?(auths-did=)?") {
        let text = format!("{prefix}{text}");
        let _ = named_by_url(&text, &six());
        let _ = named_by_keywords(&text, &six());
    }

    #[test]
    fn no_change_of_one_byte_names_the_same_did_for_another_project(at in 0usize..200, byte in 0x20u8..0x7f) {
        let url = render([&A.parse().unwrap()], &six());
        let mut changed = url.clone().into_bytes();
        let at = at % changed.len();
        changed[at] = byte;
        let changed = String::from_utf8(changed).unwrap();
        let other: Namespace = "pypi:sax".parse().unwrap();
        // Names are compared in their normal form (PEP 503).
        let says_other = changed.to_ascii_lowercase().contains("for=pypi:sax");
        prop_assert_eq!(named_by_url(&changed, &other).is_empty(), !says_other);
    }
}
