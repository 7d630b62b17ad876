//! Asks package indexes for the files of packages: PEP 691 (JSON) where an index has it, PEP 503 (HTML) elsewhere. An
//! index may also be a folder.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    time::Duration,
};

use futures_util::{StreamExt, TryStreamExt, stream};
use pep508_rs::PackageName;
use reqwest::{StatusCode, Url, header};
use rhapsode_deps::IndexFile;

use super::page;

/// What indexes are asked for, the best form first.
const ACCEPT: &str =
    "application/vnd.pypi.simple.v1+json, application/vnd.pypi.simple.v1+html;q=0.2, text/html;q=0.01";
/// Requests under way at the same time.
const PARALLEL: usize = 8;
const CONNECT: Duration = Duration::from_secs(10);
/// The longest silence within an answer.
const STALL: Duration = Duration::from_secs(30);
/// The page of the largest packages is some 20 MiB.
const LARGEST: usize = 64 << 20;
/// Pauses before another try.
const PAUSES: [Duration; 2] = [Duration::from_millis(250), Duration::from_secs(1)];

/// Why an index could not be asked. Addresses are shown without user and password.
#[derive(Debug, thiserror::Error)]
pub(crate) enum IndexError {
    /// The address is none.
    #[error("use the index {address:?}: {reason}")]
    Address {
        /// What stands there.
        address: String,
        /// What is wrong with it.
        reason: &'static str,
    },
    /// There is no answer, or it is none.
    #[error("ask the index {address}: {reason}")]
    Answer {
        /// What was asked for.
        address: String,
        /// What came back.
        reason: String,
    },
    /// A saved page cannot be read.
    #[error("read {}: {reason}", path.display())]
    File {
        /// The page, or the folder of all.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
}

/// Where pages come from.
#[derive(Debug)]
enum Source {
    Server(Url),
    /// A whole index: what has no page there is not to be had.
    Folder(PathBuf),
    /// Some pages: nothing is known of what has none.
    Saved(PathBuf),
}

/// The indexes of a question. A package is on as many of them as have it.
#[derive(Debug)]
pub(super) struct Indexes {
    http: reqwest::Client,
    sources: Vec<Source>,
    /// Bytes that a page may have.
    largest: usize,
}

impl Indexes {
    /// Indexes at these addresses: `http://`, `https://`, `file://`.
    pub(super) fn at(addresses: &[String]) -> Result<Self, IndexError> {
        let sources = addresses.iter().map(|address| source(address)).collect::<Result<_, _>>()?;
        Self::new(sources)
    }

    /// Saved pages.
    pub(super) fn saved(folder: &Path) -> Result<Self, IndexError> {
        if !folder.is_dir() {
            return Err(IndexError::File { path: folder.to_owned(), reason: "it is no folder".into() });
        }
        Self::new(vec![Source::Saved(folder.to_owned())])
    }

