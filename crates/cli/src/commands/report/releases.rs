//! The releases with their files, each with the hash by which a copy is known to be whole.

use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};

use maud::{Markup, html};
use rayon::prelude::*;
use rhapsode_engine::PublishedRelease;
use sha2::{Digest, Sha256};

use crate::report::bytes;

/// A release as it lies there now.
pub(super) struct ReleaseFiles {
    format: String,
    path: PathBuf,
    files: Vec<Hashed>,
}

struct Hashed {
    /// Within the release's folder; the name of a release that is one file.
    name: String,
    bytes: u64,
    sha256: String,
}

impl ReleaseFiles {
    /// Reads every file of a release. One that was moved away since has none.
    pub(super) fn of(release: &PublishedRelease) -> Self {
        let mut paths = Vec::new();
        // What cannot be listed is shown as not being there.
        let _ = list(&release.path, &mut paths);
        paths.sort();
        let base = if release.path.is_dir() { Some(release.path.as_path()) } else { release.path.parent() };
        let files = paths.par_iter().filter_map(|path| Hashed::of(path, base).ok()).collect();
        Self { format: release.format.clone(), path: release.path.clone(), files }
    }
}

fn list(path: &Path, paths: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        paths.push(path.to_owned());
        return Ok(());
    }
    for entry in std::fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            list(&entry.path(), paths)?;
        } else {
            paths.push(entry.path());
        }
    }
    Ok(())
}

/// A hash that bytes are written to.
struct Sum(Sha256);

impl io::Write for Sum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Hashed {
    fn of(path: &Path, base: Option<&Path>) -> io::Result<Self> {
        let mut sum = Sum(Sha256::new());
        let bytes = io::copy(&mut File::open(path)?, &mut sum)?;
        let name = base.and_then(|base| path.strip_prefix(base).ok()).unwrap_or(path);
        Ok(Self { name: name.display().to_string(), bytes, sha256: hex::encode(sum.0.finalize()) })
    }
}

pub(super) fn section(releases: &[ReleaseFiles]) -> Markup {
    html! {
        section #releases aria-labelledby="releases-title" {
            h2 #releases-title { "Releases" }
            @for release in releases {
                h3 { (release.format) }
                p.path { (release.path.display()) }
                @if release.files.is_empty() {
                    p { "It is not there any more." }
                } @else {
                    div.wide tabindex="0" role="region" aria-label={ "Files of the release in " (release.format) } {
                        table {
                            thead { tr { th scope="col" { "File" } th.number scope="col" { "Size" } th scope="col" { "SHA-256" } } }
                            tbody {
                                @for Hashed { name, bytes: size, sha256 } in &release.files {
                                    tr {
                                        th scope="row" dir="auto" { (name) }
                                        td.number { (bytes(*size)) }
                                        td { code { (sha256) } }
                                    }
                                }
                            }
                        }
                    }
                }
            }
        }
    }
}
