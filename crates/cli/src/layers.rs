//! Where each setting comes from: defaults, the user's file, the folder's file, the book's sidecars, the
//! environment, flags. Each layer is checked on its own, so that an error names the file and the line, the
//! variable, or the flag.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use crate::{config::Config, sidecar};

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    /// What a profile stands for.
    Profile(&'static str),
    File(PathBuf),
    /// A block of a file that begins at this line.
    Block(PathBuf, usize),
    Environment(String),
    Flag(String),
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::Profile(name) => write!(f, "the profile {name}"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Block(path, line) => write!(f, "{} at line {line}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag(name) => write!(f, "--{name}"),
        }
    }
}

/// Why a configuration is wrong.
#[derive(Debug, thiserror::Error)]
pub(crate) enum ConfigError {
    #[error("read the configuration {}: {source}", path.display())]
    Io { path: PathBuf, source: std::io::Error },
    #[error("read the configuration {}:\n{message}", path.display())]
    File { path: PathBuf, message: String },
    #[error("read the environment variable {name}: {message}")]
    Environment { name: String, message: String },
    #[error("read the sidecar {}:\n{message}", path.display())]
    Sidecar { path: PathBuf, message: String },
    #[error("understand --{flag}: {message}")]
    Flag { flag: String, message: String },
    #[error("understand {key} of {origin}: {message}")]
    Value { key: String, origin: Origin, message: String },
    #[error("merge the configuration: {0}")]
    Merge(String),
}

/// Settings gathered from all layers, with the origin of each.
#[derive(Debug, Clone)]
pub(crate) struct Layers {
    merged: Table,
    origins: BTreeMap<String, Origin>,
}

impl Layers {
    /// Begins with the built-in defaults.
    pub(crate) fn defaults() -> Result<Self, ConfigError> {
        let mut layers = Self { merged: Table::new(), origins: BTreeMap::new() };
        let defaults = Table::try_from(Config::default()).map_err(|e| ConfigError::Merge(e.to_string()))?;
        layers.overlay(defaults, &Origin::Default);
        Ok(layers)
    }

    /// Lays a file over what is there. Relative paths in it count from its folder.
    pub(crate) fn file(&mut self, path: &Path) -> Result<(), ConfigError> {
        let text = std::fs::read_to_string(path)
            .map_err(|source| ConfigError::Io { path: path.to_owned(), source })?;
        let wrong = |e: toml::de::Error| ConfigError::File { path: path.to_owned(), message: e.to_string() };
        toml::from_str::<Config>(&text).map_err(wrong)?;
        let mut table: Table = toml::from_str(&text).map_err(wrong)?;
        anchor_paths(&mut table, path.parent().unwrap_or(Path::new("")));
        self.overlay_backends(&mut table, path, &text);
        self.overlay(table, &Origin::File(path.to_owned()));
        Ok(())
    }

    /// Lays the `[[backend]]` blocks of a file over those that are there: one of the same name takes the place of the
    /// earlier one, others join.
    fn overlay_backends(&mut self, table: &mut Table, path: &Path, text: &str) {
        let Some(Value::Array(blocks)) = table.remove("backend") else { return };
        let lines = text.lines().zip(1..).filter(|(line, _)| line.trim_start().starts_with("[[backend]]"));
        let mut lines = lines.map(|(_, number)| number);
        let merged = self.merged.entry("backend").or_insert_with(|| Value::Array(Vec::new()));
        let Value::Array(merged) = merged else { return };
        for block in blocks {
            let name = block.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
            // Blocks may also be written as an inline list, which has no lines of its own.
            let line = lines.next().unwrap_or(1);
            self.origins.insert(format!("backend.{name}"), Origin::Block(path.to_owned(), line));
            let same = |other: &Value| other.get("name").and_then(Value::as_str) == Some(name.as_str());
            match merged.iter().position(same) {
                Some(place) => merged[place] = block,
                None => merged.push(block),
            }
        }
    }

    /// Lays the sidecar of a book over what is there: only what a sidecar may set.
    pub(crate) fn sidecar(&mut self, path: &Path) -> Result<(), ConfigError> {
        let table = sidecar::read(path)?;
        self.overlay(table, &Origin::File(path.to_owned()));
        Ok(())
    }

    /// Sets what a profile stands for where nobody set anything.
    pub(crate) fn beneath(&mut self, profile: &'static str, section: &str, settings: &[(&str, Value)]) {
        for (key, value) in settings {
            if *self.origin(&format!("{section}.{key}")) == Origin::Default {
                let inner = Table::from_iter([((*key).to_owned(), value.clone())]);
                let table = Table::from_iter([(section.to_owned(), Value::Table(inner))]);
                self.overlay(table, &Origin::Profile(profile));
            }
        }
    }

