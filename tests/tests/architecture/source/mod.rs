//! The sources of a crate, read as the compiler would find them: modules, what they define, and the names they share.
//!
//! It reads text, so it needs no build and no nightly compiler. It does not expand macros (their items are known by name, see
//! `made`). The paths in function bodies are in the words of a module, see `imports`.

mod attributes;
mod load;
mod made;
mod names;
mod reach;

use std::collections::BTreeMap;

use proc_macro2::TokenStream;

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
    /// The module that is the file in which it stands: itself, or for one within a file the one around it.
    file: usize,
    /// The conditions under which it is there, those of the modules around it too.
    gates: Vec<String>,
    uses: Vec<Use>,
    names: BTreeMap<String, Vec<Binding>>,
    /// Everything that is written in it, but for modules and `use`.
    words: TokenStream,
}

/// One leaf of a `use`.
pub(crate) struct Use {
    pub(crate) path: Vec<String>,
    /// `None` for `*`.
    pub(crate) name: Option<String>,
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
    /// The number of modules. The root is the first, 0.
    pub(crate) fn len(&self) -> usize {
        self.modules.len()
    }

    /// The path of a module, without the name of the crate: `decide::chain`. Empty for the root.
    pub(crate) fn module_path(&self, module: usize) -> String {
        self.modules[module].path[1..].join("::")
    }

    /// The module that is the file in which a module stands.
    pub(crate) fn file_of(&self, module: usize) -> usize {
        self.modules[module].file
    }

    /// Everything that is written in a module, but for modules and `use`.
    pub(crate) fn words(&self, module: usize) -> &TokenStream {
        &self.modules[module].words
    }

    /// The leaves of every `use` of a module, but for those within functions.
    pub(crate) fn uses(&self, module: usize) -> &[Use] {
        &self.modules[module].uses
    }

    /// The definitions that the names of a module stand for.
    pub(crate) fn named_in(&self, module: usize) -> impl Iterator<Item = usize> {
        let bindings = self.modules[module].names.values().flatten();
        bindings.filter_map(|binding| match binding.target {
            Target::Definition(index) => Some(index),
            Target::Module(_) | Target::Elsewhere(_) => None,
        })
    }

    /// Where an item is defined, private modules included.
    pub(crate) fn defined_at(&self, definition: usize) -> String {
        let definition = &self.definitions[definition];
        let modules = self.modules[definition.module].path.iter();
        let path: Vec<_> = modules.chain([&definition.name]).cloned().collect();
        path.join("::")
    }
}
