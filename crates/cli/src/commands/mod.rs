//! The commands, one file each. They gather settings, call the engine and print what it returns.

mod assets;
mod config;
mod convert;
mod plan;
mod sound;
mod store;
mod voices;

use std::{path::PathBuf, process::ExitCode, sync::Arc};

use rhapsode_engine::{Listener, Silent};

use crate::{
    args::{Command, Events},
    failure::Failure,
    json_events::JsonEvents,
    layers::Layers,
    progress::Progress,
    settings,
};

/// What every command needs to know of the global arguments.
#[derive(Debug)]
pub(crate) struct Context {
    config: Option<PathBuf>,
    voice: Voice,
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
        Self { config, voice }
    }

    fn layers(&self) -> Result<Layers, Failure> {
        Ok(settings::layers(self.config.as_deref())?)
    }

    fn listener(&self) -> Arc<dyn Listener> {
        match self.voice {
            Voice::Quiet => Arc::new(Silent),
            Voice::Json => Arc::new(JsonEvents),
            Voice::Progress => Arc::new(Progress::new()),
        }
    }

    /// Tells a person something that is no data.
    fn tell(&self, text: &str) {
        if self.voice == Voice::Progress {
            eprintln!("{text}");
        }
    }
}

/// Runs a command.
pub(crate) async fn run(command: Command, context: Context) -> Result<ExitCode, Failure> {
    match command {
        Command::Convert(args) => convert::run(&args, &context).await,
        Command::Plan(args) => plan::run(&args, &context),
        Command::Sample(args) => sound::sample(&args, &context).await,
        Command::Say(args) => sound::say(&args, &context).await,
        Command::Voices { command } => voices::run(command, &context),
        Command::Store { command } => store::run(&command, &context),
        Command::Config { command } => config::run(&command, &context),
        Command::Init => config::init(),
        Command::Completions { shell } => assets::completions(shell),
        Command::Man { command } => assets::man(command.as_deref()),
    }
}

/// Prints data to stdout. A reader that went away is no error.
pub(crate) fn print(text: &str) -> Result<ExitCode, Failure> {
    use std::io::Write;
    match writeln!(std::io::stdout().lock(), "{text}") {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => Err(error.into()),
        _ => Ok(ExitCode::SUCCESS),
    }
}
