//! Arguments of the command line over what the configuration says, each under the name of its key.

use std::path::Path;

use clap::ValueEnum;
use rhapsode_engine::script::ChapterSelection;
use toml::Value;

use crate::{
    args::{
        GateArgs, ReadingArgs, SpeechArgs, WatchArgs,
        job::{Gate, ReleaseArgs},
    },
    failure::{Failure, Kind},
    layers::{ConfigError, Layers},
};

impl SpeechArgs {
    pub(crate) fn overlay(&self, layers: &mut Layers) -> Result<(), ConfigError> {
        set(layers, "voice", "speech.voice", self.voice.as_deref())?;
        set(layers, "speed", "speech.speed", self.speed.map(f64::from))?;
        let backends = (!self.backends.is_empty()).then(|| self.backends.clone());
        set(layers, "backend", "speech.backends", backends)?;
        set(layers, "wait", "speech.outage", self.wait.then_some("wait"))?;
        set(layers, "verify", "speech.verify", self.verify.as_deref())?;
        set(layers, "jobs", "speech.jobs", self.jobs.map(|jobs| jobs as i64))?;
        set(layers, "lexicon", "speech.lexicon", self.lexicon.as_deref().map(text))?;
        set(layers, "voices", "storage.voices", self.voices.as_deref().map(text))?;
        set(layers, "store", "storage.takes", self.store.as_deref().map(text))
    }
}

impl ReadingArgs {
    pub(crate) fn overlay(&self, layers: &mut Layers) -> Result<(), ConfigError> {
        set(layers, "include", "reading.include", roles(&self.include))?;
        set(layers, "exclude", "reading.exclude", roles(&self.exclude))
    }

    pub(crate) fn selection(&self) -> Result<ChapterSelection, Failure> {
        let Some(list) = &self.chapters else { return Ok(ChapterSelection::default()) };
        list.parse().map_err(|error| Failure::new(Kind::Usage, format!("failed to {error}"), None))
    }
}

impl ReleaseArgs {
    pub(crate) fn overlay(&self, layers: &mut Layers) -> Result<(), ConfigError> {
        let formats = (!self.format.is_empty()).then(|| self.format.clone());
        set(layers, "format", "release.formats", formats)?;
        let with = (!self.with.is_empty()).then(|| self.with.clone());
        set(layers, "with", "release.with", with)?;
        set(layers, "feed-url", "release.feed-url", self.feed_url.as_deref())?;
        set(layers, "profile", "release.profile", self.profile.map(value_name))?;
        set(layers, "files", "release.files", self.files.map(value_name))?;
        set(layers, "split-hours", "release.split-hours", self.split_hours)?;
        set(layers, "bitrate", "release.bitrate", self.bitrate.as_deref())?;
        let narrators = (!self.narrators.is_empty()).then(|| self.narrators.clone());
        set(layers, "narrator", "metadata.narrators", narrators)?;
        set(layers, "loudness", "release.loudness", self.loudness.as_deref())?;
        set(layers, "work", "storage.work", self.work.as_deref().map(text))
    }
}

impl GateArgs {
    pub(crate) fn overlay(&self, layers: &mut Layers) -> Result<(), ConfigError> {
        let mode = self.gate.map(|gate| match gate {
            Gate::Enforce => "enforce",
            Gate::Warn => "warn",
            Gate::Off => "off",
        });
        set(layers, "gate", "gate.mode", mode)
    }
}

impl WatchArgs {
    pub(crate) fn overlay(&self, layers: &mut Layers) -> Result<(), ConfigError> {
        set(layers, "settle", "watch.settle", self.settle)?;
        set(layers, "poll", "watch.poll", self.poll)?;
        set(layers, "books", "watch.books", self.books.map(|books| books as i64))?;
        set(layers, "in-place", "watch.in-place", self.in_place.then_some(true))?;
        set(layers, "again", "watch.again", self.again.then_some(true))?;
        set(layers, "http", "watch.http", self.page.http.as_deref())?;
        let names = (!self.page.http_name.is_empty()).then(|| self.page.http_name.clone());
        set(layers, "http-name", "watch.http-names", names)
    }
}

fn set(
    layers: &mut Layers,
    flag: &str,
    key: &str,
    value: Option<impl Into<Value>>,
) -> Result<(), ConfigError> {
    let (section, key) = key.split_once('.').expect("the keys of this file have a section");
    value.map_or(Ok(()), |value| layers.flag(flag, section, key, value))
}

/// Roles as the configuration writes them; people also type `also-by` and `"also by"`.
fn roles(names: &[String]) -> Option<Vec<String>> {
    (!names.is_empty()).then(|| names.iter().map(|name| name.replace([' ', '-'], "_")).collect())
}

/// A value as its flag and its setting call it.
fn value_name<T: ValueEnum>(value: T) -> String {
    value.to_possible_value().map_or_else(String::new, |value| value.get_name().to_owned())
}

fn text(path: &Path) -> String {
    path.display().to_string()
}
