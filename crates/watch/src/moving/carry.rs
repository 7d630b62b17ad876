//! Carrying moves out: a rename, or between file systems a copy that is renamed into place before the original goes.

use std::{
    collections::BTreeSet,
    fs, io,
    path::{Path, PathBuf},
};

use crate::{
    Move, WatchError, WatcherId,
    durable::{create_folder, sync_folder},
    identity::hash_file,
};

/// What is called so is a copy on its way, and hidden.
const COPY: &str = ".rhapsode-moving-";

/// How far moves were carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Carried {
    /// All the way.
    All,
    /// Up to this one, whose target somebody else has taken.
    Taken(usize),
}

/// Carries moves out. What was done of them already is passed over, so that it may be called again after a kill.
///
/// # Errors
/// If a file cannot be moved; the others may have been.
pub(crate) fn carry_out(moves: &[Move], watcher: &WatcherId) -> Result<Carried, WatchError> {
    let mut folders = BTreeSet::new();
    let mut carried = Carried::All;
    for (index, Move { from, to }) in moves.iter().enumerate() {
        let parent = to.parent().unwrap_or(Path::new(""));
        if carry(from, to, &copy_of(from, parent, watcher))? == Ending::Taken {
            carried = Carried::Taken(index);
            break;
        }
        folders.insert(parent);
    }
    folders.into_iter().filter(|folder| folder.exists()).try_for_each(sync_folder)?;
    Ok(carried)
}

/// Removes the folders that moves have emptied; `roots` stay.
pub(crate) fn sweep(moves: &[Move], roots: &[&Path]) {
    let is_swept = |folder: &&Path| roots.iter().any(|root| folder != root && folder.starts_with(root));
    // One that is not empty stays, and so do those that it lies in; one that is gone went before a kill.
    let stays = |folder: &Path| match fs::remove_dir(folder) {
        Err(error) => error.kind() != io::ErrorKind::NotFound,
        Ok(()) => false,
    };
    for Move { from, .. } in moves {
        let _ = from.ancestors().skip(1).take_while(is_swept).find(|folder| stays(folder));
    }
}

/// What a copy on its way is called: the same after a kill, so that the next try finds it.
fn copy_of(from: &Path, parent: &Path, watcher: &WatcherId) -> PathBuf {
    let from = blake3::hash(from.as_os_str().as_encoded_bytes()).to_hex();
    parent.join(format!("{COPY}{}-{}", watcher.short(), &from[..16]))
}

#[derive(Debug, PartialEq, Eq)]
enum Ending {
    Moved,
    Taken,
}

fn carry(from: &Path, to: &Path, copy: &Path) -> Result<Ending, WatchError> {
    if !is_there(from)? {
        remove(copy)?;
        return Ok(Ending::Moved);
    }
    if is_there(to)? {
        remove(copy)?;
        return give_up_original(from, to);
    }
    if let Some(parent) = to.parent() {
        create_folder(parent)?;
    }
    match rename_free(from, to) {
        Ok(()) => Ok(Ending::Moved),
        Err(error) if error.kind() == io::ErrorKind::CrossesDevices => copy_over(from, to, copy),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => give_up_original(from, to),
        // Another watcher of the same inbox was quicker.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_there(from)? => Ok(Ending::Moved),
        Err(error) => Err(WatchError::io("move to its folder", from)(error)),
    }
}

/// Copies beside the target, renames the copy into place, and only then removes the original.
fn copy_over(from: &Path, to: &Path, copy: &Path) -> Result<Ending, WatchError> {
    remove(copy)?;
    if let Err(error) = copy_whole(from, copy) {
        // A disk that is full needs the room.
        let _ = fs::remove_file(copy);
        return Err(WatchError::io("copy", from)(error));
    }
    match rename_free(copy, to) {
        Ok(()) => {}
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => remove(copy)?,
        Err(error) => return Err(WatchError::io("rename into place", to)(error)),
    }
    if let Some(parent) = to.parent() {
        sync_folder(parent)?;
    }
    give_up_original(from, to)
}

