//! An import counts however it is written.

use std::fs;
use std::path::Path;

use super::graph::Graph;
use crate::source::Source;

/// Writes a crate of a root and the modules `a`, `b` and `c`, and returns the arrows of its graph, but for those of the root.
/// `b` is a folder with the module `b::d`.
fn arrows(name: &str, a: &str, b: &str, c: &str) -> Vec<String> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"))
        .join("imports")
        .join(name);
    fs::create_dir_all(folder.join("b")).unwrap();
    let root = "mod a; mod b; mod c; pub use c::Passed;";
    for (file, text) in [
        ("lib.rs", root),
        ("a.rs", a),
        ("b/mod.rs", b),
        ("b/d.rs", "pub struct Deep; pub trait Shown {}"),
        ("c.rs", c),
    ] {
        fs::write(folder.join(file), text).unwrap();
    }
    let graph = Graph::of(&Source::load(name, &folder.join("lib.rs")));
    let all = graph.arrows().filter(|(from, _)| !from.is_empty());
    all.map(|(from, to)| format!("{from} -> {to}")).collect()
}

const B: &str = "mod d; pub use d::{Deep, Shown}; pub struct Own;";
const C: &str = "pub struct Passed;";

/// Of `b` only what it passes on is named: the arrow is to whoever defines it.
#[test]
fn a_name_counts_as_one_of_the_module_that_defines_it() {
    for (n, a) in [
        "use crate::b::Deep; struct A(Deep);",
        "use super::b::Deep; struct A(Deep);",
        "use super::b::{Deep as Other}; struct A(Other);",
        "use crate::{b::{self}}; struct A(b::Deep);",
        "use crate::b as other; struct A(other::Deep);",
        "struct A(crate::b::Deep);",
        "fn a() { let b = super::b::Deep; }",
        "fn a() { made!(crate::b::Deep); }",
        "macro_rules! a { () => { $crate::b::Deep }; }",
        "impl crate::b::Shown for A {} struct A;",
        "fn a() { use super::b::Deep; }",
        "mod inner { struct A(super::super::b::Deep); }",
    ]
    .into_iter()
    .enumerate()
    {
        let found = arrows(&format!("deep{n}"), a, B, C);
        assert_eq!(found, ["a -> b::d", "b -> b::d"], "{a}");
    }
}

#[test]
fn a_name_that_the_root_passes_on_is_not_one_of_the_root() {
    for (n, a) in [
        "use crate::Passed; struct A(Passed);",
        "struct A(super::Passed);",
    ]
    .into_iter()
    .enumerate()
    {
        let found = arrows(&format!("root{n}"), a, B, C);
        assert_eq!(found, ["a -> c", "b -> b::d"], "{a}");
    }
}

/// What comes by `*`, or by a module that is named within a function, may be anything that the module passes on.
#[test]
fn a_whole_module_counts_with_all_that_it_passes_on() {
    for (n, a) in [
        "use crate::b::*;",
        "fn a() { use super::b; }",
        "fn a() { use super::{b::{self}}; }",
        "fn a() { use super::b::*; }",
    ]
    .into_iter()
    .enumerate()
    {
        let found = arrows(&format!("whole{n}"), a, B, C);
        assert_eq!(found, ["a -> b", "a -> b::d", "b -> b::d"], "{a}");
    }
}

#[test]
fn what_tests_and_comments_name_and_whom_something_is_for_is_no_import() {
    let a = "
        //! Of `crate::b::Deep`.
        use super::c::Passed;
        /// See [`Deep`](crate::b::Deep).
        pub(in crate::b) struct A(Passed);
        #[cfg(test)]
        mod tests { use crate::b::Deep; }
    ";
    assert_eq!(arrows("no_import", a, B, C), ["a -> c", "b -> b::d"]);
}

#[test]
fn a_child_that_names_what_its_parent_defines_is_in_a_circle_with_it() {
    let a = "";
    let c = "use super::b::Own; pub struct Passed(Own);";
    let b = "mod d; pub use d::Deep; pub struct Own; fn b(c: crate::Passed) {}";
    let folder = "circle";
    assert_eq!(arrows(folder, a, b, c), ["b -> b::d", "b -> c", "c -> b"]);
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join("imports/circle/lib.rs");
    let graph = Graph::of(&Source::load(folder, &file)).among(|module| !module.is_empty());
    let circles = graph.circles();
    assert_eq!(circles, [["b", "c"].into()]);
    assert!(graph.shown(&circles[0]).contains("c -> b, by "));
}
