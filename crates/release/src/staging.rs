//! The staging folder of publishing, and the recovery of what a killed program left in it.
//!
//! `.rhapsode-staging` lies in the destination's folder, so that everything in it can be renamed into place. Each
//! publication has a lock file there, locked while it runs, and a folder of the same name. A lock file that
//! nobody holds is a dead program's.
//!
//! A file needs one rename. A folder cannot be renamed over another, so its steps are: write down what will be
//! done; old → `<name>.old`; new → `<name>`; remove the old. Recovery reads from the disk how far it came.

use std::ffi::{OsStr, OsString};
use std::fs::{self, File, TryLockError};
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tempfile::NamedTempFile;

use crate::ReleaseError;

const STAGING: &str = ".rhapsode-staging";
const LOCK: &str = "lock";
const FOLDER: &str = "staged";
/// What a folder's swap will do, in its staged folder.
const PLAN: &str = "swap.json";
/// The new release, in its staged folder: no name that a release has could be taken for the plan's.
const NEW: &str = "new";

/// One publication's place in the staging folder; removed when dropped.
pub(crate) struct Staging {
    /// The folder that the release goes to.
    destination: PathBuf,
    /// Where this publication may write.
    folder: PathBuf,
    /// `None` once the lock file is left to a recovery.
    lock: Option<NamedTempFile>,
}

/// A folder's swap, written down before its first step.
#[derive(Serialize, Deserialize)]
struct SwapPlan {
    /// The release's name.
    name: OsString,
    /// The name that the old release gets; `None` if there was none.
    old: Option<OsString>,
}

/// The steps of a folder's swap, in order.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    WritePlan,
    MoveOld,
    MoveNew,
    RemoveOld,
}

const STEPS: [Step; 4] = [Step::WritePlan, Step::MoveOld, Step::MoveNew, Step::RemoveOld];

impl Staging {
    /// Opens a place of its own for a publication into the folder `destination`.
    pub(crate) fn open(destination: &Path) -> Result<Self, ReleaseError> {
        let root = destination.join(STAGING);
        // Another publication that ends just now may take the empty staging folder or a lock file that is not
        // locked yet with it; then there is a next try.
        loop {
            fs::create_dir_all(&root).map_err(ReleaseError::io("create", &root))?;
            let suffix = format!(".{LOCK}");
            let lock = match tempfile::Builder::new().prefix("").suffix(&suffix).tempfile_in(&root) {
                Err(error) if error.kind() == ErrorKind::NotFound => continue,
                lock => lock.map_err(ReleaseError::io("create", &root))?,
            };
            match lock.as_file().try_lock() {
                Ok(()) => {}
                Err(TryLockError::WouldBlock) => continue,
                Err(TryLockError::Error(error)) => return Err(ReleaseError::io("lock", lock.path())(error)),
            }
            if !lock.path().exists() {
                continue;
            }
            let folder = lock.path().with_extension(FOLDER);
            fs::create_dir(&folder).map_err(ReleaseError::io("create", &folder))?;
            return Ok(Self { destination: destination.to_owned(), folder, lock: Some(lock) });
        }
    }

    /// Where the new release is to be written.
    pub(crate) fn path(&self) -> PathBuf {
        self.folder.join(NEW)
    }

    /// Puts the staged folder in the place of `name`.
    pub(crate) fn swap_folder(mut self, name: &OsStr) -> Result<(), ReleaseError> {
        let plan = self.plan(name);
        for step in STEPS {
            if let Err(error) = self.take(step, &plan) {
                // What cannot be repaired now is left for the next start.
                if repair(&self.destination, &self.folder).is_err() {
                    self.leave();
                }
                return Err(error);
            }
        }
        Ok(())
    }

    fn plan(&self, name: &OsStr) -> SwapPlan {
        let old = fs::symlink_metadata(self.destination.join(name)).is_ok().then(|| {
            let free = |old: &OsString| fs::symlink_metadata(self.destination.join(old)).is_err();
            let numbered = |number: u32| {
                let mut old = name.to_owned();
                old.push(".old");
                if number > 1 {
                    old.push(format!("-{number}"));
                }
                old
            };
            (1..).map(numbered).find(free).expect("a folder does not hold every number")
        });
        SwapPlan { name: name.to_owned(), old }
    }

