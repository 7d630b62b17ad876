//! Which file of a book goes where.

use std::{
    fs,
    path::{Path, PathBuf},
};

use super::names::{numbered_file, numbered_folder};
use crate::{
    Move,
    inbox::{Arrival, Baggage},
};

/// How a book is put away.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Removal {
    /// Its folder there, or its manuscript where it had none of its own.
    pub(crate) place: PathBuf,
    pub(crate) moves: Vec<Move>,
}

/// Where the files of a book go: under the same paths in `into`, or under others that are free.
pub(crate) fn removal(inbox: &Path, book: &Arrival, into: &Path) -> Removal {
    let free = |number: u32| {
        let (place, targets): (PathBuf, Vec<(&PathBuf, PathBuf)>) = match &book.baggage {
            Baggage::Folder(folder) => {
                let place = numbered_folder(&into.join(folder), number);
                let rest = |file: &'_ PathBuf| file.strip_prefix(folder).map(Path::to_owned).ok();
                let to = book.files.keys().filter_map(|file| Some((file, place.join(rest(file)?))));
                let to = to.collect();
                (place, to)
            }
            Baggage::Files(files) => {
                let target = |file: &PathBuf| numbered_file(&into.join(file), number);
                (target(&book.manuscript), files.iter().map(|file| (file, target(file))).collect())
            }
        };
        let is_taken = is_there(&place) || targets.iter().any(|(_, to)| is_there(to));
        let moves = targets.into_iter().map(|(file, to)| Move { from: inbox.join(file), to });
        (!is_taken).then(|| Removal { place, moves: manuscript_last(inbox, book, moves.collect()) })
    };
    (1..).find_map(free).expect("a folder does not hold every number")
}

fn is_there(path: &Path) -> bool {
    fs::symlink_metadata(path).is_ok()
}

/// While the manuscript is in its place in the inbox, the queue knows what the other files there belong to.
fn manuscript_last(inbox: &Path, book: &Arrival, mut moves: Vec<Move>) -> Vec<Move> {
    let manuscript = inbox.join(&book.manuscript);
    moves.sort_by_key(|it| it.from == manuscript);
    moves
}

/// Where the files of a book come back to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Return {
    /// Where they were.
    Home(Vec<Move>),
    /// Beside that, under other names: something else lies there by now.
    Beside(Vec<Move>),
}

/// The way back of moves that were carried out, for the files that are still where they went.
pub(crate) fn way_back(inbox: &Path, book: &Arrival, moved: &[Move]) -> Return {
    let target = |home: &Path, number: u32| match &book.baggage {
        Baggage::Folder(folder) => match home.strip_prefix(inbox.join(folder)) {
            Ok(rest) => numbered_folder(&inbox.join(folder), number).join(rest),
            Err(_) => numbered_file(home, number),
        },
        Baggage::Files(_) => numbered_file(home, number),
    };
    let moved: Vec<Move> = moved.iter().filter(|it| is_there(&it.to)).cloned().collect();
    let moved = manuscript_last(inbox, book, moved);
    let free = |number: u32| {
        let back = moved.iter().map(|it| Move { from: it.to.clone(), to: target(&it.from, number) });
        let back: Vec<Move> = back.collect();
        back.iter().all(|it| !is_there(&it.to)).then_some((number, back))
    };
    match (1..).find_map(free).expect("a folder does not hold every number") {
        (1, back) => Return::Home(back),
        (_, back) => Return::Beside(back),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::inbox::Stamp;

    fn paths(moves: &[Move], root: &Path) -> Vec<String> {
        moves.iter().map(|it| it.to.strip_prefix(root).unwrap().display().to_string()).collect()
    }

    /// A book of these files, the first its manuscript.
    fn book(inbox: &Path, baggage: Baggage, files: &[&str]) -> Arrival {
        let stamp = |file: &&str| {
            let path = inbox.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, file).unwrap();
            (PathBuf::from(file), Stamp::of(&fs::metadata(path).unwrap()))
        };
        Arrival { manuscript: files[0].into(), baggage, files: files.iter().map(stamp).collect() }
    }

    #[test]
    fn only_what_a_folder_held_when_it_was_taken_is_moved_and_a_taken_folder_gets_a_number() {
        let dir = tempfile::tempdir().unwrap();
        let (inbox, done) = (dir.path().join("inbox"), dir.path().join("done"));
        let names = ["Emma/emma.epub", "Emma/book.toml", "Emma/sound/voice.wav"];
        let emma = book(&inbox, Baggage::Folder("Emma".into()), &names);
        fs::write(inbox.join("Emma/later.epub"), "later").unwrap();
        let first = removal(&inbox, &emma, &done);
        assert_eq!(paths(&first.moves, &done), ["Emma/book.toml", "Emma/sound/voice.wav", "Emma/emma.epub"]);
        fs::create_dir_all(done.join("Emma")).unwrap();
        let second = removal(&inbox, &emma, &done);
        assert_eq!(paths(&second.moves, &done)[0], "Emma (2)/book.toml");
        assert_eq!(second.place, done.join("Emma (2)"));
    }

    #[test]
    fn what_comes_back_overwrites_nothing_and_stays_together() {
        let dir = tempfile::tempdir().unwrap();
        let (inbox, failed) = (dir.path().join("inbox"), dir.path().join("failed"));
        let alone = Baggage::Files(vec!["emma.epub".into(), "emma.jpg".into()]);
        let cases = [
            (alone, ["emma.epub", "emma.jpg"], ["emma (2).jpg", "emma (2).epub"]),
            (
                Baggage::Folder("Emma".into()),
                ["Emma/emma.epub", "Emma/book.toml"],
                ["Emma (2)/book.toml", "Emma (2)/emma.epub"],
            ),
        ];
        for (baggage, names, beside) in cases {
            let emma = book(&inbox, baggage, &names);
            let moved = removal(&inbox, &emma, &failed).moves;
            for Move { from, to } in &moved {
                fs::create_dir_all(to.parent().unwrap()).unwrap();
                fs::rename(from, to).unwrap();
            }
            let [manuscript, companion] = names;
            let home = way_back(&inbox, &emma, &moved);
            assert!(
                matches!(&home, Return::Home(back) if paths(back, &inbox) == [companion, manuscript]),
                "{home:?}"
            );
            fs::write(inbox.join(manuscript), "mended").unwrap();
            let away = way_back(&inbox, &emma, &moved);
            assert!(matches!(&away, Return::Beside(back) if paths(back, &inbox) == beside), "{away:?}");
            fs::remove_file(inbox.join(manuscript)).unwrap();
            // What the user took away does not come back.
            fs::remove_file(&moved[0].to).unwrap();
            let rest = way_back(&inbox, &emma, &moved);
            assert!(matches!(&rest, Return::Home(back) if paths(back, &inbox) == [manuscript]), "{rest:?}");
        }
    }
}
