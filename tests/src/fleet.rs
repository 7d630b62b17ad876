//! Several speech servers, the configuration that names them, and what a book says that they spoke.

use std::{
    collections::{BTreeMap, HashMap},
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

use crate::{
    Outcome, World, decode,
    speech_server::{Counts, Heard, Settings, Song, SpeechServer, hear},
};

/// Characters of a chunk in the tests at most: small, so that a short book has many.
pub const CHUNK: usize = 120;
/// Requests that a job sends to a server at the same time.
pub const CONCURRENCY: usize = 4;

/// Servers that have the same engine, unless a test says otherwise.
#[derive(Debug)]
pub struct Fleet {
    servers: Vec<SpeechServer>,
}

/// Whether the configuration says that the servers of a fleet are the same engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// It does, so each may go on where another stopped.
    Stated,
    /// It does not: each is known by its address.
    Unstated,
}

impl Fleet {
    /// Starts a server for each of the settings.
    #[must_use]
    pub fn start(settings: impl IntoIterator<Item = Settings>) -> Self {
        Self { servers: settings.into_iter().map(SpeechServer::start).collect() }
    }

    /// The servers.
    #[must_use]
    pub fn servers(&self) -> &[SpeechServer] {
        &self.servers
    }

    /// Writes the `rhapsode.toml` of a world: these servers and no others.
    pub fn configure(&self, world: &World, identity: Identity) {
        let mut toml = String::new();
        for (number, server) in self.servers.iter().enumerate() {
            let url = server.url();
            let _ = write!(
                toml,
                "[[backend]]\nname = \"server-{number}\"\nkind = \"openai\"\nurl = \"{url}\"\nmodel = \"songs\"\n\
                 voices = [\"siren\"]\nformats = [\"wav\"]\nmax-concurrency = {CONCURRENCY}\nmax-chars = {CHUNK}\n"
            );
            if identity == Identity::Stated {
                toml.push_str("identity = \"the sirens\"\n");
            }
        }
        world.write("rhapsode.toml", toml);
    }

    /// What the servers were asked, each.
    #[must_use]
    pub fn counts(&self) -> Vec<Counts> {
        self.servers.iter().map(SpeechServer::counts).collect()
    }

    /// Requests of every kind that the servers got, together.
    #[must_use]
    pub fn requests(&self) -> u64 {
        self.counts().iter().map(|counts| counts.requests).sum()
    }

    /// For each text of a book, how often it was asked for.
    #[must_use]
    pub fn asked(&self) -> HashMap<String, usize> {
        let mut asked = HashMap::new();
        for counts in self.counts() {
            for (text, times) in counts.by_text() {
                *asked.entry(text.to_owned()).or_default() += times;
            }
        }
        asked
    }

    /// Hears the texts that a sound says, in their order.
    ///
    /// # Errors
    /// Where something is heard that none of the servers sang, whole.
    pub fn hear(&self, samples: &[i16], rate: u32) -> Result<Vec<String>, String> {
        let mut texts: HashMap<u32, (String, Song)> = HashMap::new();
        for counts in self.counts() {
            texts.extend(counts.songs);
        }
        let songs = texts.iter().map(|(hash, (_, song))| (*hash, song.clone())).collect();
        hear(samples, rate, &songs)
            .into_iter()
            .map(|heard| match heard {
                Heard::Song { hash, .. } => Ok(texts[&hash].0.clone()),
                Heard::Unknown { at } => Err(format!("at {at:.2} s something is heard that nobody sang")),
            })
            .collect()
    }
}

/// Converts a manuscript with the backends of the world's configuration.
#[must_use]
pub fn convert(world: &World, book: &Path, more: &[&str]) -> Outcome {
    world.run(arguments(book, more))
}

/// The arguments of such a conversion.
#[must_use]
pub fn arguments(book: &Path, more: &[&str]) -> Vec<std::ffi::OsString> {
    let first = ["convert".into(), book.as_os_str().to_owned()];
    let rest = ["-o", "out.m4b", "--voice", "siren", "--events=json"];
    first.into_iter().chain(rest.iter().chain(more).map(|argument| (*argument).into())).collect()
}

