//! The ZIP archive of an EPUB or a DOCX, read with limits: nothing in it is believed about its own size, no path
//! leaves it, and what is encrypted is refused by name.

use std::collections::HashMap;
use std::io::{Cursor, Read};

use zip::ZipArchive;
use zip::result::ZipError;

use crate::{Format, ReadError};

/// Most entries of an archive. The largest books split by page have a few thousand.
pub(crate) const MAX_ENTRIES: usize = 20_000;

/// Most bytes of one entry, uncompressed. The Bible is under 5 MiB; the largest pictures are below 50.
pub(crate) const MAX_ENTRY_BYTES: u64 = 64 << 20;

/// Most bytes of all entries that are read, uncompressed.
pub(crate) const MAX_TOTAL_BYTES: u64 = 256 << 20;

/// Most uncompressed bytes for each compressed one, in entries beyond [`RATIO_FREE_BYTES`]. Deflate reaches
/// about 1000 on zeros and below 20 on prose.
pub(crate) const MAX_RATIO: u64 = 250;

/// Entries up to this size may have any ratio: small style sheets of blanks do.
pub(crate) const RATIO_FREE_BYTES: u64 = 4 << 20;

/// An archive and what has been read of it.
pub(crate) struct Archive<'a> {
    zip: ZipArchive<Cursor<&'a [u8]>>,
    entries: HashMap<String, usize>,
    /// For archives whose references differ from the entries in case.
    lower_case: HashMap<String, String>,
    /// Encrypted entries and their scheme.
    encrypted: HashMap<String, String>,
    bytes_read: u64,
    limits: Limits,
    /// The format that errors name.
    format: Format,
}

/// The limits of an archive.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Limits {
    pub(crate) entries: usize,
    pub(crate) entry_bytes: u64,
    pub(crate) total_bytes: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self { entries: MAX_ENTRIES, entry_bytes: MAX_ENTRY_BYTES, total_bytes: MAX_TOTAL_BYTES }
    }
}

impl<'a> Archive<'a> {
    pub(crate) fn open(bytes: &'a [u8], format: Format, limits: Limits) -> Result<Self, ReadError> {
        let malformed = |place: &str, reason: &str| malformed(format, place, reason);
        if !bytes.starts_with(b"PK") {
            return Err(malformed("the start of the file", "it is no ZIP archive"));
        }
        let zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| {
            malformed("the end of the file", &format!("the ZIP archive is cut off or damaged ({e})"))
        })?;
        if zip.len() > limits.entries {
            return Err(ReadError::TooLarge {
                place: "the archive's directory".into(),
                what: format!("{} entries", zip.len()),
                limit: format!("{} entries", limits.entries),
            });
        }
        let names: Vec<Option<String>> =
            zip.file_names().map(|name| name.ok().map(|name| name.replace('\\', "/"))).collect();
        let mut entries = HashMap::with_capacity(names.len());
        let mut lower_case = HashMap::with_capacity(names.len());
        for (index, name) in names.into_iter().enumerate() {
            let Some(name) = name else { continue };
            lower_case.entry(name.to_lowercase()).or_insert_with(|| name.clone());
            entries.entry(name).or_insert(index);
        }
        Ok(Self { zip, entries, lower_case, encrypted: HashMap::new(), bytes_read: 0, limits, format })
    }

    /// Notes that an entry is encrypted, so that reading it is refused.
    pub(crate) fn set_encrypted(&mut self, path: String, scheme: String) {
        self.encrypted.insert(path, scheme);
    }

    /// The name of the entry that a reference means: as written, or in other case.
    pub(crate) fn find(&self, path: &str) -> Option<String> {
        if self.entries.contains_key(path) {
            return Some(path.to_owned());
        }
        self.lower_case.get(&path.to_lowercase()).cloned()
    }

    /// The first entry whose name ends so, for archives that were packed with their folder.
    pub(crate) fn find_suffix(&self, suffix: &str) -> Option<String> {
        self.entries.keys().filter(|name| name.ends_with(suffix)).min_by_key(|name| name.len()).cloned()
    }

    /// The names of all entries, in their order.
    pub(crate) fn names(&self) -> Vec<String> {
        let mut names: Vec<(&String, &usize)> = self.entries.iter().collect();
        names.sort_by_key(|(_, index)| **index);
        names.into_iter().map(|(name, _)| name.clone()).collect()
    }

    pub(crate) fn contains(&self, path: &str) -> bool {
        self.find(path).is_some()
    }

    /// The position of an entry in the archive.
    pub(crate) fn first_entry(&mut self) -> Option<(String, Vec<u8>)> {
        let (name, _) = self.entries.iter().find(|(_, index)| **index == 0)?;
        let name = name.clone();
        let bytes = self.read(&name).ok()?;
        Some((name, bytes))
    }

    /// Reads an entry whole.
    pub(crate) fn read(&mut self, path: &str) -> Result<Vec<u8>, ReadError> {
        let name =
            self.find(path).ok_or_else(|| malformed(self.format, path, "the archive has no such file"))?;
        if let Some(scheme) = self.encrypted.get(&name) {
            return Err(ReadError::Encrypted { place: name, scheme: scheme.clone() });
        }
        let index = self.entries[&name];
        let entry = self.zip.by_index(index).map_err(|e| zip_error(self.format, &name, e))?;
        let limit = self.limits.entry_bytes.min(self.limits.total_bytes.saturating_sub(self.bytes_read));
        let compressed = entry.compressed_size().max(1);
        let mut bytes = Vec::new();
        entry.take(limit + 1).read_to_end(&mut bytes).map_err(|e| {
            malformed(self.format, &name, &format!("its data in the archive is cut off or damaged ({e})"))
        })?;
        let size = bytes.len() as u64;
        if size > limit {
            let (what, limit) = match limit < self.limits.entry_bytes {
                true => ("the sum of all files read", self.limits.total_bytes),
                false => ("its uncompressed size", self.limits.entry_bytes),
            };
            return Err(too_large(name, what.to_owned(), format!("{limit} bytes")));
        }
        if size > RATIO_FREE_BYTES && size / compressed > MAX_RATIO {
            let what = format!("its ratio of compression, {}", size / compressed);
            return Err(too_large(name, what, MAX_RATIO.to_string()));
        }
        self.bytes_read += size;
        Ok(bytes)
    }
}

