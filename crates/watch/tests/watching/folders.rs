//! Folders that change while their books are made, and books that go back to where others lie by now.

use std::{fs, sync::Arc};

use rhapsode_watch::{State, WatchEvent, Wish, find, wish};
use serde_json::json;

use crate::{
    scribe::{Mood, Scribe},
    world::World,
};

fn willing() -> Scribe {
    Scribe::new(Mood::Willing)
}

/// Every text under a folder, in alphabetical order.
fn texts(world: &World, folder: &str) -> Vec<String> {
    let mut texts: Vec<String> = world.tree(folder).into_iter().map(|(_, text)| text).collect();
    texts.sort();
    texts
}

#[tokio::test(start_paused = true)]
async fn what_comes_into_a_folder_while_its_book_is_made_is_a_book_of_its_own() {
    let world = World::new();
    world.drop_book("Austen/emma.md", "Emma\nJane Austen");
    world.drop_book("Austen/notes.pdf", "notes");
    let scribe = Arc::new(Scribe::new(Mood::Dry));
    let adding = async {
        scribe.news.notified().await;
        world.drop_book("Austen/later.pdf", "later");
        world.drop_book("Austen/persuasion.jpg", "picture");
        world.drop_book("Austen/persuasion.md", "Persuasion\nJane Austen");
        scribe.be(Mood::Willing);
    };
    let (watched, ()) = tokio::join!(world.try_run(Arc::clone(&scribe) as Arc<_>), adding);
    assert_eq!(watched.unwrap().0.published, 2);
    assert_eq!(world.names("library"), ["Jane Austen/Emma/book.m4b", "Jane Austen/Persuasion/book.m4b"]);
    assert!(world.queue().books.iter().all(|book| matches!(book.state, State::Done { .. })));
    assert_eq!(texts(&world, "done"), ["Emma\nJane Austen", "Persuasion\nJane Austen", "notes", "picture"]);
    // It belongs to no book, and nothing is lost.
    assert_eq!(world.names("inbox"), ["Austen/later.pdf"]);
}

#[tokio::test]
async fn a_folder_waits_for_its_running_download_and_goes_when_its_books_are_done() {
    let world = World::new();
    world.drop_book("Austen/emma.md", "Emma\nJane Austen");
    world.drop_book("Austen/more/persuasion.md.part", "Persua");
    let (tally, heard) = world.try_run(Arc::new(willing())).await.unwrap();
    assert_eq!(tally.published, 0);
    assert_eq!(world.names("inbox"), ["Austen/emma.md", "Austen/more/persuasion.md.part"]);
    let (manuscript, partial) = ("Austen/emma.md".into(), "Austen/more/persuasion.md.part".into());
    assert!(heard.contains(&WatchEvent::Held { manuscript, partial }), "{heard:?}");
    let folder = world.settings.inbox.join("Austen/more");
    fs::write(folder.join("persuasion.md.part"), "Persuasion\nJane Austen").unwrap();
    fs::rename(folder.join("persuasion.md.part"), folder.join("persuasion.md")).unwrap();
    assert_eq!(world.run(willing()).await.published, 2);
    assert_eq!(world.names("done"), ["Austen/emma.md", "Austen/more/persuasion.md"]);
    assert_eq!(fs::read_dir(&world.settings.inbox).unwrap().count(), 0);
}

#[tokio::test]
async fn a_book_in_two_formats_beside_others_is_made_once_and_leaves_nothing_behind() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen");
    world.drop_book("emma.txt", "Emma\nJane Austen\nin another format");
    world.drop_book("persuasion.md", "Persuasion\nJane Austen");
    assert_eq!(world.run(willing()).await.published, 2);
    assert_eq!(world.names("done"), ["emma.md", "emma.txt", "persuasion.md"]);
    assert_eq!(world.names("inbox"), [""; 0]);
}

#[tokio::test]
async fn a_book_that_comes_back_overwrites_nothing_that_lies_in_its_place_by_then() {
    let world = World::new();
    world.drop_book("emma.md", "");
    world.drop_book("emma.book.toml", "old");
    assert_eq!(world.run(willing()).await.failed, 1);
    let id = find(&world.queue(), "emma").unwrap();
    world.drop_book("emma.md", "Emma\nJane Austen");
    world.drop_book("emma.book.toml", "new");
    wish(&world.settings.state, Wish::Retry { id }).unwrap();
    let tally = world.run(willing()).await;
    assert_eq!((tally.published, tally.failed), (1, 1));
    assert_eq!(texts(&world, "done"), ["Emma\nJane Austen", "new"]);
    let failed = world.names("failed");
    assert!(failed.contains(&"emma (2).md".to_owned()), "{failed:?}");
    assert!(failed.contains(&"emma (2).book.toml".to_owned()), "{failed:?}");
    assert_eq!(world.queue().books[0].state, State::Gone);
}

#[tokio::test]
async fn a_book_on_its_way_back_is_taken_up_where_a_kill_left_it() {
    let world = World::new();
    world.drop_book("Emma/emma.md", "");
    world.drop_book("Emma/book.toml", "settings");
    assert_eq!(world.run(willing()).await.failed, 1);
    // One of its files is back.
    let file = world.settings.state.join("queue/00000001.json");
    let mut entry: serde_json::Value = serde_json::from_slice(&fs::read(&file).unwrap()).unwrap();
    let (inbox, failed) = (world.settings.inbox.join("Emma"), world.settings.failed.join("Emma"));
    let back =
        ["book.toml", "emma.md"].map(|name| json!({"from": failed.join(name), "to": inbox.join(name)}));
    entry["state"] = json!({"step": "moving", "moves": back, "then": {"step": "waiting"}});
    fs::write(&file, entry.to_string()).unwrap();
    fs::create_dir(&inbox).unwrap();
    fs::rename(failed.join("book.toml"), inbox.join("book.toml")).unwrap();
    let scribe = Arc::new(willing());
    let (tally, heard) = world.try_run(Arc::clone(&scribe) as Arc<_>).await.unwrap();
    assert_eq!(tally.failed, 1, "{heard:?}");
    assert_eq!(world.queue().books.len(), 1);
    assert_eq!(world.names("failed"), ["Emma.report.txt", "Emma/book.toml", "Emma/emma.md"]);
    assert_eq!(world.names("inbox"), [""; 0]);
}
