//! Checking every take: what `rhapsode store verify` runs.

use std::path::PathBuf;

use crate::{Lookup, StoreError, TakeStore};

/// How far a verification is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VerifyProgress {
    /// Takes checked.
    pub checked: u64,
    /// Takes in all.
    pub takes: u64,
}

/// What a verification found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct VerifyReport {
    /// Takes that are whole.
    pub whole: u64,
    /// Takes that were not, all moved aside.
    pub corrupt: Vec<CorruptTake>,
}

/// A take that was not whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CorruptTake {
    /// Its key.
    pub key: [u8; 32],
    /// Where its file is now.
    pub quarantined: PathBuf,
    /// What is wrong with it.
    pub reason: String,
}

impl TakeStore {
    /// Reads every take and checks it against its hash; corrupt ones are moved aside, and the next job that
    /// needs them makes them again.
    pub fn verify(&self, progress: &mut dyn FnMut(VerifyProgress)) -> Result<VerifyReport, StoreError> {
        let files = self.files()?;
        let takes = files.len() as u64;
        let mut report = VerifyReport::default();
        for (file, checked) in files.iter().zip(1..) {
            match self.lookup(&file.key)? {
                Lookup::Hit(_) => report.whole += 1,
                // Another process removed it meanwhile.
                Lookup::Miss => {}
                Lookup::Corrupt { quarantined, reason } => {
                    report.corrupt.push(CorruptTake { key: file.key, quarantined, reason });
                }
            }
            progress(VerifyProgress { checked, takes });
        }
        Ok(report)
    }
}
