//! The file name of a key.
//!
//! File systems may treat `Main` and `main` as one name. Capital letters are therefore written as `+` and the small letter, so
//! that two keys never share a file: the key `Main` is in `+main.authskey`.

use auths_core::ports::KeyName;

const EXTENSION: &str = ".authskey";

/// Returns the name of the key's file. The file names of two keys never differ by case only.
pub(crate) fn of_key(name: &KeyName) -> String {
    let mut file = String::with_capacity(2 * name.as_str().len() + EXTENSION.len());
    for c in name.as_str().chars() {
        if c.is_ascii_uppercase() {
            file.push('+');
        }
        file.push(c.to_ascii_lowercase());
    }
    file + EXTENSION
}

/// The kind of a file in the directory.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum FileKind {
    /// The file of a key.
    Key(KeyName),
    /// A file that is not ours, or was left behind by a crash.
    Other,
    /// A file that ends like a key's file, but whose name no key has.
    Misnamed,
}

/// Returns the kind of the file of this name.
pub(crate) fn read(file: &str) -> FileKind {
    let stem = match file.len().checked_sub(EXTENSION.len()) {
        Some(at) if file.is_char_boundary(at) => {
            let (stem, extension) = file.split_at(at);
            if !extension.eq_ignore_ascii_case(EXTENSION) {
                return FileKind::Other;
            }
            stem
        }
        _ => return FileKind::Other,
    };
    let mut name = String::with_capacity(stem.len());
    let mut capital = false;
    for c in stem.chars() {
        match c {
            '+' => capital = true,
            c if capital => {
                name.push(c.to_ascii_uppercase());
                capital = false;
            }
            c => name.push(c),
        }
    }
    match name.parse() {
        // Writing the name again finds every second spelling.
        Ok(name) if of_key(&name) == file => FileKind::Key(name),
        _ => FileKind::Misnamed,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn names_are_read_back(name in "[A-Za-z0-9][A-Za-z0-9_-]{0,63}") {
            let name: KeyName = name.parse().unwrap();
            prop_assert_eq!(read(&of_key(&name)), FileKind::Key(name));
        }

        #[test]
        fn names_that_differ_differ_by_more_than_case(a in "[aAbB1-]{0,3}", b in "[aAbB1-]{0,3}") {
            let (a, b): (KeyName, KeyName) = (format!("x{a}").parse().unwrap(), format!("x{b}").parse().unwrap());
            prop_assert_eq!(of_key(&a).eq_ignore_ascii_case(&of_key(&b)), a == b);
        }

        #[test]
        fn only_the_one_spelling_is_a_key(file in "\\PC{0,12}(\\.authskey)?") {
            if let FileKind::Key(name) = read(&file) {
                prop_assert_eq!(of_key(&name), file);
            }
        }
    }

    #[test]
    fn examples() {
        assert_eq!(of_key(&"Main-A".parse().unwrap()), "+main-+a.authskey");
        for file in ["", ".auths-x.tmp", "README", "authskey", "main.authske"] {
            assert_eq!(read(file), FileKind::Other, "{file}");
        }
        for file in [
            ".authskey",
            "Main.authskey",
            "main.AUTHSKEY",
            "a b.authskey",
            "++a.authskey",
            "+1.authskey",
            "a+.authskey",
            "é.authskey",
        ] {
            assert_eq!(read(file), FileKind::Misnamed, "{file}");
        }
    }
}
