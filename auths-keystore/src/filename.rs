//! The file name of a key.
//!
//! File systems may take `Main` and `main` for one name. So that two keys never share a file, capital letters are
//! written as `+` and the small letter: the key `Main` lies in `+main.authskey`.

use auths_core::ports::KeyName;

const EXTENSION: &str = ".authskey";

/// The file that the key lies in. Two names never give file names that differ by case only.
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

/// What a file in the directory is.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Found {
    /// The file of a key.
    Key(KeyName),
    /// Not ours, or left behind by a crash.
    Other,
    /// Ends like a key's file, but is no key's file name.
    Misnamed,
}

/// What the file of this name is.
pub(crate) fn read(file: &str) -> Found {
    let stem = match file.len().checked_sub(EXTENSION.len()) {
        Some(at) if file.is_char_boundary(at) => {
            let (stem, extension) = file.split_at(at);
            if !extension.eq_ignore_ascii_case(EXTENSION) {
                return Found::Other;
            }
            stem
        }
        _ => return Found::Other,
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
        // Writing it again finds every second spelling.
        Ok(name) if of_key(&name) == file => Found::Key(name),
        _ => Found::Misnamed,
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
            prop_assert_eq!(read(&of_key(&name)), Found::Key(name));
        }

        #[test]
        fn names_that_differ_differ_by_more_than_case(a in "[aAbB1-]{0,3}", b in "[aAbB1-]{0,3}") {
            let (a, b): (KeyName, KeyName) = (format!("x{a}").parse().unwrap(), format!("x{b}").parse().unwrap());
            prop_assert_eq!(of_key(&a).eq_ignore_ascii_case(&of_key(&b)), a == b);
        }

        #[test]
        fn only_the_one_spelling_is_a_key(file in "\\PC{0,12}(\\.authskey)?") {
            if let Found::Key(name) = read(&file) {
                prop_assert_eq!(of_key(&name), file);
            }
        }
    }

    #[test]
    fn examples() {
        assert_eq!(of_key(&"Main-A".parse().unwrap()), "+main-+a.authskey");
        for file in ["", ".auths-x.tmp", "README", "authskey", "main.authske"] {
            assert_eq!(read(file), Found::Other, "{file}");
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
            assert_eq!(read(file), Found::Misnamed, "{file}");
        }
    }
}
