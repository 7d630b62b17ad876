//! The commands, one file each. They gather settings, call the engine and print what it returns.

mod assets;
mod backends;
mod check;
mod config;
mod convert;
mod deps;
mod doctor;
mod plan;
mod queue;
mod redo;
mod report;
mod serve;
mod sound;
mod stack;
mod store;
mod voices;
mod watch;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use indicatif::MultiProgress;
use rhapsode_engine::{Listener, Redo, Silent};

use crate::{
    args::{Command, Events},
    batch::{self, Entry, Line},
    failure::{Failure, Kind},
    json_events::{self, JsonEvents},
    layers::Layers,
    progress::{self, Progress},
    settings,
};

/// What every command needs to know of the global arguments, and its way to the terminal.
#[derive(Debug, Clone)]
pub(crate) struct Context {
    config: Option<PathBuf>,
    voice: Voice,
    screen: MultiProgress,
}

/// How much the program says of its own accord.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Voice {
    /// Nothing but errors.
    Quiet,
    Progress,
    Json,
}

impl Context {
    pub(crate) fn new(config: Option<PathBuf>, events: Events, quiet: bool) -> Self {
        let voice = match (events, quiet) {
            (Events::Json, _) => Voice::Json,
            (Events::Progress, true) => Voice::Quiet,
            (Events::Progress, false) => Voice::Progress,
        };
        Self { config, voice, screen: progress::screen() }
    }

    /// The configuration below the flags; with a manuscript, that of its sidecars too.
    fn layers(&self, manuscript: Option<&Path>) -> Result<Layers, Failure> {
        Ok(settings::layers(self.config.as_deref(), manuscript, None)?)
    }

    /// The configuration below the flags for a book of a batch.
    fn layers_of(&self, entry: &Entry) -> Result<Layers, Failure> {
        let Entry { manuscript, settings, .. } = entry;
        Ok(settings::layers(self.config.as_deref(), Some(manuscript), settings.as_ref())?)
    }

    fn listener(&self) -> Arc<dyn Listener> {
        match self.voice {
            Voice::Quiet => Arc::new(Silent),
            Voice::Json => Arc::new(JsonEvents),
            Voice::Progress => Arc::new(Progress::new(self.screen.clone())),
        }
    }

    /// Whether events are wanted as JSON.
    fn is_json(&self) -> bool {
        self.voice == Voice::Json
    }

    /// Tells a person something that is no data.
    pub(crate) fn tell(&self, text: &str) {
        if self.voice == Voice::Progress {
            self.say(text);
        }
    }

    /// Tells how the books of a batch ended.
    fn tell_of_batch(&self, lines: &[Line<'_>], kind: Option<Kind>) {
        self.tell(&batch::table(lines));
        if self.is_json() {
            json_events::batch(lines, kind);
        }
    }

    /// Says something above the bars, if any are drawn.
    fn say(&self, text: &str) {
        if self.screen.is_hidden() || self.screen.println(text).is_err() {
            say(text);
        }
    }

    /// Tells why something failed, to people and, where they are asked for, as an event.
    pub(crate) fn fail(&self, failure: &Failure) {
        self.say(&failure.to_string());
        if self.voice == Voice::Json {
            json_events::failed(failure);
        }
    }
}

/// Runs a command.
pub(crate) async fn run(command: Command, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        Command::Convert(args) => convert::run(&args, Redo::default(), context).await,
        Command::Redo(args) => redo::run(args, context).await,
        Command::Check(args) => check::run(&args, context),
        Command::Report(args) => report::run(args, context),
        Command::Doctor(args) => doctor::run(args, context).await,
        Command::Backends(args) => backends::run(&args, context).await,
        Command::Deps { command } => deps::run(&command, context).await,
        Command::Watch(args) => watch::run(&args, context).await,
        Command::Queue(args) => queue::run(&args, context),
        Command::Plan(args) => plan::run(&args, context),
        Command::Sample(args) => sound::sample(&args, context).await,
        Command::Say(args) => sound::say(&args, context).await,
        Command::Serve(args) => serve::run(&args, context).await,
        Command::Stack(args) => stack::run(args, context).await,
        Command::Voices { command } => voices::run(command, context),
        Command::Store { command } => store::run(&command, context),
        Command::Config { command } => config::run(&command, context),
        Command::Init => config::init(),
        Command::Completions { shell } => assets::completions(shell),
        Command::Man { command } => assets::man(command.as_deref()),
    }
}

/// Says something on stderr. Nobody may be listening, which is no error either.
pub(crate) fn say(text: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stderr().lock(), "{text}");
}

/// Prints data to stdout. A reader that went away is no error.
pub(crate) fn print(text: &str) -> Result<ExitCode, Failure> {
    use std::io::Write;
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
