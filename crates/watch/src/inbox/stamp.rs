//! How a file looked: if it looks the same later, nobody wrote to it in between.

use std::{fs::Metadata, time::SystemTime};

use serde::{Deserialize, Serialize};

/// Size and time of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Stamp {
    pub(crate) bytes: u64,
    modified: Option<SystemTime>,
}

impl Stamp {
    pub(crate) fn of(about: &Metadata) -> Self {
        Self { bytes: about.len(), modified: about.modified().ok() }
    }
}
