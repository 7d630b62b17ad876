//! Several containers of one service.

use std::{
    fs::{self, Permissions},
    os::unix::fs::PermissionsExt,
};

use crate::{
    container::Container,
    http::spoken,
    project::{Port, Stack},
};

#[test]
fn two_replicas_of_a_service_share_a_book() {
    let stack = Stack::new(Port::Any);
    stack.run(&["up", "-d", "--scale", "builtin=2"]);
    let replicas = stack.containers("builtin");
    assert_eq!(replicas.len(), 2);
    replicas.iter().for_each(Container::wait_until_healthy);
    let books = stack.world.path("books");
    fs::set_permissions(&books, Permissions::from_mode(0o777)).unwrap();
    let book = stack.world.manuscript("the-lamplighters-almanac.epub");
    fs::rename(book, books.join("book.epub")).unwrap();
    let run = ["run", "--rm", "-T", "rhapsode"];
    let job = ["--events=json", "convert", "book.epub", "--backend", "http://builtin:5123"];
    let told = stack.run(&[&run[..], &job].concat());
    let takes = told.lines().filter(|line| line.contains("\"event\":\"take\"")).count() as u64;
    let shares: Vec<u64> = replicas.iter().map(|replica| spoken(&replica.published(5123))).collect();
    // Neither may be left with what the other had no time for.
    assert!(shares.iter().all(|share| *share > takes / 5), "{shares:?} of {takes}");
    assert!(shares.iter().sum::<u64>() >= takes, "{shares:?} of {takes}");
}
