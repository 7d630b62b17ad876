//! What the library holds, by content: a small file a book. It is how watchers on several machines know each other's books,
//! so that the same manuscript in two inboxes becomes one audiobook.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::publish::SOURCE;
use crate::{
    BookHash, WatchError,
    durable::{create_folder, sync_folder},
};

const CATALOGUE: &str = ".rhapsode-books";

fn card(library: &Path, book: &BookHash) -> PathBuf {
    library.join(CATALOGUE).join(&book.0[..2]).join(&book.0[..32])
}

/// Where a book with this content is, from the library. One that was taken away since is nowhere.
///
/// # Errors
/// If the library cannot be read.
pub(crate) fn find(library: &Path, book: &BookHash) -> Result<Option<PathBuf>, WatchError> {
    let card = card(library, book);
    let place = match fs::read_to_string(&card) {
        Ok(place) => PathBuf::from(place.trim_end()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(WatchError::io("read", &card)(error)),
    };
    Ok(is_at(library, &place, book).then_some(place))
}

/// Whether the book in a folder of the library was made from this content.
pub(super) fn is_at(library: &Path, place: &Path, book: &BookHash) -> bool {
    fs::read_to_string(library.join(place).join(SOURCE)).is_ok_and(|source| source == book.0)
}

/// Enters a book that was published.
///
/// # Errors
/// If the library cannot be written.
pub(crate) fn enter(library: &Path, book: &BookHash, place: &Path) -> Result<(), WatchError> {
    let card = card(library, book);
    let folder = card.parent().expect("a card lies in a folder");
    create_folder(folder)?;
    let written = tempfile::Builder::new().prefix(".part-").tempfile_in(folder).and_then(|mut file| {
        use io::Write;
        file.write_all(place.as_os_str().as_encoded_bytes())?;
        file.as_file().sync_all()?;
        file.persist(&card).map_err(|error| error.error)
    });
    written.map_err(WatchError::io("write", &card))?;
    sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_is_found_by_its_content_until_it_is_taken_away() {
        let library = tempfile::tempdir().unwrap();
        let (library, place) = (library.path(), Path::new("Jane Austen/Emma"));
        let book = BookHash(blake3::hash(b"words").to_hex().to_string());
        assert_eq!(find(library, &book).unwrap(), None);
        fs::create_dir_all(library.join(place)).unwrap();
        fs::write(library.join(place).join(SOURCE), &book.0).unwrap();
        enter(library, &book, place).unwrap();
        assert_eq!(find(library, &book).unwrap(), Some(place.to_owned()));
        fs::remove_dir_all(library.join(place)).unwrap();
        assert_eq!(find(library, &book).unwrap(), None);
    }
}
