//! Any program that reads text and writes sound: one process for each chunk, without a shell in between, so that no
//! text can be taken for a command.

mod process;
mod template;

use std::{path::PathBuf, sync::Arc, time::Duration};

use rhapsode_audio::{
    SampleRate,
    decode::{Expected, decode},
};
use serde::Deserialize;

use crate::{
    Backend, BackendSettings, Call, Description, EngineIdentity, Naming, Price, Request, SharedBackend,
    Speech, SpeechError, SpeechFuture, Statement, table::BackendKind,
};
use process::Job;
pub use process::STARTED_BY;
use template::{Placeholder, Template, Values};

/// The row of this kind in the table.
pub(crate) const KIND: BackendKind =
    BackendKind { name: "command", about: "a program that reads text and writes sound", expect, open };

/// A minute of speech: programs with limits of their own are rare, long waits for one process are not welcome.
const MAX_CHARS: usize = 900;

/// A program as a backend.
#[derive(Debug)]
struct Command {
    description: Description,
    /// The languages that were configured, if any were.
    languages: Option<Vec<String>>,
    template: Template,
    raw: Option<SampleRate>,
    time_out: Duration,
}

/// What the configuration of this kind says.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Options {
    /// The program and its arguments, see [`Placeholder`].
    command: Vec<String>,
    voice: Option<String>,
    #[serde(default)]
    voices: Vec<String>,
    #[serde(default)]
    languages: Vec<String>,
    /// Processes at the same time. One for each core if it is not set.
    max_concurrency: Option<usize>,
    #[serde(default = "one")]
    min_chars: usize,
    #[serde(default = "max_chars")]
    max_chars: usize,
    /// Set for programs that write samples without a header.
    pcm_rate: Option<u32>,
    identity: Option<String>,
    price_per_million_chars: Option<f64>,
    /// Seconds that a process may take.
    #[serde(default = "five_minutes")]
    time_out: f64,
}

fn one() -> usize {
    1
}

fn max_chars() -> usize {
    MAX_CHARS
}

fn five_minutes() -> f64 {
    300.0
}

impl Command {
    fn read(settings: &BackendSettings) -> Result<Self, SpeechError> {
        let options: Options = settings.options()?;
        let template = Template::parse(&options.command).map_err(|reason| settings.unusable(reason))?;
        let time_out = Duration::try_from_secs_f64(options.time_out).ok().filter(|time| !time.is_zero());
        let time_out = time_out.ok_or_else(|| settings.unusable("its time-out is no number of seconds"))?;
        if options.max_chars == 0 || options.max_concurrency == Some(0) {
            return Err(settings.unusable("its max-chars and max-concurrency are at least 1"));
        }
        let mut voices: Vec<String> = options.voice.into_iter().collect();
        voices.extend(options.voices.into_iter().filter(|voice| !voices.contains(voice)).collect::<Vec<_>>());
        if voices.is_empty() {
            if template.uses(Placeholder::Voice) {
                return Err(settings.unusable("its command has {voice} in it: set voice or voices"));
            }
            voices.push("default".to_owned());
        }
        if voices.len() > 1 && !template.uses(Placeholder::Voice) {
            return Err(settings.unusable("its command speaks with one voice: put {voice} into it"));
        }
        let price = options.price_per_million_chars.map(|price| {
            Price::new(price).ok_or_else(|| settings.unusable("its price-per-million-chars is no price"))
        });
        let languages = Some(options.languages).filter(|languages| !languages.is_empty());
        let cores = || std::thread::available_parallelism().map_or(1, usize::from);
        let description = Description {
            name: settings.name.clone(),
            identity: EngineIdentity {
                engine: "command".to_owned(),
                model: template.program_name(),
                revision: options.identity.unwrap_or_else(|| template.arguments()),
                sound_revision: 0,
            },
            voices,
            languages: languages.clone().unwrap_or_else(|| vec!["en".to_owned()]),
            rate: options.pcm_rate.map(SampleRate),
            max_concurrency: options.max_concurrency.unwrap_or_else(cores),
            min_chars: options.min_chars.min(options.max_chars),
            max_chars: options.max_chars,
            phonemes: false,
            price: price.transpose()?,
        };
        Ok(Self { description, languages, template, raw: options.pcm_rate.map(SampleRate), time_out })
    }

