//! Each sample becomes a release on which ffprobe, mediainfo and a tag reader agree.

use rhapsode_tests::{World, chpl_chapters, decode, mediainfo, probe, tags};

const NOVELLA: &str = "the-lamplighters-almanac.epub";
const RATE: f64 = 24_000.0;

/// The only file with this extension in the world's output folder.
fn only(world: &World, extension: &str) -> std::path::PathBuf {
    let files: Vec<_> = std::fs::read_dir(world.path("out"))
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == extension))
        .collect();
    assert_eq!(files.len(), 1, "{files:?}");
    files[0].clone()
}

/// Titles of the chapters as `rhapsode plan` tells them.
fn planned_titles(world: &World, book: &std::path::Path) -> Vec<String> {
    let plan = world.run(["plan".as_ref(), "--json".as_ref(), book.as_os_str()]).success();
    let plan: serde_json::Value = serde_json::from_str(&plan.stdout).unwrap();
    let chapters = plan["chapters"].as_array().unwrap();
    chapters.iter().map(|chapter| chapter["title"].as_str().unwrap().to_owned()).collect()
}

fn every_reader_agrees_on(sample: &str) {
    let world = World::new();
    let book = world.manuscript(sample);
    let _ = world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out".as_ref()]).success();
    let release = only(&world, "m4b");
    let titles = planned_titles(&world, &book);
    let media = probe(&release);
    let samples = decode(&release);

    let seconds = samples.len() as f64 / RATE;
    assert!((media.seconds() - seconds).abs() < 0.001, "{} and {seconds} s", media.seconds());
    let quicktime = media.chapters();
    let nero = chpl_chapters(&release);
    assert_eq!(quicktime.iter().map(|c| c.title.clone()).collect::<Vec<_>>(), titles);
    assert_eq!(nero.iter().map(|c| c.title.clone()).collect::<Vec<_>>(), titles);
    for (one, other) in quicktime.iter().zip(&nero) {
        assert!((one.start - other.start).abs() < 1.0 / RATE, "{one:?} and {other:?}");
    }
    let info = mediainfo(&release);
    let tracks = info["media"]["track"].as_array().unwrap();
    let general = tracks.iter().find(|track| track["@type"] == "General").unwrap();
    let audio = tracks.iter().find(|track| track["@type"] == "Audio").unwrap();
    assert_eq!((audio["Format"].as_str(), audio["Channels"].as_str()), (Some("AAC"), Some("1")));
    let duration: f64 = general["Duration"].as_str().unwrap().parse().unwrap();
    assert!((duration - seconds).abs() < 0.1, "mediainfo says {duration} s, {seconds} s were decoded");
    let tags = tags(&release);
    assert_eq!(tags["\u{a9}nam"][0].as_str(), media.tag("title"));
    assert_eq!(tags["stik"][0], 2, "an audiobook");
    assert!(samples.iter().any(|s| s.unsigned_abs() > 3_000), "there is speech in it");
}

#[test]
fn the_epub_sample_becomes_a_release_that_every_reader_reads_alike() {
    every_reader_agrees_on(NOVELLA);
}

#[test]
fn the_markdown_sample_becomes_a_release_that_every_reader_reads_alike() {
    every_reader_agrees_on(&crate::books::of_type("md"));
}

#[test]
fn the_text_sample_becomes_a_release_that_every_reader_reads_alike() {
    every_reader_agrees_on(&crate::books::of_type("txt"));
}

#[test]
fn the_docx_sample_becomes_a_release_that_every_reader_reads_alike() {
    every_reader_agrees_on(&crate::books::of_type("docx"));
}

#[test]
fn the_novellas_tags_and_cover_are_in_its_release() {
    let world = World::new();
    let book = world.manuscript(NOVELLA);
    let _ = world
        .run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out/novella.m4b".as_ref()])
        .success();
    let release = world.path("out/novella.m4b");
    let (media, tags) = (probe(&release), tags(&release));
    assert_eq!(media.tag("title"), Some("The Lamplighter\u{2019}s Almanac"));
    assert_eq!(media.streams("video").len(), 1, "the cover");
    assert_eq!(tags["covr"], 1);
    let narrator = tags["\u{a9}wrt"][0].as_str().unwrap();
    assert!(narrator.ends_with("(synthetic)"), "{narrator}");
    for key in ["\u{a9}ART", "aART", "\u{a9}alb", "\u{a9}gen", "\u{a9}day", "desc"] {
        assert!(tags[key][0].as_str().is_some_and(|text| !text.is_empty()), "{key} is missing in {tags}");
    }
    for name in ["SERIES", "SERIES-PART", "LANGUAGE", "PUBLISHER"] {
        assert!(tags.get(format!("----:com.apple.iTunes:{name}")).is_some(), "{name} is missing in {tags}");
    }
}

