//! The lease of a shared library: a file with its owner and a beat. Watchers on several machines publish one after another by
//! it. It is held while a book is put into its place and not while it is made.
//!
//! Clocks of two machines are never compared: an owner is gone when its beat stood still for long on our own clock, which no
//! clock change moves. An owner that was only asleep finds its lease taken and asks again; and what decides in the end is the
//! rename, which overwrites nothing.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    time::Duration,
};

use serde::{Deserialize, Serialize};
use tokio::{task::JoinHandle, time::Instant};

use crate::{WatchError, WatcherId, watcher::blocking};

const LEASE: &str = ".rhapsode-lease";
/// How often an owner gives a sign of life.
const BEAT: Duration = Duration::from_secs(5);
/// After how long without one it is taken for gone.
const SILENCE: Duration = Duration::from_secs(30);
/// How often one that waits looks again.
const LOOK: Duration = Duration::from_millis(200);

/// What stands in the file.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Sign {
    watcher: WatcherId,
    owner: String,
    /// A number of always the same length: it is written over, so that nobody reads half a file.
    beat: String,
}

impl Sign {
    fn text(&self, beat: u64) -> String {
        let Self { watcher, owner, .. } = self.clone();
        let sign = Self { watcher, owner, beat: format!("{beat:020}") };
        serde_json::to_string(&sign).expect("texts have a form in JSON")
    }
}

/// What happens on the way to the lease.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Delay {
    /// Somebody else has it.
    Held,
    /// Its owner was gone, and it was taken over.
    TakenOver,
}

/// The lease, for as long as it lives.
#[derive(Debug)]
pub(crate) struct Lease {
    file: PathBuf,
    watcher: WatcherId,
    beats: JoinHandle<()>,
}

impl Lease {
    /// Takes the lease of a library, as soon as it is free or its owner is gone. `tell` hears of whom it waits for.
    ///
    /// # Errors
    /// If the library cannot be written.
    pub(crate) async fn take(
        library: &Path,
        watcher: &WatcherId,
        mut tell: impl FnMut(Delay, String),
    ) -> Result<Self, WatchError> {
        let file = library.join(LEASE);
        let owner = format!("process {} on {}", std::process::id(), gethostname::gethostname().display());
        let sign = Sign { watcher: watcher.clone(), owner, beat: String::new() };
        let mut seen: Option<(String, Instant)> = None;
        let mut told = None;
        loop {
            let (at, text) = (file.clone(), sign.text(0));
            let Some(found) = blocking(move || create_or_read(&at, &text)).await? else { break };
            let quiet = match &seen {
                Some((before, since)) if *before == found => Some(since.elapsed()),
                _ => {
                    seen = Some((found.clone(), Instant::now()));
                    None
                }
            };
            let silent = quiet.is_some_and(|quiet| quiet >= SILENCE);
            let holder = serde_json::from_str::<Sign>(&found).ok();
            // A state directory has one watcher at a time: this is what a kill left of an earlier run.
            let is_ours = holder.as_ref().is_some_and(|holder| holder.watcher == *watcher);
            let owner = holder.map_or_else(|| "another watcher".to_owned(), |holder| holder.owner);
            if silent || is_ours {
                let (at, aside) = (file.clone(), library.join(format!("{LEASE}-{}", watcher.short())));
                if blocking(move || put_aside(&at, &aside, &found)).await? && !is_ours {
                    tell(Delay::TakenOver, owner);
                }
                continue;
            }
            // One that was only just created may not say yet whose it is.
            if told.as_ref() != Some(&owner) && (quiet.is_some() || !found.is_empty()) {
                told = Some(owner.clone());
                tell(Delay::Held, owner);
            }
            tokio::time::sleep(LOOK).await;
        }
        let beats = tokio::spawn(beat(file.clone(), sign));
        Ok(Self { file, watcher: watcher.clone(), beats })
    }

    /// Makes sure that nobody took it over meanwhile.
    ///
    /// # Errors
    /// [`WatchError::Io`] if somebody did: it is to be asked for again.
    pub(crate) fn expect(&self) -> Result<(), WatchError> {
        if self.is_ours() {
            return Ok(());
        }
        let reason = "this machine gave no sign of life for so long that another watcher took it";
        Err(WatchError::io("keep the lease", &self.file)(io::Error::new(io::ErrorKind::TimedOut, reason)))
    }

    fn is_ours(&self) -> bool {
        read(&self.file).is_some_and(|sign| sign.watcher == self.watcher)
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        self.beats.abort();
        if self.is_ours() {
            // What cannot be removed is taken over by its next owner.
            let _ = fs::remove_file(&self.file);
        }
    }
}

fn read(file: &Path) -> Option<Sign> {
    serde_json::from_str(&fs::read_to_string(file).ok()?).ok()
}

