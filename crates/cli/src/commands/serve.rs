//! `rhapsode serve`: a backend behind the speech server protocol, with a line on stderr for each request.

mod check;

use std::{path::Path, process::ExitCode, sync::Arc};

use rhapsode_engine::{Ensembles, StopSignal};
use rhapsode_server::{Answer, CallKind, Listener, Outcome, ServerEvent, ServerOptions, Token};

use super::Context;
use crate::{
    args::{ServeArgs, SpeechArgs},
    backends::Keys,
    environment,
    failure::{Failure, Kind},
    interrupt, settings,
};

pub(super) async fn run(args: &ServeArgs, context: &Context) -> Result<ExitCode, Failure> {
    if args.check {
        return check::run(args.listen).await;
    }
    let mut layers = context.layers(None)?;
    let speech = SpeechArgs {
        voice: args.voice.clone(),
        backends: args.backend.iter().cloned().collect(),
        jobs: args.jobs,
        voices: args.voices.clone(),
        ..SpeechArgs::default()
    };
    speech.overlay(&mut layers)?;
    let settings = settings::settings(&layers, Keys::Demanded)?;
    let options = ServerOptions {
        listen: args.listen,
        token: token(args)?,
        queue: args.queue,
        body_limit: args.body_limit as usize * (1 << 20),
        ..ServerOptions::default()
    };
    let stop = interrupt::watch(context);
    if let [_, second, ..] = settings.backends.as_slice() {
        let message = format!("failed to choose between the backends: {:?} is not the only one", second.name);
        return Err(Failure::new(Kind::Usage, message, Some("--backend NAME serves one of them")));
    }
    let listener = context.listener();
    let ensemble = Ensembles::default().find(&settings, Arc::clone(&listener)).await?;
    let backend = ensemble.first_backend(&settings, stop.clone(), listener.as_ref()).await?;
    if !args.listen.ip().is_loopback() && options.token.is_none() {
        context.say("warning: everybody who reaches this address can speak; --token-file asks for a token");
    }
    let mut told = stop.clone();
    let drain = async move {
        // The channel outlives the program's work, so that the wait ends with a signal alone.
        let _ = told.wait_for(|signal| *signal != StopSignal::Running).await;
    };
    let log = Arc::new(Log(context.clone()));
    tokio::select! {
        served = rhapsode_server::serve(backend, options, log, drain) => served?,
        () = interrupt::stopped_now(stop) => {
            return Err(Failure::new(Kind::Stopped, "stopped at once", None));
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// The token that clients must show, if one is asked for.
fn token(args: &ServeArgs) -> Result<Option<Token>, Failure> {
    let text = match (&args.token_file, &args.token_env) {
        (Some(path), _) => token_in(path)?,
        (None, Some(variable)) => environment::secret(variable).map_err(|reason| {
            Failure::new(Kind::Configuration, format!("failed to use the token: {reason}"), None)
        })?,
        (None, None) => return Ok(None),
    };
    let token = text.parse();
    token.map(Some).map_err(|error| Failure::new(Kind::Configuration, format!("failed to {error}"), None))
}

/// The text of a file with a token.
pub(super) fn token_in(path: &Path) -> Result<String, Failure> {
    std::fs::read_to_string(path).map_err(|error| {
        let message = format!("failed to read the token from {}: {error}", path.display());
        Failure::new(Kind::Configuration, message, None)
    })
}

/// Tells what happens, a line an event.
struct Log(Context);

impl Listener for Log {
    fn hear(&self, event: ServerEvent) {
        if let Some(line) = line(&event) {
            self.0.tell(&line);
        }
    }
}

fn line(event: &ServerEvent) -> Option<String> {
    Some(match event {
        ServerEvent::Listening { address } => format!("listening at http://{address}"),
        ServerEvent::Ready { times_real_time } => {
            format!("ready, {times_real_time:.1} times as fast as speech")
        }
        ServerEvent::NotReady { reason, again_in } => {
            format!("not ready: {reason}; trying again in {} s", again_in.as_secs())
        }
        ServerEvent::Answered(answer) if is_routine(answer) => return None,
        ServerEvent::Answered(answer) => answered(answer),
        // The interrupt has told it.
        _ => return None,
    })
}

/// Whether somebody only looks whether the server is well, and it is.
fn is_routine(answer: &Answer) -> bool {
    matches!(answer.call, CallKind::Health | CallKind::Ready | CallKind::Metrics)
        && matches!(answer.outcome, Outcome::Answered { status: 200, .. })
}

fn answered(answer: &Answer) -> String {
    let probe = if answer.probe { " (probe)" } else { "" };
    let outcome = match &answer.outcome {
        Outcome::Answered { status, code: None } => status.to_string(),
        Outcome::Answered { status, code: Some(code) } => format!("{status} {code}"),
        Outcome::Abandoned => "the client went away".to_owned(),
    };
    let elapsed = answer.elapsed.as_secs_f64();
    let mut line = format!("{}  {}{probe}  {outcome}  {elapsed:.2} s", answer.id, answer.call.name());
    if let Some(spoken) = &answer.spoken {
        line.push_str(&format!(
            "  {} characters by {} to {:.1} s of {}, waited {:.2} s, spoke {:.2} s",
            spoken.characters,
            spoken.voice,
            spoken.seconds_of_audio,
            spoken.format,
            spoken.waited.as_secs_f64(),
            spoken.synthesis.as_secs_f64(),
        ));
    }
    line
}
