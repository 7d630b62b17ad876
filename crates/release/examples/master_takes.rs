//! Masters a folder of WAV takes as chapters and prints how long each stage took: a look at the speed of mastering
//! alone, without a voice.
//!
//! `cargo run --release -p rhapsode-release --example master_takes -- TAKES [SECONDS_A_CHAPTER] [FORMAT]`
#![allow(clippy::print_stdout, clippy::disallowed_methods, reason = "an example talks to the terminal")]

use std::error::Error;
use std::path::PathBuf;
use std::time::Instant;

use rayon::prelude::*;
use rhapsode_audio::SampleRate;
use rhapsode_release::{
    ChapterPlan, Codec, EncodedTrack, Format, MasterSettings, PlannedTake, ReleaseError, encode, master,
};
use rhapsode_store::{Pcm16, TakeRecord, TakeStore, Verdict};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let takes = PathBuf::from(arguments.next().ok_or("name a folder of WAV files")?);
    let seconds: f64 = arguments.next().map_or(Ok(600.0), |number| number.parse())?;
    let format: Format = arguments.next().map_or(Ok(Format::M4b), |name| name.parse())?;
    let codec = format.codec(None);
    let dir = tempfile::tempdir()?;
    let store = TakeStore::open(&dir.path().join("takes"))?;
    let plans = chapters(&takes, seconds, &store)?;

    let began = Instant::now();
    let tracks: Vec<_> = plans
        .par_iter()
        .map(|plan| master(plan, &MasterSettings::default(), codec, &store, &dir.path().join("tracks")))
        .collect::<Result<_, _>>()?;
    let elapsed = began.elapsed().as_secs_f64();

    let mut length = 0.0;
    for track in &tracks {
        println!("{}: {:?}", track.title, track.loudness);
        length += track.encoded.rate.seconds(track.samples);
    }
    println!(
        "{length:.0} s in {} chapters mastered in {elapsed:.2} s: {:.0} times real time",
        tracks.len(),
        length / elapsed
    );

    // The same sound through the encoder alone.
    let settings = MasterSettings { rate: codec.rate(SampleRate(24_000)), ..MasterSettings::default() };
    let sound = dir.path().join("sound");
    let plain: Vec<_> = plans
        .par_iter()
        .map(|plan| master(plan, &settings, Codec::Wav, &store, &sound))
        .collect::<Result<_, _>>()?;
    let began = Instant::now();
    plain.par_iter().try_for_each(|track| encode_alone(&track.encoded, codec))?;
    let alone = began.elapsed().as_secs_f64();
    println!("the encoder alone: {alone:.2} s, {:.0} % of it", 100.0 * alone / elapsed);
    Ok(())
}

fn encode_alone(sound: &EncodedTrack, codec: Codec) -> Result<(), ReleaseError> {
    let mut encoder = encode::open(codec, sound.rate, &sound.path.with_extension("alone"))?;
    let mut pushed = Ok(());
    // Whole frames of every codec here.
    let frame = 480 * 1_152;
    let mut left = sound.samples - sound.samples % frame;
    encode::decode(sound, &mut |samples| {
        let wanted = samples.len().min(left as usize);
        left -= wanted as u64;
        if pushed.is_ok() {
            pushed = encoder.push(&samples[..wanted]);
        }
    })?;
    pushed?;
    encoder.finish().map(drop)
}

/// Puts the takes into a store and makes chapters of about `seconds` of them.
fn chapters(takes: &PathBuf, seconds: f64, store: &TakeStore) -> Result<Vec<ChapterPlan>, Box<dyn Error>> {
    let mut files: Vec<PathBuf> =
        std::fs::read_dir(takes)?.map(|entry| Ok(entry?.path())).collect::<std::io::Result<_>>()?;
    files.retain(|file| file.extension().is_some_and(|extension| extension == "wav"));
    files.sort();
    let record = TakeRecord {
        measurements: serde_json::Value::Null,
        verdict: Verdict::Accepted,
        seed: 0,
        identity: serde_json::Value::Null,
    };
    let mut plans: Vec<ChapterPlan> = Vec::new();
    let mut room = 0.0;
    for (ordinal, file) in (0..).zip(&files) {
        let mut wav = hound::WavReader::open(file)?;
        let samples = wav.samples::<i16>().collect::<Result<Vec<_>, _>>()?;
        let rate = wav.spec().sample_rate;
        let key = blake3::hash(file.to_string_lossy().as_bytes()).into();
        store.put(&key, Pcm16 { rate, samples: &samples }, &record)?;
        if room <= 0.0 {
            room = seconds;
            let title = format!("Chapter {}", plans.len() + 1);
            plans.push(ChapterPlan { title, takes: Vec::new(), loudness_reference: Vec::new() });
        }
        room -= samples.len() as f64 / f64::from(rate);
        if let Some(plan) = plans.last_mut() {
            plan.takes.push(PlannedTake { ordinal, key, pause_after_ms: 450 });
        }
    }
    Ok(plans)
}
