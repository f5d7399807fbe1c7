//! Private files: readable by their owner only, written whole or not at all.

use std::ffi::OsStr;
use std::fs::{self, File, Metadata};
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use std::time::SystemTime;

use tempfile::NamedTempFile;

/// Makes the directory, and those above it, for the owner only. Checks a directory that exists.
pub(crate) fn make_dir(dir: &Path) -> io::Result<()> {
    if check_dir(dir)? {
        return Ok(());
    }
    make_own_dir(dir)?;
    // The entry in the directory above must outlive a power failure as well.
    if let Some(above) = dir.parent().filter(|p| !p.as_os_str().is_empty()) {
        sync_dir(above)?;
    }
    check_dir(dir).map(|_| ())
}

/// Returns whether the directory exists. Returns an error when it is something else (a link that leads nowhere included), or when
/// others can write in it.
pub(crate) fn check_dir(dir: &Path) -> io::Result<bool> {
    let meta = match fs::metadata(dir) {
        Ok(meta) => meta,
        Err(e) if e.kind() == io::ErrorKind::NotFound => match fs::symlink_metadata(dir) {
            Err(_) => return Ok(false),
            // A link that leads nowhere stands for a directory that cannot be seen now, and is perhaps not empty.
            Ok(meta) if meta.is_symlink() => return Err(e),
            // Another thread or process made it in between.
            Ok(_) => fs::metadata(dir)?,
        },
        Err(e) => return Err(e),
    };
    if !meta.is_dir() {
        return Err(refused(
            "it is not a directory",
            io::ErrorKind::NotADirectory,
        ));
    }
    if has_bits(&meta, 0o022) {
        let what = "others can write in it: take that right away (chmod go-w)";
        return Err(refused(what, io::ErrorKind::PermissionDenied));
    }
    Ok(true)
}

/// The effect of reading a file on its time of use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ReadEffect {
    /// The file stays as it is.
    Only,
    /// The file's time of last change becomes now, where the system lets its owner set that time for a file that is open for
    /// reading.
    AsUse,
}

/// Reads the file's bytes, `None` when there is no file. Reads one byte more than `most` and stops: the caller then refuses the
/// file.
pub(crate) fn read(path: &Path, most: usize, reading: ReadEffect) -> io::Result<Option<Vec<u8>>> {
    // Checked before opening: opening a pipe would block, and a link may lead anywhere.
    match fs::symlink_metadata(path) {
        Ok(meta) if meta.is_file() => {}
        Ok(_) => {
            let what = "it is not a regular file: move it away";
            return Err(refused(what, io::ErrorKind::InvalidInput));
        }
        Err(e) => return none_or(e),
    }
    let file = match File::open(path) {
        Ok(file) => file,
        Err(e) => return none_or(e),
    };
    if has_bits(&file.metadata()?, 0o077) {
        let what = "it is open to others: take their rights away (chmod 600)";
        return Err(refused(what, io::ErrorKind::PermissionDenied));
    }
    if reading == ReadEffect::AsUse {
        // If this fails, the file is only dropped sooner.
        let _ = file.set_modified(SystemTime::now());
    }
    let mut bytes = Vec::new();
    file.take(most as u64 + 1).read_to_end(&mut bytes)?;
    Ok(Some(bytes))
}

/// Makes the directory, and those above it, for the owner only. What is there already is taken as it is.
pub(crate) fn make_own_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Reads a file of at most `max` bytes, with the system's own error.
pub(crate) fn read_capped(path: &Path, max: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    let file = File::open(path)?;
    file.take(max as u64 + 1).read_to_end(&mut bytes)?;
    if bytes.len() > max {
        return Err(io::Error::other(format!("it is longer than {max} bytes")));
    }
    Ok(bytes)
}

/// Returns `None` for the error of a file that does not exist.
fn none_or<T>(error: io::Error) -> io::Result<Option<T>> {
    match error.kind() {
        io::ErrorKind::NotFound => Ok(None),
        _ => Err(error),
    }
}

/// Writes the file if none of that name exists, and returns whether it did. Waits for the disk.
pub(crate) fn write_new(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<bool> {
    let file = written(dir, bytes)?;
    file.as_file().sync_all()?;
    match file.persist_noclobber(dir.join(name)) {
        Ok(_) => sync_dir(dir).map(|()| true),
        Err(e) if e.error.kind() == io::ErrorKind::AlreadyExists => Ok(false),
        Err(e) => Err(e.error),
    }
}

/// Writes the file, replacing an existing one in one step. Does not wait for the disk.
pub(crate) fn replace(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    written(dir, bytes)?
        .persist(dir.join(name))
        .map_err(|e| e.error)?;
    Ok(())
}

/// Writes the file, replacing an existing one in one step. Waits for the disk.
pub(crate) fn replace_on_disk(dir: &Path, name: &str, bytes: &[u8]) -> io::Result<()> {
    let file = written(dir, bytes)?;
    file.as_file().sync_all()?;
    file.persist(dir.join(name)).map_err(|e| e.error)?;
    sync_dir(dir)
}

/// Removes the file, and returns whether it existed.
pub(crate) fn remove(dir: &Path, name: &str) -> io::Result<bool> {
    match fs::remove_file(dir.join(name)) {
        Ok(()) => sync_dir(dir).map(|()| true),
        Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(e) => Err(e),
    }
}

/// Returns the names in the directory, in no order; none when the directory does not exist.
pub(crate) fn names(dir: &Path) -> io::Result<Vec<String>> {
    if !check_dir(dir)? {
        return Ok(Vec::new());
    }
    fs::read_dir(dir)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect()
}

/// Returns whether a file of this name is temporary: still being written, or left behind by a crash.
pub(crate) fn is_temporary(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    name.starts_with(".auths-") && name.ends_with(".tmp")
}

/// Creates a temporary file beside the final one, with these bytes. It is removed when dropped.
fn written(dir: &Path, bytes: &[u8]) -> io::Result<NamedTempFile> {
    let mut builder = tempfile::Builder::new();
    builder.prefix(".auths-").suffix(".tmp");
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o600));
    let mut file = builder.tempfile_in(dir)?;
    file.write_all(bytes)?;
    Ok(file)
}

/// Flushes the names in the directory to the disk.
#[cfg(unix)]
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}

/// Does nothing: on other systems a directory cannot be opened to be flushed.
#[cfg(not(unix))]
fn sync_dir(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(unix)]
fn has_bits(meta: &Metadata, bits: u32) -> bool {
    std::os::unix::fs::PermissionsExt::mode(&meta.permissions()) & bits != 0
}

#[cfg(not(unix))]
fn has_bits(_: &Metadata, _: u32) -> bool {
    false
}

/// Makes the error for a file or directory that the caller names.
fn refused(what: &str, kind: io::ErrorKind) -> io::Error {
    io::Error::new(kind, what)
}
