//! `rhapsode voices`: what is here, what can be fetched, and adding a pack from a file.

use std::process::ExitCode;

use rhapsode_engine::{
    Event,
    voice::pack::{PackSettings, add_from_file, catalog::VOICES, fetch, installed},
};

use super::{Context, print};
use crate::{args::VoicesCommand, failure::Failure, settings};

pub(super) fn run(command: Option<VoicesCommand>, context: &Context) -> Result<ExitCode, Failure> {
    let config = context.layers(None)?.config()?;
    let packs = settings::packs(&config);
    match command.unwrap_or(VoicesCommand::List) {
        VoicesCommand::List => list(&packs, context),
        VoicesCommand::Fetch { name } => {
            let name = name.unwrap_or(config.speech.voice);
            let listener = context.listener();
            let pack = fetch(&packs, &name, &|progress| {
                listener.tell(Event::FetchingVoice {
                    voice: name.clone(),
                    source: progress.source.to_owned(),
                    bytes: progress.done,
                    total: progress.total,
                });
            })?;
            drop(listener);
            print(&format!("{} is in {}", pack.manifest().name, pack.dir().display()))
        }
        VoicesCommand::Add { file } => {
            let pack = add_from_file(&packs.voices_dir, &file)?;
            print(&format!("{} is in {}", pack.manifest().name, pack.dir().display()))
        }
    }
}

fn list(packs: &PackSettings, context: &Context) -> Result<ExitCode, Failure> {
    let mut here = Vec::new();
    for pack in installed(&packs.voices_dir) {
        match pack {
            Ok(pack) => {
                let manifest = pack.manifest();
                print(&row(&manifest.name, &manifest.language, &manifest.licence, "here"))?;
                here.push(manifest.name.clone());
            }
            // A damaged pack is listed too: it is why a voice is missing.
            Err(error) => context.fail(&Failure::from(error)),
        }
    }
    for voice in VOICES.iter().filter(|voice| !here.iter().any(|name| name == voice.name)) {
        print(&row(voice.name, voice.language, voice.licence, "can be fetched"))?;
    }
    Ok(ExitCode::SUCCESS)
}

fn row(name: &str, language: &str, licence: &str, state: &str) -> String {
    format!("{name:<14} {language:<6} {licence:<12} {state}")
}
