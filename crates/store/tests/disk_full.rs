//! A full disk, on a real file system of one mebibyte.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a panic in a test is its verdict, and a skipped test says so"
)]
#![cfg(target_os = "linux")]

use std::{fs, path::Path, process::Command};

use rhapsode_store::{JobDir, Pcm16, StoreError, TakeRecord, TakeStore, Verdict};
use serde_json::json;

/// A tmpfs that is unmounted at the end.
struct SmallDisk(tempfile::TempDir);

impl SmallDisk {
    /// `None`, with a notice, where this user may not mount.
    fn mount() -> Option<Self> {
        let dir = tempfile::tempdir().unwrap();
        let mount =
            Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(dir.path()).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(dir)),
            Ok(output) => {
                println!(
                    "skipped: a small disk cannot be mounted: {}",
                    String::from_utf8_lossy(&output.stderr)
                );
                None
            }
            Err(e) => {
                println!("skipped: mount cannot be run: {e}");
                None
            }
        }
    }

    fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let unmounted = Command::new("umount").arg(self.path()).status();
        assert!(unmounted.is_ok_and(|status| status.success()), "the small disk must be unmounted");
    }
}

fn put(store: &TakeStore, n: u8, samples: usize) -> Result<(), StoreError> {
    let record =
        TakeRecord { measurements: json!({}), verdict: Verdict::Accepted, seed: 0, identity: json!("test") };
    store.put(&[n; 32], Pcm16 { rate: 24_000, samples: &vec![1; samples] }, &record)
}

#[test]
fn a_full_disk_is_named_keeps_every_take_and_leaves_no_partial_file() {
    let Some(disk) = SmallDisk::mount() else { return };
    let store = TakeStore::open(disk.path()).unwrap();
    let (stored, error) = (0..)
        .find_map(|n| put(&store, n, 50_000).err().map(|error| (n, error)))
        .expect("a mebibyte has no room for endless takes");
    assert!(error.is_storage_full(), "{error}");
    assert!(stored >= 5, "takes of 100 kB each fit, {stored} did");
    assert_eq!(store.verify(&mut |_| ()).unwrap().whole, u64::from(stored));
    assert_eq!(fs::read_dir(disk.path().join("v1").join(hex::encode([stored]))).unwrap().count(), 0);
    store.sync().unwrap();

    fs::remove_dir_all(disk.path().join("v1").join("00")).unwrap();
    put(&store, stored, 50_000).expect("with room again the store goes on");
}

#[test]
fn a_full_disk_keeps_the_old_json() {
    let Some(disk) = SmallDisk::mount() else { return };
    let job = JobDir::open(disk.path(), "Moby-Dick", &[0; 32]).unwrap();
    job.write_json("plan.json", &json!({ "chunks": 1 })).unwrap();
    let error = job.write_json("plan.json", &json!({ "chunks": "x".repeat(2 << 20) })).unwrap_err();
    assert!(error.is_storage_full(), "{error}");
    assert_eq!(job.read_json("plan.json").unwrap(), Some(json!({ "chunks": 1 })));
}