/// Removes an original whose copy is in its place; what is in its place may be something else.
fn give_up_original(from: &Path, to: &Path) -> Result<Ending, WatchError> {
    match is_same(from, to) {
        Ok(true) => remove(from).map(|()| Ending::Moved),
        Ok(false) => Ok(Ending::Taken),
        // Another watcher of the same inbox was quicker.
        Err(error) if error.kind() == io::ErrorKind::NotFound && !is_there(from)? => Ok(Ending::Moved),
        Err(error) => Err(WatchError::io("compare with its copy", from)(error)),
    }
}

/// Whether two names have the same content; a link has where it leads.
fn is_same(one: &Path, other: &Path) -> io::Result<bool> {
    let (here, there) = (fs::symlink_metadata(one)?, fs::symlink_metadata(other)?);
    if here.is_symlink() && there.is_symlink() {
        return Ok(fs::read_link(one)? == fs::read_link(other)?);
    }
    let alike = here.is_file() && there.is_file() && here.len() == there.len();
    Ok(alike && hash_file(one)? == hash_file(other)?)
}

/// Copies a file with its time, which a book is known by, onto the disk. A link is copied as a link, wherever it leads.
fn copy_whole(from: &Path, to: &Path) -> io::Result<()> {
    let about = fs::symlink_metadata(from)?;
    #[cfg(unix)]
    if about.is_symlink() {
        return std::os::unix::fs::symlink(fs::read_link(from)?, to);
    }
    fs::copy(from, to)?;
    let copy = fs::File::open(to)?;
    if let Ok(modified) = about.modified() {
        // A file system that keeps no times keeps the words all the same.
        let _ = copy.set_modified(modified);
    }
    copy.sync_all()
}

/// Renames, unless something lies at the target.
#[cfg(any(target_os = "linux", target_os = "macos"))]
fn rename_free(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::{
        fs::{CWD, RenameFlags, renameat_with},
        io::Errno,
    };
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Network mounts may not know how.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => rename_unless_there(from, to),
        renamed => Ok(renamed?),
    }
}

/// Renames, unless something lies at the target.
#[cfg(not(any(target_os = "linux", target_os = "macos")))]
fn rename_free(from: &Path, to: &Path) -> io::Result<()> {
    rename_unless_there(from, to)
}

fn rename_unless_there(from: &Path, to: &Path) -> io::Result<()> {
    match fs::symlink_metadata(to) {
        Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
        Err(_) => fs::rename(from, to),
    }
}

fn is_there(path: &Path) -> Result<bool, WatchError> {
    match fs::symlink_metadata(path) {
        Ok(_) => Ok(true),
        Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
            Ok(false)
        }
        Err(error) => Err(WatchError::io("look at", path)(error)),
    }
}

