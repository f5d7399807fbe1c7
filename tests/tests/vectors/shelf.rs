//! The files in `tests/vectors`, and which of them were asked for.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use auths_tests::root;

/// Explains, and holds nothing to test.
const PROSE: [&str; 3] = [".gitattributes", "README.md", "pypi-tokens/README.md"];

/// Gives files out, and remembers which.
#[derive(Debug, Default)]
pub(crate) struct Shelf(RefCell<BTreeSet<PathBuf>>);

impl Shelf {
    fn folder() -> PathBuf {
        root().join("tests/vectors")
    }

    /// A file, by its path below `tests/vectors`.
    pub(crate) fn read(&self, path: impl AsRef<Path>) -> Vec<u8> {
        let path = path.as_ref();
        self.0.borrow_mut().insert(path.to_owned());
        fs::read(Self::folder().join(path)).unwrap_or_else(|e| panic!("{}: {e}", path.display()))
    }

    /// The names in a folder, in order.
    fn names(&self, folder: &str) -> BTreeSet<String> {
        let entries = fs::read_dir(Self::folder().join(folder)).unwrap();
        let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
        names.collect()
    }

    /// Every folder of cases with its files: what stands in them and is no file is a mistake.
    pub(crate) fn cases(&self, folder: &str) -> BTreeMap<String, BTreeMap<String, Vec<u8>>> {
        let cases = self.names(folder).into_iter().map(|case| {
            let path = format!("{folder}/{case}");
            let files = self.names(&path).into_iter();
            let files = files.map(|name| (name.clone(), self.read(format!("{path}/{name}"))));
            (case, files.collect())
        });
        cases.collect()
    }

    /// The files that nobody asked for.
    pub(crate) fn unread(&self) -> Vec<String> {
        let mut all = Vec::new();
        let mut waiting = vec![Self::folder()];
        while let Some(folder) = waiting.pop() {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => waiting.push(path),
                    false => all.push(path.strip_prefix(Self::folder()).unwrap().to_owned()),
                }
            }
        }
        let read = self.0.borrow();
        let unread = all.into_iter().filter(|path| !read.contains(path));
        let names = unread.map(|path| path.to_str().unwrap().replace('\\', "/"));
        names
            .filter(|name| !PROSE.contains(&name.as_str()))
            .collect()
    }
}
