//! `rhapsode report`: one page that holds to the facts of the job, and fetches nothing.

use std::cell::RefCell;
use std::path::{Path, PathBuf};

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use rhapsode_tests::{Outcome, World};
use serde_json::Value;
use sha2::{Digest, Sha256};

/// An element's name and its attributes.
type Element = (String, Vec<(String, String)>);

/// A page as a browser reads it.
#[derive(Debug, Default)]
struct Page {
    /// Names of the elements, with their attributes.
    elements: RefCell<Vec<Element>>,
    text: RefCell<String>,
}

impl TokenSink for Page {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        match token {
            Token::TagToken(tag) if tag.kind == TagKind::StartTag => {
                let attributes =
                    tag.attrs.iter().map(|a| (a.name.local.to_string(), a.value.to_string())).collect();
                self.elements.borrow_mut().push((tag.name.to_string(), attributes));
            }
            Token::CharacterTokens(text) => self.text.borrow_mut().push_str(&text),
            Token::ParseError(error) => panic!("{error}"),
            _ => {}
        }
        TokenSinkResult::Continue
    }
}

impl Page {
    fn read(path: &Path) -> Self {
        let text = std::fs::read_to_string(path).unwrap();
        let input = BufferQueue::default();
        input.push_back(StrTendril::from(text));
        let tokenizer =
            Tokenizer::new(Self::default(), TokenizerOpts { exact_errors: true, ..Default::default() });
        let _ = tokenizer.feed(&input);
        tokenizer.end();
        tokenizer.sink
    }

    fn count(&self, element: &str) -> usize {
        self.elements.borrow().iter().filter(|(name, _)| name == element).count()
    }

    /// The values of an attribute, on whatever element.
    fn values(&self, attribute: &str) -> Vec<String> {
        let elements = self.elements.borrow();
        let attributes = elements.iter().flat_map(|(_, attributes)| attributes);
        attributes.filter(|(name, _)| name == attribute).map(|(_, value)| value.clone()).collect()
    }

    fn says(&self, words: &str) -> bool {
        self.text.borrow().contains(words)
    }
}

const WORDS: &str = "antidisestablishmentarianism floccinaucinihilipilification honorificabilitudinitatibus";

/// A book with something that is left out, markup in a title, and a sentence that no attempt makes good.
fn book(world: &World) -> PathBuf {
    world.write("b.lexicon.toml", format!("[[word]]\nword = \"{WORDS}\"\nphonemes = \"ə\"\n"));
    let text = format!(
        "---\ntitle: Lamps & <b>Oil</b>\nauthor: Ann Author\n---\n\n# One\n\n{WORDS}.\n\nThe lamp was lit.\n\n```\nlet lamp = 1;\n```\n\n\
         # Two\n\nIt went out.\n"
    );
    world.write("b.md", text)
}

fn convert(world: &World, book: &Path) {
    let mut command = world.command(["convert"]);
    let outcome: Outcome = command.arg(book).args(["-o", "out/o.m4b"]).output().unwrap().into();
    assert_eq!(outcome.code, Some(7), "{}", outcome.stderr);
}

fn report(world: &World, book: &Path, more: &[&str]) -> Outcome {
    let mut command = world.command(["report"]);
    command.arg(book).args(more).output().unwrap().into()
}

#[test]
fn the_page_holds_to_the_facts_of_the_job() {
    let world = World::new();
    let book = book(&world);
    convert(&world, &book);
    let said = report(&world, &book, &["--work", "out", "--output", "page.html"]).success();
    assert_eq!(said.stdout.trim(), "page.html");
    let page = Page::read(&world.path("page.html"));
    assert!(page.says("Lamps & <b>Oil</b>"), "a title is text");
    assert_eq!(page.count("b"), 0);

    let jobs = std::fs::read_dir(world.path("out/.rhapsode")).unwrap();
    let job = jobs.map(|job| job.unwrap().path()).find(|job| job.is_dir()).unwrap();
    let facts: Value = serde_json::from_slice(&std::fs::read(job.join("report.json")).unwrap()).unwrap();
    let tracks = facts["tracks"].as_array().unwrap();
    assert_eq!(page.count("svg"), tracks.len(), "a picture for each chapter");
    for track in tracks {
        assert!(page.says(track["title"].as_str().unwrap()));
        let loudness = format!("{:.1}", track["loudness"]["integrated_lufs"].as_f64().unwrap());
        assert!(page.says(&loudness), "{loudness} LUFS is missing");
    }
    for (reason, characters) in facts["plan"]["skipped"].as_object().unwrap() {
        assert!(
            page.says(reason) && page.says(&format!("{characters} characters")),
            "{reason}: {characters}"
        );
    }
    assert!(page.says("after “") && page.says("The lamp was lit."), "where the code stood");

    let release = std::fs::read(world.path("out/o.m4b")).unwrap();
    assert!(page.says(&hex::encode(Sha256::digest(&release))), "the hash of the release");
    let defect = &facts["summary"]["defects"][0];
    for words in [WORDS, defect["reasons"][0].as_str().unwrap()] {
        assert!(page.says(words), "{words:?} is missing");
    }
    assert!(page.says("hibari"), "the engine that spoke");
}