/// The samples of the release of a world, and their rate.
#[must_use]
pub fn release(world: &World) -> (Vec<i16>, u32) {
    let path = world.path("out.m4b");
    let media = crate::probe(&path);
    let rate = media.streams("audio").first().and_then(|stream| stream["sample_rate"].as_str()?.parse().ok());
    (decode(&path), rate.unwrap_or_else(|| panic!("{} states no rate", path.display())))
}

/// The samples of every take in the store of a world, by the take's key, with their rate.
///
/// # Panics
/// If a take is no WAV of 16 bits.
#[must_use]
pub fn takes(world: &World) -> BTreeMap<String, (Vec<i16>, u32)> {
    let mut files = Vec::new();
    walk(&world.path("store"), &mut files);
    let keyed = files.into_iter().map(|path| {
        let key = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        let bytes = fs::read(&path).unwrap_or_else(|e| panic!("{} cannot be read: {e}", path.display()));
        let take = samples(&bytes).unwrap_or_else(|| panic!("{} is no WAV of 16 bits", path.display()));
        (key, take)
    });
    keyed.collect()
}

fn walk(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        let hidden = entry.file_name().to_string_lossy().starts_with('.');
        if path.is_dir() {
            walk(&path, files);
        } else if !hidden && path.extension().is_some_and(|extension| extension == "wav") {
            files.push(path);
        }
    }
}

/// The samples of a WAV of 16 bits and their rate.
fn samples(bytes: &[u8]) -> Option<(Vec<i16>, u32)> {
    let number = |at: usize| Some(u32::from_le_bytes(bytes.get(at..at + 4)?.try_into().ok()?));
    let (mut at, mut rate) = (12, None);
    loop {
        let length = number(at + 4)? as usize;
        let body = bytes.get(at + 8..at + 8 + length)?;
        match bytes.get(at..at + 4)? {
            b"fmt " => rate = number(at + 12),
            b"data" => {
                let samples = body.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]]));
                return Some((samples.collect(), rate?));
            }
            _ => {}
        }
        at += 8 + length + length % 2;
    }
}

/// The words of a text, in their order, as they are compared: letters alone, lower-case.
#[must_use]
pub fn words(text: &str) -> Vec<String> {
    text.split(|character: char| !character.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_lowercase)
        .collect()
}

/// A manuscript of plain words, so that its words are those that are spoken: chapters of sentences that differ, and
/// one that comes in each.
#[must_use]
pub fn manuscript(chapters: usize, sentences: usize) -> String {
    const WHO: [&str; 7] =
        ["the keeper", "my uncle", "a stranger", "the clerk", "her sister", "the pilot", "an old dog"];
    const DID: [&str; 6] = ["carried", "forgot", "followed", "counted", "sold", "hid"];
    const WHAT: [&str; 11] = [
        "the lamp",
        "seven letters",
        "a wet coat",
        "the long rope",
        "every window",
        "a basket of pears",
        "the tide",
        "two bells",
        "the blue door",
        "his own name",
        "the morning boat",
    ];
    const WHERE: [&str; 5] = [
        "down by the harbour",
        "before anyone woke",
        "as the rain came in from the west",
        "under the stairs",
        "when the market was over and the carts had gone",
    ];
    let mut text = String::from("---\ntitle: The Harbour Book\nauthor: Nobody\n---\n\n");
    let ordinals = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];
    let mut count = 0;
    for chapter in 0..chapters {
        let _ =
            write!(text, "# Chapter {}\n\nNobody spoke for a while.\n\n", ordinals[chapter % ordinals.len()]);
        for sentence in 0..sentences {
            let who = WHO[count % WHO.len()];
            let (first, rest) = who.split_at(1);
            let (did, what, place) =
                (DID[count % DID.len()], WHAT[count % WHAT.len()], WHERE[(count / 3) % WHERE.len()]);
            let _ = write!(text, "{}{rest} {did} {what} {place}.", first.to_uppercase());
            text.push_str(if sentence % 4 == 3 { "\n\n" } else { " " });
            count += 1;
        }
        text.push('\n');
    }
    text
}
