//! Paths are claimed in the job directory before anything is put there, so that a later run knows its own work from a
//! stranger's file.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
};

use rhapsode_store::JobDir;
use serde::{Deserialize, Serialize};

use crate::{EngineError, Overwrite};

/// The file that names the paths a job writes its releases to.
const CLAIMS: &str = "claims.json";

/// What a job says of its releases. An edited manuscript has another hash and so another job, which may replace
/// what the jobs of its earlier states have made; another manuscript of the same title may not.
#[derive(Debug, Default, Serialize, Deserialize)]
struct Claims {
    manuscript: PathBuf,
    paths: BTreeSet<PathBuf>,
}

/// Claims paths for a job.
///
/// # Errors
/// [`EngineError::Occupied`] if something stands there that no run of this job has claimed.
pub(super) fn claim<'a>(
    job: &JobDir,
    manuscript: &Path,
    overwrite: Overwrite,
    paths: impl Iterator<Item = &'a PathBuf>,
) -> Result<(), EngineError> {
    // JSON knows names in UTF-8 alone. That of a job's own manuscript is known again with its bytes replaced, too.
    let manuscript = PathBuf::from(absolute(manuscript).to_string_lossy().into_owned());
    let earlier: BTreeSet<PathBuf> = job
        .read_all::<Claims>(CLAIMS)?
        .into_iter()
        .filter(|claims| claims.manuscript == manuscript)
        .flat_map(|claims| claims.paths)
        .collect();
    let mut claims = Claims { manuscript, ..job.read_or_discard(CLAIMS)?.unwrap_or_default() };
    for path in paths.map(|path| absolute(path)) {
        let ours = claims.paths.contains(&path) || earlier.contains(&path);
        let is_taken = overwrite == Overwrite::OwnOnly && !ours && path.exists();
        // Nothing replaces the manuscript, whatever the user says.
        if is_taken || path == claims.manuscript {
            return Err(EngineError::Occupied(path));
        }
        claims.paths.insert(path);
    }
    job.write_json(CLAIMS, &claims)?;
    Ok(())
}

/// The path from the root; as it is where the system cannot tell.
pub(super) fn absolute(path: &Path) -> PathBuf {
    std::path::absolute(path).unwrap_or_else(|_| path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_strangers_file_is_never_replaced_and_the_states_of_one_manuscript_replace_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let release = folder.path().join("a.wav");
        let job = |state| JobDir::open(folder.path(), "a", &[state; 32]).unwrap();
        let (mine, other) = (Path::new("mine.md"), Path::new("other.md"));
        std::fs::write(&release, "a stranger's").unwrap();
        let claim = |job: &JobDir, manuscript: &Path| {
            claim(job, manuscript, Overwrite::OwnOnly, std::iter::once(&release))
        };
        assert!(matches!(claim(&job(1), mine), Err(EngineError::Occupied(path)) if path == release));
        std::fs::remove_file(&release).unwrap();
        claim(&job(1), mine).unwrap();
        std::fs::write(&release, "a release").unwrap();
        claim(&job(1), mine).unwrap();
        claim(&job(2), mine).unwrap();
        assert!(matches!(claim(&job(3), other), Err(EngineError::Occupied(_))));
    }
}