#[test]
fn the_sound_of_a_defect_is_in_the_page_and_a_player_decodes_it() {
    let world = World::new();
    let book = book(&world);
    convert(&world, &book);
    let _ = report(&world, &book, &["--work", "out", "--output", "page.html"]).success();
    let page = Page::read(&world.path("page.html"));
    assert_eq!(page.count("audio"), 1);
    let sound = page.values("src").into_iter().find_map(|src| {
        src.strip_prefix("data:audio/ogg;base64,").map(|data| {
            use base64::Engine;
            base64::engine::general_purpose::STANDARD.decode(data).unwrap()
        })
    });
    let file = world.write("d.opus", sound.unwrap());
    assert!(!rhapsode_tests::decode(&file).is_empty());
}

#[test]
fn the_page_fetches_nothing_and_can_be_read_by_everyone() {
    let world = World::new();
    let book = book(&world);
    convert(&world, &book);
    let _ = report(&world, &book, &["--work", "out", "--output", "page.html"]).success();
    let page = Page::read(&world.path("page.html"));
    for address in page.values("href").iter().chain(&page.values("src")) {
        assert!(address.starts_with('#') || address.starts_with("data:"), "{address}");
    }
    let style = std::fs::read_to_string(world.path("page.html")).unwrap();
    assert!(!style.contains("url(") && !style.contains("@import"));
    for element in ["script", "link", "iframe", "object", "img"] {
        assert_eq!(page.count(element), 0, "{element}");
    }
    assert!(page.values("content").iter().any(|policy| policy.starts_with("default-src 'none'")));
    for element in ["main", "header", "nav", "footer", "h1"] {
        assert_eq!(page.count(element), 1, "{element}");
    }
    let ids = page.values("id");
    for target in page.values("href").iter().chain(&page.values("aria-labelledby")) {
        assert!(ids.contains(&target.trim_start_matches('#').to_owned()), "{target} leads nowhere");
    }
    let pictures = page.elements.borrow();
    for (_, attributes) in pictures.iter().filter(|(name, _)| name == "svg" || name == "audio") {
        assert!(attributes.iter().any(|(name, value)| name == "aria-label" && !value.is_empty()));
    }
}

#[test]
fn a_release_leads_to_its_report_as_its_manuscript_does() {
    let world = World::new();
    let book = book(&world);
    convert(&world, &book);
    let said = report(&world, &world.path("out/o.m4b"), &[]).success();
    let page = PathBuf::from(said.stdout.trim());
    assert!(page.starts_with(world.path("out")) && page.is_file(), "{}", page.display());
    std::fs::remove_file(world.path("out/o.m4b")).unwrap();
    let _ = report(&world, &book, &["--work", "out", "--output", "page.html"]).success();
    assert!(Page::read(&world.path("page.html")).says("It is not there any more."));
}

#[test]
fn a_book_that_was_never_made_has_no_report_and_the_error_says_where_it_was_looked_for() {
    let world = World::new();
    let book = book(&world);
    let outcome = report(&world, &book, &[]);
    assert_eq!(outcome.code, Some(6), "{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("b.md") && outcome.stderr.contains("hint: convert the book first"),
        "{}",
        outcome.stderr
    );
    assert_eq!(report(&world, Path::new("nowhere.md"), &[]).code, Some(3));
}