/// Creates the lease, or gives what stands in it.
fn create_or_read(file: &Path, text: &str) -> Result<Option<String>, WatchError> {
    loop {
        match fs::File::create_new(file) {
            Ok(mut created) => {
                let written = created.write_all(text.as_bytes());
                return written.map(|()| None).map_err(WatchError::io("write", file));
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(WatchError::io("create", file)(error)),
        }
        match fs::read(file) {
            Ok(found) => return Ok(Some(String::from_utf8_lossy(&found).into_owned())),
            // It was given back in between.
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(WatchError::io("read", file)(error)),
        }
    }
}

/// Takes a lease away whose owner is gone. Gives whether it was this very one: somebody may have been quicker.
fn put_aside(file: &Path, aside: &Path, stale: &str) -> Result<bool, WatchError> {
    let text = |path: &Path| fs::read(path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
    if text(file).ok().as_deref() != Some(stale) {
        return Ok(false);
    }
    match fs::rename(file, aside) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        Err(error) => return Err(WatchError::io("take over", file)(error)),
    }
    let is_stale = text(aside).ok().as_deref() == Some(stale);
    if !is_stale {
        // A new owner's, created since it was read. Where a third one has its own by now, the second asks again.
        let _ = fs::hard_link(aside, file);
    }
    fs::remove_file(aside).map_err(WatchError::io("remove", aside))?;
    Ok(is_stale)
}

async fn beat(file: PathBuf, sign: Sign) {
    for beat in 1.. {
        tokio::time::sleep(BEAT).await;
        let (at, text, watcher) = (file.clone(), sign.text(beat), sign.watcher.clone());
        let renewing = blocking(move || {
            if read(&at).is_none_or(|sign| sign.watcher != watcher) {
                return Ok(false);
            }
            // Never created: where it is gone, it is another's to take.
            let renewed = fs::File::options().write(true).open(&at);
            renewed
                .and_then(|mut file| file.write_all(text.as_bytes()))
                .map_err(WatchError::io("renew", &at))?;
            Ok(true)
        });
        // A write that failed may succeed the next time; a lease that was lost stays lost.
        if matches!(renewing.await, Ok(false)) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watcher(name: &str) -> WatcherId {
        WatcherId::named(name)
    }

    async fn take(library: &Path, name: &str, told: &mut Vec<(Delay, String)>) -> Lease {
        Lease::take(library, &watcher(name), |delay, owner| told.push((delay, owner))).await.unwrap()
    }

    #[tokio::test(start_paused = true)]
    async fn one_watcher_has_it_at_a_time_and_a_beating_owner_keeps_it() {
        let library = tempfile::tempdir().unwrap();
        let mut told = Vec::new();
        let first = take(library.path(), "first", &mut told).await;
        assert!(told.is_empty());
        let began = Instant::now();
        let giving_back = async {
            tokio::time::sleep(SILENCE * 20).await;
            first.expect().unwrap();
            drop(first);
        };
        let (second, ()) = tokio::join!(take(library.path(), "second", &mut told), giving_back);
        assert!(began.elapsed() >= SILENCE * 20);
        assert!(matches!(told.as_slice(), [(Delay::Held, owner)] if owner.contains("process")), "{told:?}");
        drop(second);
        assert_eq!(fs::read_dir(library.path()).unwrap().count(), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn what_an_owner_left_that_gives_no_sign_of_life_is_taken_over_and_it_learns_so() {
        let library = tempfile::tempdir().unwrap();
        let mut told = Vec::new();
        let asleep = take(library.path(), "asleep", &mut told).await;
        asleep.beats.abort();
        let began = Instant::now();
        let awake = take(library.path(), "awake", &mut told).await;
        assert!((SILENCE..SILENCE * 2).contains(&began.elapsed()), "{:?}", began.elapsed());
        assert!(matches!(told.as_slice(), [(Delay::Held, _), (Delay::TakenOver, _)]), "{told:?}");
        assert!(asleep.expect().unwrap_err().may_pass());
        drop(asleep);
        awake.expect().unwrap();
    }

    #[tokio::test(start_paused = true)]
    async fn what_a_kill_left_of_the_same_watcher_is_taken_at_once_and_half_a_file_after_a_while() {
        let library = tempfile::tempdir().unwrap();
        let mut told = Vec::new();
        let killed = take(library.path(), "one", &mut told).await;
        killed.beats.abort();
        std::mem::forget(killed);
        let began = Instant::now();
        drop(take(library.path(), "one", &mut told).await);
        assert!(began.elapsed() < LOOK && told.is_empty());
        fs::write(library.path().join(LEASE), "{\"watch").unwrap();
        drop(take(library.path(), "one", &mut told).await);
        assert!(began.elapsed() >= SILENCE);
    }

    #[test]
    fn a_lease_that_became_anothers_is_put_back() {
        let library = tempfile::tempdir().unwrap();
        let (file, aside) = (library.path().join("lease"), library.path().join("aside"));
        fs::write(&file, "new").unwrap();
        assert!(!put_aside(&file, &aside, "stale").unwrap());
        assert_eq!(fs::read_to_string(&file).unwrap(), "new");
        assert!(put_aside(&file, &aside, "new").unwrap());
        assert!(!file.exists() && !aside.exists());
    }
}
