//! The graph of imports: which module names something that another one defines.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::paths;
use crate::source::{Source, Target};

/// Each module, with the modules that it imports from, and for each of these one path that says so.
pub(crate) struct Graph {
    arrows: BTreeMap<String, BTreeMap<String, String>>,
}

impl Graph {
    /// Reads the graph from a crate's sources, tests left out.
    ///
    /// A name counts as one of the module that defines it, by whichever way it comes: `super::Name`, `crate::a::Name`, a module's
    /// alias, `*`, or another module that passes it on. A module imports what it passes on, too.
    pub(crate) fn of(source: &Source) -> Self {
        let mut arrows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for module in 0..source.len() {
            let file = source.file_of(module);
            let own = arrows.entry(source.module_path(file)).or_default();
            for (to, path) in imports(source, module) {
                let to = source.file_of(to);
                if to != file {
                    own.entry(source.module_path(to)).or_insert(path);
                }
            }
        }
        Self { arrows }
    }

    /// Keeps the modules for which `keep` holds.
    pub(crate) fn among(mut self, keep: impl Fn(&str) -> bool) -> Self {
        self.arrows.retain(|from, _| keep(from));
        for to in self.arrows.values_mut() {
            to.retain(|to, _| keep(to));
        }
        self
    }

    /// Returns the graph in which `name` puts modules together, such as all of a folder.
    pub(crate) fn grouped(&self, name: impl Fn(&str) -> String) -> Self {
        let mut arrows: BTreeMap<String, BTreeMap<String, String>> = BTreeMap::new();
        for (from, all) in &self.arrows {
            let own = arrows.entry(name(from)).or_default();
            for (to, path) in all {
                if name(to) != name(from) {
                    own.entry(name(to)).or_insert(format!("{from}: {path}"));
                }
            }
        }
        Self { arrows }
    }

    pub(crate) fn arrows(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.arrows.iter();
        all.flat_map(|(from, to)| to.keys().map(move |to| (from.as_str(), to.as_str())))
    }

    /// Returns the circles: sets of modules that all reach each other.
    pub(crate) fn circles(&self) -> Vec<BTreeSet<&str>> {
        let reached: BTreeMap<&str, BTreeSet<&str>> = self
            .arrows
            .keys()
            .map(|from| (from.as_str(), self.reached_from(from)))
            .collect();
        let mut found: Vec<BTreeSet<&str>> = Vec::new();
        for (from, all) in &reached {
            let is_new = !found.iter().any(|circle| circle.contains(from));
            if is_new && all.contains(from) {
                let back = all.iter().copied().filter(|to| reached[to].contains(from));
                found.push(back.collect());
            }
        }
        found
    }

    fn reached_from(&self, from: &str) -> BTreeSet<&str> {
        let mut reached = BTreeSet::new();
        let mut waiting = vec![from];
        while let Some(module) = waiting.pop() {
            for to in self.arrows.get(module).into_iter().flat_map(|to| to.keys()) {
                if reached.insert(to.as_str()) {
                    waiting.push(to);
                }
            }
        }
        reached
    }

    /// Writes out the arrows of a circle, each with a path that makes it.
    pub(crate) fn shown(&self, circle: &BTreeSet<&str>) -> String {
        let mut text = String::new();
        for from in circle {
            let inside = self.arrows[*from].iter();
            for (to, path) in inside.filter(|(to, _)| circle.contains(to.as_str())) {
                text += &format!("  {from} -> {to}, by {path}\n");
            }
        }
        text
    }

    /// Returns the modules in an order in which each imports from earlier ones only, as far as there is one.
    pub(crate) fn in_order(&self) -> Vec<&str> {
        let mut order: Vec<&str> = Vec::new();
        loop {
            let next = self.arrows.iter().find(|(from, to)| {
                let is_placed = |module: &String| order.contains(&module.as_str());
                !is_placed(from) && to.keys().all(is_placed)
            });
            match next {
                Some((module, _)) => order.push(module),
                None => return order,
            }
        }
    }
}

/// The modules that define what a module names, each with the path by which it does. A module that is named by itself, by `*` or
/// within a function counts with everything that it passes on.
fn imports(source: &Source, module: usize) -> BTreeSet<(usize, String)> {
    let mut found = BTreeSet::new();
    for import in source.uses(module) {
        let path = import.path.join("::");
        for target in source.targets(module, &import.path) {
            match target {
                Target::Definition(index) => {
                    found.insert((source.definitions[index].module, path.clone()));
                }
                Target::Module(whole) if import.name.is_none() => {
                    found.extend(all_of(source, whole).map(|to| (to, format!("{path}::*"))));
                }
                // What is named by way of it stands in the code.
                Target::Module(_) | Target::Elsewhere(_) => {}
            }
        }
    }
    for path in paths(source.words(module).clone()) {
        // `use a::{self}` within a function is `a`; `self::a` is of this module.
        let mut words = path.clone();
        if words.len() > 1 && words.last().is_some_and(|last| last == "self") {
            words.pop();
        }
        for length in 1..=words.len() {
            let is_whole = length == words.len();
            for target in source.targets(module, &words[..length]) {
                match target {
                    Target::Definition(index) => {
                        found.insert((source.definitions[index].module, path.join("::")));
                    }
                    Target::Module(whole) if is_whole && length > 1 => {
                        let to = all_of(source, whole);
                        found.extend(to.map(|to| (to, path.join("::"))));
                    }
                    Target::Module(_) | Target::Elsewhere(_) => {}
                }
            }
        }
    }
    found
}

/// A module, and those that define what it passes on.
fn all_of(source: &Source, module: usize) -> impl Iterator<Item = usize> {
    let defined = source.named_in(module);
    defined
        .map(|index| source.definitions[index].module)
        .chain([module])
}
