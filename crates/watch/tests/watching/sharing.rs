//! Several watchers: on one library, on one inbox, and what one of them left that was killed.

use std::{fs, sync::Arc, time::Duration};

use rhapsode_watch::{Halt, State, Until, WatchEvent, Wish, find, watch as start, wish};
use tokio::{sync::watch, time::Instant};

use crate::{
    scribe::{Mood, Scribe},
    world::{Ear, World},
};

fn willing() -> Arc<Scribe> {
    Arc::new(Scribe::new(Mood::Willing))
}

/// A second world whose watcher publishes into the library of the first.
fn beside(world: &World) -> World {
    let mut other = World::new();
    other.settings.library.clone_from(&world.settings.library);
    other
}

fn sound(world: &World) -> Vec<String> {
    world.names("library").into_iter().filter(|name| name.ends_with(".m4b")).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_same_manuscript_in_two_inboxes_becomes_one_audiobook() {
    for _ in 0..10 {
        let here = World::new();
        let there = beside(&here);
        for world in [&here, &there] {
            for number in 0..5 {
                world.drop_book(&format!("{number}.md"), &format!("Title {number}\nAuthor"));
            }
        }
        let (one, other) = tokio::join!(here.try_run(willing()), there.try_run(willing()));
        let (one, other) = (one.unwrap(), other.unwrap());
        assert_eq!(one.0.published + other.0.published, 5, "{one:?} {other:?}");
        assert_eq!(sound(&here).len(), 5, "{:?}", here.names("library"));
        for world in [&here, &there] {
            assert_eq!(world.names("done").len(), 5);
            assert!(world.queue().books.iter().all(|book| matches!(book.state, State::Done { .. })));
        }
        let already = |heard: &[WatchEvent]| {
            heard.iter().filter(|event| matches!(event, WatchEvent::AlreadyThere { .. })).count()
        };
        assert_eq!(already(&one.1) + already(&other.1), 5);
        assert_eq!(fs::read_dir(here.settings.library.join(".rhapsode-staging")).unwrap().count(), 0);
        assert!(!here.settings.library.join(".rhapsode-lease").exists());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn other_books_of_the_same_titles_in_two_inboxes_are_all_kept() {
    let here = World::new();
    let there = beside(&here);
    for (world, place) in [(&here, "here"), (&there, "there")] {
        for number in 0..10 {
            world.drop_book(
                &format!("{number}.md"),
                &format!("Title {}\nAuthor\n{place} {number}", number % 2),
            );
        }
    }
    let (one, other) = tokio::join!(here.try_run(willing()), there.try_run(willing()));
    assert_eq!((one.unwrap().0.published, other.unwrap().0.published), (10, 10));
    assert_eq!(sound(&here).len(), 20);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_watchers_of_one_inbox_make_every_book_once() {
    for _ in 0..10 {
        let world = World::new();
        let mut second = world.settings.clone();
        second.state = world.dir.path().join("second state");
        for number in 0..20 {
            world.drop_book(&format!("{number}.md"), &format!("Title {number}\nAuthor"));
        }
        let (_go_on, halt) = watch::channel(Halt::GoOn);
        let second = start(second, willing(), Arc::new(Ear::default()), halt);
        let (one, other) = tokio::join!(world.try_run(willing()), second);
        let published = one.unwrap().0.published + other.unwrap().published;
        assert_eq!((published, sound(&world).len()), (20, 20), "{:?}", world.names("library"));
        assert_eq!((world.names("done").len(), world.names("inbox").len()), (20, 0));
    }
}

#[tokio::test(start_paused = true)]
async fn a_library_whose_lease_another_watcher_left_is_taken_over_by_ones_own_clock() {
    let world = World::new();
    fs::create_dir_all(&world.settings.library).unwrap();
    // Its time would say that it is of the future.
    let left = r#"{"watcher":"0123456789abcdef0123456789abcdef","owner":"process 7 on nas","beat":"00000000000000000003"}"#;
    let lease = world.settings.library.join(".rhapsode-lease");
    fs::write(&lease, left).unwrap();
    fs::File::options()
        .write(true)
        .open(&lease)
        .unwrap()
        .set_modified(std::time::SystemTime::now() + Duration::from_secs(1 << 30))
        .unwrap();
    world.drop_book("emma.md", "Emma\nJane Austen");
    let began = Instant::now();
    let (tally, heard) = world.try_run(willing()).await.unwrap();
    assert_eq!(tally.published, 1);
    assert!(began.elapsed() >= Duration::from_secs(30), "{:?}", began.elapsed());
    let owner = "process 7 on nas".to_owned();
    assert!(heard.contains(&WatchEvent::LeaseHeld { owner: owner.clone() }), "{heard:?}");
    assert!(heard.contains(&WatchEvent::LeaseTakenOver { owner }), "{heard:?}");
    assert!(!lease.exists());
}

#[tokio::test]
async fn a_watcher_that_waits_for_the_lease_ends_at_once_when_it_is_told_to() {
    let mut world = World::new();
    world.settings.until = Until::Stopped;
    fs::create_dir_all(&world.settings.library).unwrap();
    fs::write(world.settings.library.join(".rhapsode-lease"), "somebody").unwrap();
    world.drop_book("emma.md", "Emma\nJane Austen");
    let (stop, halt) = watch::channel(Halt::GoOn);
    let ear = Arc::new(Ear::default());
    let watching = tokio::spawn(start(world.settings.clone(), willing(), Arc::clone(&ear) as Arc<_>, halt));
    ear.hears(|event| matches!(event, WatchEvent::LeaseHeld { .. })).await;
    stop.send_replace(Halt::Now);
    assert_eq!(watching.await.unwrap().unwrap().published, 0);
    assert_eq!(world.names("inbox"), ["emma.md"]);
    fs::remove_file(world.settings.library.join(".rhapsode-lease")).unwrap();
    world.settings.until = Until::Idle;
    assert_eq!(world.try_run(willing()).await.unwrap().0.published, 1);
}

#[tokio::test]
async fn a_book_that_was_taken_out_of_the_library_is_made_again_by_another_watcher() {
    let here = World::new();
    let there = beside(&here);
    here.drop_book("emma.md", "Emma\nJane Austen");
    assert_eq!(here.try_run(willing()).await.unwrap().0.published, 1);
    fs::remove_dir_all(here.settings.library.join("Jane Austen")).unwrap();
    there.drop_book("emma.md", "Emma\nJane Austen");
    assert_eq!(there.try_run(willing()).await.unwrap().0.published, 1);
}

#[tokio::test]
async fn a_wish_to_cancel_holds_for_a_book_in_flight_and_for_one_that_waits() {
    let mut world = World::new();
    world.settings.books = 1;
    world.drop_book("a.md", "A\nAuthor");
    world.drop_book("b.md", "B\nAuthor");
    let scribe = Arc::new(Scribe::new(Mood::Slow));
    let cancelling = async {
        scribe.news.notified().await;
        for name in ["b.md", "a.md"] {
            let id = find(&world.queue(), name).unwrap();
            wish(&world.settings.state, Wish::Cancel { id }).unwrap();
        }
    };
    let (watched, ()) = tokio::join!(world.try_run(Arc::clone(&scribe) as Arc<_>), cancelling);
    assert_eq!(watched.unwrap().0.published, 0);
    assert!(world.queue().books.iter().all(|book| book.state == State::Cancelled));
}
