//! Room for what the job will write. Paths on one file system share its room, so their needs are added up.

use std::path::{Path, PathBuf};

use super::{about, blocking, nearest};
use crate::{About, Check, CheckId, Checking, Conditions, Outcome};

/// What is written somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DiskNeed {
    /// Where: a file or folder that need not be there yet.
    pub path: PathBuf,
    /// How many bytes.
    pub bytes: u64,
    /// What it is, such as `takes`.
    pub what: String,
}

/// Whether there is room for the job.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DiskSpace {
    /// All that the job writes.
    pub needs: Vec<DiskNeed>,
}

/// The needs on one file system.
#[derive(Debug)]
struct Shared {
    file_system: FileSystem,
    /// A folder on it that is there.
    folder: PathBuf,
    needs: Vec<DiskNeed>,
}

#[cfg(unix)]
type FileSystem = u64;
#[cfg(not(unix))]
type FileSystem = Option<std::ffi::OsString>;

impl Check for DiskSpace {
    fn about(&self) -> About {
        let what: Vec<&str> = self.needs.iter().map(|need| need.what.as_str()).collect();
        about(CheckId::Disk, what.join(", "))
    }

    fn run<'a>(&'a self, _: &'a Conditions) -> Checking<'a> {
        let needs = self.needs.clone();
        blocking(move || check(needs))
    }
}

fn check(needs: Vec<DiskNeed>) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    let mut shared: Vec<Shared> = Vec::new();
    for need in needs {
        let folder = nearest(&need.path);
        let found = folder.and_then(|folder| Some((file_system(&folder)?, folder)));
        let Some((file_system, folder)) = found else {
            let path = need.path.display();
            let seen = format!("neither {path} nor any folder above it can be looked at");
            outcomes.push(Outcome::fail(CheckId::Disk, &need.what, seen).but(
                "a folder on a file system with room",
                "see that the path is right and its disk is there",
            ));
            continue;
        };
        match shared.iter_mut().find(|shared| shared.file_system == file_system) {
            Some(same) => same.needs.push(need),
            None => shared.push(Shared { file_system, folder, needs: vec![need] }),
        }
    }
    outcomes.extend(shared.iter().map(Shared::judge));
    outcomes
}

impl Shared {
    fn judge(&self) -> Outcome {
        let what: Vec<&str> = self.needs.iter().map(|need| need.what.as_str()).collect();
        let what = what.join(", ");
        let needed = self.needs.iter().fold(0_u64, |sum, need| sum.saturating_add(need.bytes));
        let paths: Vec<String> = self.needs.iter().map(|need| need.path.display().to_string()).collect();
        let paths = paths.join(", ");
        let room = match fs4::statvfs(&self.folder) {
            Ok(room) => room,
            Err(error) => {
                let seen = format!("the room at {} cannot be told: {error}", self.folder.display());
                return Outcome::warn(CheckId::Disk, what, seen)
                    .but(format!("{} free", bytes(needed)), "see for yourself that there is enough");
            }
        };
        // Some file systems on a network or in user space do not say how large they are.
        if room.total_space() == 0 {
            return Outcome::pass(CheckId::Disk, what, "the file system does not say how much room it has");
        }
        let free = room.available_space();
        let seen = format!("{} free at {paths}", bytes(free));
        let expected = format!("{} for {what}", bytes(needed));
        let remedy = "make room there, or have another disk written to (--store, --work, --output)";
        if free < needed {
            Outcome::fail(CheckId::Disk, what, seen).but(expected, remedy)
        } else if free - needed < needed / 10 {
            let expected = format!("{expected}, and a tenth more because that is an estimate");
            Outcome::warn(CheckId::Disk, what, seen).but(expected, remedy)
        } else {
            Outcome::pass(CheckId::Disk, what, format!("{seen}, {} needed", bytes(needed)))
        }
    }
}

#[cfg(unix)]
fn file_system(path: &Path) -> Option<FileSystem> {
    use std::os::unix::fs::MetadataExt;
    path.metadata().ok().map(|metadata| metadata.dev())
}

#[cfg(not(unix))]
fn file_system(path: &Path) -> Option<FileSystem> {
    use std::path::Component;
    let prefix = path.canonicalize().ok()?.components().next().map(Component::as_os_str)?.to_owned();
    Some(Some(prefix))
}

/// Bytes for people: `1.5 GiB`.
fn bytes(bytes: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut amount = bytes as f64;
    let mut unit = 0;
    while amount >= 1024.0 && unit + 1 < UNITS.len() {
        amount /= 1024.0;
        unit += 1;
    }
    if unit == 0 { format!("{bytes} bytes") } else { format!("{amount:.1} {}", UNITS[unit]) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_told_in_the_largest_unit_that_they_fill() {
        assert_eq!(bytes(0), "0 bytes");
        assert_eq!(bytes(1_023), "1023 bytes");
        assert_eq!(bytes(1_536), "1.5 KiB");
        assert_eq!(bytes(3 << 30), "3.0 GiB");
        assert_eq!(bytes(u64::MAX), "16777216.0 TiB");
    }
}
