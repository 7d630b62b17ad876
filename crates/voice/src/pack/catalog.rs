//! The voices that can be fetched: their files, hashes, and where copies lie.
//!
//! Hashes, sizes and names are those of the registry in the reference package, hibari-tts 0.2.1.

use super::{PackFile, Role};

/// A voice that can be fetched.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownVoice {
    /// Its name.
    pub name: &'static str,
    /// Other names for it.
    pub aliases: &'static [&'static str],
    /// Its kind.
    pub engine: &'static str,
    /// BCP 47 language and region.
    pub language: &'static str,
    /// SPDX expression.
    pub licence: &'static str,
    /// Who made it and from what.
    pub origin: &'static str,
    /// Its files.
    pub files: &'static [KnownFile],
}

/// A file of a voice that can be fetched.
#[derive(Debug, PartialEq, Eq)]
pub struct KnownFile {
    /// What it is for.
    pub role: Role,
    /// Its name in the pack.
    pub name: &'static str,
    /// Its length.
    pub bytes: u64,
    /// SHA-256 in lower-case hex.
    pub sha256: &'static str,
    /// Its place in the wheel, if it is there.
    pub in_wheel: Option<&'static str>,
    /// Its place in the model repository.
    pub in_repository: &'static str,
}

impl KnownFile {
    /// As it stands in a manifest.
    pub(crate) fn pack_file(&self) -> PackFile {
        PackFile { name: self.name.to_owned(), bytes: self.bytes, sha256: self.sha256.to_owned() }
    }
}

/// A Python package that holds voice files.
#[derive(Debug)]
pub struct Wheel {
    /// What the index is asked for.
    pub requirement: &'static str,
    /// File name.
    pub name: &'static str,
    /// Length.
    pub bytes: u64,
    /// SHA-256 in lower-case hex.
    pub sha256: &'static str,
}

/// The wheel of the reference package.
pub const WHEEL: Wheel = Wheel {
    requirement: "hibari-tts==0.2.1",
    name: "hibari_tts-0.2.1-py3-none-any.whl",
    bytes: 14_032_178,
    sha256: "49f2abbbe451c988e7448b5afa08c8a56410535ebb855c0e7d174275df5ca1f3",
};

/// The model repository on Hugging Face.
pub const REPOSITORY: &str = "maureesewilliams/hibari";

/// The name of the voice that speaks unless another is asked for.
pub const DEFAULT_VOICE: &str = "hibari";

const VOCABULARY: KnownFile = KnownFile {
    role: Role::Vocabulary,
    name: "vocab.json",
    bytes: 1_144,
    sha256: "70abefbe8a1c8865e43e0a43bbdc25b91a33e4aa053479d443ccf23e20a59e5d",
    in_wheel: Some("hibari/assets/vocab.json"),
    in_repository: "vocab.json",
};

const SPELLER: KnownFile = KnownFile {
    role: Role::Speller,
    name: "oov.onnx",
    bytes: 2_975_020,
    sha256: "d3cfd8122c5f172a98c8de38268bf1213ee09f2c2ae4df6e055fc6532590fe76",
    in_wheel: Some("hibari/assets/oov.onnx"),
    in_repository: "oov.onnx",
};

const SPELLER_ALPHABET: KnownFile = KnownFile {
    role: Role::SpellerAlphabet,
    name: "oov.json",
    bytes: 2_273,
    sha256: "b462e6e5dbdf0e7346c732385d0dd844f612f1770871441c56932bff4ca75d8c",
    in_wheel: Some("hibari/assets/oov.json"),
    in_repository: "oov.json",
};

const BRITISH_SPELLER: KnownFile = KnownFile {
    role: Role::Speller,
    name: "oov_gb.onnx",
    bytes: 942_734,
    sha256: "0997e3219543247de5646078d770f8ca77011d8fd0abb29fe48d12c60f53e9e1",
    in_wheel: Some("hibari/assets/oov_gb.onnx"),
    in_repository: "oov_gb.onnx",
};

const BRITISH_SPELLER_ALPHABET: KnownFile = KnownFile {
    role: Role::SpellerAlphabet,
    name: "oov_gb.json",
    bytes: 2_096,
    sha256: "e29077fc3548f08f2fab82a87e03309f614658d91d0ba464e653265e9a4d0cad",
    in_wheel: Some("hibari/assets/oov_gb.json"),
    in_repository: "oov_gb.json",
};

/// A voice that only the repository has; the files beside its graph are those of the package.
const fn further(name: &'static str, bytes: u64, sha256: &'static str, place: &'static str) -> KnownFile {
    KnownFile { role: Role::Graph, name, bytes, sha256, in_wheel: None, in_repository: place }
}

