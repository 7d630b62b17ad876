//! Moving a manuscript out of the inbox. The folders may lie on different file systems, so a move may be a copy that is
//! renamed into place before the original goes. Nothing is overwritten.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use crate::{Move, WatchError, inbox::Baggage};

/// What of a book is moved where: its folder or its files, under the same path in `into`.
pub(crate) fn moves(inbox: &Path, baggage: &Baggage, into: &Path) -> Vec<Move> {
    let paths = match baggage {
        Baggage::Folder(folder) => std::slice::from_ref(folder),
        Baggage::Files(files) => files.as_slice(),
    };
    let free = |number: u32| -> Option<Vec<Move>> {
        let moves: Vec<Move> = paths
            .iter()
            .map(|path| Move { from: inbox.join(path), to: numbered(&into.join(path), number) })
            .collect();
        moves.iter().all(|each| fs::symlink_metadata(&each.to).is_err()).then_some(moves)
    };
    (1..).find_map(free).expect("a folder does not hold every number")
}

/// Bytes of a name that file systems take.
const NAME_BYTES: usize = 255;

/// `emma.epub` is `emma (2).epub` where there is one already.
fn numbered(path: &Path, number: u32) -> PathBuf {
    if number == 1 {
        return path.to_owned();
    }
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    // Companions keep the part by which they belong together.
    let (stem, rest) = match name.split_once('.') {
        Some((stem, rest)) if !path.is_dir() => (stem, format!(".{rest}")),
        _ => (name.as_str(), String::new()),
    };
    path.with_file_name(fitting(stem, &format!(" ({number}){rest}")))
}

/// A file beside another: `emma.epub.report.txt` beside `emma.epub`.
pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(ending);
    if name.len() > NAME_BYTES {
        name = fitting(&path.file_name().unwrap_or_default().to_string_lossy(), ending).into();
    }
    path.with_file_name(name)
}

/// A name that is shortened before its ending until file systems take it.
fn fitting(stem: &str, ending: &str) -> String {
    let room = NAME_BYTES.saturating_sub(ending.len());
    format!("{}{ending}", &stem[..stem.floor_char_boundary(room)])
}

/// Carries moves out. One that was done already is passed over, so that it may be called again after a kill.
///
/// # Errors
/// If a file cannot be moved; the others may have been.
pub(crate) fn carry_out(moves: &[Move]) -> Result<(), WatchError> {
    for Move { from, to } in moves {
        if fs::symlink_metadata(from).is_err() {
            continue;
        }
        let parent = to.parent().unwrap_or(Path::new("."));
        fs::create_dir_all(parent).map_err(WatchError::io("create", parent))?;
        match fs::rename(from, to) {
            Ok(()) => {}
            Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy_over(from, to)?,
            // Another watcher of the same inbox was quicker.
            Err(error) if error.kind() == io::ErrorKind::NotFound && fs::symlink_metadata(from).is_err() => {}
            Err(error) => return Err(WatchError::io("move to its folder", from)(error)),
        }
    }
    Ok(())
}

/// Copies beside the target, renames it into place, and only then removes the original.
fn copy_over(from: &Path, to: &Path) -> Result<(), WatchError> {
    let parent = to.parent().unwrap_or(Path::new("."));
    let staged = tempfile::Builder::new()
        .prefix(".rhapsode-moving-")
        .tempdir_in(parent)
        .map_err(WatchError::io("write into", parent))?;
    let copy = staged.path().join("copy");
    copy_tree(from, &copy).map_err(WatchError::io("copy", from))?;
    fs::rename(&copy, to).map_err(WatchError::io("rename into place", to))?;
    let removed = if from.is_dir() { fs::remove_dir_all(from) } else { fs::remove_file(from) };
    removed.map_err(WatchError::io("take out of the inbox", from))
}

fn copy_tree(from: &Path, to: &Path) -> io::Result<()> {
    if !from.is_dir() {
        fs::copy(from, to)?;
        return fs::File::open(to)?.sync_all();
    }
    fs::create_dir(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        copy_tree(&entry.path(), &to.join(entry.file_name()))?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_book_keeps_its_path_and_overwrites_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let (inbox, done) = (dir.path().join("inbox"), dir.path().join("done"));
        fs::create_dir_all(inbox.join("Austen")).unwrap();
        let baggage = Baggage::Files(vec!["Austen/emma.epub".into(), "Austen/emma.book.toml".into()]);
        for round in ["one", "two"] {
            fs::write(inbox.join("Austen/emma.epub"), round).unwrap();
            fs::write(inbox.join("Austen/emma.book.toml"), round).unwrap();
            let moves = moves(&inbox, &baggage, &done);
            carry_out(&moves).unwrap();
            carry_out(&moves).unwrap();
        }
        let read = |name: &str| fs::read_to_string(done.join("Austen").join(name)).unwrap();
        assert_eq!((read("emma.epub"), read("emma (2).epub")), ("one".to_owned(), "two".to_owned()));
        assert_eq!(read("emma (2).book.toml"), "two");
        assert_eq!(fs::read_dir(inbox.join("Austen")).unwrap().count(), 0);
    }

    #[test]
    fn the_longest_names_are_shortened_before_their_number() {
        let long = format!("{}.epub", "\u{672c}".repeat(83));
        assert_eq!(long.len(), 254);
        let second = numbered(Path::new(&long), 2).display().to_string();
        assert!(second.len() <= 255 && second.ends_with("\u{672c} (2).epub"), "{second}");
        let report = beside(Path::new(&long), ".report.txt").display().to_string();
        assert!(report.len() <= 255 && report.ends_with(".report.txt"), "{report}");
        assert_eq!(beside(Path::new("a/emma.epub"), ".report.txt"), Path::new("a/emma.epub.report.txt"));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_folder_moves_to_another_file_system() {
        let here = tempfile::tempdir().unwrap();
        let Ok(there) = tempfile::tempdir_in("/dev/shm") else { return };
        fs::create_dir_all(here.path().join("Emma/sound")).unwrap();
        fs::write(here.path().join("Emma/emma.epub"), "words").unwrap();
        fs::write(here.path().join("Emma/sound/voice.wav"), "sound").unwrap();
        let moves = moves(here.path(), &Baggage::Folder("Emma".into()), there.path());
        carry_out(&moves).unwrap();
        assert_eq!(fs::read_to_string(there.path().join("Emma/sound/voice.wav")).unwrap(), "sound");
        assert!(!here.path().join("Emma").exists());
        assert_eq!(fs::read_dir(there.path()).unwrap().count(), 1, "nothing is left beside it");
    }
}
