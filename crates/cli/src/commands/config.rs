//! `rhapsode config show` and `rhapsode init`.

use std::{fs::OpenOptions, io::Write, path::Path, process::ExitCode};

use super::{Context, print};
use crate::{
    args::ConfigCommand,
    backends::Keys,
    failure::{Failure, Kind},
    settings::{self, CONFIG_FILE},
};

/// The commented file that `init` writes: every setting at its default.
const TEMPLATE: &str = include_str!("../../rhapsode.toml");

pub(super) fn run(command: &ConfigCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        ConfigCommand::Show { book } => {
            let layers = settings::with_profile(&context.layers(book.as_deref())?)?;
            settings::settings(&layers, Keys::IfThere)?;
            let lines: Vec<String> =
                layers.values().map(|(key, value, origin)| format!("{key} = {value}  # {origin}")).collect();
            print(&lines.join("\n"))
        }
    }
}

pub(super) fn init() -> Result<ExitCode, Failure> {
    let mut file =
        OpenOptions::new().write(true).create_new(true).open(Path::new(CONFIG_FILE)).map_err(|error| {
            Failure::new(
                Kind::Files,
                format!("failed to write {CONFIG_FILE}: {error}"),
                Some("`rhapsode config show` prints what is set now"),
            )
        })?;
    file.write_all(TEMPLATE.as_bytes())?;
    print(&format!("wrote {CONFIG_FILE}"))
}

#[cfg(test)]
mod tests {
    use crate::config::Config;

    #[test]
    fn the_file_that_init_writes_holds_every_setting_at_its_default() {
        let config: Config = toml::from_str(super::TEMPLATE).unwrap();
        assert_eq!(config, Config::default());
        let defaults = toml::Table::try_from(Config::default()).unwrap();
        for (section, table) in &defaults {
            assert!(super::TEMPLATE.contains(&format!("[{section}]")), "[{section}] is missing");
            for key in table.as_table().unwrap().keys() {
                assert!(super::TEMPLATE.contains(&format!("{key} = ")), "{section}.{key} is missing");
            }
        }
    }

    #[test]
    fn the_page_about_the_configuration_shows_that_file_whole() {
        let page = include_str!("../../../../docs/configuration.md");
        assert!(page.contains(super::TEMPLATE), "docs/configuration.md shows an older rhapsode.toml");
    }
}