const LICENCE: &str = "Apache-2.0";

/// Every voice that can be fetched, the default one first.
pub const VOICES: &[KnownVoice] = &[
    KnownVoice {
        name: DEFAULT_VOICE,
        aliases: &["heart", "af_heart"],
        engine: "hibari",
        language: "en-US",
        licence: LICENCE,
        origin: "hibari by Maureese Williams, distilled from af_heart of Kokoro-82M",
        files: &[
            KnownFile {
                role: Role::Graph,
                name: "hibari.onnx",
                bytes: 7_936_868,
                sha256: "5f70741d4e900f4e85d0037498736cc1b3e1b9a63a13546a5da1e63abf4fccd8",
                in_wheel: Some("hibari/assets/hibari.onnx"),
                in_repository: "hibari.onnx",
            },
            VOCABULARY,
            SPELLER,
            SPELLER_ALPHABET,
        ],
    },
    KnownVoice {
        name: "fenrir",
        aliases: &["am_fenrir", "am_fenrir_v2"],
        engine: "hibari",
        language: "en-US",
        licence: LICENCE,
        origin: "hibari by Maureese Williams, distilled from am_fenrir of Kokoro-82M",
        files: &[
            further(
                "am_fenrir_v2.int8.onnx",
                8_031_158,
                "f59fbd87908c91f827bc21b1b89443757b9a8580db9eee20aa948deb731321f4",
                "voices/am_fenrir_v2.int8.onnx",
            ),
            VOCABULARY,
            SPELLER,
            SPELLER_ALPHABET,
        ],
    },
    KnownVoice {
        name: "kore",
        aliases: &["af_kore"],
        engine: "hibari",
        language: "en-US",
        licence: LICENCE,
        origin: "hibari by Maureese Williams, distilled from af_kore of Kokoro-82M",
        files: &[
            further(
                "af_kore.int8.onnx",
                7_936_868,
                "346885752673e45d42f9864c9e2432094bc4b6385df060d4b83273da764d2fa9",
                "voices/af_kore.int8.onnx",
            ),
            VOCABULARY,
            SPELLER,
            SPELLER_ALPHABET,
        ],
    },
    KnownVoice {
        name: "emma",
        aliases: &["bf_emma"],
        engine: "hibari",
        language: "en-GB",
        licence: LICENCE,
        origin: "hibari by Maureese Williams, distilled from bf_emma of Kokoro-82M",
        files: &[
            further(
                "bf_emma.int8.onnx",
                7_936_868,
                "f709f0488ee63b583a22189a955aaf4257b9806dd330be3490661e53af0a89c1",
                "voices/bf_emma.int8.onnx",
            ),
            VOCABULARY,
            BRITISH_SPELLER,
            BRITISH_SPELLER_ALPHABET,
        ],
    },
    KnownVoice {
        name: "fable",
        aliases: &["bm_fable"],
        engine: "hibari",
        language: "en-GB",
        licence: LICENCE,
        origin: "hibari by Maureese Williams, distilled from bm_fable of Kokoro-82M",
        files: &[
            further(
                "bm_fable.int8.onnx",
                7_936_868,
                "c28529302f2d27cd12f62625c24425888c4e3c2675583100ec530259136b8bc6",
                "voices/bm_fable.int8.onnx",
            ),
            VOCABULARY,
            BRITISH_SPELLER,
            BRITISH_SPELLER_ALPHABET,
        ],
    },
];

/// The voice of this name or alias.
#[must_use]
pub fn find(name: &str) -> Option<&'static KnownVoice> {
    VOICES.iter().find(|voice| {
        voice.name.eq_ignore_ascii_case(name)
            || voice.aliases.iter().any(|alias| alias.eq_ignore_ascii_case(name))
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::voice::KINDS;

    #[test]
    fn every_voice_has_the_files_of_its_kind_under_plain_names() {
        for voice in VOICES {
            let kind = KINDS.iter().find(|kind| kind.name == voice.engine).expect("the kind is known");
            let mut roles: Vec<Role> = voice.files.iter().map(|file| file.role).collect();
            let mut wanted = kind.roles.to_vec();
            roles.sort();
            wanted.sort();
            assert_eq!(roles, wanted, "{}", voice.name);
            for file in voice.files {
                assert!(file.pack_file().has_plain_name() && file.sha256.len() == 64, "{}", file.name);
            }
        }
    }

    #[test]
    fn voices_are_found_by_name_and_alias() {
        assert_eq!(find("heart").map(|voice| voice.name), Some("hibari"));
        assert_eq!(find("BF_Emma").map(|voice| voice.name), Some("emma"));
        assert_eq!(find("nobody"), None);
    }
}
