//! Reading whole books: the samples and a real novel, by their plans.

use rhapsode_tests::{World, sample, workspace};
use serde_json::Value;

/// The sample with this extension.
pub(crate) fn of_type(extension: &str) -> String {
    let mut samples = std::fs::read_dir(sample("")).unwrap().map(|entry| entry.unwrap().path());
    let is_sample = |path: &std::path::PathBuf| {
        path.extension().is_some_and(|e| e == extension) && path.file_stem().is_some_and(|s| s != "README")
    };
    let path = samples.find(is_sample).unwrap_or_else(|| panic!("there is no sample .{extension}"));
    path.file_name().unwrap().to_string_lossy().into_owned()
}

fn plan(world: &World, book: &std::path::Path, more: &[&str]) -> Value {
    let mut arguments = vec!["plan".as_ref(), "--json".as_ref(), book.as_os_str()];
    arguments.extend(more.iter().map(|argument| std::ffi::OsStr::new(*argument)));
    serde_json::from_str(&world.run(arguments).success().stdout).unwrap()
}

#[test]
fn every_sample_is_spoken_or_skipped_to_the_last_character() {
    for extension in ["epub", "md", "txt", "docx"] {
        let plan = plan(&World::new(), &sample(&of_type(extension)), &[]);
        let skipped: u64 = plan["skipped"].as_object().unwrap().values().map(|v| v.as_u64().unwrap()).sum();
        let (spoken, all) = (plan["spoken"].as_u64().unwrap(), plan["characters"].as_u64().unwrap());
        assert_eq!(spoken + skipped, all, "{extension}");
        assert!(spoken * 10 > all * 7, "{extension}: only {spoken} of {all} characters are spoken");
    }
}

#[test]
fn the_novella_has_its_preface_and_three_chapters() {
    let plan = plan(&World::new(), &sample(&of_type("epub")), &[]);
    assert_eq!(plan["chapters"].as_array().unwrap().len(), 4, "{}", plan["chapters"]);
    assert!(plan["skipped"]["note"].as_u64().is_some(), "its footnote is accounted for: {}", plan["skipped"]);
}

#[test]
fn a_plan_writes_nothing() {
    let world = World::new();
    let book = world.manuscript(&of_type("epub"));
    let _ = plan(&world, &book, &[]);
    let names: Vec<_> = std::fs::read_dir(world.path("")).unwrap().map(|e| e.unwrap().file_name()).collect();
    assert_eq!(names, [book.file_name().unwrap()]);
}

#[test]
fn chapters_are_chosen_by_the_numbers_of_the_plan() {
    let world = World::new();
    let book = sample(&of_type("epub"));
    let all = plan(&world, &book, &[]);
    let some = plan(&world, &book, &["--chapters", "2-3"]);
    let titles = |plan: &Value| -> Vec<String> {
        plan["chapters"].as_array().unwrap().iter().map(|c| c["title"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(titles(&some), titles(&all)[1..3]);
    assert!(some["skipped"]["chapter not selected"].as_u64().unwrap() > 0);
}

/// The real book lies beside the checkout, not in it.
fn moby_dick() -> Option<std::path::PathBuf> {
    let path = workspace().parent()?.join("shared/books/moby-dick.epub");
    if !path.is_file() {
        println!("moby-dick.epub is not here: the tests with a real novel are skipped");
        return None;
    }
    Some(path)
}

#[test]
fn moby_dick_has_its_chapters_and_loses_no_character() {
    let Some(book) = moby_dick() else { return };
    let plan = plan(&World::new(), &book, &[]);
    let chapters = plan["chapters"].as_array().unwrap();
    assert!(chapters.len() >= 136, "{} chapters", chapters.len());
    let has = |title: &str| chapters.iter().any(|c| c["title"].as_str().unwrap().contains(title));
    assert!(has("Loomings") && has("The Chase") && has("Epilogue"));
    let skipped: u64 = plan["skipped"].as_object().unwrap().values().map(|v| v.as_u64().unwrap()).sum();
    assert_eq!(plan["spoken"].as_u64().unwrap() + skipped, plan["characters"].as_u64().unwrap());
}

#[test]
fn moby_dicks_first_chapters_become_a_release() {
    let Some(book) = moby_dick() else { return };
    let world = World::new();
    let all = plan(&world, &book, &[]);
    let chapters = all["chapters"].as_array().unwrap();
    let loomings = chapters.iter().find(|c| c["title"].as_str().unwrap().contains("Loomings")).unwrap();
    let first = loomings["number"].as_u64().unwrap();
    let list = format!("{first}-{}", first + 1);
    let arguments = [
        "convert".as_ref(),
        book.as_os_str(),
        "-o".as_ref(),
        "out.m4b".as_ref(),
        "--chapters".as_ref(),
        list.as_ref(),
    ];
    let _ = world.run(arguments).success();
    let media = rhapsode_tests::probe(&world.path("out.m4b"));
    assert_eq!(media.chapters().len(), 2);
    let estimated: f64 = chapters
        .iter()
        .filter(|c| (first..=first + 1).contains(&c["number"].as_u64().unwrap()))
        .map(|c| c["estimated_seconds"].as_f64().unwrap())
        .sum();
    let ratio = media.seconds() / estimated;
    assert!((0.8..1.25).contains(&ratio), "{} s, {estimated} s were expected", media.seconds());
}
