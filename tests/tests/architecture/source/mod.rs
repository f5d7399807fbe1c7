//! The sources of a crate, read as the compiler would find them: modules, what they define, and the names they share.
//!
//! It reads text, so it needs no build and no nightly compiler. What it does not do: expand macros (their items are known
//! by name, see `made`), and look into function bodies.

mod attributes;
mod load;
mod made;
mod names;
mod reach;

use std::collections::BTreeMap;

pub(crate) use attributes::{gates, is_for_tests, kept};
pub(crate) use reach::Route;

/// A crate's sources.
pub(crate) struct Source {
    /// As it is written in paths: `auths_core`.
    pub(crate) name: String,
    modules: Vec<Module>,
    pub(crate) definitions: Vec<Definition>,
    pub(crate) impls: Vec<Implementation>,
}

#[derive(Default)]
struct Module {
    path: Vec<String>,
    parent: usize,
    /// The conditions under which it is there, those of the modules around it too.
    gates: Vec<String>,
    uses: Vec<Use>,
    names: BTreeMap<String, Vec<Binding>>,
}

/// One leaf of a `use`.
struct Use {
    path: Vec<String>,
    /// `None` for `*`.
    name: Option<String>,
    is_public: bool,
    gates: Vec<String>,
}

/// What a name stands for in a module.
#[derive(Clone, PartialEq)]
struct Binding {
    target: Target,
    is_public: bool,
    gates: Vec<String>,
}

#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) enum Target {
    Module(usize),
    Definition(usize),
    /// Something of another crate, by its path.
    Elsewhere(Vec<String>),
}

pub(crate) struct Definition {
    pub(crate) name: String,
    pub(crate) module: usize,
    pub(crate) what: What,
}

pub(crate) enum What {
    Item(Box<syn::Item>),
    /// Made by a macro: what is known of it.
    Made {
        text: String,
    },
}

pub(crate) struct Implementation {
    pub(crate) module: usize,
    pub(crate) item: syn::ItemImpl,
}

impl Source {
    /// Where an item is defined, private modules included.
    pub(crate) fn defined_at(&self, definition: usize) -> String {
        let definition = &self.definitions[definition];
        let modules = self.modules[definition.module].path.iter();
        let path: Vec<_> = modules.chain([&definition.name]).cloned().collect();
        path.join("::")
    }
}
