//! Reads a crate's files.

use std::path::{Path, PathBuf};

use quote::ToTokens;
use syn::{Item, UseTree, Visibility};

use super::made::{made_by_attribute, made_by_macro};
use super::{
    Binding, Definition, Implementation, Module, Source, Target, Use, What, gates, is_for_tests,
};
use crate::workspace::read;

pub(super) fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

impl Source {
    /// The crate whose root is `file`.
    pub(crate) fn load(name: &str, file: &Path) -> Self {
        let mut source = Self {
            name: name.replace('-', "_"),
            modules: Vec::new(),
            definitions: Vec::new(),
            impls: Vec::new(),
        };
        let root = Module {
            path: vec![source.name.clone()],
            ..Module::default()
        };
        source.modules.push(root);
        source.read_file(0, file, file.parent().unwrap());
        source.resolve();
        source
    }

    /// `folder` holds the files of the module's own modules.
    fn read_file(&mut self, module: usize, file: &Path, folder: &Path) {
        let parsed = syn::parse_file(&read(file));
        let parsed = parsed.unwrap_or_else(|e| panic!("{}: {e}", file.display()));
        self.read_items(module, parsed.items, folder);
    }

    fn read_items(&mut self, module: usize, items: Vec<Item>, folder: &Path) {
        for item in items {
            if is_for_tests(attributes(&item)) {
                continue;
            }
            if !matches!(item, Item::Mod(_) | Item::Use(_)) {
                item.to_tokens(&mut self.modules[module].words);
            }
            match item {
                Item::Mod(item) => self.read_module(module, item, folder),
                Item::Impl(item) => self.impls.push(Implementation { module, item }),
                Item::Use(item) => {
                    let (is_public, gates) = (is_public(&item.vis), gates(&item.attrs));
                    let mut leaves = Vec::new();
                    leaves_of(&item.tree, Vec::new(), &mut leaves);
                    let uses = leaves.into_iter().map(|(path, name)| Use {
                        path,
                        name,
                        is_public,
                        gates: gates.clone(),
                    });
                    self.modules[module].uses.extend(uses);
                }
                Item::Macro(item) if item.ident.is_none() => {
                    for (name, text) in made_by_macro(&item.mac) {
                        let binding = self.next(true, Vec::new());
                        self.define(module, name, binding, What::Made { text });
                    }
                }
                item => self.read_definition(module, item),
            }
        }
    }

    fn read_module(&mut self, parent: usize, item: syn::ItemMod, folder: &Path) {
        let name = item.ident.to_string();
        let mut path = self.modules[parent].path.clone();
        path.push(name.clone());
        let index = self.modules.len();
        let gates = gates(&item.attrs);
        self.modules.push(Module {
            path,
            parent,
            file: match item.content {
                Some(_) => self.modules[parent].file,
                None => index,
            },
            gates: [&*self.modules[parent].gates, &gates].concat(),
            ..Module::default()
        });
        let binding = Binding {
            target: Target::Module(index),
            is_public: is_public(&item.vis),
            gates,
        };
        self.bind(parent, &name, binding);
        let inside = folder.join(&name);
        match item.content {
            Some((_, items)) => self.read_items(index, items, &inside),
            None => {
                let file = [folder.join(format!("{name}.rs")), inside.join("mod.rs")]
                    .into_iter()
                    .find(|file| file.exists());
                let file: PathBuf =
                    file.unwrap_or_else(|| panic!("no file of {}", inside.display()));
                self.read_file(index, &file, &inside);
            }
        }
    }

    fn read_definition(&mut self, module: usize, item: Item) {
        let (name, visibility) = match &item {
            Item::Const(i) => (&i.ident, &i.vis),
            Item::Enum(i) => (&i.ident, &i.vis),
            Item::Fn(i) => (&i.sig.ident, &i.vis),
            Item::Static(i) => (&i.ident, &i.vis),
            Item::Struct(i) => (&i.ident, &i.vis),
            Item::Trait(i) => (&i.ident, &i.vis),
            Item::Type(i) => (&i.ident, &i.vis),
            Item::Union(i) => (&i.ident, &i.vis),
            Item::Macro(i) => {
                // An exported macro stands at the root, wherever it was written.
                let is_exported = i.attrs.iter().any(|a| a.path().is_ident("macro_export"));
                let name = i.ident.as_ref().unwrap().to_string();
                let gates = self.modules[module].gates.clone();
                let module = if is_exported { 0 } else { module };
                let binding = self.next(is_exported, gates);
                return self.define(module, name, binding, What::Item(Box::new(item)));
            }
            Item::ExternCrate(_) | Item::ForeignMod(_) => return,
            _ => panic!(
                "{}: an item of a new kind",
                self.modules[module].path.join("::")
            ),
        };
        let (name, is_public) = (name.to_string(), is_public(visibility));
        if let Some((name, text)) = made_by_attribute(&name, attributes(&item)) {
            let binding = self.next(is_public, Vec::new());
            self.define(module, name, binding, What::Made { text });
        }
        let binding = self.next(is_public, Vec::new());
        self.define(module, name, binding, What::Item(Box::new(item)));
    }

    /// The binding of what is defined next.
    fn next(&self, is_public: bool, gates: Vec<String>) -> Binding {
        Binding {
            target: Target::Definition(self.definitions.len()),
            is_public,
            gates,
        }
    }

    fn define(&mut self, module: usize, name: String, binding: Binding, what: What) {
        self.bind(module, &name, binding);
        self.definitions.push(Definition { name, module, what });
    }

    /// Whether the module did not know that yet.
    pub(super) fn bind(&mut self, module: usize, name: &str, binding: Binding) -> bool {
        let names = &mut self.modules[module].names;
        let known = names.entry(name.to_owned()).or_default();
        let is_new = !known.contains(&binding);
        known.extend(is_new.then_some(binding));
        is_new
    }
}

fn attributes(item: &Item) -> &[syn::Attribute] {
    match item {
        Item::Const(i) => &i.attrs,
        Item::Enum(i) => &i.attrs,
        Item::Fn(i) => &i.attrs,
        Item::Impl(i) => &i.attrs,
        Item::Macro(i) => &i.attrs,
        Item::Mod(i) => &i.attrs,
        Item::Static(i) => &i.attrs,
        Item::Struct(i) => &i.attrs,
        Item::Trait(i) => &i.attrs,
        Item::Type(i) => &i.attrs,
        Item::Union(i) => &i.attrs,
        Item::Use(i) => &i.attrs,
        _ => &[],
    }
}

/// Every path of a `use`, with the name that it gets; no name for `*`.
fn leaves_of(
    tree: &UseTree,
    mut path: Vec<String>,
    leaves: &mut Vec<(Vec<String>, Option<String>)>,
) {
    match tree {
        UseTree::Path(part) => {
            path.push(part.ident.to_string());
            leaves_of(&part.tree, path, leaves);
        }
        UseTree::Group(group) => {
            for tree in &group.items {
                leaves_of(tree, path.clone(), leaves);
            }
        }
        UseTree::Glob(_) => leaves.push((path, None)),
        UseTree::Name(leaf) => {
            // `use a::b::{self}` is `a::b`.
            if leaf.ident != "self" {
                path.push(leaf.ident.to_string());
            }
            let name = path.last().cloned();
            leaves.push((path, name));
        }
        UseTree::Rename(leaf) => {
            if leaf.ident != "self" {
                path.push(leaf.ident.to_string());
            }
            leaves.push((path, Some(leaf.rename.to_string())));
        }
    }
}
