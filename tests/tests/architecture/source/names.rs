//! What names stand for: every `use` is followed to what it brings.

use syn::Type;

use super::{Binding, Source, Target, Use};

impl Source {
    /// Follows every `use` until nothing new is found. What is not of this crate is of another.
    pub(super) fn resolve(&mut self) {
        loop {
            let mut found = Vec::new();
            for (index, module) in self.modules.iter().enumerate() {
                for import in &module.uses {
                    found.extend(self.brought(index, import).into_iter().map(|b| (index, b)));
                }
            }
            let mut is_done = true;
            for (module, (name, binding)) in found {
                is_done &= !self.bind(module, &name, binding);
            }
            if is_done {
                break;
            }
        }
        for module in &mut self.modules {
            for import in &module.uses {
                let Some(name) = &import.name else { continue };
                let known = module.names.entry(name.clone()).or_default();
                if known.is_empty() {
                    known.push(Binding {
                        target: Target::Elsewhere(import.path.clone()),
                        is_public: import.is_public,
                        gates: import.gates.clone(),
                    });
                }
            }
        }
    }

    fn brought(&self, module: usize, import: &Use) -> Vec<(String, Binding)> {
        let bring = |name: &str, target: Target, gates: &[String]| {
            let binding = Binding {
                target,
                is_public: import.is_public,
                gates: [&import.gates, gates].concat(),
            };
            (name.to_owned(), binding)
        };
        if let Some(name) = &import.name {
            let targets = self.targets(module, &import.path).into_iter();
            return targets.map(|target| bring(name, target, &[])).collect();
        }
        let mut brought = Vec::new();
        for target in self.targets(module, &import.path) {
            let Target::Module(from) = target else {
                continue;
            };
            for (name, bindings) in &self.modules[from].names {
                let shared = bindings.iter().filter(|b| b.is_public || !import.is_public);
                brought.extend(shared.map(|b| bring(name, b.target.clone(), &b.gates)));
            }
        }
        brought
    }

    /// Everything that a path stands for in a module: a name may be a module, a type and a function at once.
    pub(crate) fn targets(&self, module: usize, path: &[String]) -> Vec<Target> {
        let Some((first, rest)) = path.split_first() else {
            return vec![Target::Module(module)];
        };
        let mut targets = match first.as_str() {
            "crate" => vec![Target::Module(0)],
            "self" => vec![Target::Module(module)],
            "super" => vec![Target::Module(self.modules[module].parent)],
            name => self.named(module, name),
        };
        for name in rest {
            let inside = targets
                .iter()
                .flat_map(|target| match (target, name.as_str()) {
                    (Target::Module(inside), "super") => {
                        vec![Target::Module(self.modules[*inside].parent)]
                    }
                    (Target::Module(inside), name) => self.named(*inside, name),
                    (Target::Elsewhere(path), name) => {
                        let longer = path.iter().cloned().chain([name.to_owned()]);
                        vec![Target::Elsewhere(longer.collect())]
                    }
                    (Target::Definition(_), _) => Vec::new(),
                });
            targets = inside.collect();
        }
        targets
    }

    fn named(&self, module: usize, name: &str) -> Vec<Target> {
        let bindings = self.modules[module].names.get(name).into_iter().flatten();
        bindings.map(|b| b.target.clone()).collect()
    }

    /// The trait, type or macro of this crate that a path names.
    pub(crate) fn definition(&self, module: usize, path: &syn::Path) -> Option<usize> {
        let words: Vec<_> = path.segments.iter().map(|s| s.ident.to_string()).collect();
        let mut targets = self.targets(module, &words).into_iter();
        targets.find_map(|target| match target {
            Target::Definition(index) => Some(index),
            _ => None,
        })
    }

    /// The type of this crate that a type is, or refers to.
    pub(crate) fn definition_of_type(&self, module: usize, ty: &Type) -> Option<usize> {
        match ty {
            Type::Path(ty) if ty.qself.is_none() => self.definition(module, &ty.path),
            Type::Reference(ty) => self.definition_of_type(module, &ty.elem),
            Type::Paren(ty) => self.definition_of_type(module, &ty.elem),
            Type::Group(ty) => self.definition_of_type(module, &ty.elem),
            _ => None,
        }
    }
}