fn too_large(place: String, what: String, limit: String) -> ReadError {
    ReadError::TooLarge { place, what, limit }
}

/// A fault of an archive's member, with its place.
pub(crate) fn malformed(format: Format, place: &str, reason: &str) -> ReadError {
    ReadError::Malformed { format, place: place.to_owned(), reason: reason.to_owned() }
}

fn zip_error(format: Format, name: &str, error: ZipError) -> ReadError {
    match error {
        ZipError::UnsupportedArchive(reason) if reason.to_ascii_lowercase().contains("password") => {
            ReadError::Encrypted { place: name.to_owned(), scheme: "a ZIP password".into() }
        }
        error => malformed(format, name, &format!("its entry in the archive cannot be read ({error})")),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    /// Two entries of 1,000 bytes that do not compress to nothing.
    fn archive() -> Vec<u8> {
        let bytes: Vec<u8> = (0..1000_u32).map(|n| (n * n % 251) as u8).collect();
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        for name in ["a", "b"] {
            zip.start_file(name, SimpleFileOptions::default()).unwrap();
            zip.write_all(&bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    fn what(error: ReadError) -> String {
        match error {
            ReadError::TooLarge { what, .. } => what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn each_limit_is_held() {
        let bytes = archive();
        let open = |limits| Archive::open(&bytes, Format::Epub, limits);
        let entries = Limits { entries: 1, ..Limits::default() };
        assert_eq!(what(open(entries).err().unwrap()), "2 entries");

        let mut small = open(Limits { entry_bytes: 999, ..Limits::default() }).unwrap();
        assert!(what(small.read("a").unwrap_err()).contains("uncompressed size"));

        let mut total = open(Limits { total_bytes: 1500, ..Limits::default() }).unwrap();
        assert_eq!(total.read("a").unwrap().len(), 1000);
        assert!(what(total.read("b").unwrap_err()).contains("sum of all files"));

        let mut exact = open(Limits { total_bytes: 2000, ..Limits::default() }).unwrap();
        assert!(exact.read("a").is_ok() && exact.read("b").is_ok());
    }
}
