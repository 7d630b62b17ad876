//! What becomes of what is dropped.

use std::{fs, pin::Pin, sync::Arc, time::Duration};

use rhapsode_watch::{
    Conversion, Converted, Converter, EntryId, Originals, Repeats, State, Trouble, Until, WatchError,
    WatchEvent, Wish, find, wish,
};
use tokio::sync::watch;

use crate::{
    scribe::{Mood, Scribe},
    world::{Ear, World},
};

fn willing() -> Scribe {
    Scribe::new(Mood::Willing)
}

#[tokio::test]
async fn a_dropped_book_is_in_the_library_and_its_manuscript_among_those_done() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen\nHandsome, clever, and rich.");
    let tally = world.run(willing()).await;
    assert_eq!((tally.published, tally.failed), (1, 0));
    assert_eq!(world.names("library"), ["Jane Austen/Emma/book.m4b"]);
    assert_eq!(world.names("done"), ["emma.md"]);
    assert_eq!(world.names("inbox"), [""; 0]);
    assert!(matches!(world.queue().books[0].state, State::Done { .. }));
}

#[tokio::test]
async fn the_same_content_is_done_once_whatever_it_is_called() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen");
    let _ = world.run(willing()).await;
    world.drop_book("again/copy of emma.md", "Emma\nJane Austen");
    let scribe = Arc::new(willing());
    let (tally, heard) = world.try_run(Arc::clone(&scribe) as Arc<_>).await.unwrap();
    assert_eq!(tally.published, 0);
    assert_eq!(scribe.begun.load(std::sync::atomic::Ordering::SeqCst), 0);
    assert!(heard.iter().any(|event| matches!(event, WatchEvent::Duplicate { .. })), "{heard:?}");
    assert_eq!(world.names("done"), ["again/copy of emma.md", "emma.md"]);
}

#[tokio::test]
async fn the_same_content_is_done_again_where_that_is_wanted() {
    let mut world = World::new();
    world.settings.repeats = Repeats::DoAgain;
    for _ in 0..2 {
        world.drop_book("emma.md", "Emma\nJane Austen");
        assert_eq!(world.run(willing()).await.published, 1);
    }
    let books: Vec<String> =
        world.names("library").into_iter().filter(|name| name.ends_with("m4b")).collect();
    assert_eq!(books, ["Jane Austen/Emma (2)/book.m4b", "Jane Austen/Emma/book.m4b"]);
}

#[tokio::test]
async fn equal_titles_never_overwrite_each_other() {
    let world = World::new();
    world.drop_book("one.md", "Emma\nJane Austen\none");
    world.drop_book("two.md", "Emma\nJane Austen\ntwo");
    assert_eq!(world.run(willing()).await.published, 2);
    let mut words: Vec<String> =
        world.tree("library").into_iter().filter(|(n, _)| n.ends_with("m4b")).map(|it| it.1).collect();
    words.sort();
    assert_eq!(words, ["Emma\nJane Austen\none", "Emma\nJane Austen\ntwo"]);
}

#[tokio::test]
async fn what_cannot_be_made_is_put_aside_with_a_report_and_the_others_go_on() {
    let world = World::new();
    world.drop_book("broken/broken.md", "");
    world.drop_book("broken/broken.jpg", "picture");
    world.drop_book("emma.md", "Emma\nJane Austen");
    let tally = world.run(willing()).await;
    assert_eq!((tally.published, tally.failed), (1, 1));
    assert_eq!(world.names("failed"), ["broken.report.txt", "broken/broken.jpg", "broken/broken.md"]);
    let report = world.tree("failed").remove(0).1;
    assert!(report.contains("it has no title") && report.contains("rhapsode queue retry"), "{report}");
}

