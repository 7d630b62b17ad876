//! The watch folder of the stack: a manuscript is dropped, an audiobook is found.

use std::{fs, os::unix::fs::MetadataExt};

use rhapsode_tests::{probe, shelf::scan_library};

use crate::{
    container::wait_until,
    http::spoken,
    image::USER,
    project::{Port, Stack},
};

#[test]
fn what_is_dropped_into_the_inbox_is_found_in_the_library_whatever_is_killed() {
    let stack = Stack::up(Port::Any);
    let books = stack.world.path("books");
    let watcher = stack.containers("watch").remove(0);
    wait_until("the inbox", || books.join("inbox").is_dir());
    let manuscript = stack.world.manuscript("the-orchard-at-number-nine.txt");
    fs::rename(manuscript, books.join("inbox/orchard.txt")).unwrap();
    let address = stack.builtin().published(5123);
    wait_until("a few takes", || spoken(&address) > 3);
    watcher.crash();
    wait_until("the book", || books.join("done/orchard.txt").is_file());
    let library = scan_library(&books.join("library"));
    assert_eq!(library.len(), 1);
    assert!(probe(&library[0].sound[0]).seconds() > 60.0);
    let about = fs::metadata(&library[0].sound[0]).unwrap();
    assert_eq!((about.uid(), about.gid()), USER);
}
