//! The book's metadata as a release's tags, and the user's words over the manuscript's.

use rhapsode_book::{Book, Cover, CoverType, Metadata};
use rhapsode_release::{CoverArt, CoverKind, Tags};

/// The manuscript's metadata with everything replaced that the user set.
#[must_use]
pub(crate) fn overridden(found: &Metadata, user: &Metadata) -> Metadata {
    fn list<T: Clone>(user: &[T], found: &[T]) -> Vec<T> {
        if user.is_empty() { found.to_vec() } else { user.to_vec() }
    }
    Metadata {
        title: if user.title.is_empty() { found.title.clone() } else { user.title.clone() },
        subtitle: user.subtitle.clone().or_else(|| found.subtitle.clone()),
        authors: list(&user.authors, &found.authors),
        narrators: list(&user.narrators, &found.narrators),
        series: user.series.clone().or_else(|| found.series.clone()),
        language: user.language.clone().or_else(|| found.language.clone()),
        year: user.year.or(found.year),
        publisher: user.publisher.clone().or_else(|| found.publisher.clone()),
        description: user.description.clone().or_else(|| found.description.clone()),
        identifiers: list(&user.identifiers, &found.identifiers),
        subjects: list(&user.subjects, &found.subjects),
        rights: user.rights.clone().or_else(|| found.rights.clone()),
    }
}

/// Tags of a release. A book that names no narrator gets the voice's name, marked as synthetic.
#[must_use]
pub(crate) fn tags(metadata: &Metadata, voice: &str) -> Tags {
    let narrators = match metadata.narrators.as_slice() {
        [] => vec![format!("{voice} (synthetic)")],
        named => named.to_vec(),
    };
    let identifier = |scheme: &str| {
        metadata.identifiers.iter().find(|i| i.scheme.eq_ignore_ascii_case(scheme)).map(|i| i.value.clone())
    };
    Tags {
        title: metadata.title.clone(),
        subtitle: metadata.subtitle.clone(),
        authors: metadata.authors.clone(),
        narrators,
        series: metadata.series.as_ref().map(|s| s.name.clone()),
        series_part: metadata.series.as_ref().and_then(|s| s.position.clone()),
        year: metadata.year,
        publisher: metadata.publisher.clone(),
        description: metadata.description.clone(),
        language: metadata.language.clone(),
        genres: metadata.subjects.clone(),
        copyright: metadata.rights.clone(),
        isbn: identifier("ISBN"),
        asin: identifier("ASIN"),
    }
}

/// The book's cover in the release's shape.
#[must_use]
pub(crate) fn cover(book: &Book) -> Option<CoverArt> {
    let Cover { kind, bytes } = book.cover.as_ref()?;
    let kind = match kind {
        CoverType::Jpeg => CoverKind::Jpeg,
        CoverType::Png => CoverKind::Png,
    };
    Some(CoverArt { kind, bytes: bytes.clone() })
}
