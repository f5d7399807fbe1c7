//! Which attributes say something to users of an item.

use quote::ToTokens;
use syn::{Attribute, Meta, parse_quote};

/// The attributes that stay in the text: gates, derives in order, and what changes how an item may be used.
pub(crate) fn kept(attributes: &[Attribute]) -> Vec<Attribute> {
    let mut kept = Vec::new();
    for attribute in attributes {
        let path = attribute.path();
        if path.is_ident("derive") {
            kept.push(sorted_derive(attribute));
        } else if path.is_ident("doc") {
            let is_hidden =
                matches!(&attribute.meta, Meta::List(list) if list.tokens.to_string() == "hidden");
            kept.extend(is_hidden.then(|| attribute.clone()));
        } else {
            let names = [
                "async_trait",
                "cfg",
                "cfg_attr",
                "default",
                "deprecated",
                "from",
                "non_exhaustive",
                "repr",
            ];
            let last = path.segments.last().unwrap().ident.to_string();
            kept.extend(names.contains(&last.as_str()).then(|| attribute.clone()));
        }
    }
    kept.sort_by_cached_key(|a| a.to_token_stream().to_string());
    kept
}

fn sorted_derive(attribute: &Attribute) -> Attribute {
    let mut traits = Vec::new();
    let list = attribute.parse_nested_meta(|meta| {
        traits.push(meta.path);
        Ok(())
    });
    list.unwrap();
    traits.sort_by_cached_key(|path| path.to_token_stream().to_string());
    parse_quote!(#[derive(#(#traits),*)])
}

/// The conditions under which an item is there, as they are written: `feature = "testing"`.
pub(crate) fn gates(attributes: &[Attribute]) -> Vec<String> {
    let conditions = attributes
        .iter()
        .filter_map(|attribute| match &attribute.meta {
            Meta::List(list) if list.path.is_ident("cfg") => Some(list.tokens.to_string()),
            _ => None,
        });
    conditions.collect()
}

pub(crate) fn is_for_tests(attributes: &[Attribute]) -> bool {
    gates(attributes).iter().any(|gate| gate == "test")
}
