//! The status page in a real Chromium: what moves, what is heard, what a keyboard reaches, and how it looks.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
};

use base64::{Engine, prelude::BASE64_STANDARD};
use fantoccini::{
    actions::{InputSource, KeyAction, KeyActions},
    key::Key,
};
use rhapsode_tests::{
    Outcome, World,
    browser::Browser,
    fleet::{Fleet, Identity, manuscript},
    sample,
    speech_server::{Fault, FaultPlan, Settings},
    watcher::Watcher,
    workspace,
};
use serde_json::{Value, json};

const TOKEN: &str = "open-sesame";
/// A slash cannot be in a file's name; this looks like one.
const MARKUP: &str = "b <script>alert(1)<\u{2215}script><img src=x onerror=alert(1)>.md";
/// A telephone's screen.
const TELEPHONE: (u32, u32) = (360, 780);

fn drop_book(world: &World, name: &str, text: impl AsRef<[u8]>) {
    fs::create_dir_all(world.path("inbox")).unwrap();
    fs::write(world.path("inbox").join(name), text).unwrap();
}

fn book(title: &str) -> String {
    format!("---\ntitle: {title}\nauthor: A. Writer\n---\n\n# One\n\nIt was short.\n")
}

/// A page with one of everything: finished books, one with a cover and one from right to left, one with defects, one that
/// failed, one that is being made, slowly, and some that wait.
struct Household {
    world: World,
    watcher: Watcher,
    _fleet: Fleet,
}

impl Household {
    async fn settle() -> Self {
        let world = World::new();
        world.write("token", TOKEN);
        let plan = Arc::new(FaultPlan::new(7, [Fault::WrongText], 45));
        let wrong = Fleet::start([Settings { faults: Some(plan), ..Settings::default() }]);
        wrong.configure(&world, Identity::Stated);
        let more = ["--voice", "siren", "--books", "1", "--gate", "off", "--until-idle"];
        drop_book(&world, "almanac.epub", fs::read(sample("the-lamplighters-almanac.epub")).unwrap());
        drop_book(&world, "arabic.md", book("حكاية البحر والريح"));
        drop_book(&world, "broken.epub", b"PK\x03\x04 and no more");
        let arguments =
            ["watch", "inbox", "--library", "library", "--state", "state", "--settle", "0", "--poll", "0.05"];
        // One attempt: what is wrong stays wrong.
        let mut first = world.command(arguments.iter().chain(&more));
        let first: Outcome = first.env("RHAPSODE_SPEECH_ATTEMPTS", "1").output().unwrap().into();
        assert!(matches!(first.code, Some(7 | 9)), "{}", first.stderr);
        drop(wrong);
        let fleet = Fleet::start([Settings { seconds_per_character: 0.03, ..Settings::default() }]);
        fleet.configure(&world, Identity::Stated);
        drop_book(&world, "a harbour.md", manuscript(10, 100));
        for (name, title) in [(MARKUP, "It waits"), ("waits too.md", "It waits too")] {
            drop_book(&world, name, book(title));
        }
        let watcher = Watcher::start(
            &world,
            &["--voice", "siren", "--books", "1", "--gate", "off", "--http-token-file", "token"],
        );
        Self { world, watcher, _fleet: fleet }
    }

    async fn open(&self) -> Browser {
        let browser = Browser::open().await;
        browser.visit(&format!("{}/", self.watcher.url)).await;
        browser
    }
}

