//! The take store: keys to files, safe under any number of threads and processes.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use crate::{
    Pcm16, StoreError, StoredTake, TAKE_SCHEMA, TakeRecord, Verdict,
    durable::{self, Durability},
    take::{self, Unreadable},
};

/// Takes by key, each a file `v1/<2 hex>/<64 hex>.wav`.
///
/// Durability: after [`put`](Self::put) a take survives the end of this process by whatever means; after the
/// next [`sync`](Self::sync) it survives a power cut as well. A take that a power cut tore is found by its
/// seal when it is asked for, and made again.
///
/// ```
/// use rhapsode_store::{Pcm16, TakeRecord, TakeStore, Verdict};
/// # let dir = tempfile::tempdir()?;
/// let store = TakeStore::open(dir.path())?;
/// let record = TakeRecord {
///     measurements: serde_json::json!({ "seconds": 0.1 }),
///     verdict: Verdict::Accepted,
///     seed: 0,
///     identity: serde_json::json!({ "engine": "hibari" }),
/// };
/// store.put(&[7; 32], Pcm16 { rate: 24_000, samples: &[0; 2_400] }, &record)?;
/// store.sync()?;
/// assert_eq!(store.get(&[7; 32])?.map(|take| take.record), Some(record));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct TakeStore {
    root: PathBuf,
    /// Files that are not forced to the disk yet, with the number of the put that made each.
    unsynced: Mutex<BTreeMap<PathBuf, u64>>,
    puts: AtomicU64,
    syncing: Mutex<()>,
}

/// What the store has under a key.
#[derive(Debug, Clone, PartialEq)]
pub enum Lookup {
    /// A whole take.
    Hit(StoredTake),
    /// Nothing.
    Miss,
    /// A file that is not that take; it was moved aside, so that the take can be made again.
    Corrupt {
        /// Where the file is now.
        quarantined: PathBuf,
        /// What is wrong with it.
        reason: String,
    },
}

/// How much the store holds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct StoreStatus {
    /// Takes.
    pub takes: u64,
    /// Bytes of their files.
    pub bytes: u64,
    /// Files that were found corrupt and moved aside.
    pub quarantined: u64,
}

/// A take's file as the directory lists it.
#[derive(Debug, Clone)]
pub(crate) struct TakeFile {
    pub(crate) key: [u8; 32],
    pub(crate) path: PathBuf,
    pub(crate) metadata: fs::Metadata,
}

impl TakeStore {
    /// Opens the store in `dir`, made if it is not there. Any number of processes may have it open.
    pub fn open(dir: &Path) -> Result<Self, StoreError> {
        let store = Self {
            root: dir.to_owned(),
            unsynced: Mutex::default(),
            puts: AtomicU64::new(0),
            syncing: Mutex::default(),
        };
        durable::create_directory(&store.takes_dir())?;
        Ok(store)
    }

