//! One installed distribution on disk: `*.dist-info`, `*.egg-info`, `*.egg` or an `*.egg-link`.

use std::path::{Path, PathBuf};

use crate::{
    input::{declared::Declared, file, folder::Entry, inspect::DirectUrl, metadata},
    model::Distribution,
};

/// What a folder says of one distribution.
#[derive(Debug, Default)]
pub(super) struct Found {
    /// The distribution, as far as it can be read.
    pub(super) distribution: Option<Distribution>,
    /// What it is called and why it cannot be read, or not wholly.
    pub(super) unreadable: Option<(String, String)>,
    /// Whether it was asked for by name.
    pub(super) is_requested: bool,
    /// Whether it has the list of its files, which a copy that somebody left behind often has not.
    pub(super) has_record: bool,
    /// Its tags, of its `WHEEL`.
    pub(super) tags: Vec<String>,
}

/// Reads an entry of a `site-packages` folder; none if it is no distribution.
pub(super) fn read(entry: &Entry) -> Option<Found> {
    // pip calls what it is about to remove `~umpy-1.26.4.dist-info`; no import finds it.
    if entry.name.starts_with(['~', '.']) {
        return None;
    }
    let is = |end: &str| entry.name.to_ascii_lowercase().ends_with(end);
    if is(".dist-info") && entry.is_folder {
        Some(dist_info(entry))
    } else if is(".egg-info") && entry.is_folder {
        Some(egg(entry, &entry.path))
    } else if is(".egg-info") {
        Some(parse(entry, &entry.path, metadata_of(&entry.path)))
    } else if is(".egg") && entry.is_folder {
        Some(egg(entry, &entry.path.join("EGG-INFO")))
    } else if is(".egg-link") {
        linked(entry)
    } else {
        None
    }
}

fn dist_info(entry: &Entry) -> Found {
    let metadata = entry.path.join("METADATA");
    let mut found = parse(entry, &entry.path, metadata_of(&metadata));
    let text = |name: &str| {
        file::bytes(&entry.path.join(name)).ok().map(|b| String::from_utf8_lossy(&b).into_owned())
    };
    let record = text("RECORD");
    found.has_record = record.is_some();
    found.is_requested = entry.path.join("REQUESTED").is_file();
    if let Some(distribution) = &mut found.distribution {
        let direct = text("direct_url.json").and_then(|json| serde_json::from_str::<DirectUrl>(&json).ok());
        distribution.provenance = DirectUrl::provenance(direct);
    }
    if let Some(wheel) = text("WHEEL") {
        let tags = wheel.lines().filter_map(|line| line.strip_prefix("Tag:"));
        found.tags = tags.map(|tag| tag.trim().to_owned()).collect();
    }
    if found.unreadable.is_none()
        && let Some(size) = record.and_then(|record| recorded_size(&record))
    {
        // A patched file may have grown; one that lacks its end lacks requirements, and says so to nobody.
        let actual = metadata.metadata().map_or(0, |metadata| metadata.len());
        if actual < size {
            let reason = format!("its METADATA has {actual} of the {size} bytes that were installed");
            found.unreadable = Some((name_of(&entry.name), reason));
        }
    }
    found
}

/// The size of `METADATA` in a `RECORD`: `foo-1.0.dist-info/METADATA,sha256=…,1234`.
fn recorded_size(record: &str) -> Option<u64> {
    let is_metadata =
        |line: &&str| line.split(',').next().is_some_and(|path| path.ends_with(".dist-info/METADATA"));
    record.lines().find(is_metadata)?.rsplit(',').next()?.trim().parse().ok()
}

/// An egg: `PKG-INFO`, and its requirements often in a file of their own.
fn egg(entry: &Entry, folder: &Path) -> Found {
    let declared = metadata_of(&folder.join("PKG-INFO")).map(|mut declared| {
        if declared.requires.is_empty()
            && let Ok(bytes) = file::bytes(&folder.join("requires.txt"))
        {
            declared.requires = metadata::egg_requires(&String::from_utf8_lossy(&bytes));
        }
        declared
    });
    let mut found = parse(entry, folder, declared);
    found.has_record = true;
    found
}

/// A link to a folder that is being worked on, as `setup.py develop` leaves it.
fn linked(entry: &Entry) -> Option<Found> {
    let bytes = file::bytes(&entry.path).ok()?;
    let text = String::from_utf8_lossy(&bytes).into_owned();
    let project = PathBuf::from(text.lines().next()?.trim());
    let egg_info = crate::input::folder::list(&project)
        .ok()?
        .into_iter()
        .find(|entry| entry.is_folder && entry.name.ends_with(".egg-info"))?;
    Some(egg(&egg_info, &egg_info.path))
}

fn metadata_of(path: &Path) -> Result<Declared, String> {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    match file::bytes(path) {
        Ok(bytes) => Ok(metadata::read(&bytes)),
        Err(crate::DepsError::Read { source, .. }) if source.kind() == std::io::ErrorKind::NotFound => {
            Err(format!("it has no {name}"))
        }
        Err(error) => Err(format!("its {name} cannot be read: {error}")),
    }
}

/// Makes the distribution of what was declared. The name and the version of the folder help out where the file
/// lacks them, so that its dependents are judged all the same.
fn parse(entry: &Entry, folder: &Path, declared: Result<Declared, String>) -> Found {
    let mut found = Found::default();
    let mut declared = declared.unwrap_or_else(|reason| {
        found.unreadable = Some((name_of(&entry.name), reason));
        Declared::default()
    });
    let is_whole = !declared.name.is_empty() && !declared.version.is_empty();
    if !is_whole {
        let (name, version) = in_folder_name(&entry.name);
        if found.unreadable.is_none() {
            found.unreadable = Some((name.clone(), "its metadata lacks its name or its version".to_owned()));
        }
        declared.name = name;
        declared.version = version;
    }
    declared.metadata_path = Some(folder.to_owned());
    match declared.parse() {
        Ok(distribution) => found.distribution = Some(distribution),
        Err(unreadable) => found.unreadable = found.unreadable.or(Some(unreadable)),
    }
    found
}

/// The name and the version in `foo-1.0.dist-info` and `foo-1.0-py3.11.egg-info`.
fn in_folder_name(folder: &str) -> (String, String) {
    let stem = folder.rsplit_once('.').map_or(folder, |(stem, _)| stem);
    let mut parts = stem.split('-');
    let name = parts.next().unwrap_or_default().to_owned();
    (name, parts.next().unwrap_or_default().to_owned())
}

fn name_of(folder: &str) -> String {
    in_folder_name(folder).0
}
