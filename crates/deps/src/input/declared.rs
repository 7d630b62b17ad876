//! What a distribution declares of itself, as text, and how it becomes a [`Distribution`].

use std::{path::PathBuf, str::FromStr};

use pep440_rs::Version;
use pep508_rs::{ExtraName, PackageName};

use super::requirement;
use crate::model::{Distribution, Provenance};

/// The declarations of a distribution: the same in `METADATA`, `pip inspect` and a dependency report.
#[derive(Debug, Default)]
pub(super) struct Declared {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) requires: Vec<String>,
    pub(super) requires_python: Option<String>,
    pub(super) extras: Vec<String>,
    pub(super) provenance: Provenance,
    pub(super) metadata_path: Option<PathBuf>,
    pub(super) shadowed: bool,
}

impl Declared {
    /// Parses the declarations. Without a name and a version there is no distribution: the error says what it is
    /// called and why it cannot be read.
    pub(super) fn parse(self) -> Result<Distribution, (String, String)> {
        let fail = |reason: String| (self.name.clone(), reason);
        let name = PackageName::from_str(self.name.trim())
            .map_err(|_| fail(format!("{:?} is not a name of a distribution", self.name)))?;
        let version = version(&self.version).map_err(fail)?;
        let mut requires = Vec::with_capacity(self.requires.len());
        let mut unparsable = Vec::new();
        for text in self.requires {
            match requirement::requirement(&text) {
                Ok(requirement) => requires.push(requirement),
                Err(reason) => unparsable.push((text, reason)),
            }
        }
        let requires_python = self.requires_python.filter(|text| !text.trim().is_empty());
        let requires_python = requires_python.and_then(|text| {
            requirement::specifiers(&text)
                .map_err(|reason| unparsable.push((format!("Requires-Python: {text}"), reason)))
                .ok()
        });
        Ok(Distribution {
            name,
            version,
            requires,
            unparsable,
            requires_python,
            extras: self.extras.iter().filter_map(|extra| ExtraName::from_str(extra.trim()).ok()).collect(),
            provenance: self.provenance,
            metadata_path: self.metadata_path,
            shadowed: self.shadowed,
        })
    }
}

/// Reads a version; the error is a reason.
pub(super) fn version(text: &str) -> Result<Version, String> {
    let text = text.trim();
    if text.is_empty() {
        return Err("it has no version".to_owned());
    }
    Version::from_str(text).map_err(|_| format!("{text:?} is not a version by PEP 440"))
}
