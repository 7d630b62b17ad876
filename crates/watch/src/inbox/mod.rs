//! What lies in the inbox: which files are books, what travels with each, and what is passed over.

mod companions;
mod ignored;
mod settle;
mod stamp;

use std::{
    collections::BTreeMap,
    fs, io,
    path::{Path, PathBuf},
};

use rhapsode_book::Format;
use serde::{Deserialize, Serialize};

use ignored::Name;
pub(crate) use settle::Settling;
pub(crate) use stamp::Stamp;

use crate::{WatchError, paths};

/// A book in the inbox. Paths are relative to the inbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Arrival {
    pub(crate) manuscript: PathBuf,
    pub(crate) baggage: Baggage,
    /// Every file that must be complete, and how it looked.
    pub(crate) files: BTreeMap<PathBuf, Stamp>,
}

/// How a manuscript lay in the inbox, which is how it is put away. Paths are relative to the inbox.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Baggage {
    /// In a folder whose only manuscript it was, with all that was in there when it was taken.
    Folder(#[serde(with = "paths::one")] PathBuf),
    /// The manuscript itself and the files of its name.
    Files(#[serde(with = "paths::many")] Vec<PathBuf>),
}

/// What the inbox holds. Paths are relative to it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Scan {
    /// Its books, in the order of their paths.
    pub(crate) arrivals: Vec<Arrival>,
    /// Manuscripts whose folder is still being filled, each with the file that says so.
    pub(crate) held: BTreeMap<PathBuf, PathBuf>,
}

/// Looks through the inbox.
///
/// # Errors
/// If the inbox itself cannot be read; a folder in it that cannot is passed over until it can.
pub(crate) fn scan(inbox: &Path) -> Result<Scan, WatchError> {
    let root = Folder::read(inbox, PathBuf::new()).map_err(WatchError::io("look into", inbox))?;
    let mut scan = Scan::default();
    root.batch(&mut scan);
    scan.arrivals.sort_by(|one, other| one.manuscript.cmp(&other.manuscript));
    Ok(scan)
}

/// A folder with all that counts in it.
struct Folder {
    path: PathBuf,
    files: BTreeMap<PathBuf, Stamp>,
    folders: Vec<Folder>,
    /// A file in it that somebody is still writing.
    partial: Option<PathBuf>,
}

impl Folder {
    fn read(inbox: &Path, path: PathBuf) -> io::Result<Self> {
        let mut folder = Self { path, files: BTreeMap::new(), folders: Vec::new(), partial: None };
        for entry in fs::read_dir(inbox.join(&folder.path))? {
            let entry = entry?;
            let name = entry.file_name();
            let path = folder.path.join(&name);
            match Name::of(&name) {
                Name::Plain => {}
                Name::Ignored => continue,
                Name::Partial => {
                    folder.partial = Some(path);
                    continue;
                }
            }
            let kind = entry.file_type()?;
            if kind.is_symlink() && !stays_inside(inbox, &path) {
                continue;
            }
            // What goes away while it is looked at is not there.
            let Ok(about) = fs::metadata(inbox.join(&path)) else { continue };
            if about.is_file() {
                folder.files.insert(path, Stamp::of(&about));
            } else if about.is_dir() && !kind.is_symlink() {
                folder.folders.extend(Self::read(inbox, path));
            }
        }
        folder.folders.sort_by(|one, other| one.path.cmp(&other.path));
        Ok(folder)
    }

    /// Each manuscript is a book, and each folder is a book or a batch of its own.
    fn batch(&self, scan: &mut Scan) {
        for manuscript in self.manuscripts() {
            let files = companions::of(&manuscript, &self.files);
            scan.arrivals.push(Arrival {
                files: files.iter().filter_map(|path| Some((path.clone(), *self.files.get(path)?))).collect(),
                baggage: Baggage::Files(files),
                manuscript,
            });
        }
        for folder in &self.folders {
            match folder.all_manuscripts().as_slice() {
                [] => {}
                [only] => match folder.any_partial() {
                    // It may become a batch.
                    Some(partial) => drop(scan.held.insert(only.clone(), partial.to_owned())),
                    None => scan.arrivals.push(Arrival {
                        manuscript: only.clone(),
                        baggage: Baggage::Folder(folder.path.clone()),
                        files: folder.all_files(),
                    }),
                },
                _ => folder.batch(scan),
            }
        }
    }

    /// The manuscripts right here. One in several formats is one: the first format that rhapsode knows.
    fn manuscripts(&self) -> Vec<PathBuf> {
        let mut by_stem: BTreeMap<PathBuf, (usize, PathBuf)> = BTreeMap::new();
        for path in self.files.keys() {
            let Some(rank) = rank(path) else { continue };
            let best = by_stem.entry(path.with_extension("")).or_insert_with(|| (rank, path.clone()));
            if rank < best.0 {
                *best = (rank, path.clone());
            }
        }
        by_stem.into_values().map(|(_, path)| path).collect()
    }

    fn all_manuscripts(&self) -> Vec<PathBuf> {
        let deeper = self.folders.iter().flat_map(Self::all_manuscripts);
        self.manuscripts().into_iter().chain(deeper).collect()
    }

    fn any_partial(&self) -> Option<&Path> {
        self.partial.as_deref().or_else(|| self.folders.iter().find_map(Self::any_partial))
    }

    fn all_files(&self) -> BTreeMap<PathBuf, Stamp> {
        let deeper = self.folders.iter().flat_map(Self::all_files);
        self.files.iter().map(|(path, stamp)| (path.clone(), *stamp)).chain(deeper).collect()
    }
}

