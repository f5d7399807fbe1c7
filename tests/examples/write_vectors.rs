//! Writes the golden vectors of signed claims, proofs, bundles and grants anew. Look at the difference before committing it: the signed form is a
//! promise to everyone who has ever signed a claim.
#![forbid(unsafe_code)]

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::Path;

use auths_tests::{bundles, grants, proofs, vectors};

fn main() -> io::Result<()> {
    write(
        &vectors::folder(),
        vectors::cases().iter().map(|c| (c.folder(), c.files())),
    )?;
    write(
        &proofs::folder(),
        proofs::cases().iter().map(|c| (c.folder(), c.files())),
    )?;
    write(
        &grants::folder(),
        grants::cases().iter().map(|c| (c.folder(), c.files())),
    )?;
    write(
        &bundles::folder(),
        bundles::cases().iter().map(|c| (c.folder(), c.files())),
    )
}

/// Writes these cases, and removes every other that stands there.
fn write(
    root: &Path,
    cases: impl Iterator<Item = (String, BTreeMap<&'static str, Vec<u8>>)>,
) -> io::Result<()> {
    if root.exists() {
        fs::remove_dir_all(root)?;
    }
    for (name, files) in cases {
        let folder = root.join(name);
        fs::create_dir_all(&folder)?;
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
