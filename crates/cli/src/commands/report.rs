//! `rhapsode report`: one page with all that is known of a finished book, which opens anywhere and needs nothing else.

mod chapters;
mod defects;
mod ledger;
mod page;
mod picture;
mod releases;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use rhapsode_engine::{Finished, release::safe_file_name, store::TakeStore};

use super::{Context, print};
use crate::{
    args::ReportArgs,
    failure::{Failure, Kind},
    settings,
};

/// Bytes of a page's name.
const NAME: usize = 200;

pub(super) fn run(args: ReportArgs, context: &Context) -> Result<ExitCode, Failure> {
    let ReportArgs { book, output, work, store } = args;
    let config = context.layers(Some(&book))?.config()?;
    let beside = beside(&book);
    let configured = config.storage.work.clone();
    let folders: Vec<PathBuf> = work.into_iter().chain(configured).chain([beside.clone()]).collect();
    let finished = Finished::find(&book, &folders)?;
    let store = TakeStore::open(&store.unwrap_or_else(|| settings::store_folder(&config)))?;
    let path = output.unwrap_or_else(|| {
        let title = safe_file_name(&finished.plan.metadata.title, NAME);
        beside.join(format!("{title} (report).html"))
    });
    let page = page::page(&page::Facts::gather(&finished, &store)?);
    std::fs::write(&path, page.into_string()).map_err(|error| {
        let hint = Some("name a file in a folder that is there and may be written to with --output");
        Failure::new(Kind::Files, format!("failed to write {}: {error}", path.display()), hint)
    })?;
    print(&path.display().to_string())
}

/// The folder that a book lies in.
fn beside(book: &Path) -> PathBuf {
    match book.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    }
}
