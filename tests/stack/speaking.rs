//! Books through the stack, from outside and from inside.

use std::{
    fs::{self, Permissions},
    os::unix::fs::{MetadataExt, PermissionsExt},
};

use rhapsode_tests::{World, probe};

use crate::{
    http::spoken,
    image::{UMASK, USER},
    project::{Port, Stack},
};

#[test]
fn compose_up_alone_gives_a_server_that_speaks_a_book() {
    let stack = Stack::up(Port::Any);
    for engine in ["index-tts", "chatterbox", "sesame"] {
        assert_eq!(stack.containers(engine).len(), 0, "{engine}");
    }
    let address = stack.builtin().published(5123);
    let world = World::new();
    let book = world.manuscript("the-tide-clerk.md");
    let backend = format!("http://{address}");
    let _ = world.run(["convert", book.to_str().unwrap(), "-o", "out.m4b", "--backend", &backend]).success();
    assert!(probe(&world.path("out.m4b")).seconds() > 60.0);
    assert!(spoken(&address) > 5);
}

#[test]
fn a_container_of_the_stack_converts_a_book_for_its_owner() {
    let stack = Stack::up(Port::Any);
    let books = stack.world.path("books");
    fs::set_permissions(&books, Permissions::from_mode(0o777)).unwrap();
    let book = stack.world.manuscript("the-orchard-at-number-nine.txt");
    fs::rename(book, books.join("orchard.txt")).unwrap();
    let convert = |more: &[&str]| {
        let job = ["convert", "orchard.txt", "-o", "done/orchard.m4b", "--backend", "http://builtin:5123"];
        let run = ["run", "--rm", "-T", "rhapsode"];
        stack.run(&[&run, &job[..], more].concat())
    };
    convert(&[]);
    let release = books.join("done/orchard.m4b");
    assert!(probe(&release).seconds() > 60.0);
    let about = fs::metadata(&release).unwrap();
    assert_eq!((about.uid(), about.gid()), USER);
    assert_eq!(about.mode() & 0o777, 0o666 & !UMASK);
    let folder = fs::metadata(books.join("done")).unwrap();
    assert_eq!(folder.mode() & 0o777, 0o777 & !UMASK);

    // Takes and state outlive the container that made them.
    let address = stack.builtin().published(5123);
    let before = spoken(&address);
    convert(&["--force"]);
    assert_eq!(spoken(&address), before);
}

#[test]
fn a_container_speaks_with_the_voice_of_its_image_when_no_server_is_named() {
    let stack = Stack::new(Port::Any);
    fs::set_permissions(stack.world.path("books"), Permissions::from_mode(0o777)).unwrap();
    stack.run(&["run", "--rm", "-T", "rhapsode", "say", "Nobody else is here.", "-o", "said.wav"]);
    assert!(probe(&stack.world.path("books/said.wav")).seconds() > 0.5);
}
