//! Books on servers that fail in every way that servers do.

use std::sync::Mutex;

use rhapsode_tests::{
    speech_server::Fault,
    survival::{Healthy, Survival},
};

/// Jobs at the same time: most of their time is waiting.
const AT_ONCE: usize = 6;

/// Does a number of things, some at the same time; what went wrong with each.
fn all<T: Send + std::fmt::Display>(
    things: impl IntoIterator<Item = T, IntoIter: Send>,
    work: impl Fn(&T) -> Result<Survival, String> + Sync,
) -> Vec<String> {
    let things = Mutex::new(things.into_iter());
    let failures = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let next = things.lock().unwrap().next();
                    let Some(thing) = next else { break };
                    match work(&thing) {
                        Ok(survival) => println!("{thing}: {survival:?}"),
                        Err(error) => failures.lock().unwrap().push(format!("{thing}: {error}")),
                    }
                }
            });
        }
    });
    failures.into_inner().unwrap()
}

#[test]
fn every_fault_alone_strikes_and_leaves_the_book_as_it_is_on_a_healthy_server() {
    let healthy = Healthy::make().unwrap();
    let failures = all(Fault::all(), |fault| healthy.survive(1, &[*fault], 25, 1..));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn all_faults_together_on_three_servers_leave_the_book_as_it_is_on_a_healthy_server() {
    let healthy = Healthy::make().unwrap();
    let faults: Vec<Fault> = Fault::all().collect();
    let failures = all(1..=20_u64, |seed| healthy.survive(3, &faults, 30, [*seed]));
    assert!(failures.is_empty(), "{}", failures.join("\n"));
}

#[test]
fn a_book_that_no_fault_struck_does_not_count_as_survived() {
    let healthy = Healthy::make().unwrap();
    let error = healthy.survive(1, &[Fault::InternalError], 0, [1, 2]).unwrap_err();
    assert_eq!(error, "no fault struck any book");
}
