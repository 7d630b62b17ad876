//! Who is told of books, and that nothing of it is lost.

use std::{collections::BTreeSet, fs, sync::Arc, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use hmac::{Hmac, KeyInit, Mac};
use rhapsode_watch::{
    Halt, Hook, HookAction, Outcome, Program, Secret, Shelf, ShelfAction, Until, WatchEvent, Webhook,
};
use tokio::sync::watch;

use crate::{
    receiver::Receiver,
    scribe::{Mood, Scribe},
    world::{Ear, World},
};

fn hook(name: &str, action: HookAction) -> Hook {
    let on: BTreeSet<Outcome> = Outcome::ALL.into();
    Hook { name: name.to_owned().try_into().unwrap(), on, action, time_out: Duration::from_secs(20) }
}

pub(crate) fn webhook(url: &str, secret: Option<&str>) -> Hook {
    let secret = secret.map(Secret::new);
    hook("web", HookAction::Webhook(Webhook::new(url, secret.as_ref()).unwrap()))
}

fn script(world: &World, text: &str, arguments: &[&str]) -> Hook {
    let path = world.dir.path().join("hook.sh");
    fs::write(&path, text).unwrap();
    let mut command = vec!["/bin/sh".to_owned(), path.display().to_string()];
    command.extend(arguments.iter().map(|&argument| argument.to_owned()));
    let environment = vec![("PATH".into(), "/usr/bin:/bin".into())];
    hook("script", HookAction::Program(Program::new(&command, environment).unwrap()))
}

async fn run(world: &World) -> Vec<WatchEvent> {
    world.try_run(Arc::new(Scribe::new(Mood::Willing))).await.unwrap().1
}

#[tokio::test]
async fn a_webhook_is_told_of_every_end_and_signed_so_that_its_owner_can_check_it() {
    let receiver = Receiver::at(0).await;
    let mut world = World::new();
    world.settings.hooks = vec![webhook(&format!("{}/hear", receiver.url()), Some("hush"))];
    world.drop_book("bad.md", "");
    world.drop_book("emma.md", "Emma\nJane Austen\nwords");
    let heard = run(&world).await;
    let seen = receiver.seen();
    let news: Vec<_> = seen.iter().map(super::receiver::Seen::json).collect();
    assert_eq!(news.len(), 2, "{news:?}");
    let of = |event: &str| news.iter().find(|it| it["event"] == event).unwrap();
    let (failed, done) = (of("failed"), of("done"));
    assert_eq!(
        (failed["manuscript"].as_str(), failed["reason"].as_str()),
        (Some("bad.md"), Some("it has no title"))
    );
    assert_eq!((done["title"].as_str(), done["place"].as_str()), (Some("Emma"), Some("Jane Austen/Emma")));
    assert_eq!(done["files"], serde_json::json!(["book.m4b"]));
    for request in &seen {
        assert_eq!(request.path, "/hear");
        let header = |name: &str| request.headers[name].as_str();
        assert_eq!(
            (header("content-type"), header("webhook-id")),
            ("application/json", request.json()["id"].as_str().unwrap())
        );
        let mut mac = Hmac::<sha2::Sha256>::new_from_slice(b"hush").unwrap();
        mac.update(format!("{}.{}.", header("webhook-id"), header("webhook-timestamp")).as_bytes());
        mac.update(&request.body);
        let signature = BASE64_STANDARD.encode(mac.finalize().into_bytes());
        assert_eq!(header("webhook-signature"), format!("v1,{signature}"));
    }
    assert_eq!(heard.iter().filter(|event| matches!(event, WatchEvent::HookTold { .. })).count(), 2);
    assert_eq!(world.queue().hooks, []);
}

#[tokio::test]
async fn what_a_server_does_not_take_in_now_is_told_again_when_it_asks_for_it() {
    let receiver = Receiver::at(0).await;
    receiver.answer(503, Some(2));
    receiver.answer(307, None);
    let mut world = World::new();
    world.settings.hooks = vec![webhook(&receiver.url(), None)];
    world.settings.until = Until::Stopped;
    world.drop_book("emma.md", "Emma\nJane Austen");
    let began = std::time::Instant::now();
    let (stop, halt) = watch::channel(Halt::GoOn);
    let ear = Arc::new(Ear::default());
    let scribe = Arc::new(Scribe::new(Mood::Willing));
    let watching =
        tokio::spawn(rhapsode_watch::watch(world.settings.clone(), scribe, Arc::clone(&ear) as Arc<_>, halt));
    ear.hears(|event| matches!(event, WatchEvent::HookTold { .. })).await;
    stop.send_replace(Halt::Drain);
    assert_eq!(watching.await.unwrap().unwrap().published, 1);
    let seen = receiver.seen();
    assert_eq!(seen.len(), 3);
    assert!(
        seen.iter()
            .all(|it| it.headers["webhook-id"] == seen[0].headers["webhook-id"] && it.body == seen[0].body)
    );
    assert!(began.elapsed() >= Duration::from_secs(4), "{:?}", began.elapsed());
    let waits: Vec<WatchEvent> =
        ear.heard().into_iter().filter(|event| matches!(event, WatchEvent::HookWaits { .. })).collect();
    assert!(
        matches!(&waits[0], WatchEvent::HookWaits { reason, seconds, .. }
        if reason.contains("503") && reason.contains("as the test wants") && *seconds > 1.0),
        "{waits:?}"
    );
}

#[tokio::test]
async fn what_could_not_be_told_while_nobody_listened_is_told_by_the_next_run() {
    let gone = Receiver::at(0).await;
    let (port, url) = (gone.port(), gone.url());
    gone.end().await;
    let mut world = World::new();
    world.settings.hooks = vec![webhook(&url, None)];
    world.drop_book("emma.md", "Emma\nJane Austen");
    world.drop_book("persuasion.md", "Persuasion\nJane Austen");
    let heard = run(&world).await;
    assert_eq!(heard.iter().filter(|event| matches!(event, WatchEvent::Published { .. })).count(), 2);
    // The second one is not tried: the hook is away, and not the news bad.
    assert_eq!(
        heard.iter().filter(|event| matches!(event, WatchEvent::HookWaits { .. })).count(),
        1,
        "{heard:?}"
    );
    let waiting = world.queue().hooks;
    assert_eq!(waiting.len(), 2);
    assert!(waiting.iter().any(|it| it.reason.is_some()), "{waiting:?}");
    let receiver = Receiver::at(port).await;
    let _ = run(&world).await;
    let titles: BTreeSet<String> =
        receiver.seen().iter().map(|it| it.json()["title"].as_str().unwrap().to_owned()).collect();
    assert_eq!(titles, ["Emma", "Persuasion"].map(str::to_owned).into());
    assert_eq!(world.queue().hooks, []);
}

#[tokio::test]
async fn news_that_is_refused_holds_no_other_up_and_is_laid_aside_in_the_end() {
    let receiver = Receiver::at(0).await;
    receiver.answer(422, None);
    let mut world = World::new();
    world.settings.hooks = vec![webhook(&receiver.url(), None)];
    world.settings.books = 1;
    world.drop_book("a.md", "A\nJane Austen");
    world.drop_book("b.md", "B\nJane Austen");
    let _ = run(&world).await;
    let refused = world.queue().hooks;
    assert!(receiver.seen().len() >= 2 && refused.len() == 1 && !refused[0].given_up, "{refused:?}");
    // As if it had been refused for hours.
    let outbox = world.settings.state.join("outbox");
    let letter =
        fs::read_dir(&outbox).unwrap().map(|file| file.unwrap().path()).find(|path| path.is_file()).unwrap();
    let text = fs::read_to_string(&letter).unwrap();
    assert!(text.contains("\"refusals\": 1,"), "{text}");
    fs::write(&letter, text.replace("\"refusals\": 1,", "\"refusals\": 15,")).unwrap();
    receiver.answer(422, None);
    let heard = run(&world).await;
    assert!(heard.iter().any(|event| matches!(event, WatchEvent::HookGaveUp { .. })), "{heard:?}");
    assert!(world.queue().hooks[0].given_up);
    assert!(outbox.join("given-up").join(letter.file_name().unwrap()).is_file() && !letter.exists());
}

#[tokio::test]
async fn a_program_gets_the_news_and_no_shell_reads_its_arguments() {
    let mut world = World::new();
    let text =
        "cd \"$(dirname \"$0\")\"\nprintf '%s\\n' \"$@\" >arguments\ncat >news.json\nenv >environment\n";
    world.settings.hooks = vec![script(&world, text, &["{event}", "<{title}>", "{reason}", "{folder}"])];
    let title = "$(touch x); 'a' \"b\" {folder} `c`";
    world.drop_book("emma.md", &format!("{title}\nJane Austen"));
    let heard = run(&world).await;
    assert!(heard.iter().any(|event| matches!(event, WatchEvent::HookTold { .. })), "{heard:?}");
    let read = |name: &str| fs::read_to_string(world.dir.path().join(name)).unwrap();
    let news: serde_json::Value = serde_json::from_str(&read("news.json")).unwrap();
    let folder = news["folder"].as_str().unwrap();
    // The title is that of the folder, in which quotes have no place.
    let shelved = news["title"].as_str().unwrap();
    assert!(shelved.starts_with("$(touch x); 'a'") && shelved.contains("{folder}"), "{shelved}");
    assert_eq!(read("arguments").lines().collect::<Vec<_>>(), ["done", &format!("<{shelved}>"), "", folder]);
    let environment = read("environment");
    let names: Vec<&str> = environment.lines().filter_map(|line| line.split('=').next()).collect();
    let sets_itself = ["PATH", "PWD", "OLDPWD", "SHLVL", "_"];
    assert!(names.iter().all(|name| sets_itself.contains(name)), "{environment}");
    assert!(!world.dir.path().join("x").exists());
}

#[tokio::test]
async fn a_program_that_fails_or_takes_too_long_is_told_of_and_fails_no_book() {
    for (text, reason) in
        [("echo no paper >&2; exit 3", "no paper"), ("sleep 600 & echo $! >child; wait", "longer than")]
    {
        let mut world = World::new();
        let mut hook = script(&world, &format!("cd \"$(dirname \"$0\")\"\n{text}\n"), &[]);
        hook.time_out = Duration::from_secs(2);
        world.settings.hooks = vec![hook];
        world.drop_book("emma.md", "Emma\nJane Austen");
        let (tally, heard) = world.try_run(Arc::new(Scribe::new(Mood::Willing))).await.unwrap();
        assert_eq!((tally.published, tally.failed), (1, 0));
        let told = heard
            .iter()
            .any(|event| matches!(event, WatchEvent::HookWaits { reason: why, .. } if why.contains(reason)));
        assert!(told, "{heard:?}");
        assert_eq!(world.queue().hooks.len(), 1);
        if let Ok(child) = fs::read_to_string(world.dir.path().join("child")) {
            // What it started goes with it: as soon as the system has it gone.
            while is_running(child.trim()) {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        }
    }
}

/// Whether a process is there and no zombie.
fn is_running(process: &str) -> bool {
    fs::read_to_string(format!("/proc/{process}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}

#[tokio::test]
async fn audiobookshelf_is_asked_to_look_or_given_the_files_with_its_token() {
    let receiver = Receiver::at(0).await;
    let mut world = World::new();
    let shelf = |action| Shelf::new(&receiver.url(), Secret::new("token\n"), "lib_1", action).unwrap();
    let rescan = hook("rescan", HookAction::Audiobookshelf(shelf(ShelfAction::Rescan)));
    let folder = "fol_2".to_owned();
    let upload = hook("upload", HookAction::Audiobookshelf(shelf(ShelfAction::Upload { folder })));
    world.settings.hooks = vec![rescan, upload];
    world.drop_book("emma.md", "Emma\nJane Austen\nwords of the book");
    let _ = run(&world).await;
    let seen = receiver.seen();
    assert!(seen.iter().all(|it| it.headers["authorization"] == "Bearer token"), "{seen:?}");
    assert!(seen.iter().any(|it| it.path == "/api/libraries/lib_1/scan"));
    let upload = seen.iter().find(|it| it.path == "/api/upload").unwrap();
    let body = String::from_utf8_lossy(&upload.body);
    for (name, value) in
        [("library", "lib_1"), ("folder", "fol_2"), ("title", "Emma"), ("author", "Jane Austen")]
    {
        assert!(body.contains(&format!("name=\"{name}\"\r\n\r\n{value}\r\n")), "{body}");
    }
    assert!(body.contains("filename=\"book.m4b\"") && body.contains("words of the book"), "{body}");
}
