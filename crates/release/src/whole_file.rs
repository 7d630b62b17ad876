//! Files beside a release: a reader sees the old one or the new one, never a part.

use std::{fs::File, io::BufWriter, path::Path};

use crate::ReleaseError;

/// What files are called until they are whole.
const PREFIX: &str = ".rhapsode-";

/// Writes a file beside its place, brings it to the disk and renames it.
///
/// # Errors
/// What `content` fails with; [`ReleaseError::Io`] if the file cannot be made or moved. Then nothing of it stays.
pub fn write<E: From<ReleaseError>>(
    path: &Path,
    content: impl FnOnce(&mut BufWriter<&File>) -> Result<(), E>,
) -> Result<(), E> {
    let io = || ReleaseError::io("write", path);
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty());
    let mut builder = tempfile::Builder::new();
    builder.prefix(PREFIX);
    // Temporary files are private by default, but these become ordinary files; the umask still applies.
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o666));
    let staged = builder.tempfile_in(folder.unwrap_or(Path::new("."))).map_err(io())?;
    let mut file = BufWriter::new(staged.as_file());
    content(&mut file)?;
    file.into_inner().map_err(|error| io()(error.into_error()))?.sync_all().map_err(io())?;
    staged.persist(path).map_err(|error| io()(error.error))?;
    Ok(())
}
