//! Sound, covers and reports: files of books that the queue knows, in ranges, as players want them.

use std::{path::PathBuf, sync::Arc};

use axum::{
    body::Body,
    extract::{Path, Request, State},
    http::{HeaderValue, header},
    response::Response,
};
use rhapsode_watch::{Entry, EntryId, State as Step};
use tower_http::services::ServeFile;

use crate::{
    library::{Media, Shelf, inside},
    page::Page,
    refusal::Refusal,
};

/// A sound of a finished book, by its number.
pub(crate) async fn sound(
    State(page): State<Arc<Page>>,
    Path((id, number)): Path<(u64, usize)>,
    request: Request,
) -> Result<Response, Refusal> {
    let entry = page.entry(EntryId(id)).await?;
    let media = page.blocking(move |page| {
        let sounds = shelf(&page, &entry).map(|shelf| shelf.sounds());
        Ok(sounds.and_then(|sounds| Some(sounds.into_iter().nth(number)?.media)))
    });
    file(media.await?, request).await
}

/// The cover of a finished book.
pub(crate) async fn cover(
    State(page): State<Arc<Page>>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Response, Refusal> {
    let entry = page.entry(EntryId(id)).await?;
    let media = page.blocking(move |page| Ok(shelf(&page, &entry).and_then(|shelf| shelf.cover())));
    file(media.await?, request).await
}

/// The take of a chunk with a defect.
pub(crate) async fn defect(
    State(page): State<Arc<Page>>,
    Path((id, ordinal)): Path<(u64, u32)>,
    request: Request,
) -> Result<Response, Refusal> {
    let media = page.blocking(move |page| {
        let report = page.reports.read(EntryId(id))?;
        let defect = report.and_then(|it| it.defects.into_iter().find(|defect| defect.ordinal == ordinal));
        Ok(defect.and_then(|defect| only(&page.options.takes, defect.take, "audio/wav")))
    });
    file(media.await?, request).await
}

/// All that the job of a book reports.
pub(crate) async fn report(
    State(page): State<Arc<Page>>,
    Path(id): Path<u64>,
    request: Request,
) -> Result<Response, Refusal> {
    let media = page.blocking(move |page| {
        let report = page.reports.read(EntryId(id))?;
        Ok(report.and_then(|it| only(&page.options.state, it.report, "application/json")))
    });
    file(media.await?, request).await
}

fn shelf<'a>(page: &'a Page, entry: &Entry) -> Option<Shelf<'a>> {
    let Step::Done { place, .. } = &entry.state else { return None };
    Shelf::at(&page.options.library, place)
}

/// A file of the folder that its kind lies in.
fn only(folder: &std::path::Path, path: PathBuf, kind: &'static str) -> Option<Media> {
    let path = inside(folder, &path).filter(|path| path.is_file())?;
    Some(Media { path, kind })
}

async fn file(media: Option<Media>, request: Request) -> Result<Response, Refusal> {
    let Media { path, kind } = media.ok_or(Refusal::Unknown)?;
    let served = ServeFile::new(&path).try_call(request).await;
    let response = served.map_err(|error| Refusal::Failed(format!("read {}: {error}", path.display())))?;
    let mut response = response.map(Body::new);
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    // A player comes back for the next range; the file may be another one by then.
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("private, no-cache"));
    Ok(response)
}
