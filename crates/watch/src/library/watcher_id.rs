//! Who a watcher is, to the others that share its library: not by its process or its folders, which may be called the same on
//! another machine, but by a number that its state directory keeps.

use std::path::Path;

use chrono::Utc;
use rhapsode_store::{read_versioned, write_versioned};
use serde::{Deserialize, Serialize};

use crate::WatchError;

/// The watcher of a state directory.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct WatcherId(String);

#[derive(Serialize, Deserialize)]
struct Kept {
    id: WatcherId,
}

impl WatcherId {
    /// The watcher of a state directory; the first time it gets its number.
    ///
    /// # Errors
    /// If the state directory cannot be used.
    pub(crate) fn of(state: &Path) -> Result<Self, WatchError> {
        let file = state.join("watcher.json");
        if let Some(Kept { id }) = read_versioned(&file)? {
            return Ok(id);
        }
        let now = Utc::now().timestamp_nanos_opt().unwrap_or_default();
        let host = gethostname::gethostname();
        let id = Self::named(&format!("{now} {} {} {}", std::process::id(), host.display(), state.display()));
        write_versioned(&file, &Kept { id: id.clone() })?;
        Ok(id)
    }

    /// A number from a text that no other watcher has.
    pub(crate) fn named(text: &str) -> Self {
        Self(blake3::hash(text.as_bytes()).to_hex()[..32].to_owned())
    }

    /// Enough of it for the name of a file.
    pub(crate) fn short(&self) -> &str {
        self.0.get(..8).unwrap_or(&self.0)
    }
}