#[tokio::test]
async fn progress_moves_without_a_reload_and_the_finished_book_plays() {
    let world = World::new();
    let fleet = Fleet::start([Settings { seconds_per_character: 0.01, ..Settings::default() }]);
    fleet.configure(&world, Identity::Stated);
    let watcher = Watcher::start(&world, &["--voice", "siren"]);
    let browser = Browser::open().await;
    browser.visit(&format!("{}/", watcher.url)).await;
    browser.script("window.neverReloaded = true;").await;
    drop_book(&world, "harbour.md", manuscript(2, 20));
    browser.until("document.querySelector('#job-1 progress')?.value > 0").await;
    browser.script("window.seen = document.querySelector('#job-1 progress').value;").await;
    browser.until("document.querySelector('#job-1 progress')?.value > window.seen").await;
    browser.until("document.querySelector('#backend-0 .badge')?.textContent === 'works'").await;
    browser.until("document.querySelector('#book-1 audio')").await;
    assert_eq!(browser.script("return document.querySelector('#job-1');").await, Value::Null);
    browser.script("document.querySelector('#book-1 audio').play();").await;
    browser.until("document.querySelector('#book-1 audio').currentTime > 0.5").await;
    // Another part of the file is asked for, and the page that goes on changing leaves the player alone.
    browser.script("const it = document.querySelector('#book-1 audio'); window.player = it; it.currentTime = it.duration - 3;").await;
    drop_book(&world, "another.md", book("Another"));
    browser.until("document.querySelector('#book-2 audio')").await;
    browser.until("window.player.ended").await;
    assert_eq!(browser.script("return window.player.isConnected && window.neverReloaded;").await, true);
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn the_keyboard_reaches_everything_and_the_controls_work() {
    let household = Household::settle().await;
    let browser = household.open().await;
    browser.until("document.querySelector('#job-4 progress') && document.getElementById('job-6')").await;
    type_token(&browser, TOKEN).await;
    browser.until("document.documentElement.classList.contains('unlocked')").await;
    let wanted = browser
        .script(
            "return [...document.querySelectorAll('a[href], button, input, summary, audio, [tabindex=\"0\"]')]
                .filter((it) => it.checkVisibility({ contentVisibilityAuto: true }) && !it.closest('details:not([open]) > :not(summary)'))
                .length;",
        )
        .await;
    browser.script("document.activeElement.blur(); window.reached = new Set();").await;
    // Players have buttons of their own, which the keyboard goes through one by one.
    for _ in 0..400 {
        press(&browser, Key::Tab).await;
        browser.script("if (document.activeElement) window.reached.add(document.activeElement);").await;
    }
    let reached = browser
        .script("window.reached.delete(document.body); window.reached.delete(document.documentElement); return window.reached.size;")
        .await;
    assert_eq!(reached, wanted);
    let hidden = "return [...window.reached].filter((it) => { it.focus(); const outline = getComputedStyle(it).outlineStyle;
        return it.nodeName !== 'AUDIO' && outline === 'none'; }).map((it) => it.outerHTML);";
    assert_eq!(browser.script(hidden).await, json!([]), "focus is not seen");
    // What is last begins next, and the focus stays where it was although the list is sorted anew.
    browser.script("document.getElementById('up-6').focus();").await;
    press(&browser, Key::Enter).await;
    browser.until("document.querySelector('#job-6 .meta').textContent.includes('priority')").await;
    assert_eq!(browser.script("return document.activeElement.id;").await, "up-6");
    browser.script("document.getElementById('cancel-6').focus();").await;
    press(&browser, Key::Enter).await;
    browser.until("document.getElementById('rest-6')").await;
    assert_eq!(browser.script("return document.activeElement.id;").await, "queue-title", "focus is not lost");
    browser.script("document.getElementById('pause').focus();").await;
    press(&browser, Key::Enter).await;
    browser.until("document.getElementById('summary').textContent.includes('The queue is paused')").await;
    browser.until("document.getElementById('pause').textContent === 'Resume the queue'").await;
    assert!(household.world.path("state/paused").exists());
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_wrong_token_opens_nothing_and_the_right_one_is_forgotten_with_the_tab() {
    let world = World::new();
    world.write("token", TOKEN);
    let watcher = Watcher::start(&world, &["--http-token-file", "token"]);
    let browser = Browser::open().await;
    browser.visit(&format!("{}/", watcher.url)).await;
    type_token(&browser, "sesame").await;
    browser.until("document.getElementById('message').textContent.includes('not this page')").await;
    assert_eq!(browser.script("return document.getElementById('pause').checkVisibility();").await, false);
    // The console says that the server said no.
    assert_eq!(browser.complaints().await.len(), 1);
    type_token(&browser, TOKEN).await;
    browser.until("document.getElementById('pause').checkVisibility()").await;
    browser.client.refresh().await.unwrap();
    browser.until("document.getElementById('pause').checkVisibility()").await;
    assert_eq!(browser.script("return document.cookie + localStorage.length;").await, "0");
    let tab = browser.client.new_window(true).await.unwrap();
    browser.client.switch_to_window(tab.handle).await.unwrap();
    browser.visit(&format!("{}/", watcher.url)).await;
    assert_eq!(browser.script("return document.getElementById('pause').checkVisibility();").await, false);
}

#[tokio::test]
async fn without_javascript_everything_is_read_and_nothing_is_promised() {
    let household = Household::settle().await;
    let browser = Browser::open().await;
    browser.devtools("Emulation.setScriptExecutionDisabled", json!({ "value": true })).await;
    let url = format!("{}/", household.watcher.url);
    let mut text = String::new();
    while !text.contains("chunks") {
        browser.visit(&url).await;
        text = browser.client.find(fantoccini::Locator::Css("body")).await.unwrap().text().await.unwrap();
    }
    for wanted in [
        "Queue",
        "Finished books",
        "Backends",
        "Not made",
        "حكاية البحر والريح",
        "The controls need JavaScript",
    ] {
        assert!(text.contains(wanted), "{wanted:?} is missing in {text}");
    }
    assert!(!text.contains("Pause the queue") && !text.contains("Kept up to date"), "{text}");
}

