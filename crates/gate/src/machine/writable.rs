//! Whether a folder can be written to, by writing to it: permissions, read-only mounts, quotas and full disks all look
//! the same to a job.

use std::{
    io::{self, Write},
    path::{Path, PathBuf},
};

use super::{about, blocking, nearest};
use crate::{About, Check, CheckId, Checking, Conditions, Outcome};

/// What is written to see whether it can be.
const TRIAL: [u8; 4_096] = [b'r'; 4_096];

/// Whether a folder can be written to; one that is not there, whether it can be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Writable {
    /// The folder.
    pub path: PathBuf,
    /// What it is for, such as `store`.
    pub what: String,
}

impl Check for Writable {
    fn about(&self) -> About {
        about(CheckId::Writable, &self.what)
    }

    fn run<'a>(&'a self, _: &'a Conditions) -> Checking<'a> {
        let check = self.clone();
        blocking(move || vec![check.judge()])
    }
}

impl Writable {
    fn judge(&self) -> Outcome {
        let path = self.path.display();
        let fail = |seen: String| {
            let remedy = "give rhapsode the right to write there, or name another folder";
            Outcome::fail(CheckId::Writable, &self.what, seen)
                .but(format!("{path} can be written to"), remedy)
        };
        let Some(folder) = nearest(&self.path) else {
            return fail(format!("neither {path} nor any folder above it is there"));
        };
        if !folder.is_dir() {
            return fail(format!("{} is no folder", folder.display()));
        }
        let made = if folder == self.path { write_file(&folder) } else { write_folder(&folder) };
        match made {
            Ok(()) if folder == self.path => {
                Outcome::pass(CheckId::Writable, &self.what, format!("{path} can be written to"))
            }
            Ok(()) => Outcome::pass(CheckId::Writable, &self.what, format!("{path} can be made")),
            Err(error) => fail(format!("{} cannot be written to: {error}", folder.display())),
        }
    }
}

fn write_file(folder: &Path) -> io::Result<()> {
    let mut file = tempfile::Builder::new().prefix(".rhapsode-gate-").tempfile_in(folder)?;
    file.write_all(&TRIAL)?;
    file.as_file().sync_data()?;
    file.close()
}

fn write_folder(above: &Path) -> io::Result<()> {
    let folder = tempfile::Builder::new().prefix(".rhapsode-gate-").tempdir_in(above)?;
    write_file(folder.path())?;
    folder.close()
}
