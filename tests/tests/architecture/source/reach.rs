//! What can be reached from outside of a crate, and by which paths.

use std::collections::{BTreeMap, BTreeSet};

use super::{Source, Target};

/// A public path to something, and the conditions under which it is there.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub(crate) struct Route {
    /// How many names it has: the shortest route is the one under which something is listed.
    length: usize,
    pub(crate) path: String,
    pub(crate) gates: BTreeSet<String>,
}

impl Source {
    /// Everything public, with all routes to it, the best first.
    pub(crate) fn reachable(&self) -> BTreeMap<Target, BTreeSet<Route>> {
        let mut found: BTreeMap<Target, BTreeSet<Route>> = BTreeMap::new();
        let mut waiting = vec![(0, vec![self.name.clone()], BTreeSet::new(), vec![0])];
        while let Some((module, path, gates, above)) = waiting.pop() {
            for (name, bindings) in &self.modules[module].names {
                for binding in bindings.iter().filter(|b| b.is_public) {
                    let path: Vec<_> = path.iter().cloned().chain([name.clone()]).collect();
                    let mut gates: BTreeSet<String> = gates.clone();
                    gates.extend(binding.gates.iter().cloned());
                    let route = Route {
                        length: path.len(),
                        path: path.join("::"),
                        gates: gates.clone(),
                    };
                    let routes = found.entry(binding.target.clone()).or_default();
                    routes.insert(route);
                    // A module that shares one of those around it would lead on for ever.
                    if let Target::Module(inside) = &binding.target
                        && !above.contains(inside)
                    {
                        let above = above.iter().copied().chain([*inside]).collect();
                        waiting.push((*inside, path, gates, above));
                    }
                }
            }
        }
        found
    }
}
