//! Items that macros make: known by name, and for enums by their variants.

use proc_macro2::{Delimiter, TokenStream, TokenTree};
use syn::{Attribute, Macro};

/// What the call of a macro names with `pub`: `reasons! { pub enum UnavailableReason: "unavailable" { Silent "AUTHS-3001" ... } }`.
pub(super) fn made_by_macro(called: &Macro) -> Vec<(String, String)> {
    let by = called.path.segments.last().unwrap().ident.to_string();
    let tokens: Vec<_> = called.tokens.clone().into_iter().collect();
    let mut made = Vec::new();
    for (at, words) in tokens.windows(3).enumerate() {
        let [
            TokenTree::Ident(vis),
            TokenTree::Ident(kind),
            TokenTree::Ident(name),
        ] = words
        else {
            continue;
        };
        let kinds = ["const", "enum", "fn", "struct", "trait", "type"];
        if vis != "pub" || !kinds.contains(&kind.to_string().as_str()) {
            continue;
        }
        let mut text = format!("// made by {by}!\npub {kind} {name}");
        let body = tokens[at + 3..].iter().find_map(|tree| match tree {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Brace => {
                Some(group.stream())
            }
            _ => None,
        });
        if let (true, Some(body)) = (kind == "enum", body) {
            text.push_str(" {\n");
            for variant in idents(body) {
                text.push_str(&format!("    {variant},\n"));
            }
            text.push('}');
        }
        made.push((name.to_string(), text + "\n"));
    }
    made
}

fn idents(tokens: TokenStream) -> impl Iterator<Item = String> {
    tokens.into_iter().filter_map(|tree| match tree {
        TokenTree::Ident(name) => Some(name.to_string()),
        _ => None,
    })
}

/// What an attribute puts beside the item: `mockall`'s mock of a trait.
pub(super) fn made_by_attribute(name: &str, attributes: &[Attribute]) -> Option<(String, String)> {
    let mut attributes = attributes.iter().map(|a| match &a.meta {
        syn::Meta::List(list) => (a.path(), list.tokens.to_string()),
        _ => (a.path(), String::new()),
    });
    let (path, condition) =
        attributes.find(|(path, text)| is_automock(path) || text.contains("automock"))?;
    let gate = condition.split(',').next().unwrap().trim();
    let gate = match path.is_ident("cfg_attr") {
        true => format!("#[cfg({gate})]\n"),
        false => String::new(),
    };
    let mock = format!("Mock{name}");
    let text = format!("// made by mockall::automock\n{gate}pub struct {mock}\n");
    Some((mock, text))
}

fn is_automock(path: &syn::Path) -> bool {
    path.segments.last().unwrap().ident == "automock"
}
