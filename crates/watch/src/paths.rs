//! Paths in JSON. The name of a file need not be UTF-8, and JSON is: each byte that is not stands as NUL and its two hex
//! digits. No path has a NUL in it, so every path comes back as it was.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Deserializer, Serializer};

/// The text that stands for a path.
fn text(path: &Path) -> String {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStrExt;
        let mut text = String::new();
        for chunk in path.as_os_str().as_bytes().utf8_chunks() {
            text.push_str(chunk.valid());
            chunk.invalid().iter().for_each(|byte| text.push_str(&format!("\0{byte:02x}")));
        }
        text
    }
    #[cfg(not(unix))]
    path.to_string_lossy().into_owned()
}

/// The path that a text stands for; none if what follows a NUL is no byte.
fn path(text: &str) -> Option<PathBuf> {
    #[cfg(unix)]
    {
        use std::os::unix::ffi::OsStringExt;
        let mut pieces = text.split('\0');
        let mut bytes = pieces.next().unwrap_or_default().as_bytes().to_vec();
        for piece in pieces {
            let (digits, rest) = piece.split_at_checked(2)?;
            bytes.push(u8::from_str_radix(digits, 16).ok()?);
            bytes.extend_from_slice(rest.as_bytes());
        }
        Some(std::ffi::OsString::from_vec(bytes).into())
    }
    #[cfg(not(unix))]
    Some(text.into())
}

fn read<E: serde::de::Error>(text: &str) -> Result<PathBuf, E> {
    path(text).ok_or_else(|| E::custom(format!("{text:?} is no path")))
}

/// For `#[serde(with = …)]` at a path.
pub(crate) mod one {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&text(path))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        read(&String::deserialize(deserializer)?)
    }
}

/// For a path that may be missing.
pub(crate) mod maybe {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(path: &Option<PathBuf>, serializer: S) -> Result<S::Ok, S::Error> {
        match path {
            Some(path) => serializer.serialize_some(&text(path)),
            None => serializer.serialize_none(),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<PathBuf>, D::Error> {
        Option::<String>::deserialize(deserializer)?.map(|text| read(&text)).transpose()
    }
}

/// For a list of paths.
pub(crate) mod many {
    use super::*;

    pub(crate) fn serialize<S: Serializer>(paths: &[PathBuf], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(paths.iter().map(|path| text(path)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<PathBuf>, D::Error> {
        Vec::<String>::deserialize(deserializer)?.iter().map(|text| read(text)).collect()
    }
}

/// For a table by path.
pub(crate) mod keys {
    use std::collections::BTreeMap;

    use serde::Serialize;

    use super::*;

    pub(crate) fn serialize<S: Serializer, T: Serialize>(
        table: &BTreeMap<PathBuf, T>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_map(table.iter().map(|(path, value)| (text(path), value)))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>, T: Deserialize<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<PathBuf, T>, D::Error> {
        let table = BTreeMap::<String, T>::deserialize(deserializer)?;
        table.into_iter().map(|(text, value)| Ok((read(&text)?, value))).collect()
    }
}

#[cfg(all(test, unix))]
mod tests {
    use std::os::unix::ffi::OsStrExt;

    use super::*;

    #[test]
    fn every_path_comes_back_as_it_was() {
        for bytes in
            [&b"emma.epub"[..], b"caf\xe9 \xff.md", "書/\u{1f4d6} e\u{301}.txt".as_bytes(), b"\xf0\x9f"]
        {
            let there = Path::new(std::ffi::OsStr::from_bytes(bytes));
            assert_eq!(path(&text(there)).unwrap(), there);
        }
        assert_eq!(text(Path::new(std::ffi::OsStr::from_bytes(b"caf\xe9.md"))), "caf\0e9.md");
        assert_eq!(path("caf\0g9"), None);
    }
}