    fn take(&self, step: Step, plan: &SwapPlan) -> Result<(), ReleaseError> {
        let place = self.destination.join(&plan.name);
        let old = plan.old.as_ref().map(|old| self.destination.join(old));
        match (step, old) {
            (Step::WritePlan, _) => {
                let path = self.folder.join(PLAN);
                let json = serde_json::to_vec(plan)
                    .map_err(|error| ReleaseError::io("write", &path)(error.into()))?;
                File::create(&path)
                    .and_then(|mut file| file.write_all(&json).and_then(|()| file.sync_all()))
                    .map_err(ReleaseError::io("write", &path))?;
                sync_folder(&self.folder)
            }
            (Step::MoveOld, Some(old)) => rename(&place, &old, &self.destination),
            (Step::MoveNew, _) => rename(&self.path(), &place, &self.destination),
            (Step::RemoveOld, Some(old)) => remove_folder(&old),
            (Step::MoveOld | Step::RemoveOld, None) => Ok(()),
        }
    }

    /// Leaves everything as it is, unlocked, for a recovery.
    fn leave(&mut self) {
        if let Some(lock) = self.lock.take() {
            // If it cannot be kept, its folder stays and says the same to a person.
            let _ = lock.keep();
        }
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        if let Some(lock) = self.lock.take() {
            // What cannot be removed is removed by the next recovery.
            let _ = fs::remove_dir_all(&self.folder);
            let _ = lock.close();
            let _ = fs::remove_dir(self.destination.join(STAGING));
        }
    }
}

/// See [`crate::recover`].
pub(crate) fn recover(destination: &Path) -> Result<(), ReleaseError> {
    let root = destination.join(STAGING);
    let listed = match fs::read_dir(&root) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(()),
        listed => listed.map_err(ReleaseError::io("read", &root))?,
    };
    for entry in listed {
        let path = entry.map_err(ReleaseError::io("read", &root))?.path();
        if path.extension() != Some(OsStr::new(LOCK)) {
            continue;
        }
        let lock = match File::open(&path) {
            Err(error) if error.kind() == ErrorKind::NotFound => continue,
            lock => lock.map_err(ReleaseError::io("read", &path))?,
        };
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => continue,
            Err(TryLockError::Error(error)) => return Err(ReleaseError::io("lock", &path)(error)),
        }
        let folder = path.with_extension(FOLDER);
        repair(destination, &folder)?;
        remove_folder(&folder)?;
        fs::remove_file(&path).or_else(found).map_err(ReleaseError::io("remove", &path))?;
    }
    // Fails while others publish.
    let _ = fs::remove_dir(&root);
    Ok(())
}

/// Completes or takes back the swap that the staged folder's plan tells of.
fn repair(destination: &Path, folder: &Path) -> Result<(), ReleaseError> {
    // The plan is on disk before the first step: one that cannot be read was never begun.
    let plan =
        fs::read(folder.join(PLAN)).ok().and_then(|json| serde_json::from_slice::<SwapPlan>(&json).ok());
    let Some(SwapPlan { name, old: Some(old) }) = plan else { return Ok(()) };
    let (place, old, new) = (destination.join(name), destination.join(old), folder.join(NEW));
    let is_there = |path: &Path| fs::symlink_metadata(path).is_ok();
    match (is_there(&new), is_there(&old), is_there(&place)) {
        // Between the two renames: the new release is whole, or there would be no plan.
        (true, true, false) => {
            rename(&new, &place, destination)?;
            remove_folder(&old)
        }
        // The new one was moved and then taken away by someone else.
        (false, true, false) => rename(&old, &place, destination),
        // All but the removal was done.
        (false, true, true) => remove_folder(&old),
        // Nothing was done yet, or all of it. With all three, what is called old is not ours to remove.
        _ => Ok(()),
    }
}

fn rename(from: &Path, to: &Path, folder: &Path) -> Result<(), ReleaseError> {
    fs::rename(from, to).map_err(ReleaseError::io("rename", from))?;
    sync_folder(folder)
}

fn remove_folder(path: &Path) -> Result<(), ReleaseError> {
    fs::remove_dir_all(path).or_else(found).map_err(ReleaseError::io("remove", path))
}

/// What is gone needs no removal.
fn found(error: std::io::Error) -> std::io::Result<()> {
    if error.kind() == ErrorKind::NotFound { Ok(()) } else { Err(error) }
}

