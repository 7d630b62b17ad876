//! Books on speech servers: one, several, some after others.

use std::time::Duration;

use rhapsode_tests::{
    World,
    fleet::{CHUNK, Fleet, Identity, arguments, convert, manuscript, takes},
    kills::{count, figure},
    speech_server::{Manners, Settings},
    survival::{Healthy, says},
};
use serde_json::Value;

fn events(stdout: &str) -> Vec<Value> {
    stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn a_server_named_on_the_command_line_speaks_a_book() {
    let fleet = Fleet::start([Settings { manners: Manners::Own, ..Settings::default() }]);
    let world = World::new();
    let text = manuscript(2, 8);
    let book = world.write("book.md", &text);
    let _ = convert(&world, &book, &["--backend", &fleet.servers()[0].url()]).success();
    let (samples, rate) = rhapsode_tests::fleet::release(&world);
    let said = fleet.hear(&samples, rate).unwrap().join(" ");
    let body = text.rsplit("---\n").next().unwrap();
    assert_eq!(rhapsode_tests::fleet::words(&said), rhapsode_tests::fleet::words(body));
}

#[test]
fn several_servers_speak_one_book_together_and_it_is_the_same_book() {
    let healthy = Healthy::make().unwrap();
    let slow = || Settings { seconds_per_character: 0.002, ..Settings::default() };
    let fleet = Fleet::start([slow(), slow(), slow()]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("book.md", healthy.manuscript());
    let _ = convert(&world, &book, &[]).success();
    healthy.same(&world, &fleet).unwrap();
    for counts in fleet.counts() {
        assert!(counts.of_books().count() > 0, "a server had nothing to do");
    }
}

#[test]
fn a_finished_book_asks_for_nothing_on_a_second_run_not_even_a_probe() {
    let fleet =
        Fleet::start([Settings::default(), Settings { manners: Manners::Own, ..Settings::default() }]);
    let world = World::new();
    fleet.configure(&world, Identity::Stated);
    let book = world.write("book.md", manuscript(2, 8));
    let _ = convert(&world, &book, &[]).success();
    let before = fleet.requests();
    let again = events(&convert(&world, &book, &[]).success().stdout);
    assert_eq!(fleet.requests(), before);
    assert_eq!(count(&again, "take"), 0);
    // The release has to be made again, its takes have not.
    std::fs::remove_file(world.path("out.m4b")).unwrap();
    let _ = convert(&world, &book, &[]).success();
    assert_eq!(fleet.requests(), before);
}

#[test]
fn half_a_book_is_finished_on_two_servers_with_smaller_limits_and_no_take_is_made_twice() {
    let healthy = Healthy::make().unwrap();
    let world = World::new();
    let book = world.write("book.md", healthy.manuscript());
    let first = Fleet::start([Settings { seconds_per_character: 0.001, ..Settings::default() }]);
    first.configure(&world, Identity::Stated);
    let mut child = world
        .command(arguments(&book, &[]))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .spawn()
        .unwrap();
    while takes(&world).len() < healthy.takes() / 2 {
        assert!(child.try_wait().unwrap().is_none(), "the job ended before its half");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    let made: Vec<String> =
        takes(&world).values().flat_map(|(samples, rate)| first.hear(samples, *rate).unwrap()).collect();

    let smaller = |max_chars| Settings { max_chars, ..Settings::default() };
    let second = Fleet::start([smaller(CHUNK * 2 / 3), smaller(CHUNK / 2)]);
    second.configure(&world, Identity::Stated);
    let told = events(&convert(&world, &book, &[]).success().stdout);
    assert_eq!(
        figure(&told, "looked_up", "present") as usize,
        figure(&told, "scripted", "chunks") as usize - { figure(&told, "looked_up", "missing") as usize }
    );
    let asked = second.asked();
    for text in &made {
        assert!(!asked.contains_key(text), "{text:?} was made already and is asked for again");
    }
    assert_eq!(takes(&world).len(), healthy.takes(), "the chunks of the book have moved");
    for counts in second.counts() {
        let longest = counts.asked.iter().filter(|a| a.end == rhapsode_tests::speech_server::End::Answered);
        assert!(longest.clone().count() > 0, "a server had nothing to do");
    }
}

#[test]
fn two_foreign_servers_with_equal_model_and_voice_names_share_no_take() {
    let timbre = |timbre: &str| Settings { timbre: timbre.to_owned(), ..Settings::default() };
    let (one, other) = (Fleet::start([timbre("one")]), Fleet::start([timbre("other")]));
    let world = World::new();
    let text = manuscript(2, 8);
    let book = world.write("book.md", &text);
    one.configure(&world, Identity::Unstated);
    let _ = convert(&world, &book, &[]).success();
    says(&world, &one, &text).unwrap();
    let made = takes(&world).len();
    other.configure(&world, Identity::Unstated);
    let told = events(&convert(&world, &book, &[]).success().stdout);
    assert_eq!(figure(&told, "looked_up", "present"), 0);
    says(&world, &other, &text).unwrap();
    assert_eq!(takes(&world).len(), 2 * made);
}

#[test]
fn servers_that_are_not_said_to_be_the_same_do_not_speak_one_book_together() {
    let timbre = |timbre: &str| Settings { timbre: timbre.to_owned(), ..Settings::default() };
    let fleet = Fleet::start([timbre("one"), timbre("other")]);
    let world = World::new();
    let book = world.write("book.md", manuscript(1, 4));
    fleet.configure(&world, Identity::Unstated);
    let outcome = convert(&world, &book, &[]);
    assert_ne!(outcome.code, Some(0));
    assert!(outcome.stderr.contains("identity"), "it is not told how to allow it: {}", outcome.stderr);
    assert_eq!(fleet.counts().iter().map(|counts| counts.of_books().count()).sum::<usize>(), 0);
}

#[test]
fn a_job_without_a_server_that_answers_stops_with_everything_kept_and_goes_on_later() {
    let healthy = Healthy::make().unwrap();
    let world = World::new();
    let book = world.write("book.md", healthy.manuscript());
    let fleet = Fleet::start([Settings { seconds_per_character: 0.001, ..Settings::default() }]);
    fleet.configure(&world, Identity::Stated);
    let child = world
        .command(arguments(&book, &[]))
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    while takes(&world).len() < 5 {
        std::thread::sleep(Duration::from_millis(2));
    }
    fleet.servers()[0].die(Duration::from_secs(3_600));
    let outcome = child.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&outcome.stderr);
    assert_ne!(outcome.status.code(), Some(0));
    assert!(said.contains("hint:"), "{said}");
    let kept = takes(&world).len();
    assert!((5..healthy.takes()).contains(&kept));
    let fleet = Fleet::start([Settings::default()]);
    fleet.configure(&world, Identity::Stated);
    let told = events(&convert(&world, &book, &[]).success().stdout);
    assert!(figure(&told, "looked_up", "present") as usize >= kept);
    assert_eq!(takes(&world).len(), healthy.takes());
}

#[test]
fn a_command_that_would_start_rhapsode_again_and_again_is_stopped_at_the_first_time() {
    let world = World::new();
    let program = rhapsode_tests::program();
    world.write(
        "rhapsode.toml",
        format!(
            "[[backend]]\nname = \"mirror\"\nkind = \"command\"\nvoices = [\"hibari\"]\n\
             command = [\"{}\", \"say\", \"{{text}}\", \"-o\", \"{{output}}\"]\n",
            program.display()
        ),
    );
    let outcome = world.run(["say", "Nobody had seen the keeper.", "-o", "out.wav"]);
    assert_eq!(outcome.code, Some(5), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("--backend builtin"), "{}", outcome.stderr);
}