    async fn run(&self, request: &Request, call: Call) -> Result<Speech, SpeechError> {
        let name = &self.description.name;
        // A wish that the program never hears of would be stored as if it had been met.
        let unheard = [
            (
                request.speed != 1.0 && !self.template.uses(Placeholder::Speed),
                "another speed: put {speed} into it",
            ),
            (request.reference.is_some(), "a recorded voice"),
            (!request.parameters.is_empty(), "parameters"),
        ];
        if let Some((_, wish)) = unheard.iter().find(|(unheard, _)| *unheard) {
            let reason = format!("its command has no place for {wish}");
            return Err(SpeechError::Unavailable { backend: name.clone(), reason });
        }
        // In one line, because some programs speak each line by itself.
        let text = request.plain_text().split_whitespace().collect::<Vec<_>>().join(" ");
        let values = Values {
            text: &text,
            voice: &request.voice,
            language: &request.language,
            speed: request.speed,
            seed: call.seed,
        };
        let job = Job { backend: name, template: &self.template, values: &values };
        let transient = |reason: String| SpeechError::Transient { backend: name.clone(), reason };
        let written = tokio::time::timeout(self.time_out, job.run()).await.map_err(|_| {
            transient(format!("its program did not end within {} seconds", self.time_out.as_secs_f64()))
        })??;
        let expected = Expected { raw: self.raw, ..Expected::default() };
        let decoding = tokio::task::spawn_blocking(move || {
            decode(&written.sound, expected).map_err(|error| (error, written.complaint))
        });
        match decoding.await {
            Ok(Ok(pcm)) => Ok(Speech { pcm, seed: call.seed, dropped_text: None }),
            Ok(Err((error, complaint))) if complaint.is_empty() => {
                Err(transient(format!("failed to {error}")))
            }
            Ok(Err((error, complaint))) => Err(transient(format!("failed to {error}; it says: {complaint}"))),
            Err(_) => Err(transient("its sound cannot be decoded".to_owned())),
        }
    }

    /// Looks for the program where the system will.
    async fn find(&self) -> Result<(), SpeechError> {
        let program = PathBuf::from(self.template.program());
        // A bare name is looked up by the system when it starts; only a path can be looked at here.
        if program.components().count() > 1 && tokio::fs::metadata(&program).await.is_err() {
            return Err(process::missing(&self.description.name, self.template.program()));
        }
        Ok(())
    }
}

impl Backend for Command {
    fn describe(&self) -> &Description {
        &self.description
    }

    /// Dropping the future kills the process.
    fn speak<'a>(&'a self, request: &'a Request, call: Call) -> SpeechFuture<'a, Speech> {
        Box::pin(self.run(request, call))
    }

    fn ready(&self) -> SpeechFuture<'_, ()> {
        Box::pin(self.find())
    }

    /// A program says nothing of itself: all that is known stands in its configuration.
    fn statement(&self) -> SpeechFuture<'_, Statement> {
        let statement = Statement {
            voices: Some(self.description.voices.clone()),
            languages: self.languages.clone(),
            naming: Naming::Exact,
            ..Statement::default()
        };
        Box::pin(std::future::ready(Ok(statement)))
    }
}

fn expect(settings: &BackendSettings) -> Result<Description, SpeechError> {
    Ok(Command::read(settings)?.description)
}

fn open(settings: BackendSettings) -> SpeechFuture<'static, Vec<SharedBackend>> {
    Box::pin(async move { Ok(vec![Arc::new(Command::read(&settings)?) as SharedBackend]) })
}
