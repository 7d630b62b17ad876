//! A service that dies during a job.

use std::{
    io::{BufRead, BufReader},
    process::Stdio,
};

use rhapsode_tests::{World, probe};
use serde_json::Value;

use crate::{
    container::wait_until,
    project::{Port, Stack},
};

#[test]
fn a_service_that_is_killed_during_a_job_comes_back_and_the_book_is_complete() {
    let stack = Stack::up(Port::Fixed);
    let builtin = stack.builtin();
    let backend = format!("http://{}", builtin.published(5123));
    let world = World::new();
    let book = world.manuscript("the-lamplighters-almanac.epub");
    let job = ["--events=json", "convert", book.to_str().unwrap(), "-o", "out.m4b", "--wait"];
    let mut command = world.command(job);
    let mut child = command.args(["--backend", &backend]).stdout(Stdio::piped()).spawn().unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let (mut chunks, mut takes) = (0, 0);
    for line in lines {
        let event: Value = serde_json::from_str(&line).unwrap();
        match event["event"].as_str() {
            Some("scripted") => chunks = event["chunks"].as_u64().unwrap(),
            Some("take") => {
                assert_eq!(event["defects"], serde_json::json!([]));
                takes += 1;
                if takes == 5 {
                    builtin.crash();
                }
            }
            _ => {}
        }
    }
    assert!(child.wait().unwrap().success());
    assert!(takes >= 20 && takes <= chunks, "{takes} takes of {chunks} chunks");
    assert!(probe(&world.path("out.m4b")).seconds() > 300.0);
    let about = builtin.inspect();
    assert_eq!(about["RestartCount"], 1);
    assert_eq!(about["State"]["Running"], true);
    wait_until("health", || builtin.inspect()["State"]["Health"]["Status"] == "healthy");
}