/// Brings a folder's renames to the disk, where the system can.
pub(crate) fn sync_folder(folder: &Path) -> Result<(), ReleaseError> {
    if cfg!(unix) {
        File::open(folder).and_then(|file| file.sync_all()).map_err(ReleaseError::io("write", folder))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder_with(path: &Path, content: &str) {
        fs::create_dir_all(path).unwrap();
        fs::write(path.join("01.flac"), content).unwrap();
    }

    fn content(path: &Path) -> Option<String> {
        fs::read_to_string(path.join("01.flac")).ok()
    }

    /// What lies in the folder, hidden things too.
    fn listing(path: &Path) -> Vec<String> {
        let mut names: Vec<_> =
            fs::read_dir(path).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Stages a new release and takes the first `steps` steps of its swap, then dies.
    fn die_after(destination: &Path, steps: usize) {
        let mut staging = Staging::open(destination).unwrap();
        folder_with(&staging.path(), "new");
        let plan = staging.plan(OsStr::new("Book"));
        for step in &STEPS[..steps] {
            staging.take(*step, &plan).unwrap();
        }
        staging.leave();
    }

    #[test]
    fn a_kill_after_any_step_leaves_the_old_release_or_the_new_one_and_nothing_else() {
        for steps in 0..=STEPS.len() {
            let dir = tempfile::tempdir().unwrap();
            folder_with(&dir.path().join("Book"), "old");
            die_after(dir.path(), steps);
            recover(dir.path()).unwrap();
            let expected = if steps < 2 { "old" } else { "new" };
            assert_eq!(content(&dir.path().join("Book")).as_deref(), Some(expected), "after {steps} steps");
            assert_eq!(listing(dir.path()), ["Book"], "after {steps} steps");
        }
    }

    #[test]
    fn a_kill_of_a_first_publication_leaves_nothing_or_the_new_release() {
        for steps in 0..=STEPS.len() {
            let dir = tempfile::tempdir().unwrap();
            die_after(dir.path(), steps);
            recover(dir.path()).unwrap();
            let expected = if steps < 3 { None } else { Some("new") };
            assert_eq!(content(&dir.path().join("Book")).as_deref(), expected, "after {steps} steps");
        }
    }

    #[test]
    fn a_removal_that_was_cut_short_is_completed() {
        let dir = tempfile::tempdir().unwrap();
        folder_with(&dir.path().join("Book"), "old");
        fs::write(dir.path().join("Book/02.flac"), "old").unwrap();
        die_after(dir.path(), 3);
        fs::remove_file(dir.path().join("Book.old/01.flac")).unwrap();
        recover(dir.path()).unwrap();
        assert_eq!(listing(dir.path()), ["Book"]);
    }

    #[test]
    fn a_torn_plan_means_that_nothing_was_begun() {
        let dir = tempfile::tempdir().unwrap();
        folder_with(&dir.path().join("Book"), "old");
        let mut staging = Staging::open(dir.path()).unwrap();
        folder_with(&staging.path(), "new");
        fs::write(staging.folder.join(PLAN), "{\"na").unwrap();
        staging.leave();
        drop(staging);
        recover(dir.path()).unwrap();
        assert_eq!(content(&dir.path().join("Book")).as_deref(), Some("old"));
        assert_eq!(listing(dir.path()), ["Book"]);
    }

    #[test]
    fn what_another_program_is_publishing_is_left_alone() {
        let dir = tempfile::tempdir().unwrap();
        let staging = Staging::open(dir.path()).unwrap();
        folder_with(&staging.path(), "new");
        recover(dir.path()).unwrap();
        assert_eq!(content(&staging.path()).as_deref(), Some("new"));
        staging.swap_folder(OsStr::new("Book")).unwrap();
        assert_eq!(listing(dir.path()), ["Book"]);
    }

    #[test]
    fn a_users_folder_that_is_called_old_survives() {
        let dir = tempfile::tempdir().unwrap();
        folder_with(&dir.path().join("Book"), "old");
        folder_with(&dir.path().join("Book.old"), "mine");
        for steps in 0..=STEPS.len() {
            die_after(dir.path(), steps);
            recover(dir.path()).unwrap();
            assert_eq!(content(&dir.path().join("Book.old")).as_deref(), Some("mine"), "after {steps} steps");
            assert_eq!(listing(dir.path()), ["Book", "Book.old"], "after {steps} steps");
        }
    }

    #[test]
    fn a_swap_that_fails_leaves_the_old_release() {
        let dir = tempfile::tempdir().unwrap();
        folder_with(&dir.path().join("Book"), "old");
        let staging = Staging::open(dir.path()).unwrap();
        // Nothing was staged, so that the second rename fails.
        assert!(staging.swap_folder(OsStr::new("Book")).is_err());
        assert_eq!(content(&dir.path().join("Book")).as_deref(), Some("old"));
        assert_eq!(listing(dir.path()), ["Book"]);
    }
}
