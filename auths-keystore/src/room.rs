//! The room that each collection of records takes, and how more is made.
//!
//! The size of a collection is counted in its own file, `.sizes/<collection>`. That file has one byte for each block of 4 KiB
//! that was ever added to the collection: its length is the count. Adding is one write at its end, which processes that share the
//! directory can do at once. Only when the count passes the limit is the collection itself searched, and the count corrected.
//! Removed blocks are not subtracted before that.

use std::collections::{BTreeMap, btree_map};
use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use auths_core::ports::{RecordKind, StoreBounds};

use crate::disk;

/// The least that a disk gives to a file, or to a directory, in bytes.
pub(crate) const BLOCK: u64 = 4096;
/// The cost of a file besides its content, in bytes: its name and its entry in the disk's tables.
const ENTRY: u64 = 512;
/// The time for which a full collection of kept records is taken for full. Searching it takes time, and a caller that wants more
/// room asks again and again.
const FULL_FOR: Duration = Duration::from_secs(60);

/// The largest time by which a file's use may be later than now. Other files are used while these are searched.
const CLOCK_LEAD: Duration = Duration::from_secs(60);
/// The longest time for which a temporary file may still be in the course of being written.
const IN_FLIGHT_FOR: Duration = Duration::from_secs(60 * 60);

/// Returns the blocks of a file of this many bytes.
fn count_blocks(bytes: u64) -> u64 {
    (bytes + ENTRY).div_ceil(BLOCK)
}

/// The result of making room.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Room {
    /// There is room now.
    Made,
    /// The collection is full, and nothing in it may be dropped.
    Full,
    /// The file is larger than the whole limit.
    TooLarge,
}

/// The rooms of the collections in one directory.
#[derive(Debug)]
pub(crate) struct Rooms {
    pub(crate) dir: PathBuf,
    pub(crate) bounds: StoreBounds,
    counts: Mutex<BTreeMap<String, RoomCount>>,
}

#[derive(Debug)]
struct RoomCount {
    file: File,
    full_at: Option<Instant>,
}

impl Rooms {
    pub(crate) fn new(dir: PathBuf, bounds: StoreBounds) -> Self {
        Self {
            dir,
            bounds,
            counts: Mutex::default(),
        }
    }

    /// Makes room in the collection of that directory for the file `name` of `bytes` bytes, which may replace an existing one.
    ///
    /// Two processes that do this at once may both find room where there is room for one.
    pub(crate) fn make(
        &self,
        kind: RecordKind,
        collection: &str,
        name: impl AsRef<Path>,
        bytes: u64,
    ) -> io::Result<Room> {
        let dir = self.dir.join(collection);
        let (new, bound) = (count_blocks(bytes), self.bounds.of(kind) / BLOCK);
        if kind == RecordKind::Cached && new > bound {
            return Ok(Room::TooLarge);
        }
        let old = dir.join(name).symlink_metadata();
        let more = new.saturating_sub(old.map_or(0, |meta| count_blocks(meta.len())));
        if more == 0 {
            return Ok(Room::Made);
        }
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = match counts.entry(collection.to_owned()) {
            btree_map::Entry::Occupied(known) => known.into_mut(),
            btree_map::Entry::Vacant(place) => place.insert(self.count(collection, &dir)?),
        };
        match kind {
            RecordKind::Cached => {
                if count.add(more)? > bound {
                    let target = self.bounds.after_dropping() / BLOCK;
                    let left = drop_least_used(&dir, target.saturating_sub(more))?;
                    count.set(left + more)?;
                }
            }
            RecordKind::Kept => {
                if count.get()? + more > bound {
                    if count.full_at.is_some_and(|at| at.elapsed() < FULL_FOR) {
                        return Ok(Room::Full);
                    }
                    let there = files(&dir)?.iter().map(|file| file.blocks).sum();
                    count.set(there)?;
                    count.full_at = (there + more > bound).then(Instant::now);
                    if count.full_at.is_some() {
                        return Ok(Room::Full);
                    }
                }
                count.add(more)?;
            }
        }
        Ok(Room::Made)
    }

    /// Returns the count of a collection. For a collection that was never counted, it is the present size.
    fn count(&self, collection: &str, dir: &Path) -> io::Result<RoomCount> {
        let sizes = self.dir.join(".sizes");
        disk::make_dir(&sizes)?;
        let path = sizes.join(collection);
        let is_new = match path.symlink_metadata() {
            Ok(meta) if meta.is_file() => false,
            Ok(_) => {
                let what = format!("{} is not a regular file: move it away", path.display());
                return Err(io::Error::new(io::ErrorKind::InvalidInput, what));
            }
            Err(e) if e.kind() == io::ErrorKind::NotFound => true,
            Err(e) => return Err(e),
        };
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let file = options.open(&path)?;
        let count = RoomCount {
            file,
            full_at: None,
        };
        if is_new {
            count.set(files(dir)?.iter().map(|file| file.blocks).sum())?;
        }
        Ok(count)
    }
}

impl RoomCount {
    fn get(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    fn set(&self, blocks: u64) -> io::Result<()> {
        self.file.set_len(blocks)
    }

    /// Adds blocks, and returns how many there are then.
    fn add(&self, blocks: u64) -> io::Result<u64> {
        let more = vec![b'.'; usize::try_from(blocks).map_err(io::Error::other)?];
        (&self.file).write_all(&more)?;
        self.get()
    }
}

/// A file of a collection, or a directory of files.
struct FileEntry {
    name: std::ffi::OsString,
    used: SystemTime,
    blocks: u64,
}

/// Returns the files of a collection, in no order; none when the directory does not exist. Directories in a collection are
/// counted, together with their content.
fn files(dir: &Path) -> io::Result<Vec<FileEntry>> {
    let entries = match fs::read_dir(dir) {
        Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        entries => entries?,
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry?;
        // A file that is gone by now was dropped by another process.
        let Ok(meta) = entry.metadata() else { continue };
        let mut size = count_blocks(meta.len());
        if meta.is_dir() {
            let within = files(&entry.path())?;
            size = 1 + within.iter().map(|entry| entry.blocks).sum::<u64>();
        }
        found.push(FileEntry {
            name: entry.file_name(),
            used: meta.modified()?,
            blocks: size,
        });
    }
    Ok(found)
}

/// Removes files, the least recently used first, until no more than `left` blocks exist. Returns how many exist then.
fn drop_least_used(dir: &Path, left: u64) -> io::Result<u64> {
    let mut files = files(dir)?;
    // A file with a time of use in the future was written under a wrong clock, and would never be dropped.
    let latest = SystemTime::now() + CLOCK_LEAD;
    files.sort_by_key(|file| (file.used <= latest).then_some(file.used));
    let mut there: u64 = files.iter().map(|file| file.blocks).sum();
    for file in files {
        if there <= left {
            break;
        }
        // Another process is about to give the temporary file its name.
        if disk::is_temporary(&file.name) && file.used + IN_FLIGHT_FOR > latest {
            continue;
        }
        match fs::remove_file(dir.join(&file.name)) {
            Err(e) if e.kind() != io::ErrorKind::NotFound => return Err(e),
            _ => there -= file.blocks,
        }
    }
    Ok(there)
}
