//! Where each setting comes from: defaults, the user's file, the folder's file, the environment, flags. Each
//! layer is checked on its own, so that an error names the file and the line, or the variable.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use toml::{Table, Value};

use crate::config::Config;

/// Where a value was set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Origin {
    Default,
    File(PathBuf),
    Environment(String),
    Flag,
}

impl std::fmt::Display for Origin {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File(path) => write!(f, "{}", path.display()),
            Self::Environment(name) => f.write_str(name),
            Self::Flag => f.write_str("flag"),
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
    #[error("understand {flag}: {message}")]
    Value { flag: &'static str, message: String },
    #[error("merge the configuration: {0}")]
    Merge(String),
}

/// Settings gathered from all layers, with the origin of each.
#[derive(Debug)]
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
        self.overlay(table, &Origin::File(path.to_owned()));
        Ok(())
    }

    /// Lays `RHAPSODE_<SECTION>_<KEY>` over what is there.
    pub(crate) fn environment(
        &mut self,
        variables: impl Iterator<Item = (String, String)>,
    ) -> Result<(), ConfigError> {
        for (name, text) in variables {
            let Some((section, key)) = name.strip_prefix("RHAPSODE_").and_then(|n| n.split_once('_')) else {
                continue;
            };
            let section = section.to_ascii_lowercase();
            let key = key.to_ascii_lowercase().replace('_', "-");
            let table = [
                Value::try_from(&text).ok(),
                format!("v = {text}").parse::<Table>().ok().and_then(|mut t| t.remove("v")),
            ]
            .into_iter()
            .flatten()
            .map(|value| {
                Table::from_iter([(section.clone(), Value::Table(Table::from_iter([(key.clone(), value)])))])
            })
            .map(|table| Config::deserialize_table(&table).map(|()| table))
            .reduce(|first, second| if first.is_ok() { first } else { second });
            match table {
                Some(Ok(table)) => self.overlay(table, &Origin::Environment(name)),
                Some(Err(message)) => return Err(ConfigError::Environment { name, message }),
                None => {}
            }
        }
        Ok(())
    }

    /// Lays one flag over what is there.
    pub(crate) fn flag(&mut self, section: &str, key: &str, value: impl Into<Value>) {
        let inner = Table::from_iter([(key.to_owned(), value.into())]);
        self.overlay(Table::from_iter([(section.to_owned(), Value::Table(inner))]), &Origin::Flag);
    }

    /// The configuration that all layers make.
    pub(crate) fn config(&self) -> Result<Config, ConfigError> {
        self.merged
            .clone()
            .try_into()
            .map_err(|e: toml::de::Error| ConfigError::Merge(e.message().to_owned()))
    }

    /// Each value with its origin, by dotted key.
    pub(crate) fn values(&self) -> impl Iterator<Item = (String, &Value, &Origin)> {
        self.merged.iter().filter_map(|(section, table)| Some((section, table.as_table()?))).flat_map(
            move |(section, table)| {
                table.iter().filter_map(move |(key, value)| {
                    let dotted = format!("{section}.{key}");
                    self.origins.get(&dotted).map(|origin| (dotted, value, origin))
                })
            },
        )
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

impl Config {
    fn deserialize_table(table: &Table) -> Result<(), String> {
        table.clone().try_into::<Self>().map(|_| ()).map_err(|e| e.message().to_owned())
    }
}

/// Makes the paths of a file absolute or relative to where it stands.
fn anchor_paths(table: &mut Table, folder: &Path) {
    for (section, key) in
        [("speech", "lexicon"), ("storage", "takes"), ("storage", "voices"), ("storage", "work")]
    {
        let value = table.get_mut(section).and_then(Value::as_table_mut).and_then(|t| t.get_mut(key));
        if let Some(Value::String(path)) = value {
            *path = folder.join(&*path).display().to_string();
        }
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
        layers.flag("speech", "seed", 9);
        let config = layers.config().unwrap();
        assert_eq!((config.speech.voice.as_str(), config.speech.seed), ("b", 9));
        assert_eq!((config.speech.speed, config.pauses.scene), (1.2, 2000));
        let origin = |key: &str| layers.values().find(|(k, ..)| k == key).map(|(.., o)| o.clone()).unwrap();
        assert_eq!(origin("speech.attempts"), Origin::Default);
        assert_eq!(origin("speech.speed"), Origin::File(path));
        assert_eq!(origin("speech.voice"), Origin::Environment("RHAPSODE_SPEECH_VOICE".into()));
        assert_eq!(origin("speech.seed"), Origin::Flag);
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
