//! `rhapsode say` and `rhapsode sample`: speech into one sound file.

use std::{future::Future, io::Read, path::Path, process::ExitCode, sync::Arc};

use rhapsode_engine::{EngineError, Ensembles, SampleExtent, Settings, SoundFile};

use super::Context;
use crate::{
    args::{GateArgs, SampleArgs, SayArgs, SpeechArgs},
    backends::Keys,
    failure::{Failure, Kind},
    interrupt, report, settings,
};

pub(super) async fn say(args: &SayArgs, context: &Context) -> Result<ExitCode, Failure> {
    let settings = speech_settings(&args.speech, &GateArgs::default(), context, None)?;
    let mut text = args.text.clone();
    if text == "-" {
        text.clear();
        std::io::stdin().read_to_string(&mut text)?;
    }
    let listener = context.listener();
    let stop = interrupt::watch(context);
    let ensemble = Ensembles::default().find(&settings, Arc::clone(&listener)).await?;
    let speaking =
        rhapsode_engine::say(&text, &args.output, &settings, &ensemble, stop.clone(), listener.as_ref());
    finish(speaking, stop, context).await
}

pub(super) async fn sample(args: &SampleArgs, context: &Context) -> Result<ExitCode, Failure> {
    let settings = settings::with_files_beside(
        &speech_settings(&args.speech, &args.gate, context, Some(&args.book))?,
        &args.book,
    )?;
    let extent = SampleExtent { chapter: args.chapter, seconds: args.seconds };
    let listener = context.listener();
    let stop = interrupt::watch(context);
    let ensemble = Ensembles::default().find(&settings, Arc::clone(&listener)).await?;
    let speaking = rhapsode_engine::sample(
        &args.book,
        extent,
        args.output.as_deref(),
        &settings,
        &ensemble,
        stop.clone(),
        listener.as_ref(),
    );
    finish(speaking, stop, context).await
}

fn speech_settings(
    args: &SpeechArgs,
    gate: &GateArgs,
    context: &Context,
    manuscript: Option<&Path>,
) -> Result<Settings, Failure> {
    let mut layers = context.layers(manuscript)?;
    args.overlay(&mut layers)?;
    gate.overlay(&mut layers)?;
    settings::settings(&layers, Keys::Demanded)
}

async fn finish(
    speaking: impl Future<Output = Result<SoundFile, EngineError>>,
    stop: tokio::sync::watch::Receiver<rhapsode_engine::StopSignal>,
    context: &Context,
) -> Result<ExitCode, Failure> {
    let file = tokio::select! {
        outcome = speaking => outcome?,
        () = interrupt::stopped_now(stop) => {
            return Err(Failure::new(Kind::Stopped, "stopped at once", Some("finished takes are kept")));
        }
    };
    context.tell(&format!("{}  {}", file.path.display(), report::clock(file.seconds)));
    Ok(ExitCode::SUCCESS)
}
