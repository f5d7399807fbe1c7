//! What the code has: the ports, who implements them, the suites.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use auths_tests::root;
use quote::ToTokens;
use syn::{Item, Type};

use super::FOLDER;
use crate::source::{Source, Target, What, is_for_tests};
use crate::workspace::{files, list, members, read, text};

/// A definition, by its crate and its number there.
type Found = (usize, usize);

pub(super) struct Code {
    sources: Vec<Source>,
    /// What other crates may use, and in front ends every item, by path.
    paths: BTreeMap<String, Found>,
}

impl Code {
    /// The product code of every crate: its library and its programs, not its tests and examples.
    pub(super) fn read() -> Self {
        let mut sources: Vec<Source> = Vec::new();
        let mut paths = BTreeMap::new();
        for (name, package) in members() {
            let folder = Path::new(text(&package["manifest_path"])).parent().unwrap();
            let is_front = folder.starts_with(root().join("examples"));
            let targets = list(&package["targets"]).iter().filter(|target| {
                let kind = &list(&target["kind"])[0];
                name != "auths-tests" && (kind == "lib" || kind == "bin")
            });
            for target in targets {
                let source = Source::load(name, Path::new(text(&target["src_path"])));
                for (target, routes) in source.reachable() {
                    if let Target::Definition(index) = target {
                        let found = (sources.len(), index);
                        paths.extend(routes.into_iter().map(|route| (route.path, found)));
                    }
                }
                for index in (0..source.definitions.len()).filter(|_| is_front) {
                    paths.insert(source.defined_at(index), (sources.len(), index));
                }
                sources.push(source);
            }
        }
        Self { sources, paths }
    }

    /// What a name of the table stands for: a path, or one within `auths_core`.
    pub(super) fn find(&self, name: &str) -> Option<Found> {
        let inside = format!("auths_core::{name}");
        self.paths.get(name).or(self.paths.get(&inside)).copied()
    }

    /// Whether other crates can use it.
    pub(super) fn is_public(&self, found: Found) -> bool {
        self.paths.values().any(|public| *public == found)
    }

    pub(super) fn name(&self, (source, index): Found) -> String {
        self.sources[source].defined_at(index)
    }

    /// The crate and the last name of what the table names.
    pub(super) fn owner<'a>(&'a self, name: &'a str) -> (&'a str, &'a str) {
        let (source, _) = self
            .find(name)
            .unwrap_or_else(|| panic!("there is no {name}"));
        let item = name.rsplit("::").next().unwrap();
        (&self.sources[source].name, item)
    }

    /// Every type of the workspace that implements a port, tests aside.
    pub(super) fn implementations(&self, port: &str) -> BTreeSet<Found> {
        let mut found = BTreeSet::new();
        for (number, source) in self.sources.iter().enumerate() {
            for implementation in &source.impls {
                let (module, item) = (implementation.module, &implementation.item);
                let Some((path, _)) = &item.trait_ else {
                    continue;
                };
                let last = path.segments.last().unwrap();
                // Renamed on the way in, or not: what counts is what stands behind the name.
                let words: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
                let is_port = source
                    .targets(module, &words)
                    .iter()
                    .any(|target| match target {
                        Target::Definition(index) => {
                            source.name == "auths_core" && source.definitions[*index].name == port
                        }
                        Target::Elsewhere(path) => {
                            path[0] == "auths_core" && path.last().is_some_and(|name| name == port)
                        }
                        Target::Module(_) => false,
                    });
                // A shared port is the port that is shared: `ports/shared.rs`.
                if shown(&item.self_ty).starts_with("Arc <") {
                    continue;
                }
                // A path that is written out where it is used.
                let is_written_out = words[0] == "auths_core" && last.ident == port;
                if is_port || is_written_out {
                    let index = source.definition_of_type(module, &item.self_ty);
                    let index =
                        index.unwrap_or_else(|| panic!("{port} for {}", shown(&item.self_ty)));
                    found.insert((number, index));
                }
            }
        }
        found
    }

    /// The suites, by the macros that run them.
    pub(super) fn suites(&self) -> BTreeSet<String> {
        let testkit = self
            .sources
            .iter()
            .find(|source| source.name == "auths_testkit")
            .unwrap();
        let macros = testkit
            .definitions
            .iter()
            .filter_map(|definition| match &definition.what {
                What::Item(item) if matches!(**item, Item::Macro(_)) => Some(&definition.name),
                _ => None,
            });
        let suites = macros.filter_map(|name| name.strip_suffix("_conformance"));
        // The one that begins with `_` is what the others are made of.
        suites
            .filter(|name| !name.starts_with('_'))
            .map(str::to_owned)
            .collect()
    }
}

fn shown(ty: &Type) -> String {
    ty.to_token_stream().to_string()
}

/// Every port, with the name of its file: the traits there that every thread may call. What extends a port is not one.
pub(super) fn ports() -> BTreeMap<String, String> {
    let mut ports = BTreeMap::new();
    for path in files(&root().join(FOLDER), &["rs"]) {
        let file = path.file_name().unwrap().to_str().unwrap().to_owned();
        for item in syn::parse_file(&read(&path)).unwrap().items {
            let Item::Trait(item) = item else { continue };
            let above: Vec<_> = item
                .supertraits
                .iter()
                .map(|s| s.to_token_stream().to_string())
                .collect();
            let is_port = ["Debug", "Send", "Sync"]
                .iter()
                .all(|name| above.iter().any(|above| above.ends_with(name)));
            let name = item.ident.to_string();
            assert!(
                is_port || is_for_tests(&item.attrs) || name.ends_with("Ext"),
                "{FOLDER}/{file}: {name} is no port: a port is `Debug + Send + Sync`"
            );
            if is_port {
                ports.insert(name, file.clone());
            }
        }
    }
    ports
}

/// The text of a crate's tests, comments left out.
pub(super) fn tests_of(name: &str) -> String {
    let package = members()
        .into_iter()
        .find(|(own, _)| own.replace('-', "_") == name);
    let (_, package) = package.unwrap();
    let folder = PathBuf::from(text(&package["manifest_path"])).with_file_name("tests");
    let mut tests = String::new();
    for path in files(&folder, &["rs"]) {
        let text = read(&path);
        let code = text
            .lines()
            .filter(|line| !line.trim_start().starts_with("//"));
        code.for_each(|line| tests += &format!("{line}\n"));
    }
    tests
}

/// How often a name stands in a text; `store` does not stand in `keystore`.
pub(super) fn count(text: &str, name: &str) -> usize {
    let is_inner = |c: char| c.is_alphanumeric() || c == '_';
    let words = text.split(|c| !is_inner(c));
    words.filter(|word| *word == name).count()
}
