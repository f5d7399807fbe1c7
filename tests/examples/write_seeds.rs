//! Writes what the fuzz targets start from: `cargo run -p auths-tests --example write_seeds -- FOLDER` makes one folder a
//! target in it.
#![forbid(unsafe_code)]

use std::path::PathBuf;
use std::{env, fs, io};

use auths_tests::fuzz::TARGETS;

fn main() -> io::Result<()> {
    let root = env::args_os().nth(1).map(PathBuf::from);
    let root = root.ok_or_else(|| io::Error::other("name the folder to write to"))?;
    for target in TARGETS {
        let folder = root.join(target.name);
        fs::create_dir_all(&folder)?;
        for (i, seed) in (target.seeds)().iter().enumerate() {
            fs::write(folder.join(format!("seed-{i:03}")), seed)?;
        }
    }
    Ok(())
}