#[tokio::test]
async fn a_book_that_failed_goes_back_into_the_queue_when_the_user_says_so() {
    let world = World::new();
    world.drop_book("broken.md", "");
    let _ = world.run(willing()).await;
    let id = find(&world.queue(), "broken").unwrap();
    wish(&world.settings.state, Wish::Retry { id }).unwrap();
    assert_eq!(world.run(willing()).await.failed, 1);
    assert_eq!(world.queue().books.len(), 1);
    assert_eq!(world.queue().books[0].attempts, 2);
    assert_eq!(world.names("failed"), ["broken.md", "broken.md.report.txt"]);
}

#[tokio::test]
async fn a_wish_for_a_book_that_the_queue_does_not_have_changes_nothing() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen");
    let id = EntryId(77);
    for unknown in [Wish::Cancel { id }, Wish::Retry { id }, Wish::Up { id }] {
        wish(&world.settings.state, unknown).unwrap();
    }
    assert_eq!(world.run(willing()).await.published, 1);
}

#[tokio::test]
async fn in_place_leaves_everything_where_it_is_and_does_it_once() {
    let mut world = World::new();
    world.settings.originals = Originals::Stay;
    world.drop_book("Calibre/emma.md", "Emma\nJane Austen");
    world.drop_book("bad.md", "");
    for expected in [(1, 1), (0, 0)] {
        let tally = world.run(willing()).await;
        assert_eq!((tally.published, tally.failed), expected);
    }
    assert_eq!(world.names("inbox"), ["Calibre/emma.md", "bad.md"]);
    assert_eq!(world.names("failed"), ["bad.md.report.txt"]);
}

#[tokio::test]
async fn what_the_user_cancelled_stays_in_the_inbox_and_is_not_begun_again() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen");
    let scribe = Arc::new(Scribe::new(Mood::Slow));
    let watching = world.try_run(Arc::clone(&scribe) as Arc<_>);
    let cancelling = async {
        scribe.news.notified().await;
        let id = find(&world.queue(), "emma").unwrap();
        wish(&world.settings.state, Wish::Cancel { id }).unwrap();
    };
    let (watched, ()) = tokio::join!(watching, cancelling);
    assert_eq!(watched.unwrap().0.published, 0);
    assert_eq!(world.names("inbox"), ["emma.md"]);
    assert_eq!(world.queue().books[0].state, State::Cancelled);
    assert_eq!(world.run(willing()).await.published, 0);
}

#[tokio::test(start_paused = true)]
async fn an_outage_parks_the_queue_and_it_goes_on_by_itself() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen");
    world.drop_book("persuasion.md", "Persuasion\nJane Austen");
    let scribe = Arc::new(Scribe::new(Mood::Dry));
    let mending = async {
        for _ in 0..3 {
            scribe.news.notified().await;
        }
        scribe.be(Mood::Willing);
    };
    let (watched, ()) = tokio::join!(world.try_run(Arc::clone(&scribe) as Arc<_>), mending);
    let (tally, heard) = watched.unwrap();
    assert_eq!((tally.published, tally.failed), (2, 0));
    let parked =
        heard.iter().filter(|event| matches!(event, WatchEvent::Parked { reason } if reason == "no ink"));
    assert_eq!(parked.count(), 1, "{heard:?}");
    assert!(heard.contains(&WatchEvent::GoesOn));
}

/// A scribe who never has ink for one book.
struct Picky(Scribe);

impl Converter for Picky {
    fn convert(
        &self,
        conversion: Conversion,
    ) -> Pin<Box<dyn Future<Output = Result<Converted, Trouble>> + Send + '_>> {
        if conversion.manuscript.ends_with("a.md") {
            return Box::pin(async { Err(Trouble::Outage("no ink for this one".to_owned())) });
        }
        self.0.convert(conversion)
    }
}

