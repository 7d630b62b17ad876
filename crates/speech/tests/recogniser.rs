//! The listening check with a real recogniser and the built-in voice: what is said is heard, and what is not said is
//! missed. Without the voice or the recogniser (`scripts/recogniser` installs it) this test is skipped.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

mod skipping;

use std::{
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use rhapsode_audio::Pcm;
use rhapsode_speech::{
    Backend, Builtin, Call, Heard, ListeningCheck, ListeningOptions, Part, Purpose, Request, WordCheck,
};
use rhapsode_voice::VoicePack;
use skipping::skip;

const TEXT: &str = "Some years ago, never mind how long precisely, having little or no money in my purse, and nothing \
    particular to interest me on shore, I thought I would sail about a little and see the watery part of the world.";

/// The other words of a neighbouring chunk.
const NEIGHBOUR: &str = "It is a way I have of driving off the spleen, and regulating the circulation. Whenever I find \
    myself growing grim about the mouth, then I account it high time to get to sea as soon as I can.";

/// A recogniser that ends with the test.
struct Recogniser {
    process: Child,
    address: String,
}

impl Recogniser {
    fn start() -> Option<Self> {
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../scripts/recogniser");
        let mut process = Command::new(script).stdout(Stdio::piped()).spawn().ok()?;
        let mut address = String::new();
        BufReader::new(process.stdout.take()?).read_line(&mut address).ok()?;
        let recogniser = Self { process, address: address.trim().to_owned() };
        if recogniser.address.is_empty() {
            skip("there is no recogniser, scripts/recogniser says why");
            return None;
        }
        Some(recogniser)
    }
}

impl Drop for Recogniser {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn pack() -> Option<PathBuf> {
    let folder = directories::ProjectDirs::from("", "", "rhapsode")?.data_dir().join("voices").join("hibari");
    if folder.is_dir() {
        return Some(folder);
    }
    skip(&format!("there is no voice in {}, `rhapsode voices fetch` gets it", folder.display()));
    None
}

fn request(voice: &Builtin, text: &str) -> Request {
    Request {
        text: vec![Part::Text(text.to_owned())],
        voice: voice.describe().voices[0].clone(),
        reference: None,
        language: "en".to_owned(),
        speed: 1.0,
        parameters: Default::default(),
        seed: 5,
        generation: 0,
    }
}

async fn speak(voice: &Builtin, text: &str) -> Pcm {
    let call = Call { seed: 5, purpose: Purpose::Take };
    voice.speak(&request(voice, text), call).await.unwrap().pcm
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_said_passes_and_what_was_not_said_is_rejected() {
    let Some(pack) = pack() else { return };
    let Some(recogniser) = Recogniser::start() else { return };
    let voice = Builtin::open(&VoicePack::open(&pack).unwrap(), 1).unwrap();
    let check = WordCheck::new(&recogniser.address, ListeningOptions::default()).unwrap();
    let wanted = request(&voice, TEXT);

    let right = speak(&voice, TEXT).await;
    assert_eq!(check.listen(&wanted, &right).await, Heard::Words);

    let cut = right.samples.len() * 7 / 10;
    let shorter = Pcm { rate: right.rate, samples: right.samples[..cut].to_vec() };
    let holed =
        TEXT.replace("having little or no money in my purse, and nothing particular to interest me ", "");
    let refrain = TEXT.replace(", I thought", ", and nothing particular to interest me on shore, I thought");
    for (fault, take, expected) in [
        ("its end is cut off", shorter, "at the end were not heard"),
        ("words inside are missing", speak(&voice, &holed).await, "were not heard"),
        ("words are repeated", speak(&voice, &refrain).await, "were heard twice"),
        ("it is another text", speak(&voice, NEIGHBOUR).await, "other words were heard"),
    ] {
        let heard = check.listen(&wanted, &take).await;
        assert!(
            matches!(&heard, Heard::Otherwise { reason } if reason.contains(expected)),
            "{fault}: {heard:?}"
        );
    }
}
