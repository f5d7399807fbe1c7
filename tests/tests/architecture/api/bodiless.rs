//! Items without what is nobody's business outside: documentation, bodies, values, private fields.

use proc_macro2::{Delimiter, TokenTree};
use quote::format_ident;
use syn::{
    Expr, Field, Fields, FnArg, ImplItem, Item, ItemImpl, ItemMacro, Pat, Signature, TraitItem,
    Visibility, parse_quote,
};

use crate::source::kept;

/// Stands where private fields were left out; the printer makes a comment of it.
const HIDDEN: &str = "__private_fields";

/// An item as the text shows it.
pub(super) fn item(item: &Item) -> String {
    let mut item = item.clone();
    match &mut item {
        Item::Const(i) => {
            i.attrs = kept(&i.attrs);
            *i.expr = nothing();
        }
        Item::Static(i) => {
            i.attrs = kept(&i.attrs);
            *i.expr = nothing();
        }
        Item::Enum(i) => {
            i.attrs = kept(&i.attrs);
            for variant in &mut i.variants {
                variant.attrs = kept(&variant.attrs);
                for field in &mut variant.fields {
                    field.attrs = kept(&field.attrs);
                }
            }
        }
        Item::Struct(i) => {
            i.attrs = kept(&i.attrs);
            public_fields(&mut i.fields);
        }
        Item::Fn(i) => {
            i.attrs = kept(&i.attrs);
            signature(&mut i.sig);
            i.block = parse_quote!({});
        }
        Item::Type(i) => i.attrs = kept(&i.attrs),
        Item::Trait(i) => {
            i.attrs = kept(&i.attrs);
            i.items.iter_mut().for_each(trait_item);
            // Whether a method is provided stays to be seen.
            let text = printed(&item);
            return text
                .replace(") {}\n", ") { .. }\n")
                .replace(" {}\n", " { .. }\n");
        }
        Item::Macro(i) => return exported_macro(i),
        _ => panic!("an item of a kind that the text does not know yet"),
    }
    closed(&printed(&item))
}

/// An implementation with the items that are given, in order of their text.
pub(super) fn implementation(of: &ItemImpl, mut items: Vec<ImplItem>) -> String {
    items.iter_mut().for_each(impl_item);
    items.sort_by_cached_key(|item| match item {
        ImplItem::Const(i) => (0, i.ident.to_string()),
        ImplItem::Type(i) => (1, i.ident.to_string()),
        ImplItem::Fn(i) => (2, i.sig.ident.to_string()),
        _ => (3, String::new()),
    });
    let mut of = of.clone();
    of.attrs = kept(&of.attrs);
    // `#[async_trait]` changes how methods are written, not who has them.
    of.attrs.retain(|a| a.path().is_ident("cfg"));
    of.items = items;
    closed(&printed(&Item::Impl(of)))
}

fn printed(item: &Item) -> String {
    let file = syn::File {
        shebang: None,
        frontmatter: None,
        attrs: Vec::new(),
        items: vec![item.clone()],
    };
    let text = prettyplease::unparse(&file);
    text.replace(&format!("{HIDDEN}: (),"), "// and private fields")
}

/// `fn f() {}` is `fn f();`, and `const A: u8 = _;` is `const A: u8;`.
fn closed(text: &str) -> String {
    let mut closed = String::new();
    for line in text.lines() {
        // After a `where`, the body has a line of its own.
        if line.trim() == "{}" {
            closed.truncate(closed.trim_end().trim_end_matches(',').len());
            closed.push_str(";\n");
            continue;
        }
        let open = line.strip_suffix(" {}").or(line.strip_suffix(" = _;"));
        closed += &open.map_or(format!("{line}\n"), |open| format!("{open};\n"));
    }
    closed
}

fn nothing() -> Expr {
    parse_quote!(_)
}

fn signature(signature: &mut Signature) {
    for (n, input) in signature.inputs.iter_mut().enumerate() {
        match input {
            FnArg::Receiver(receiver) => receiver.mutability = None,
            FnArg::Typed(typed) => {
                typed.attrs = kept(&typed.attrs);
                let name = match &*typed.pat {
                    Pat::Ident(pattern) => pattern.ident.clone(),
                    _ => format_ident!("argument_{n}"),
                };
                *typed.pat = parse_quote!(#name);
            }
        }
    }
}

fn public_fields(fields: &mut Fields) {
    let is_private = |field: &Field| !matches!(field.vis, Visibility::Public(_));
    for field in fields.iter_mut() {
        field.attrs = kept(&field.attrs);
    }
    match fields {
        Fields::Named(named) => {
            let all = std::mem::take(&mut named.named);
            let (hidden, shown): (Vec<_>, Vec<_>) = all.into_iter().partition(is_private);
            named.named.extend(shown);
            if !hidden.is_empty() {
                let name = format_ident!("{HIDDEN}");
                let stand_in: syn::FieldsNamed = parse_quote!({ #name: () });
                named.named.extend(stand_in.named);
            }
        }
        Fields::Unnamed(unnamed) => {
            for field in unnamed.unnamed.iter_mut().filter(|f| is_private(f)) {
                field.ty = parse_quote!(_);
            }
        }
        Fields::Unit => {}
    }
}

fn trait_item(item: &mut TraitItem) {
    match item {
        TraitItem::Fn(i) => {
            i.attrs = kept(&i.attrs);
            signature(&mut i.sig);
            i.default = i.default.as_ref().map(|_| parse_quote!({}));
        }
        TraitItem::Const(i) => i.attrs = kept(&i.attrs),
        TraitItem::Type(i) => i.attrs = kept(&i.attrs),
        _ => {}
    }
}

fn impl_item(item: &mut ImplItem) {
    match item {
        ImplItem::Fn(i) => {
            i.attrs = kept(&i.attrs);
            signature(&mut i.sig);
            i.block = parse_quote!({});
        }
        ImplItem::Const(i) => {
            i.attrs = kept(&i.attrs);
            i.expr = nothing();
        }
        ImplItem::Type(i) => i.attrs = kept(&i.attrs),
        _ => {}
    }
}

/// Name and patterns.
fn exported_macro(item: &ItemMacro) -> String {
    let attributes = kept(&item.attrs);
    let name = item.ident.as_ref().unwrap();
    let attributes = attributes
        .iter()
        .map(|a| quote::quote!(#a).to_string().replace(' ', ""));
    let mut text: String = attributes.map(|a| a + "\n").collect();
    text += &format!("macro_rules! {name} {{\n");
    let tokens: Vec<_> = item.mac.tokens.clone().into_iter().collect();
    for pair in tokens.windows(2) {
        // A pattern stands before an arrow.
        if let [TokenTree::Group(pattern), TokenTree::Punct(arrow)] = pair
            && arrow.as_char() == '='
            && pattern.delimiter() != Delimiter::None
        {
            let pattern = pattern.to_string().replace("$ ", "$");
            text += &format!("    {pattern} => ..\n");
        }
    }
    text + "}\n"
}