/// The place of a manuscript's format among those that rhapsode reads; none if it is no manuscript.
fn rank(path: &Path) -> Option<usize> {
    let readme = path.file_stem().is_some_and(|stem| stem.eq_ignore_ascii_case("readme"));
    let extension = path.extension()?.to_str()?.to_ascii_lowercase();
    Format::extensions().position(|known| known == extension).filter(|_| !readme)
}

fn stays_inside(inbox: &Path, path: &Path) -> bool {
    match (inbox.canonicalize(), inbox.join(path).canonicalize()) {
        (Ok(inbox), Ok(path)) => path.starts_with(inbox),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn inbox(files: &[&str]) -> tempfile::TempDir {
        let inbox = tempfile::tempdir().unwrap();
        for file in files {
            let path = inbox.path().join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, file).unwrap();
        }
        inbox
    }

    fn found(inbox: &Path) -> Vec<(String, Baggage)> {
        let path = |path: PathBuf| path.display().to_string();
        scan(inbox)
            .unwrap()
            .arrivals
            .into_iter()
            .map(|arrival| (path(arrival.manuscript), arrival.baggage))
            .collect()
    }

    fn files(paths: &[&str]) -> Baggage {
        Baggage::Files(paths.iter().map(PathBuf::from).collect())
    }

    #[test]
    fn a_manuscript_brings_the_files_of_its_name() {
        let inbox = inbox(&["emma.epub", "emma.book.toml", "emma.jpg", "persuasion.md", "book.toml"]);
        assert_eq!(
            found(inbox.path()),
            [
                ("emma.epub".to_owned(), files(&["emma.epub", "emma.book.toml", "emma.jpg"])),
                ("persuasion.md".to_owned(), files(&["persuasion.md"])),
            ]
        );
    }

    #[test]
    fn a_folder_with_one_manuscript_is_a_book_with_all_its_files() {
        let inbox = inbox(&["Emma/emma.epub", "Emma/cover.jpg", "Emma/sound/voice.wav", "Emma/README.md"]);
        assert_eq!(found(inbox.path()), [("Emma/emma.epub".to_owned(), Baggage::Folder("Emma".into()))]);
        assert_eq!(scan(inbox.path()).unwrap().arrivals[0].files.len(), 4);
    }

    #[test]
    fn a_folder_with_several_is_a_batch_whose_folders_follow_the_same_rule() {
        let inbox = inbox(&["Austen/emma.epub", "Austen/emma.jpg", "Austen/Letters/letters.txt"]);
        assert_eq!(
            found(inbox.path()),
            [
                ("Austen/Letters/letters.txt".to_owned(), Baggage::Folder("Austen/Letters".into())),
                ("Austen/emma.epub".to_owned(), files(&["Austen/emma.epub", "Austen/emma.jpg"])),
            ]
        );
    }

    #[test]
    fn one_book_in_several_formats_is_one_book() {
        let inbox = inbox(&["Emma/emma.txt", "Emma/emma.epub", "Emma/emma.docx"]);
        assert_eq!(found(inbox.path()), [("Emma/emma.epub".to_owned(), Baggage::Folder("Emma".into()))]);
    }

    #[test]
    fn one_book_in_several_formats_travels_together_where_it_shares_its_folder() {
        let inbox = inbox(&["emma.txt", "emma.epub", "persuasion.md"]);
        let emma = ("emma.epub".to_owned(), files(&["emma.epub", "emma.txt"]));
        assert_eq!(found(inbox.path()), [emma, ("persuasion.md".to_owned(), files(&["persuasion.md"]))]);
    }

    #[test]
    fn a_folder_that_is_still_being_filled_is_held_and_a_batch_is_not() {
        let inbox = inbox(&["Austen/emma.epub", "Austen/more/persuasion.epub.part", "a.md", "b.epub.part"]);
        assert_eq!(found(inbox.path()), [("a.md".to_owned(), files(&["a.md"]))]);
        let held = [("Austen/emma.epub".into(), "Austen/more/persuasion.epub.part".into())];
        assert_eq!(scan(inbox.path()).unwrap().held, held.into());
        fs::write(inbox.path().join("Austen/sanditon.md"), "words").unwrap();
        assert_eq!(found(inbox.path()).len(), 3);
        fs::remove_file(inbox.path().join("Austen/sanditon.md")).unwrap();
        fs::remove_file(inbox.path().join("Austen/more/persuasion.epub.part")).unwrap();
        let austen = ("Austen/emma.epub".to_owned(), Baggage::Folder("Austen".into()));
        assert_eq!(found(inbox.path())[0], austen);
    }

    #[test]
    fn what_is_no_manuscript_and_what_is_not_complete_is_passed_over() {
        let inbox = inbox(&[".hidden.epub", "a.epub.part", "b.crdownload", "README.md", "c.pdf", ".x/d.md"]);
        assert_eq!(found(inbox.path()), []);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_out_of_the_inbox_is_passed_over_and_one_within_it_is_not() {
        let outside = inbox(&["secret.md"]);
        let inbox = inbox(&["there.txt"]);
        std::os::unix::fs::symlink(outside.path().join("secret.md"), inbox.path().join("a.md")).unwrap();
        std::os::unix::fs::symlink(outside.path(), inbox.path().join("folder")).unwrap();
        std::os::unix::fs::symlink("there.txt", inbox.path().join("b.txt")).unwrap();
        let names: Vec<String> = found(inbox.path()).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["b.txt", "there.txt"]);
    }

    #[test]
    fn an_inbox_that_is_not_there_is_an_error_that_names_it() {
        let error = scan(Path::new("/nowhere/inbox")).unwrap_err().to_string();
        assert!(error.starts_with("look into /nowhere/inbox:"), "{error}");
    }
}