#[tokio::test(start_paused = true)]
async fn a_book_that_parks_the_queue_again_and_again_keeps_no_other_from_being_made() {
    for books in [1, 2] {
        let mut world = World::new();
        world.settings.books = books;
        world.settings.until = Until::Stopped;
        for name in ["a", "b", "c", "d"] {
            world.drop_book(&format!("{name}.md"), &format!("{name}\nAuthor"));
        }
        let (stop, halt) = watch::channel(rhapsode_watch::Halt::GoOn);
        let (settings, ear) = (world.settings.clone(), Arc::new(Ear::default()));
        let scribe = Arc::new(Picky(willing()));
        let watching =
            tokio::spawn(rhapsode_watch::watch(settings, scribe, Arc::clone(&ear) as Arc<_>, halt));
        let published = |heard: &[WatchEvent]| {
            heard.iter().filter(|event| matches!(event, WatchEvent::Published { .. })).count()
        };
        tokio::time::timeout(Duration::from_secs(600), async {
            while published(&ear.heard()) < 3 {
                tokio::time::sleep(Duration::from_millis(100)).await;
            }
        })
        .await
        .expect("the others are made within ten minutes of the watcher's clock");
        stop.send_replace(rhapsode_watch::Halt::Now);
        assert_eq!(watching.await.unwrap().unwrap().published, 3);
        assert_eq!(world.names("inbox"), ["a.md"]);
    }
}

#[tokio::test]
async fn a_paused_queue_begins_nothing_even_after_a_start() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen");
    let mut settings = world.settings.clone();
    settings.until = Until::Stopped;
    fs::create_dir_all(&settings.state).unwrap();
    wish(&settings.state, Wish::Pause).unwrap();
    let scribe = Arc::new(willing());
    let (stop, halt) = watch::channel(rhapsode_watch::Halt::GoOn);
    let watching = tokio::spawn(rhapsode_watch::watch(
        settings,
        Arc::clone(&scribe) as Arc<_>,
        Arc::new(Ear::default()),
        halt,
    ));
    while world.queue().books.is_empty() {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(world.queue().paused);
    assert_eq!(world.queue().books[0].state, State::Waiting);
    wish(&world.settings.state, Wish::Resume).unwrap();
    scribe.news.notified().await;
    stop.send_replace(rhapsode_watch::Halt::Drain);
    assert_eq!(watching.await.unwrap().unwrap().published, 1);
}

#[tokio::test]
async fn a_second_watcher_of_the_same_inbox_is_refused() {
    let world = World::new();
    world.drop_book("emma.md", "Emma\nJane Austen");
    let scribe = Arc::new(Scribe::new(Mood::Slow));
    let second = async {
        scribe.news.notified().await;
        let refused = world.try_run(Arc::new(willing())).await.unwrap_err();
        assert!(matches!(refused, WatchError::State(_)), "{refused}");
        let id = find(&world.queue(), "1").unwrap();
        wish(&world.settings.state, Wish::Cancel { id }).unwrap();
    };
    let (watched, ()) = tokio::join!(world.try_run(Arc::clone(&scribe) as Arc<_>), second);
    watched.unwrap();
}

#[tokio::test]
async fn a_library_in_the_inbox_is_refused() {
    let mut world = World::new();
    world.settings.library = world.settings.inbox.join("library");
    let refused = world.try_run(Arc::new(willing())).await.unwrap_err();
    assert!(matches!(refused, WatchError::Nested { what: "library", .. }), "{refused}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn books_that_begin_together_find_the_same_library() {
    for _ in 0..20 {
        let mut world = World::new();
        world.settings.books = 8;
        for number in 0..8 {
            world.drop_book(&format!("{number}.md"), &format!("Title {number}\nAuthor"));
        }
        let (tally, heard) = world.try_run(Arc::new(willing())).await.unwrap();
        assert_eq!(tally.published, 8);
        assert!(!heard.iter().any(|event| matches!(event, WatchEvent::Parked { .. })), "{heard:?}");
    }
}

#[tokio::test]
async fn a_hundred_books_at_once_and_names_in_any_script() {
    let world = World::new();
    for number in 0..100 {
        world.drop_book(&format!("книга {number} 本.md"), &format!("Война {number}: ؟\nТолстой/Лев"));
    }
    assert_eq!(world.run(willing()).await.published, 100);
    assert_eq!(world.names("library").len(), 100);
    assert_eq!(world.names("done").len(), 100);
}
