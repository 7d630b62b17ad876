//! The manifest of a voice pack, `voice.json`.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

/// The newest version of the manifest that is understood.
pub const SCHEMA: u32 = 1;

/// What a pack says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Manifest {
    /// Version of the format.
    pub schema: u32,
    /// Name of the voice, and of its folder.
    pub name: String,
    /// The kind of voice; decides which files there are and what they mean.
    pub engine: String,
    /// BCP 47 language and region.
    pub language: String,
    /// SPDX expression.
    pub licence: String,
    /// Where it comes from.
    pub provenance: Provenance,
    /// The files, by what they are for.
    pub files: BTreeMap<Role, PackFile>,
}

/// Where a voice comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct Provenance {
    /// Who made it and from what.
    pub origin: String,
    /// Where this copy was taken from.
    pub source: String,
}

/// A file of a pack.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub struct PackFile {
    /// Its name in the folder.
    pub name: String,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 of its content, in lower-case hex.
    pub sha256: String,
}

impl PackFile {
    /// Whether the name stays within the folder.
    pub(crate) fn has_plain_name(&self) -> bool {
        !self.name.is_empty()
            && !self.name.starts_with('.')
            && self.name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    }
}

/// What a file is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum Role {
    /// Phoneme ids to spectra, ONNX.
    Graph,
    /// Phonemes and their ids, JSON.
    Vocabulary,
    /// Letters of unknown words to phonemes, ONNX.
    Speller,
    /// The alphabets of the speller, JSON.
    SpellerAlphabet,
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Graph => "graph",
            Self::Vocabulary => "vocabulary",
            Self::Speller => "speller",
            Self::SpellerAlphabet => "speller-alphabet",
        })
    }
}

/// Why a manifest could not be read.
pub(crate) enum ManifestError {
    /// It is no manifest.
    Broken(serde_json::Error),
    /// It is one of this later version.
    Newer(u32),
}

impl Manifest {
    /// Reads a manifest.
    pub(crate) fn parse(json: &[u8]) -> Result<Self, ManifestError> {
        #[derive(Deserialize)]
        struct Version {
            schema: u32,
        }
        // A newer one may have any shape beyond its version.
        let Version { schema } = serde_json::from_slice(json).map_err(ManifestError::Broken)?;
        if schema > SCHEMA {
            return Err(ManifestError::Newer(schema));
        }
        serde_json::from_slice(json).map_err(ManifestError::Broken)
    }

    /// The manifest as it stands in a file.
    pub(crate) fn to_json(&self) -> String {
        let mut json = serde_json::to_string_pretty(self).expect("strings and numbers are always JSON");
        json.push('\n');
        json
    }
}
