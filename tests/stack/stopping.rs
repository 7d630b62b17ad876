//! The end of a stack.

use std::thread;

use crate::{
    container::docker,
    http::{Answer, speak},
    project::{Port, Stack},
};

#[test]
fn a_stack_that_is_stopped_finishes_what_it_speaks_and_leaves_nothing() {
    let stack = Stack::up(Port::Fixed);
    let builtin = stack.builtin();
    let address = builtin.published(5123);
    let text =
        "The clerk of the tides wrote every hour of them into his book, and it was never wrong. ".repeat(3);
    let clients: Vec<_> = (0..4)
        .map(|_| {
            let (address, text) = (address.clone(), text.clone());
            thread::spawn(move || {
                let mut answers = Vec::new();
                while answers.last() != Some(&Answer::Refused) {
                    answers.push(speak(&address, &text));
                }
                answers
            })
        })
        .collect();
    while crate::http::spoken(&address) == 0 {
        thread::yield_now();
    }
    stack.run(&["stop"]);
    let mut whole = 0;
    for answer in clients.into_iter().flat_map(|client| client.join().unwrap()) {
        match answer {
            Answer::Whole { status: 200, bytes } => {
                assert!(bytes > 100_000, "{bytes}");
                whole += 1;
            }
            Answer::Refused => {}
            answer => panic!("{answer:?}"),
        }
    }
    assert!(whole > 0);
    let state = builtin.inspect()["State"].take();
    assert_eq!((&state["ExitCode"], &state["OOMKilled"]), (&0.into(), &false.into()), "{}", builtin.logs());
    assert!(builtin.logs().contains("stopping after what is in flight"), "{}", builtin.logs());

    let project = builtin.inspect()["Config"]["Labels"]["com.docker.compose.project"].take();
    stack.run(&["down", "--volumes"]);
    let label = format!("label=com.docker.compose.project={}", project.as_str().unwrap());
    for kind in ["container", "volume", "network"] {
        let left = docker([kind, "ls", "--quiet", "--filter", &label]).success().stdout;
        assert_eq!(left, "", "{kind}");
    }
}