    /// The store's directory.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.root
    }

    /// The take of `key`, checked against its hash; `None` if there is none or what lay there was corrupt
    /// and has been moved aside. [`lookup`](Self::lookup) tells the two apart.
    pub fn get(&self, key: &[u8; 32]) -> Result<Option<StoredTake>, StoreError> {
        Ok(match self.lookup(key)? {
            Lookup::Hit(take) => Some(take),
            Lookup::Miss | Lookup::Corrupt { .. } => None,
        })
    }

    /// What the store has under `key`, checked against its hash.
    pub fn lookup(&self, key: &[u8; 32]) -> Result<Lookup, StoreError> {
        let path = self.take_path(key);
        let Some(bytes) = durable::read(&path)? else { return Ok(Lookup::Miss) };
        match take::decode(key, &bytes) {
            Ok(take) => Ok(Lookup::Hit(take)),
            Err(Unreadable::Newer(found)) => Err(StoreError::Newer { path, found, known: TAKE_SCHEMA }),
            Err(Unreadable::Corrupt(reason)) => self.quarantine(key, &path, reason),
        }
    }

    /// Whether there is a file under `key`. Cheap: the file is not read, so it may still prove corrupt.
    #[must_use]
    pub fn contains(&self, key: &[u8; 32]) -> bool {
        self.take_path(key).is_file()
    }

    /// Stores a take. A whole, accepted take that is there already stays as it is, because tracks may have
    /// been made from it; a defect or a corrupt file is replaced. Two writers of one key at the same moment
    /// leave one of the two takes, whole.
    ///
    /// # Errors
    /// [`StoreError::Io`]; nothing partial is left. [`StoreError::is_storage_full`] tells a full disk.
    pub fn put(&self, key: &[u8; 32], pcm: Pcm16<'_>, record: &TakeRecord) -> Result<(), StoreError> {
        let path = self.take_path(key);
        if self.contains(key)
            && matches!(self.lookup(key)?, Lookup::Hit(take) if take.record.verdict == Verdict::Accepted)
        {
            return Ok(());
        }
        let bytes = take::encode(key, pcm, record).map_err(|reason| StoreError::Io {
            action: "write",
            path: path.clone(),
            source: std::io::Error::new(std::io::ErrorKind::InvalidInput, reason),
        })?;
        durable::create_directory(&self.shard_dir(key))?;
        durable::write(&path, &bytes, Durability::Later)?;
        self.unsynced().insert(path, self.puts.fetch_add(1, Ordering::Relaxed));
        Ok(())
    }

    /// Forces every take that this value put since the last call to the disk: the files, then the directories
    /// that name them. When it returns, that holds for every take that was put before the call, also where
    /// another thread forced it. Call it after each take that was paid for, and every few seconds for free ones.
    pub fn sync(&self) -> Result<(), StoreError> {
        let _one_at_a_time = self.syncing.lock().unwrap_or_else(PoisonError::into_inner);
        let files = self.unsynced().clone();
        self.sync_all(&files)?;
        // What was put again meanwhile waits for the next time.
        self.unsynced().retain(|path, put| files.get(path) != Some(put));
        Ok(())
    }

    /// Takes that this value put and that were not forced to the disk yet: what a power cut may cost.
    #[must_use]
    pub fn unsynced_takes(&self) -> usize {
        self.unsynced().len()
    }

    fn sync_all(&self, files: &BTreeMap<PathBuf, u64>) -> Result<(), StoreError> {
        if files.is_empty() {
            return Ok(());
        }
        files.keys().try_for_each(|file| durable::sync_file(file))?;
        let shards: BTreeSet<&Path> = files.keys().filter_map(|file| file.parent()).collect();
        shards.into_iter().try_for_each(durable::sync_directory)?;
        // A shard's own name stands in this one.
        durable::sync_directory(&self.takes_dir())
    }

    /// How much the store holds, from the directories alone.
    pub fn status(&self) -> Result<StoreStatus, StoreError> {
        let quarantined = durable::list(&self.quarantine_dir())?.len() as u64;
        Ok(self.files()?.iter().fold(StoreStatus { quarantined, ..StoreStatus::default() }, |sum, file| {
            StoreStatus { takes: sum.takes + 1, bytes: sum.bytes + file.metadata.len(), ..sum }
        }))
    }

    /// Every file that is named as a take, in the order of keys.
    pub(crate) fn files(&self) -> Result<Vec<TakeFile>, StoreError> {
        let mut files = Vec::new();
        for shard in self.shards()? {
            for entry in durable::list(&shard)? {
                let path = entry.path();
                let Some(key) = key_of(&path) else { continue };
                match entry.metadata() {
                    Ok(metadata) => files.push(TakeFile { key, path, metadata }),
                    Err(e) if e.kind() == std::io::ErrorKind::NotFound => {}
                    Err(e) => return Err(StoreError::io("read", &path, e)),
                }
            }
        }
        Ok(files)
    }

    pub(crate) fn shards(&self) -> Result<Vec<PathBuf>, StoreError> {
        let entries = durable::list(&self.takes_dir())?;
        Ok(entries.iter().map(fs::DirEntry::path).filter(|path| path.is_dir()).collect())
    }

    /// The file that the take of `key` has, or would have.
    #[must_use]
    pub fn file(&self, key: &[u8; 32]) -> PathBuf {
        self.take_path(key)
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    pub(crate) fn jobs_dir(&self) -> PathBuf {
        self.root.join("jobs")
    }

    fn takes_dir(&self) -> PathBuf {
        self.root.join("v1")
    }

    fn quarantine_dir(&self) -> PathBuf {
        self.root.join("quarantine")
    }

    fn shard_dir(&self, key: &[u8; 32]) -> PathBuf {
        self.takes_dir().join(hex::encode(&key[..1]))
    }

    fn take_path(&self, key: &[u8; 32]) -> PathBuf {
        self.shard_dir(key).join(hex::encode(key)).with_extension("wav")
    }

    fn unsynced(&self) -> MutexGuard<'_, BTreeMap<PathBuf, u64>> {
        // A map of paths is whole at every moment, whatever thread panicked beside it.
        self.unsynced.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Moves a corrupt file aside.
    fn quarantine(&self, key: &[u8; 32], path: &Path, reason: String) -> Result<Lookup, StoreError> {
        durable::create_directory(&self.quarantine_dir())?;
        let name = hex::encode(key);
        let quarantined = (0_u32..)
            .map(|n| self.quarantine_dir().join(format!("{name}-{n}.wav")))
            .find(|path| !path.exists())
            .expect("a directory holds fewer than 2^32 files");
        match fs::rename(path, &quarantined) {
            Ok(()) => {}
            Err(e) if e.kind() == std::io::ErrorKind::NotFound => return Ok(Lookup::Miss),
            Err(e) => return Err(StoreError::io("move aside", path, e)),
        }
        // Between the read and the rename another process may have put the take anew.
        if let Some(take) = durable::read(&quarantined)?.and_then(|bytes| take::decode(key, &bytes).ok()) {
            fs::rename(&quarantined, path).map_err(|e| StoreError::io("move back", path, e))?;
            return Ok(Lookup::Hit(take));
        }
        Ok(Lookup::Corrupt { quarantined, reason })
    }
}

/// The key that a file is named after, if it is named as a take.
fn key_of(path: &Path) -> Option<[u8; 32]> {
    let name = path.file_name()?.to_str()?.strip_suffix(".wav")?;
    let mut key = [0; 32];
    hex::decode_to_slice(name, &mut key).ok()?;
    // Upper-case names decode too, but no key leads to them.
    (hex::encode(key) == name).then_some(key)
}