    /// Lays `RHAPSODE_<SECTION>_<KEY>` over what is there.
    pub(crate) fn environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (name, text) in variables {
            let Some(rest) = name.strip_prefix("RHAPSODE_") else { continue };
            let (section, key) = rest.split_once('_').unwrap_or((rest, ""));
            let (section, key) = (section.to_ascii_lowercase(), key.to_ascii_lowercase().replace('_', "-"));
            let checked: Vec<Result<Table, String>> =
                readings(&text).map(|value| one_setting(&section, &key, value)).collect();
            let wrong = checked.iter().find_map(|reading| reading.as_ref().err().cloned());
            match checked.into_iter().find_map(Result::ok) {
                Some(table) => self.overlay(table, &Origin::Environment(name)),
                None => {
                    return Err(ConfigError::Environment { name, message: wrong.unwrap_or_default() });
                }
            }
        }
        Ok(())
    }

    /// Lays one flag over what is there; `flag` is its name without dashes.
    pub(crate) fn flag(
        &mut self,
        flag: &str,
        section: &str,
        key: &str,
        value: impl Into<Value>,
    ) -> Result<(), ConfigError> {
        let table = one_setting(section, key, value.into())
            .map_err(|message| ConfigError::Flag { flag: flag.to_owned(), message })?;
        self.overlay(table, &Origin::Flag(flag.to_owned()));
        Ok(())
    }

    /// The error of a value that is of the right type and cannot be meant.
    pub(crate) fn refuse(&self, key: &str, message: String) -> ConfigError {
        match self.origins.get(key) {
            Some(Origin::Flag(flag)) => ConfigError::Flag { flag: flag.clone(), message },
            Some(Origin::Environment(name)) => ConfigError::Environment { name: name.clone(), message },
            origin => ConfigError::Value {
                key: key.to_owned(),
                origin: origin.cloned().unwrap_or(Origin::Default),
                message,
            },
        }
    }

    /// Where a value was set.
    pub(crate) fn origin(&self, key: &str) -> &Origin {
        self.origins.get(key).unwrap_or(&Origin::Default)
    }

    /// The configuration that all layers make.
    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        self.merged
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| ConfigError::Merge(e.message().to_owned()))
    }

    /// Each value with its origin, by dotted key; those of a backend by its name.
    pub(crate) fn values(&self) -> impl Iterator<Item = (String, &Value, &Origin)> {
        let sections = self.merged.iter().filter_map(|(section, table)| Some((section, table.as_table()?)));
        let settings = sections.flat_map(move |(section, table)| {
            table.iter().filter_map(move |(key, value)| {
                let dotted = format!("{section}.{key}");
                self.origins.get(&dotted).map(|origin| (dotted, value, origin))
            })
        });
        let blocks = self.merged.get("backend").and_then(Value::as_array).into_iter().flatten();
        settings.chain(blocks.filter_map(Value::as_table).flat_map(move |block| {
            let name = block.get("name").and_then(Value::as_str).unwrap_or_default();
            let dotted = format!("backend.{name}");
            let origin = self.origin(&dotted);
            let options = block.iter().filter(|(key, _)| *key != "name");
            options.map(move |(key, value)| (format!("{dotted}.{key}"), value, origin))
        }))
    }

    fn overlay(&mut self, layer: Table, origin: &Origin) {
        for (section, table) in layer {
            let Value::Table(table) = table else { continue };
            for (key, value) in table {
                self.origins.insert(format!("{section}.{key}"), origin.clone());
                let merged = self.merged.entry(&section).or_insert_with(|| Value::Table(Table::new()));
                if let Value::Table(merged) = merged {
                    merged.insert(key, value);
                }
            }
        }
    }
}

/// What the text of a variable can mean: a text, any TOML value, or the members of a list.
fn readings(text: &str) -> impl Iterator<Item = Value> {
    let toml = format!("v = {text}").parse::<Table>().ok().and_then(|mut table| table.remove("v"));
    let list = text.split(',').map(|member| Value::from(member.trim())).collect::<Vec<_>>();
    [Some(Value::from(text)), toml, Some(Value::Array(list))].into_iter().flatten()
}

/// A layer with one setting, if there is such a setting and it takes this value.
fn one_setting(section: &str, key: &str, value: Value) -> Result<Table, String> {
    let inner = Table::from_iter([(key.to_owned(), value)]);
    let table = Table::from_iter([(section.to_owned(), Value::Table(inner))]);
    match table.clone().try_into::<Config>() {
        Ok(_) => Ok(table),
        Err(error) => Err(error.message().to_owned()),
    }
}

/// Options of backends that name files.
const BACKEND_PATHS: [&str; 3] = ["api-key-file", "ca-file", "pack"];