fn remove(path: &Path) -> Result<(), WatchError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(WatchError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn watcher() -> WatcherId {
        WatcherId::named("one")
    }

    fn moves(from: &Path, to: &Path, names: &[&str]) -> Vec<Move> {
        names.iter().map(|name| Move { from: from.join(name), to: to.join(name) }).collect()
    }

    fn write(path: &Path, text: &str) {
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    /// Every file under a folder, hidden ones too.
    fn tree(folder: &Path) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for path in fs::read_dir(folder).into_iter().flatten().map(|entry| entry.unwrap().path()) {
            if path.is_dir() { files.extend(tree(&path)) } else { files.push(path) }
        }
        files.sort();
        files
    }

    #[test]
    fn what_was_moved_is_passed_over_and_folders_that_are_empty_then_go() {
        let dir = tempfile::tempdir().unwrap();
        let (inbox, done) = (dir.path().join("inbox"), dir.path().join("done"));
        let moves = moves(&inbox, &done, &["Austen/Emma/emma.epub", "Austen/Emma/sound/voice.wav"]);
        moves.iter().for_each(|it| write(&it.from, "words"));
        for _ in 0..2 {
            assert_eq!(carry_out(&moves, &watcher()).unwrap(), Carried::All);
        }
        write(&inbox.join("Austen/later.epub"), "later");
        sweep(&moves, &[&inbox, &done]);
        assert!(moves.iter().all(|it| it.to.is_file()));
        assert_eq!(tree(&inbox), [inbox.join("Austen/later.epub")]);
        assert!(!inbox.join("Austen/Emma").exists());
        fs::remove_file(inbox.join("Austen/later.epub")).unwrap();
        sweep(&moves, &[&inbox, &done]);
        assert!(inbox.is_dir() && !inbox.join("Austen").exists());
    }

    #[test]
    fn nothing_is_overwritten_and_what_lies_there_with_the_same_content_is_the_move_itself() {
        let dir = tempfile::tempdir().unwrap();
        let (inbox, done) = (dir.path().join("inbox"), dir.path().join("done"));
        let moves = moves(&inbox, &done, &["a.md", "b.md"]);
        write(&moves[0].from, "same");
        write(&moves[0].to, "same");
        write(&moves[1].from, "mine");
        write(&moves[1].to, "yours");
        assert_eq!(carry_out(&moves, &watcher()).unwrap(), Carried::Taken(1));
        assert_eq!(tree(&inbox), [inbox.join("b.md")]);
        assert_eq!(fs::read_to_string(done.join("b.md")).unwrap(), "yours");
    }

    /// Folders on two file systems; none where there is only one.
    #[cfg(target_os = "linux")]
    fn two_disks() -> Option<(tempfile::TempDir, tempfile::TempDir)> {
        use std::os::unix::fs::MetadataExt;
        let (here, there) = (tempfile::tempdir().unwrap(), tempfile::tempdir_in("/dev/shm").ok()?);
        let disk = |folder: &tempfile::TempDir| fs::metadata(folder.path()).unwrap().dev();
        (disk(&here) != disk(&there)).then_some((here, there))
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn whatever_a_kill_leaves_of_a_move_to_another_file_system_is_taken_up() {
        let Some((here, there)) = two_disks() else {
            println!("skipped: there is one file system only");
            return;
        };
        let names = ["Emma/a link.txt", "Emma/emma.epub", "Emma/sound/voice.wav"];
        let moves = moves(here.path(), there.path(), &names);
        let copy = |index: usize| {
            let Move { from, to } = &moves[index];
            copy_of(from, to.parent().unwrap(), &watcher())
        };
        // Each leaves what a kill at this moment does; the first, nothing.
        let kills: [&dyn Fn(); 6] = [
            &|| {},
            &|| write(&copy(1), "wo"),
            &|| write(&copy(1), "words"),
            &|| write(&moves[1].to, "words"),
            &|| fs::rename(&moves[1].from, here.path().join("away")).unwrap(),
            &|| {
                write(&copy(2), "so");
                write(&moves[1].to, "words");
                fs::remove_file(&moves[1].from).unwrap();
            },
        ];
        for (number, kill) in kills.iter().enumerate() {
            write(&moves[1].from, "words");
            write(&moves[2].from, "sound");
            std::os::unix::fs::symlink("nowhere", &moves[0].from).unwrap();
            let written = fs::metadata(&moves[2].from).unwrap().modified().unwrap();
            kill();
            for _ in 0..2 {
                assert_eq!(carry_out(&moves, &watcher()).unwrap(), Carried::All, "kill {number}");
            }
            let there = tree(there.path());
            let expected = moves.iter().filter(|it| number != 4 || it.from != moves[1].from);
            assert_eq!(there, expected.map(|it| it.to.clone()).collect::<Vec<_>>(), "kill {number}");
            assert_eq!(fs::metadata(&moves[2].to).unwrap().modified().unwrap(), written);
            assert_eq!(fs::read_link(&moves[0].to).unwrap(), Path::new("nowhere"));
            sweep(&moves, &[here.path()]);
            assert!(!here.path().join("Emma").exists(), "kill {number}");
            there.iter().for_each(|file| fs::remove_file(file).unwrap());
        }
    }
}