#[tokio::test]
async fn everybody_can_use_the_page_and_it_looks_well() {
    let household = Household::settle().await;
    let browser = household.open().await;
    browser
        .until("document.querySelector('#job-4 progress')?.value > 2 && document.getElementById('job-6')")
        .await;
    type_token(&browser, TOKEN).await;
    browser.until("document.documentElement.classList.contains('unlocked')").await;
    browser.script("document.querySelectorAll('details').forEach((it) => { it.open = true; });").await;
    assert_eq!(browser.script("return document.querySelector('#job-5 h3').textContent;").await, MARKUP);
    assert!(
        browser.script("return document.querySelectorAll('.defects > li').length;").await.as_u64() > Some(0)
    );
    for theme in ["light", "dark"] {
        let feature = json!({ "features": [{ "name": "prefers-color-scheme", "value": theme }] });
        browser.devtools("Emulation.setEmulatedMedia", feature).await;
        for (name, size) in [("desk", None), ("telephone", Some(TELEPHONE))] {
            match size {
                None => browser.devtools("Emulation.clearDeviceMetricsOverride", json!({})).await,
                Some((width, height)) => {
                    let screen =
                        json!({ "width": width, "height": height, "deviceScaleFactor": 2, "mobile": true });
                    browser.devtools("Emulation.setDeviceMetricsOverride", screen).await
                }
            };
            let overhang =
                "return document.documentElement.scrollWidth - document.documentElement.clientWidth;";
            assert_eq!(browser.script(overhang).await, 0, "{name} has to be scrolled sideways");
            picture(&browser, &format!("{theme}-{name}")).await;
            assert_eq!(violations(&browser).await, Vec::<String>::new(), "{theme} {name}");
        }
    }
    assert_eq!(browser.complaints().await, Vec::<String>::new());
}

async fn press(browser: &Browser, key: Key) {
    let value = char::from(key);
    let strokes =
        KeyActions::new("keyboard".to_owned()).then(KeyAction::Down { value }).then(KeyAction::Up { value });
    browser.client.perform_actions(strokes).await.unwrap();
}

async fn type_token(browser: &Browser, token: &str) {
    browser.script("document.getElementById('token').focus();").await;
    let field = browser.client.active_element().await.unwrap();
    field.send_keys(&format!("{token}{}", char::from(Key::Enter))).await.unwrap();
}

/// Writes a picture of the whole page.
async fn picture(browser: &Browser, name: &str) {
    let size = &browser.devtools("Page.getLayoutMetrics", json!({})).await["cssContentSize"];
    let clip = json!({ "x": 0, "y": 0, "width": size["width"], "height": size["height"], "scale": 1 });
    let how = json!({ "format": "png", "captureBeyondViewport": true, "clip": clip });
    let told = browser.devtools("Page.captureScreenshot", how).await;
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("status-page");
    fs::create_dir_all(&folder).unwrap();
    let path = folder.join(format!("{name}.png"));
    fs::write(&path, BASE64_STANDARD.decode(told["data"].as_str().unwrap()).unwrap()).unwrap();
    println!("{}", path.display());
}

/// What axe-core finds, a line each.
async fn violations(browser: &Browser) -> Vec<String> {
    let Some(axe) = axe_core() else {
        println!("axe-core cannot be had without npm; nobody judged the page");
        return Vec::new();
    };
    browser.script(&fs::read_to_string(axe).unwrap()).await;
    let run = "const [done] = arguments; axe.run({ resultTypes: ['violations'] }).then((it) => done(it.violations), (error) => done(String(error)));";
    let found = browser.client.execute_async(run, Vec::new()).await.unwrap();
    let found = found.as_array().unwrap_or_else(|| panic!("axe-core failed: {found}")).clone();
    let line = |it: &Value| format!("{}: {} {}", it["id"], it["help"], it["nodes"][0]["html"]);
    found.iter().map(line).collect()
}

fn axe_core() -> Option<PathBuf> {
    let fetched = Command::new(workspace().join("scripts/axe-core")).output().unwrap();
    let is_without_npm = fetched.status.code() == Some(3);
    assert!(fetched.status.success() || is_without_npm, "{}", String::from_utf8_lossy(&fetched.stderr));
    (!is_without_npm).then(|| String::from_utf8(fetched.stdout).unwrap().trim().into())
}
