//! Requirements files: `requirements.txt`, `requirements.lock.txt`, `requirements.in` and what they include.

mod entry;
mod line;

use std::path::{Path, PathBuf};

use entry::Said;
use line::{Line, Lines};

use super::{
    file::{self, malformed},
    freshness,
};
use crate::{
    DepsError,
    model::{Lock, LockEntry, LockFile, LockOption},
};

/// Files that include each other.
const MAX_DEPTH: usize = 16;
/// Files that one file includes in all.
const MAX_FILES: usize = 256;

/// Reads a requirements file and those that it includes.
pub(super) fn open(path: &Path) -> Result<Lock, DepsError> {
    let mut lock = Lock::new(kind(path), path);
    let mut files = Files { open: Vec::new(), seen: Vec::new() };
    let header = files.read(&mut lock, path, Role::Requirements)?;
    lock.newer_inputs = freshness::newer_inputs(path, freshness::inputs_of_header(path, &header));
    Ok(lock)
}

/// Reads the text of a requirements file; what it includes stays an option.
pub(super) fn read(input: &str, bytes: &[u8]) -> Result<Lock, DepsError> {
    let path = Path::new(input);
    let mut lock = Lock::new(kind(path), path);
    for line in line::lines(file::text(input, bytes)?).lines {
        let said = entry::read(&line).map_err(|reason| malformed(input, Some(line.number), reason))?;
        keep(&mut lock, said, Role::Requirements, None);
    }
    Ok(lock)
}

fn kind(path: &Path) -> LockFile {
    match path.extension().is_some_and(|extension| extension == "in") {
        true => LockFile::Input,
        false => LockFile::Requirements,
    }
}

/// What an included file is for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Requirements,
    Constraints,
}

/// The files of one lock.
struct Files {
    /// Those that are being read, outermost first.
    open: Vec<PathBuf>,
    /// All that were read.
    seen: Vec<PathBuf>,
}

impl Files {
    /// Reads a file into the lock; gives the comments at its head.
    fn read(&mut self, lock: &mut Lock, path: &Path, role: Role) -> Result<Vec<String>, DepsError> {
        let input = path.display().to_string();
        let bytes = file::bytes(path)?;
        let Lines { header, lines } = line::lines(file::text(&input, &bytes)?);
        let canonical = path.canonicalize().unwrap_or_else(|_| path.to_owned());
        self.open.push(canonical.clone());
        self.seen.push(canonical);
        let included = (self.open.len() > 1).then_some(path);
        for line in lines {
            let said = entry::read(&line).map_err(|reason| malformed(&input, Some(line.number), reason))?;
            match said {
                Said::Options(options) => {
                    for option in options {
                        self.option(lock, path, &line, option, role)?;
                    }
                }
                said => keep(lock, said, role, included),
            }
        }
        self.open.pop();
        Ok(header)
    }

    fn option(
        &mut self,
        lock: &mut Lock,
        path: &Path,
        line: &Line,
        option: LockOption,
        role: Role,
    ) -> Result<(), DepsError> {
        let role = match option.name.as_str() {
            "--requirement" => role,
            "--constraint" => Role::Constraints,
            _ => {
                let included = (self.open.len() > 1).then_some(path);
                keep(lock, Said::Options(vec![option]), role, included);
                return Ok(());
            }
        };
        // What lies on another machine is not fetched.
        if option.value.contains("://") {
            keep(lock, Said::Options(vec![option]), role, None);
            return Ok(());
        }
        let fail = |reason: String| Err(malformed(&path.display().to_string(), Some(line.number), reason));
        let target = path.parent().unwrap_or(Path::new("")).join(&option.value);
        let canonical = match target.canonicalize() {
            Ok(canonical) => canonical,
            Err(error) => return fail(format!("{} cannot be read: {error}", option.value)),
        };
        if self.open.contains(&canonical) {
            return fail(format!("{} includes itself", option.value));
        }
        if self.open.len() >= MAX_DEPTH || self.seen.len() >= MAX_FILES {
            return fail(format!(
                "over {MAX_DEPTH} files include each other, or over {MAX_FILES} are included"
            ));
        }
        // Twice the same lines say no more than once.
        if !self.seen.contains(&canonical) {
            self.read(lock, &target, role)?;
        }
        Ok(())
    }
}

/// Puts what a line says into the lock.
fn keep(lock: &mut Lock, said: Said, role: Role, included: Option<&Path>) {
    let file = included.map(Path::to_owned);
    let place = |option: LockOption| LockOption { file: file.clone(), ..option };
    match said {
        Said::Entry(entry, options) => {
            let entry = LockEntry { file: file.clone(), ..*entry };
            match role {
                Role::Requirements => lock.entries.push(entry),
                Role::Constraints => lock.constraints.push(entry),
            }
            lock.options.extend(options.into_iter().map(place));
        }
        Said::Unnamed(mut unnamed) => {
            unnamed.file = file;
            lock.unnamed.push(unnamed);
        }
        Said::Options(options) => lock.options.extend(options.into_iter().map(place)),
    }
}
