//! Writes the golden vectors of signed claims anew. Look at the difference before committing it: the signed form is a
//! promise to everyone who has ever signed a claim.
#![forbid(unsafe_code)]

use std::fs;
use std::io;

use auths_tests::vectors::{cases, folder};

fn main() -> io::Result<()> {
    let root = folder();
    if root.exists() {
        fs::remove_dir_all(&root)?;
    }
    for case in cases() {
        let folder = root.join(case.folder());
        fs::create_dir_all(&folder)?;
        for (name, bytes) in case.files() {
            fs::write(folder.join(name), bytes)?;
        }
    }
    Ok(())
}
