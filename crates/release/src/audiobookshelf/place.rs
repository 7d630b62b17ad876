//! Where a book stands: `Author/Series/Vol 2 - Title`, as Audiobookshelf documents it.

use std::path::{Path, PathBuf};

use crate::{Tags, safe_file_name};

/// Bytes of a folder's name: 255 are allowed, and a number may follow.
const NAME_BYTES: usize = 200;

/// Who wrote it, where nobody says.
const NOBODY: &str = "Unknown Author";

/// The folder of a release of several files within the book's folder. In one of another name they would be a book of
/// their own, of a series that is called as the book is.
pub const DISC: &str = "Disc 1";

/// The folder of a book, from the library; the `copy`-th of its name, beginning with 1.
#[must_use]
pub fn place(book: &Tags, copy: u32) -> PathBuf {
    let authors = book.author().unwrap_or_else(|| NOBODY.to_owned());
    let mut place = Path::new(&safe_file_name(&authors, NAME_BYTES)).to_owned();
    let mut title = book.title.clone();
    if let Some(series) = &book.series {
        place.push(safe_file_name(series, NAME_BYTES));
        if let Some(part) = book.series_part.as_deref().map(str::trim).filter(|part| !part.is_empty()) {
            title = format!("Vol {part} - {title}");
        }
    }
    let mut name = safe_file_name(&title, NAME_BYTES);
    if copy > 1 {
        name.push_str(&format!(" ({copy})"));
    }
    place.join(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn book(title: &str, authors: &[&str], series: Option<(&str, Option<&str>)>) -> Tags {
        Tags {
            title: title.to_owned(),
            authors: authors.iter().map(|&author| author.to_owned()).collect(),
            series: series.map(|(name, _)| name.to_owned()),
            series_part: series.and_then(|(_, part)| part.map(str::to_owned)),
            ..Tags::default()
        }
    }

    #[test]
    fn a_book_stands_with_its_author_and_its_series() {
        let path = |book: Tags| place(&book, 1).display().to_string().replace('\\', "/");
        assert_eq!(path(book("Emma", &["Jane Austen"], None)), "Jane Austen/Emma");
        assert_eq!(
            path(book("Emma", &["Jane Austen", "A. Other"], Some(("Novels", Some("4"))))),
            "Jane Austen, A. Other/Novels/Vol 4 - Emma"
        );
        assert_eq!(path(book("Emma", &[], Some(("Novels", None)))), "Unknown Author/Novels/Emma");
    }

    #[test]
    fn no_name_leads_out_of_its_folder_or_is_refused_by_a_file_system() {
        let path = place(&book("../../etc/passwd", &["AC/DC", "CON."], Some(("a:b", Some("1/2")))), 1);
        assert_eq!(path.components().count(), 3, "{path:?}");
        assert!(path.components().all(|part| matches!(part, std::path::Component::Normal(_))), "{path:?}");
        assert!(!path.to_string_lossy().contains(':'));
    }

    #[test]
    fn a_long_title_with_a_number_fits_into_255_bytes() {
        let path = place(&book(&"é".repeat(4_000), &["x"], None), 4_000_000_000);
        let name = path.file_name().unwrap().to_str().unwrap();
        assert!(name.len() <= 255 && name.ends_with(" (4000000000)"), "{}", name.len());
    }
}
