//! What must hold for every edition.

use std::collections::HashMap;

use rhapsode_book::Format;

use crate::{
    reader::{Clip, Edition, epubcheck, texts},
    studio::{RATE, Recording},
};

/// Everything that must hold for an edition, whatever it was made from.
pub fn holds(recording: &Recording) -> Edition {
    let path = recording.edition().unwrap();
    assert_eq!(epubcheck(&path), Vec::<String>::new());
    let edition = Edition::open(&path);
    durations_add_up(&edition);
    clips_are_heard_where_they_say(&edition, recording);
    if recording.book.format == Format::Epub {
        assert_eq!(
            texts(&std::fs::read(&path).unwrap()),
            texts(&recording.manuscript),
            "the text was touched"
        );
    }
    edition
}

/// The length of each overlay is the sum of its clips, and the book's is the sum of the overlays'; epubcheck looks at
/// neither.
fn durations_add_up(edition: &Edition) {
    let elements = edition.package_elements();
    let overlays: HashMap<String, f64> = elements
        .iter()
        .filter(|element| element.attributes.get("media-type").is_some_and(|t| t == "application/smil+xml"))
        .map(|element| {
            let name = element.attributes["href"].rsplit('/').next().unwrap();
            let (_, clips) =
                edition.overlays.iter().find(|(path, _)| path.ends_with(&format!("/{name}"))).unwrap();
            (element.attributes["id"].clone(), clips.iter().map(|clip| clip.end - clip.begin).sum())
        })
        .collect();
    let durations = elements
        .iter()
        .filter(|element| element.attributes.get("property").is_some_and(|p| p == "media:duration"));
    let mut total = None;
    let mut told = 0;
    for duration in durations {
        let seconds: f64 = duration.text.strip_suffix('s').unwrap().parse().unwrap();
        match duration.attributes.get("refines") {
            Some(about) => {
                told += 1;
                assert!((overlays[&about[1..]] - seconds).abs() < 1e-6, "{about}");
            }
            None => assert_eq!(total.replace(seconds), None, "one total"),
        }
    }
    assert_eq!(told, overlays.len());
    assert!((total.unwrap() - overlays.values().sum::<f64>()).abs() < 1e-6);
}

/// No clip reaches beyond its sound or into another, and where one begins with a phrase its burst begins.
fn clips_are_heard_where_they_say(edition: &Edition, recording: &Recording) {
    let mut by_sound: HashMap<&str, Vec<&Clip>> = HashMap::new();
    for clip in edition.clips() {
        by_sound.entry(&clip.sound).or_default().push(clip);
    }
    let mut compared = 0;
    for (sound, mut clips) in by_sound {
        let samples = edition.sound(sound);
        let seconds = samples.len() as f64 / f64::from(RATE.0);
        clips.sort_by(|a, b| a.begin.total_cmp(&b.begin));
        for pair in clips.windows(2) {
            assert!(pair[0].end <= pair[1].begin + 1e-9, "{pair:?}");
        }
        let starts = bursts(&samples);
        for clip in &clips {
            assert!(clip.begin < clip.end && clip.end <= seconds, "{clip:?} of {seconds} s");
        }
        // A phrase that two elements share has its burst where the first begins.
        let begins: Vec<f64> = clips.iter().map(|clip| clip.begin).collect();
        for start in starts {
            let nearest = begins.iter().map(|begin| (begin - start).abs()).fold(f64::INFINITY, f64::min);
            if nearest < 0.010 {
                compared += 1;
            }
        }
    }
    let spoken = recording.script.chapters.iter().flat_map(|chapter| &chapter.chunks);
    let marked = spoken.filter(|chunk| !chunk.source.spans.is_empty()).count();
    assert!(compared >= marked, "{compared} bursts begin with a clip, {marked} chunks stand in the text");
}

/// Seconds at which sound begins after a silence.
fn bursts(samples: &[i16]) -> Vec<f64> {
    let mut starts = Vec::new();
    let mut quiet = usize::MAX / 2;
    for (at, sample) in samples.iter().enumerate() {
        if sample.unsigned_abs() > 2_000 {
            if quiet > 1_500 {
                starts.push(at as f64 / f64::from(RATE.0));
            }
            quiet = 0;
        } else {
            quiet += 1;
        }
    }
    starts
}
