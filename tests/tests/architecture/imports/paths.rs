//! The paths in a module's code.

use proc_macro2::{Delimiter, TokenStream, TokenTree};

/// Returns every path in `tokens`, word by word: `crate::decide::chain::Chain`, `link::find`, `Chain`. Those of a `use` within a
/// function are among them, each leaf by its whole path, and those in the bodies of macros.
pub(super) fn paths(tokens: TokenStream) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    collect(tokens, &mut found);
    found
}

fn collect(tokens: TokenStream, found: &mut Vec<Vec<String>>) {
    let trees: Vec<TokenTree> = tokens.into_iter().collect();
    let mut at = 0;
    while at < trees.len() {
        match &trees[at] {
            TokenTree::Ident(word) if word == "pub" => at += 1 + visibility(trees.get(at + 1)),
            TokenTree::Ident(_) if is_path_start(&trees, at) => {
                at = path_from(&trees, at, Vec::new(), found);
            }
            TokenTree::Group(group) => {
                collect(group.stream(), found);
                at += 1;
            }
            _ => at += 1,
        }
    }
}

/// Returns how many trees after `pub` say to whom: one for `pub(in crate::decide)`.
fn visibility(tree: Option<&TokenTree>) -> usize {
    let Some(TokenTree::Group(group)) = tree else {
        return 0;
    };
    let first = group.stream().into_iter().next();
    let is_scope = ["crate", "in", "self", "super"]
        .iter()
        .any(|word| matches!(&first, Some(TokenTree::Ident(ident)) if ident == word));
    usize::from(group.delimiter() == Delimiter::Parenthesis && is_scope)
}

/// Neither a field or method after a dot, nor a lifetime, nor a later word of a path.
fn is_path_start(trees: &[TokenTree], at: usize) -> bool {
    let before = |back: usize| match at.checked_sub(back).map(|place| &trees[place]) {
        Some(TokenTree::Punct(punct)) => punct.as_char(),
        _ => ' ',
    };
    !(before(1) == '\'' || before(1) == '.' && before(2) != '.')
}

/// Reads the path that continues `so_far` at a word, and returns where it ends.
fn path_from(
    trees: &[TokenTree],
    mut at: usize,
    mut so_far: Vec<String>,
    found: &mut Vec<Vec<String>>,
) -> usize {
    while let Some(TokenTree::Ident(word)) = trees.get(at) {
        so_far.push(word.to_string());
        at += 1;
        if !(is_colon(trees.get(at)) && is_colon(trees.get(at + 1))) {
            break;
        }
        at += 2;
    }
    match trees.get(at) {
        Some(TokenTree::Group(group))
            if group.delimiter() == Delimiter::Brace && is_colon(trees.get(at - 1)) =>
        {
            let inside: Vec<TokenTree> = group.stream().into_iter().collect();
            for piece in inside.split(|tree| is_punct(Some(tree), ',')) {
                match piece.first() {
                    Some(TokenTree::Ident(_)) => {
                        path_from(piece, 0, so_far.clone(), found);
                    }
                    _ => found.push(so_far.clone()),
                }
            }
            at + 1
        }
        _ => {
            found.push(so_far);
            at
        }
    }
}

fn is_colon(tree: Option<&TokenTree>) -> bool {
    is_punct(tree, ':')
}

fn is_punct(tree: Option<&TokenTree>, wanted: char) -> bool {
    matches!(tree, Some(TokenTree::Punct(punct)) if punct.as_char() == wanted)
}

#[test]
fn paths_are_found_wherever_they_stand() {
    let code = r"
        pub(in crate::u) fn a(x: super::b::B<'c>) -> d::D {
            use crate::e::{f, g::{self, h as i}, j::*};
            let k = l::m::<n::N>(x.o, ..p);
            quote!(q::r(), $crate::s::t);
        }
    ";
    let found: Vec<String> = paths(code.parse().unwrap())
        .iter()
        .map(|path| path.join("::"))
        .collect();
    for path in [
        "super::b::B",
        "d::D",
        "crate::e::f",
        "crate::e::g::self",
        "crate::e::g::h",
        "crate::e::j",
        "l::m",
        "n::N",
        "p",
        "q::r",
        "crate::s::t",
    ] {
        assert!(found.contains(&path.to_owned()), "{path}: {found:?}");
    }
    for none in ["o", "c", "crate::u", "pub"] {
        assert!(!found.contains(&none.to_owned()), "{none}: {found:?}");
    }
}
