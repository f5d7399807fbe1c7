//! The text of a crate's public API: one section a public path, in the order of the paths.

use std::collections::{BTreeMap, BTreeSet};

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{ImplItem, ItemImpl, Visibility};

use super::{UPDATE, bodiless};
use crate::source::{Route, Source, Target, What};

type Reachable = BTreeMap<Target, BTreeSet<Route>>;

pub(super) fn of(source: &Source) -> String {
    let reachable = source.reachable();
    let impls = impls_by_owner(source, &reachable);
    let mut sections = BTreeMap::new();
    for (target, routes) in &reachable {
        let (best, others) = routes
            .iter()
            .next()
            .map(|best| (best, routes.iter().skip(1)))
            .unwrap();
        let mut text = format!("== {}\n", best.path);
        for other in others {
            text += &format!("also {}\n", other.path);
            // What a gated road leads to by another one too.
            text += &gates(other).replace("#[", "also #[");
        }
        text += &gates(best);
        match target {
            Target::Module(_) => text += "pub mod\n",
            Target::Elsewhere(path) => text += &format!("pub use {}\n", path.join("::")),
            Target::Definition(index) => {
                text += &match &source.definitions[*index].what {
                    What::Item(item) => bodiless::item(item),
                    What::Made { text } => text.clone(),
                };
                text.extend(impls.get(index).into_iter().flatten().cloned());
            }
        }
        let doubled = sections.insert((best.path.clone(), text.clone()), text);
        assert!(doubled.is_none(), "{} twice", best.path);
    }
    let head = format!(
        "# The public API of {}. Written by: {UPDATE}\n",
        source.name
    );
    let sections = sections.into_values();
    [head]
        .into_iter()
        .chain(sections)
        .collect::<Vec<_>>()
        .join("\n")
}

fn gates(route: &Route) -> String {
    let lines = route.gates.iter().map(|gate| format!("#[cfg({gate})]\n"));
    lines.collect()
}

/// The implementations that users see, by the public item that they are listed with.
fn impls_by_owner(source: &Source, reachable: &Reachable) -> BTreeMap<usize, BTreeSet<String>> {
    let is_public = |index: &usize| reachable.contains_key(&Target::Definition(*index));
    let mut texts: BTreeMap<usize, BTreeSet<String>> = BTreeMap::new();
    // Inherent items, by owner and the head of their block: it does not matter in which block of that head they stand.
    let mut inherent: BTreeMap<(usize, String), (ItemImpl, Vec<ImplItem>)> = BTreeMap::new();
    for found in &source.impls {
        let (module, item) = (found.module, &found.item);
        let own_type = source.definition_of_type(module, &item.self_ty);
        let Some((path, _)) = &item.trait_ else {
            let items = item.items.iter().filter(|item| is_open(item)).cloned();
            if let (Some(owner), items @ [_, ..]) = (own_type, &*items.collect::<Vec<_>>()) {
                let key = (owner, head(item));
                let block = inherent
                    .entry(key)
                    .or_insert_with(|| (item.clone(), Vec::new()));
                block.1.extend_from_slice(items);
            }
            continue;
        };
        let own_trait = source.definition(module, path);
        // What is for private traits and types is nothing that users could name.
        let about: Vec<_> = mentioned(source, module, item).collect();
        if !about.iter().all(is_public) {
            continue;
        }
        let owner = own_type.or(own_trait).or(about.first().copied());
        if let Some(owner) = owner {
            let shown = item
                .items
                .iter()
                .filter(|item| !matches!(item, ImplItem::Fn(_)));
            let text = bodiless::implementation(item, shown.cloned().collect());
            texts.entry(owner).or_default().insert(text);
        }
    }
    for ((owner, _), (item, items)) in inherent {
        let text = bodiless::implementation(&item, items);
        texts.entry(owner).or_default().insert(text);
    }
    texts
}

fn is_open(item: &ImplItem) -> bool {
    let visibility = match item {
        ImplItem::Const(i) => &i.vis,
        ImplItem::Fn(i) => &i.vis,
        ImplItem::Type(i) => &i.vis,
        _ => return false,
    };
    matches!(visibility, Visibility::Public(_))
}

fn head(item: &ItemImpl) -> String {
    let (generics, ty, bounds) = (&item.generics, &item.self_ty, &item.generics.where_clause);
    let gates = crate::source::gates(&item.attrs).join(" ");
    quote!(#gates #generics #ty #bounds).to_string()
}

/// The items of this crate that an implementation names: both of `impl From<Login> for Text`.
fn mentioned(source: &Source, module: usize, item: &ItemImpl) -> impl Iterator<Item = usize> {
    let (path, ty) = (item.trait_.as_ref().map(|(path, _)| path), &item.self_ty);
    let mut names = Vec::new();
    idents(quote!(#path #ty).into_token_stream(), &mut names);
    let targets = names
        .into_iter()
        .flat_map(move |name| source.targets(module, &[name]));
    targets.filter_map(|target| match target {
        Target::Definition(index) => Some(index),
        _ => None,
    })
}

fn idents(tokens: TokenStream, names: &mut Vec<String>) {
    for tree in tokens {
        match tree {
            TokenTree::Ident(name) => names.push(name.to_string()),
            TokenTree::Group(group) => idents(group.stream(), names),
            _ => {}
        }
    }
}
