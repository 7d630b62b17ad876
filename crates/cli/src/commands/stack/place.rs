//! Where the stack is: a checkout, a folder of the user's, or one of rhapsode's own. The program carries the compose
//! file, so that a stack needs no checkout where its images are there.

use std::{
    fmt, fs, io,
    path::{Path, PathBuf},
};

use super::{super::Context, file};
use crate::{
    environment,
    failure::{Failure, Kind},
};

/// The file that compose reads.
pub(super) const COMPOSE_FILE: &str = "docker-compose.yml";

/// What a folder without a stack is given. The settings are an example until somebody renames them.
const CARRIED: [(&str, &str); 2] = [
    (COMPOSE_FILE, include_str!("../../../../../docker-compose.yml")),
    (".env.example", include_str!("../../../../../.env.example")),
];

/// The folder of a stack.
pub(super) struct Place {
    pub(super) folder: PathBuf,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.folder.display().fmt(f)
    }
}

impl Place {
    /// The folder that was named, else the nearest one upwards with the stack's compose file, else rhapsode's own. What
    /// it lacks is written.
    pub(super) fn find(named: Option<&Path>, context: &Context) -> Result<Self, Failure> {
        let here = environment::current_folder()?;
        let folder = match named {
            Some(folder) => here.join(folder),
            None => match here.ancestors().find(|folder| is_a_stack(folder)) {
                Some(folder) => folder.to_owned(),
                None => environment::data_folder().join("stack"),
            },
        };
        let place = Self { folder };
        if !place.file(COMPOSE_FILE).is_file() {
            place.lay_out().map_err(|error| {
                let message = format!("failed to write the compose file into {place}: {error}");
                Failure::new(
                    Kind::Files,
                    message,
                    Some("name a folder that you may write to with --directory"),
                )
            })?;
            context.tell(&format!("wrote {}", place.file(COMPOSE_FILE).display()));
        }
        Ok(place)
    }

    pub(super) fn file(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder.join(name)
    }

    fn lay_out(&self) -> io::Result<()> {
        fs::create_dir_all(&self.folder)?;
        CARRIED.iter().try_for_each(|(name, text)| fs::write(self.file(name), text))
    }
}

/// Whether a folder has a compose file that is the stack's: those of other projects stand in folders too.
fn is_a_stack(folder: &Path) -> bool {
    fs::read_to_string(folder.join(COMPOSE_FILE)).is_ok_and(|text| file::is_the_stacks(&text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_carries_is_a_stack_and_other_compose_files_are_none() {
        assert!(file::is_the_stacks(CARRIED[0].1));
        for other in ["services: {web: {image: nginx}}", "", "- a list", "services: ["] {
            assert!(!file::is_the_stacks(other), "{other}");
        }
    }
}
