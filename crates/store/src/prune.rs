//! Giving disk space back, only when asked: what `rhapsode store prune` runs.

use std::{
    path::PathBuf,
    time::{Duration, SystemTime},
};

use crate::{StoreError, TakeStore, durable, takes::TakeFile};

/// A temporary file that is older belongs to no write that still runs.
const LEFTOVER_AGE: Duration = Duration::from_secs(60 * 60);

/// What to prune. Without a limit nothing goes but what killed writes left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PruneOptions {
    /// Takes that were written longer ago go.
    pub older_than: Option<Duration>,
    /// The oldest takes go until the store's takes have at most this many bytes.
    pub max_bytes: Option<u64>,
    /// Whether anything is removed.
    pub mode: PruneMode,
}

/// Whether a prune removes anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PruneMode {
    /// Only reports what would go.
    DryRun,
    /// Removes.
    Delete,
}

/// What a prune removed, or would remove.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PruneReport {
    /// Takes removed.
    pub removed: u64,
    /// Bytes that gives back.
    pub removed_bytes: u64,
    /// Takes that stay.
    pub kept: u64,
    /// Bytes that they have.
    pub kept_bytes: u64,
    /// Takes that the options name but a job pins.
    pub pinned: u64,
    /// Temporary files of killed writes removed.
    pub leftovers: u64,
    /// Jobs that the store forgets, because their directories are gone.
    pub forgotten_jobs: Vec<PathBuf>,
}

impl TakeStore {
    /// Removes takes that the options name, never one that a known job pins (see
    /// [`register_job`](Self::register_job)).
    ///
    /// # Errors
    /// [`StoreError`] if a job's keys cannot be read: nothing is removed then.
    pub fn prune(&self, options: &PruneOptions) -> Result<PruneReport, StoreError> {
        let now = SystemTime::now();
        let pins = self.pins()?;
        let mut files = self.files()?;
        files.sort_by_key(|file| (written(file), file.key));
        let mut report =
            PruneReport { kept_bytes: files.iter().map(|f| f.metadata.len()).sum(), ..Default::default() };
        for file in &files {
            let old = options.older_than.is_some_and(|limit| age(now, written(file)) > limit);
            let over = options.max_bytes.is_some_and(|limit| report.kept_bytes > limit);
            let pinned = pins.keys.contains(&file.key);
            if (old || over) && !pinned {
                if options.mode == PruneMode::Delete {
                    durable::remove(&file.path)?;
                }
                report.removed += 1;
                report.removed_bytes += file.metadata.len();
                report.kept_bytes -= file.metadata.len();
            } else {
                report.kept += 1;
                report.pinned += u64::from(old || over);
            }
        }
        for leftover in self.leftovers(now)? {
            if options.mode == PruneMode::Delete {
                durable::remove(&leftover)?;
            }
            report.leftovers += 1;
        }
        for forgotten in pins.forgotten {
            if options.mode == PruneMode::Delete {
                durable::remove(&forgotten.registration)?;
            }
            report.forgotten_jobs.push(forgotten.job);
        }
        Ok(report)
    }

    fn leftovers(&self, now: SystemTime) -> Result<Vec<PathBuf>, StoreError> {
        let mut leftovers = Vec::new();
        for shard in self.shards()? {
            for entry in durable::list(&shard)? {
                let modified = entry.metadata().and_then(|metadata| metadata.modified());
                if durable::is_part(&entry)
                    && modified.is_ok_and(|modified| age(now, modified) > LEFTOVER_AGE)
                {
                    leftovers.push(entry.path());
                }
            }
        }
        Ok(leftovers)
    }
}

fn written(file: &TakeFile) -> SystemTime {
    // A system without file times gives every take the same, oldest one; the order is that of keys then.
    file.metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH)
}

/// How long ago; nothing for a time to come, which a corrected clock leaves behind.
fn age(now: SystemTime, then: SystemTime) -> Duration {
    now.duration_since(then).unwrap_or_default()
}