#[test]
fn chapters_begin_where_their_marks_say_and_between_them_there_is_room_tone_and_no_digital_zero() {
    let world = World::new();
    let book = world.manuscript(NOVELLA);
    let _ = world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out".as_ref()]).success();
    let release = only(&world, "m4b");
    let samples = decode(&release);
    for chapter in probe(&release).chapters() {
        let start = (chapter.start * RATE).round() as usize;
        let head = &samples[start..start + (0.6 * RATE) as usize];
        let peak = head.iter().map(|s| s.unsigned_abs()).max().unwrap();
        assert!(peak < 200, "{}: something sounds in the head: {peak}", chapter.title);
        let rms = (head.iter().map(|&s| f64::from(s).powi(2)).sum::<f64>() / head.len() as f64).sqrt();
        assert!(rms > 0.5, "{}: digital silence", chapter.title);
        let body = &samples[start + (0.6 * RATE) as usize..start + (4.0 * RATE) as usize];
        assert!(body.iter().any(|s| s.unsigned_abs() > 2_000), "{}: no speech after the head", chapter.title);
    }
}

#[test]
fn a_release_is_as_loud_as_the_standard_says() {
    let world = World::new();
    let book = world.manuscript(NOVELLA);
    let _ = world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out".as_ref()]).success();
    let output = std::process::Command::new("ffmpeg")
        .args(["-hide_banner", "-nostats", "-i"])
        .arg(only(&world, "m4b"))
        .args(["-map", "0:a", "-af", "ebur128=peak=true", "-f", "null", "-"])
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stderr);
    let summary = &text[text.rfind("Summary:").unwrap()..];
    let figure = |name: &str| -> f64 {
        let line = summary.lines().map(str::trim).find(|line| line.starts_with(name)).unwrap();
        line[name.len()..].split_whitespace().next().unwrap().parse().unwrap()
    };
    assert!((figure("I:") + 20.0).abs() <= 0.5, "{summary}");
    assert!(figure("Peak:") <= -2.9, "{summary}");
}

#[test]
fn flac_and_wav_have_one_file_a_chapter_with_the_same_samples() {
    let world = World::new();
    let book = world.manuscript(NOVELLA);
    let arguments = [
        "convert".as_ref(),
        book.as_os_str(),
        "-o".as_ref(),
        "out".as_ref(),
        "--format".as_ref(),
        "flac,wav,m4b".as_ref(),
    ];
    let _ = world.run(arguments).success();
    let titles = planned_titles(&world, &book);
    let files = |format: &str| -> Vec<std::path::PathBuf> {
        let mut folders = std::fs::read_dir(world.path("out")).unwrap().map(|e| e.unwrap().path());
        let folder = folders.find(|p| p.is_dir() && p.to_string_lossy().contains(format)).unwrap();
        let mut files: Vec<_> = std::fs::read_dir(folder)
            .unwrap()
            .map(|e| e.unwrap().path())
            .filter(|path| path.extension().is_some_and(|e| e == format))
            .collect();
        files.sort();
        files
    };
    let (flac, wav) = (files("flac"), files("wav"));
    assert_eq!((flac.len(), wav.len()), (titles.len(), titles.len()));
    let mut whole = 0;
    for (flac, wav) in flac.iter().zip(&wav) {
        let status = std::process::Command::new("flac").arg("-ts").arg(flac).status().unwrap();
        assert!(status.success(), "flac -t refuses {}", flac.display());
        let samples = decode(wav);
        assert_eq!(decode(flac), samples, "{}", flac.display());
        whole += samples.len();
    }
    assert_eq!(decode(&only(&world, "m4b")).len(), whole, "one timeline for every format");
}

#[test]
fn two_runs_give_identical_audio() {
    let (one, other) = (World::new(), World::new());
    for world in [&one, &other] {
        let book = world.manuscript(NOVELLA);
        let _ =
            world.run(["convert".as_ref(), book.as_os_str(), "-o".as_ref(), "out.m4b".as_ref()]).success();
    }
    let bytes = |world: &World| std::fs::read(world.path("out.m4b")).unwrap();
    assert!(bytes(&one) == bytes(&other), "the files differ");
}
