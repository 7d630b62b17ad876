//! Where a release goes. One rule for every format: a name that ends in a format's extension is that file,
//! anything else is a folder.

use std::path::{Path, PathBuf};

use rhapsode_release::{Format, Layout, Tags, audiobookshelf, safe_file_name};

use crate::{Arrangement, EngineError, FilesWanted};

/// Bytes that a release's name may have, so that suffixes such as `.old` still fit into 255.
const NAME_BYTES: usize = 200;

/// Where the user wants the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Beside the manuscript.
    BesideManuscript,
    /// At this path: a file if it ends in a format's extension, else a folder.
    At(PathBuf),
    /// In this library, in the folder where Audiobookshelf looks for the book.
    Library(PathBuf),
}

impl Output {
    /// The folder that job directories go to, and releases but for those of a library.
    #[must_use]
    pub fn folder(&self, manuscript: &Path) -> PathBuf {
        let parent = |path: &Path| match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        match self {
            Self::BesideManuscript => parent(manuscript),
            Self::At(path) if named_format(path).is_some() => parent(path),
            Self::At(path) | Self::Library(path) => path.clone(),
        }
    }

    /// The folder that the releases of a book go to.
    pub(crate) fn release_folder(&self, manuscript: &Path, tags: &Tags) -> PathBuf {
        match self {
            Self::Library(library) => library.join(audiobookshelf::place(tags, 1)),
            Self::BesideManuscript | Self::At(_) => self.folder(manuscript),
        }
    }

    /// The path in `folder` of the release in `format` of a book with this title, and how it lies there.
    ///
    /// # Errors
    /// If the output names a file that `format` cannot be, or the arrangement one that it does not have.
    pub fn place(
        &self,
        folder: &Path,
        title: &str,
        format: Format,
        arrangement: Arrangement,
    ) -> Result<(PathBuf, Layout), EngineError> {
        let Arrangement { files, split } = arrangement;
        if let Self::At(path) = self
            && let Some(named) = named_format(path)
        {
            let one_file = format.holds_books() && files != FilesWanted::Chapters && split.is_none();
            return match one_file && named == format {
                true => Ok((path.clone(), Layout::OneFile)),
                false => Err(EngineError::OutputIsNotThatFormat { path: path.clone(), format }),
            };
        }
        let wanted = match files {
            FilesWanted::Usual => format.layout(),
            FilesWanted::Book if !format.holds_books() => return Err(EngineError::NoBookInOneFile(format)),
            FilesWanted::Book => Layout::OneFile,
            FilesWanted::Chapters => Layout::FilePerChapter,
        };
        let layout = match (wanted, split) {
            (Layout::OneFile, Some(longest)) => Layout::Parts { longest },
            (layout, _) => layout,
        };
        let name = safe_file_name(title, NAME_BYTES);
        let name = match layout.is_folder() {
            false => format!("{name}.{}", format.extension(layout)),
            true => format!("{name} ({format})"),
        };
        Ok((folder.join(name), layout))
    }
}

/// The format whose name the path ends in.
fn named_format(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Format::all().find(|format| format.name() == extension)
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    /// Where `Moby-Dick` goes from `in/moby.epub`.
    fn placed(
        output: &Output,
        format: Format,
        arrangement: Arrangement,
    ) -> Result<(PathBuf, Layout), EngineError> {
        let folder = output.folder(Path::new("in/moby.epub"));
        output.place(&folder, "Moby-Dick", format, arrangement)
    }

    fn wanting(files: FilesWanted) -> Arrangement {
        Arrangement { files, split: None }
    }

    #[test]
    fn without_an_output_the_release_stands_beside_the_manuscript_under_its_title() {
        let place = |format| placed(&Output::BesideManuscript, format, Arrangement::default()).unwrap();
        assert_eq!(place(Format::M4b), ("in/Moby-Dick.m4b".into(), Layout::OneFile));
        assert_eq!(place(Format::Opus), ("in/Moby-Dick.opus".into(), Layout::OneFile));
        assert_eq!(place(Format::Mp3), ("in/Moby-Dick (mp3)".into(), Layout::FilePerChapter));
    }

    #[test]
    fn an_output_with_a_formats_extension_is_that_file_even_where_chapters_are_usual() {
        let output = Output::At("out/whale.mp3".into());
        let place = placed(&output, Format::Mp3, Arrangement::default()).unwrap();
        assert_eq!(place, ("out/whale.mp3".into(), Layout::OneFile));
        assert_eq!(output.folder(Path::new("a.md")), Path::new("out"));
    }

    #[test]
    fn an_output_without_a_formats_extension_is_a_folder() {
        let (path, _) = placed(&Output::At("shelf.d".into()), Format::M4b, Arrangement::default()).unwrap();
        assert_eq!(path.parent(), Some(Path::new("shelf.d")));
    }

    #[test]
    fn a_file_name_for_a_release_of_many_files_is_refused() {
        for (output, format, arrangement) in [
            ("out/whale.flac", Format::Flac, Arrangement::default()),
            ("out/whale.m4b", Format::Mp3, Arrangement::default()),
            ("out/whale.mp3", Format::Mp3, wanting(FilesWanted::Chapters)),
            (
                "out/whale.m4b",
                Format::M4b,
                Arrangement { split: Some(Duration::from_secs(1)), ..wanting(FilesWanted::Usual) },
            ),
        ] {
            let refused = placed(&Output::At(output.into()), format, arrangement);
            assert!(
                matches!(refused, Err(EngineError::OutputIsNotThatFormat { .. })),
                "{output}: {refused:?}"
            );
        }
    }

    #[test]
    fn what_is_wanted_counts_for_more_than_what_is_usual() {
        let place = |format, files| {
            placed(&Output::BesideManuscript, format, wanting(files)).map(|(_, layout)| layout)
        };
        assert_eq!(place(Format::Mp3, FilesWanted::Book).unwrap(), Layout::OneFile);
        assert_eq!(place(Format::M4b, FilesWanted::Chapters).unwrap(), Layout::FilePerChapter);
        assert!(matches!(
            place(Format::Flac, FilesWanted::Book),
            Err(EngineError::NoBookInOneFile(Format::Flac))
        ));
    }

    #[test]
    fn a_book_is_split_only_where_it_would_be_one_file() {
        let longest = Duration::from_secs(3_600);
        let arrangement = Arrangement { files: FilesWanted::Usual, split: Some(longest) };
        let layout = |format| placed(&Output::BesideManuscript, format, arrangement).unwrap().1;
        assert_eq!(layout(Format::M4b), Layout::Parts { longest });
        assert_eq!(layout(Format::Mp3), Layout::FilePerChapter);
    }
}
