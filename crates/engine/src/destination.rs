//! Where a release goes. One rule for every format: a name that ends in a format's extension is that file,
//! anything else is a folder.

use std::path::{Path, PathBuf};

use rhapsode_release::{Format, Layout, safe_file_name};

use crate::EngineError;

/// Bytes that a release's name may have, so that suffixes such as `.old` still fit into 255.
const NAME_BYTES: usize = 200;

/// Where the user wants the release.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Beside the manuscript.
    BesideManuscript,
    /// At this path: a file if it ends in a format's extension, else a folder.
    At(PathBuf),
}

impl Output {
    /// The folder that releases, staging and job directories go to.
    #[must_use]
    pub fn folder(&self, manuscript: &Path) -> PathBuf {
        let parent = |path: &Path| match path.parent() {
            Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
            _ => PathBuf::from("."),
        };
        match self {
            Self::BesideManuscript => parent(manuscript),
            Self::At(path) if named_format(path).is_some() => parent(path),
            Self::At(path) => path.clone(),
        }
    }

    /// The path of the release in `format` of a book with this title.
    ///
    /// # Errors
    /// If the output names a file that `format` cannot be.
    pub fn path(&self, manuscript: &Path, title: &str, format: Format) -> Result<PathBuf, EngineError> {
        let name = safe_file_name(title, NAME_BYTES);
        match self {
            Self::At(path) if named_format(path).is_some() => match format.layout() {
                Layout::OneFile if named_format(path) == Some(format) => Ok(path.clone()),
                Layout::OneFile | Layout::FilePerChapter => {
                    Err(EngineError::OutputIsNotThatFormat { path: path.clone(), format })
                }
            },
            Self::At(_) | Self::BesideManuscript => Ok(self.folder(manuscript).join(match format.layout() {
                Layout::OneFile => format!("{name}.{}", format.extension()),
                Layout::FilePerChapter => format!("{name} ({format})"),
            })),
        }
    }
}

/// The format whose extension the path has.
fn named_format(path: &Path) -> Option<Format> {
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Format::all().find(|format| format.extension() == extension)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn without_an_output_the_release_stands_beside_the_manuscript_under_its_title() {
        let path =
            Output::BesideManuscript.path(Path::new("in/moby.epub"), "Moby-Dick", Format::M4b).unwrap();
        assert_eq!(path, Path::new("in/Moby-Dick.m4b"));
    }

    #[test]
    fn an_output_with_a_formats_extension_is_that_file() {
        let output = Output::At("out/whale.m4b".into());
        assert_eq!(output.path(Path::new("a.md"), "T", Format::M4b).unwrap(), Path::new("out/whale.m4b"));
        assert_eq!(output.folder(Path::new("a.md")), Path::new("out"));
    }

    #[test]
    fn an_output_without_a_formats_extension_is_a_folder() {
        let output = Output::At("shelf.d".into());
        assert_eq!(
            output.path(Path::new("a.md"), "A: b", Format::M4b).unwrap().parent(),
            Some(Path::new("shelf.d"))
        );
    }

    #[test]
    fn a_file_name_for_a_format_of_many_files_is_refused() {
        let output = Output::At("out/whale.flac".into());
        assert!(matches!(
            output.path(Path::new("a.md"), "T", Format::Flac),
            Err(EngineError::OutputIsNotThatFormat { .. })
        ));
    }
}