    fn new(sources: Vec<Source>) -> Result<Self, IndexError> {
        let http = reqwest::Client::builder()
            .user_agent(concat!("rhapsode/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(STALL)
            .build()
            .map_err(|error| IndexError::Answer { address: String::new(), reason: chain(&error) })?;
        Ok(Self { http, sources, largest: LARGEST })
    }

    /// The same indexes with another limit for a page.
    #[cfg(test)]
    pub(super) fn at_most(self, largest: usize) -> Self {
        Self { largest, ..self }
    }

    /// The files of these packages: none of a package that no index has, and no entry for one of which nothing is
    /// known.
    pub(super) async fn files(
        &self,
        names: impl IntoIterator<Item = PackageName>,
    ) -> Result<BTreeMap<PackageName, Vec<IndexFile>>, IndexError> {
        let ask = |name: PackageName| async move { self.of(name.as_ref()).await.map(|files| (name, files)) };
        let found: Vec<(PackageName, Option<Vec<IndexFile>>)> =
            stream::iter(names).map(ask).buffer_unordered(PARALLEL).try_collect().await?;
        Ok(found.into_iter().filter_map(|(name, files)| Some((name, files?))).collect())
    }

    async fn of(&self, name: &str) -> Result<Option<Vec<IndexFile>>, IndexError> {
        let mut all = None;
        for source in &self.sources {
            let files = match source {
                Source::Server(base) => Some(self.fetch(base, name).await?),
                Source::Folder(folder) => Some(saved(folder, name)?.unwrap_or_default()),
                Source::Saved(folder) => saved(folder, name)?,
            };
            if let Some(files) = files {
                all.get_or_insert_with(Vec::new).extend(files);
            }
        }
        Ok(all)
    }

    async fn fetch(&self, base: &Url, name: &str) -> Result<Vec<IndexFile>, IndexError> {
        let mut url = base.clone();
        // An index of PEP 503 has a slash at the end of every address.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push(name).push("");
        }
        let mut pauses = PAUSES.iter();
        loop {
            let failed = match self.attempt(&url, name).await {
                Ok(files) => return Ok(files),
                Err(failed) => failed,
            };
            match pauses.next().filter(|_| failed.passing) {
                Some(pause) => tokio::time::sleep(*pause).await,
                None => return Err(IndexError::Answer { address: shown(&url), reason: failed.reason }),
            }
        }
    }

    async fn attempt(&self, url: &Url, name: &str) -> Result<Vec<IndexFile>, Failed> {
        let request = self.http.get(url.clone()).header(header::ACCEPT, ACCEPT);
        let mut answer = request.send().await.map_err(Failed::connection)?;
        match answer.status() {
            StatusCode::NOT_FOUND | StatusCode::GONE => return Ok(Vec::new()),
            status if !status.is_success() => return Err(Failed::status(status)),
            _ => {}
        }
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(Failed::connection)? {
            if body.len() + part.len() > self.largest {
                return Err(Failed::lasting(format!("its answer is larger than {} KiB", self.largest >> 10)));
            }
            body.extend_from_slice(&part);
        }
        page::read(name, &body).map_err(Failed::lasting)
    }
}

/// A try that came to nothing.
struct Failed {
    reason: String,
    /// Whether another try may do better.
    passing: bool,
}

impl Failed {
    fn lasting(reason: String) -> Self {
        Self { reason, passing: false }
    }

    fn connection(error: reqwest::Error) -> Self {
        Self { passing: true, reason: chain(&error.without_url()) }
    }

    fn status(status: StatusCode) -> Self {
        let passing = status.is_server_error() || status == StatusCode::TOO_MANY_REQUESTS;
        Self { reason: format!("it answers {status}"), passing }
    }
}

fn source(address: &str) -> Result<Source, IndexError> {
    // The reasons never repeat the address of an index that may have a password in it.
    let wrong = |reason| IndexError::Address { address: hidden(address), reason };
    let url = Url::parse(address).map_err(|_| wrong("it is no URL"))?;
    match url.scheme() {
        "http" | "https" => Ok(Source::Server(url)),
        "file" => {
            url.to_file_path().map(Source::Folder).map_err(|()| wrong("it names no folder of this machine"))
        }
        _ => Err(wrong("it begins with none of http://, https:// and file://")),
    }
}

/// A page that was saved under one of the names that people and mirrors save it under.
fn saved(folder: &Path, name: &str) -> Result<Option<Vec<IndexFile>>, IndexError> {
    let names = [format!("{name}.json"), format!("{name}.html")];
    let inner = ["index.json", "index.html"].map(|file| Path::new(name).join(file));
    let found = names.into_iter().map(PathBuf::from).chain(inner).map(|name| folder.join(name));
    let Some(path) = found.into_iter().find(|path| path.is_file()) else { return Ok(None) };
    let bytes = std::fs::read(&path).map_err(|error| error.to_string());
    let files = bytes.and_then(|bytes| page::read(name, &bytes));
    files.map(Some).map_err(|reason| IndexError::File { path, reason })
}

/// An address without user and password.
fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Addresses without a host have neither.
    let _ = url.set_password(None).and_then(|()| url.set_username(""));
    url.into()
}

/// What is no address, without what may be a password in it.
fn hidden(text: &str) -> String {
    match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://…@{rest}"),
        (None, Some((_, rest))) => format!("…@{rest}"),
        _ => text.to_owned(),
    }
}

/// An error down to its cause, in a line.
fn chain(error: &dyn std::error::Error) -> String {
    std::iter::successors(error.source(), |cause| cause.source())
        .fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}
