//! The checks of the machine that the job runs on. What a job needs of it is handed in as values, by whoever knows the
//! plan and the encoders.

mod clock;
mod disk;
mod encoder;
mod job_lock;
mod open_files;
mod writable;

use std::path::{Path, PathBuf};

pub use clock::Clock;
pub(crate) use clock::{Moment, jump};
pub use disk::{DiskNeed, DiskSpace};
pub use encoder::Encoder;
pub use job_lock::JobLock;
pub use open_files::OpenFiles;
pub use writable::Writable;

use crate::{CheckId, Checking, Outcome};

/// Runs what blocks on a thread for such work: a network file system may take its time.
fn blocking<'a>(check: impl FnOnce() -> Vec<Outcome> + Send + 'static) -> Checking<'a> {
    Box::pin(async move {
        match tokio::task::spawn_blocking(check).await {
            Ok(outcomes) => outcomes,
            Err(error) => match error.try_into_panic() {
                // The gate reports it as it does every check that breaks down.
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Vec::new(),
            },
        }
    })
}

/// The path, or the nearest folder above it that is there.
fn nearest(path: &Path) -> Option<PathBuf> {
    path.ancestors().find(|path| path.exists()).map(Path::to_owned)
}

/// A check of this machine that has one subject.
fn about(id: CheckId, subject: impl Into<String>) -> crate::About {
    crate::About { id, subject: subject.into(), backend: None }
}
