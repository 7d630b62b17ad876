//! What an index has of a distribution. Who asks the index is not this crate's business: it reads pages that were
//! fetched or saved (the JSON of PEP 691), so that coverage can be judged without a network.

use std::{collections::BTreeMap, fs, path::Path};

use pep440_rs::VersionSpecifiers;
use pep508_rs::PackageName;
use serde::Deserialize;

use crate::DepsError;

/// The largest page that is read, in bytes. The largest of the public index is near 40 MiB.
const MAX_PAGE_BYTES: u64 = 64 << 20;

/// The files that an index has.
pub trait IndexFiles {
    /// The files of a distribution, of all its versions. `None` where the index was not asked about it; an index
    /// that was asked and has none gives an empty list.
    fn files(&self, name: &PackageName) -> Option<&[IndexFile]>;
}

impl IndexFiles for BTreeMap<PackageName, Vec<IndexFile>> {
    fn files(&self, name: &PackageName) -> Option<&[IndexFile]> {
        self.get(name).map(Vec::as_slice)
    }
}

/// One file of an index.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IndexFile {
    /// Its name: `torch-2.6.0-cp311-cp311-manylinux1_x86_64.whl`.
    pub name: String,
    /// Its hashes, by algorithm.
    pub hashes: BTreeMap<String, String>,
    /// The Pythons that it is for, where the index says so.
    pub requires_python: Option<VersionSpecifiers>,
    /// Whether it was taken back. An exact pin still gets it, a range does not (PEP 592).
    pub yanked: bool,
}

/// The files on a page of the simple index, in the JSON of PEP 691.
///
/// # Errors
///
/// If the page is not such JSON. A `requires-python` that cannot be read is left out, as installers do.
pub fn read_page(name: &str, json: &[u8]) -> Result<Vec<IndexFile>, DepsError> {
    let page: Page = serde_json::from_slice(json).map_err(|error| DepsError::Malformed {
        input: name.to_owned(),
        line: Some(error.line()),
        reason: error.to_string(),
    })?;
    Ok(page.files.into_iter().map(PageFile::into_index_file).collect())
}

/// Pages of an index that were saved in a folder, one file a distribution: `numpy.json`.
#[derive(Debug, Clone, Default)]
pub struct SavedPages {
    pages: BTreeMap<PackageName, Vec<IndexFile>>,
}

impl SavedPages {
    /// Reads every `*.json` of a folder.
    ///
    /// # Errors
    ///
    /// If the folder or a page cannot be read, or a page is too large or not PEP 691.
    pub fn open(folder: &Path) -> Result<Self, DepsError> {
        let unreadable = |path: &Path, source| DepsError::Read { path: path.to_owned(), source };
        let mut pages = BTreeMap::new();
        for entry in fs::read_dir(folder).map_err(|source| unreadable(folder, source))? {
            let path = entry.map_err(|source| unreadable(folder, source))?.path();
            let Some(name) = page_name(&path) else { continue };
            let malformed = |reason: String| DepsError::Malformed {
                input: path.display().to_string(),
                line: None,
                reason,
            };
            let length = path.metadata().map_err(|source| unreadable(&path, source))?.len();
            if length > MAX_PAGE_BYTES {
                return Err(malformed(format!("{length} bytes are more than a page can have")));
            }
            let json = fs::read(&path).map_err(|source| unreadable(&path, source))?;
            pages.insert(name, read_page(&path.display().to_string(), &json)?);
        }
        Ok(Self { pages })
    }
}

impl IndexFiles for SavedPages {
    fn files(&self, name: &PackageName) -> Option<&[IndexFile]> {
        self.pages.files(name)
    }
}

fn page_name(path: &Path) -> Option<PackageName> {
    (path.extension()? == "json").then_some(())?;
    PackageName::new(path.file_stem()?.to_str()?.to_owned()).ok()
}

#[derive(Deserialize)]
struct Page {
    files: Vec<PageFile>,
}

#[derive(Deserialize)]
#[serde(rename_all = "kebab-case")]
struct PageFile {
    filename: String,
    #[serde(default)]
    hashes: BTreeMap<String, String>,
    #[serde(default)]
    requires_python: Option<String>,
    #[serde(default)]
    yanked: Yanked,
}

/// `false`, `true`, or the reason.
#[derive(Deserialize)]
#[serde(untagged)]
enum Yanked {
    Plain(bool),
    #[expect(dead_code, reason = "only whether there is a reason matters")]
    Reason(String),
}

impl Default for Yanked {
    fn default() -> Self {
        Self::Plain(false)
    }
}

impl PageFile {
    fn into_index_file(self) -> IndexFile {
        IndexFile {
            name: self.filename,
            hashes: self.hashes,
            requires_python: self.requires_python.and_then(|specifiers| specifiers.parse().ok()),
            yanked: !matches!(self.yanked, Yanked::Plain(false)),
        }
    }
}
