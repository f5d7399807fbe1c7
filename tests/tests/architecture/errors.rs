//! What every error has that a program may get.

use quote::ToTokens;
use syn::{ImplItem, Item, ItemImpl, Visibility};

use crate::api::libraries;
use crate::source::{Source, What};

/// Whether an item is an error that others can name.
fn is_public_error(item: &Item) -> bool {
    let (attributes, visibility) = match item {
        Item::Enum(item) => (&item.attrs, &item.vis),
        Item::Struct(item) => (&item.attrs, &item.vis),
        _ => return false,
    };
    let derives = |attribute: &syn::Attribute| {
        let text = attribute.to_token_stream().to_string();
        attribute.path().is_ident("derive") && text.contains("thiserror :: Error")
    };
    matches!(visibility, Visibility::Public(_)) && attributes.iter().any(derives)
}

fn gives_code(item: &ItemImpl) -> bool {
    let mut methods = item.items.iter().filter_map(|item| match item {
        ImplItem::Fn(method) => Some(method),
        _ => None,
    });
    item.trait_.is_none()
        && methods
            .any(|method| method.sig.ident == "code" && matches!(method.vis, Visibility::Public(_)))
}

#[test]
fn every_error_has_a_stable_code() {
    let (mut errors, mut without) = (0, Vec::new());
    for (name, file) in libraries() {
        // The test kit's errors are what a simulated service refuses.
        if name == "auths-testkit" {
            continue;
        }
        let source = Source::load(name, &file);
        for (at, definition) in source.definitions.iter().enumerate() {
            let What::Item(item) = &definition.what else {
                continue;
            };
            if !is_public_error(item) {
                continue;
            }
            errors += 1;
            let its_own = source
                .impls
                .iter()
                .filter(|one| source.definition_of_type(one.module, &one.item.self_ty) == Some(at));
            if !its_own.into_iter().any(|one| gives_code(&one.item)) {
                without.push(format!("{name}: {}", source.defined_at(at)));
            }
        }
    }
    assert!(errors > 30, "only {errors} errors were found");
    assert!(without.is_empty(), "no `code()`: {without:?}");
}