/// Makes the paths of a file absolute or relative to where it stands.
pub(crate) fn anchor_paths(table: &mut Table, folder: &Path) {
    for (section, key) in
        [("speech", "lexicon"), ("storage", "takes"), ("storage", "voices"), ("storage", "work")]
    {
        let value = table.get_mut(section).and_then(Value::as_table_mut).and_then(|t| t.get_mut(key));
        if let Some(Value::String(path)) = value {
            *path = folder.join(&*path).display().to_string();
        }
    }
    let anchor = |path: &mut Value| {
        if let Value::String(path) = path {
            *path = folder.join(&*path).display().to_string();
        }
    };
    let voices = table.get_mut("voices").and_then(Value::as_table_mut);
    let entries = voices.into_iter().flat_map(|voices| voices.iter_mut().map(|(_, voice)| voice));
    for entry in entries.filter_map(Value::as_table_mut).flat_map(|voice| voice.iter_mut().map(|(_, e)| e)) {
        entry.get_mut("reference").into_iter().for_each(anchor);
    }
    let blocks = table.get_mut("backend").and_then(Value::as_array_mut);
    for block in blocks.into_iter().flatten().filter_map(Value::as_table_mut) {
        let files = block.iter_mut().filter(|(key, _)| BACKEND_PATHS.contains(&key.as_str()));
        files.for_each(|(_, path)| anchor(path));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(folder: &Path, text: &str) -> PathBuf {
        let path = folder.join("rhapsode.toml");
        std::fs::write(&path, text).unwrap();
        path
    }

    #[test]
    fn each_layer_overrides_the_one_before_and_is_named_as_the_origin() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "[speech]\nspeed = 1.2\nvoice = \"a\"\n[pauses]\nscene = 2000\n");
        let mut layers = Layers::defaults().unwrap();
        layers.file(&path).unwrap();
        layers.environment([("RHAPSODE_SPEECH_VOICE".to_owned(), "b".to_owned())].into_iter()).unwrap();
        layers.flag("seed", "speech", "seed", 9).unwrap();
        let config = layers.config().unwrap();
        assert_eq!((config.speech.voice.as_str(), config.speech.seed), ("b", 9));
        assert_eq!((config.speech.speed, config.pauses.scene), (1.2, 2000));
        let origin = |key: &str| layers.values().find(|(k, ..)| k == key).map(|(.., o)| o.clone()).unwrap();
        assert_eq!(origin("speech.attempts"), Origin::Default);
        assert_eq!(origin("speech.speed"), Origin::File(path));
        assert_eq!(origin("speech.voice"), Origin::Environment("RHAPSODE_SPEECH_VOICE".into()));
        assert_eq!(origin("speech.seed"), Origin::Flag("seed".into()));
    }

    #[test]
    fn an_unknown_key_is_an_error_that_points_at_its_line() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "[speech]\nvoise = \"a\"\n");
        let message = Layers::defaults().unwrap().file(&path).unwrap_err().to_string();
        assert!(message.contains("line 2") && message.contains("voise"), "{message}");
    }

    #[test]
    fn an_environment_variable_that_fits_no_setting_is_an_error_that_names_it() {
        let variables = [("RHAPSODE_SPEECH_VOISE".to_owned(), "b".to_owned())];
        let message = Layers::defaults().unwrap().environment(variables.into_iter()).unwrap_err().to_string();
        assert!(message.contains("RHAPSODE_SPEECH_VOISE"), "{message}");
    }

    #[test]
    fn a_variable_without_a_key_is_an_error_and_not_passed_over() {
        let variables = [("RHAPSODE_VOICE".to_owned(), "b".to_owned())];
        let message = Layers::defaults().unwrap().environment(variables.into_iter()).unwrap_err().to_string();
        assert!(message.contains("RHAPSODE_VOICE"), "{message}");
    }

    #[test]
    fn a_list_in_a_variable_may_be_written_with_commas() {
        let mut layers = Layers::defaults().unwrap();
        let variables = [("RHAPSODE_RELEASE_FORMATS".to_owned(), "m4b, flac".to_owned())];
        layers.environment(variables.into_iter()).unwrap();
        assert_eq!(layers.config().unwrap().release.formats, ["m4b", "flac"]);
    }

    #[test]
    fn a_flag_that_its_setting_cannot_take_is_named() {
        let mut layers = Layers::defaults().unwrap();
        let roles = vec![String::from("nonsense")];
        let message = layers.flag("include", "reading", "include", roles).unwrap_err().to_string();
        assert!(message.contains("--include") && message.contains("nonsense"), "{message}");
    }

    #[test]
    fn an_environment_variable_is_read_as_the_type_of_its_setting() {
        let mut layers = Layers::defaults().unwrap();
        let variables = [
            ("RHAPSODE_SPEECH_JOBS".to_owned(), "3".to_owned()),
            ("RHAPSODE_RELEASE_LOUDNESS".to_owned(), "-18".to_owned()),
            ("RHAPSODE_RELEASE_FORMATS".to_owned(), "[\"flac\"]".to_owned()),
        ];
        layers.environment(variables.into_iter()).unwrap();
        let config = layers.config().unwrap();
        assert_eq!((config.speech.jobs, config.release.loudness.as_str()), (3, "-18"));
        assert_eq!(config.release.formats, ["flac"]);
    }

    #[test]
    fn a_path_in_a_file_counts_from_the_files_folder() {
        let folder = tempfile::tempdir().unwrap();
        let path = file(folder.path(), "[speech]\nlexicon = \"words.toml\"\n");
        let mut layers = Layers::defaults().unwrap();
        layers.file(&path).unwrap();
        assert_eq!(layers.config().unwrap().speech.lexicon, Some(folder.path().join("words.toml")));
    }
}
