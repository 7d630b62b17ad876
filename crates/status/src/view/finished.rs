//! The books that are in the library, with a player, their report, and what is wrong in them.

use std::{
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use maud::{Markup, html};
use rhapsode_watch::{Entry, EntryId, QueueView, State};

use super::text::{clock, count, moment, name, path, size};
use crate::{
    BookReport, Defect, Reports,
    library::{Shelf, Sound},
    page::FINISHED,
};

/// Defects that are shown with a book; the report has them all.
const DEFECTS: usize = 50;

/// Finished books, the last first.
#[derive(Debug)]
pub(crate) struct Finished {
    books: Vec<Book>,
    /// Where the list goes on.
    older: Option<EntryId>,
    /// Whether it begins with the last.
    is_first: bool,
}

/// A book of the library.
#[derive(Debug)]
struct Book {
    entry: Entry,
    place: PathBuf,
    defects: usize,
    title: String,
    authors: Vec<String>,
    sounds: Vec<Sound>,
    has_cover: bool,
    report: Option<BookReport>,
}

/// The last books as they were read a moment ago: the library may be far away, and is not asked at each change of the page.
#[derive(Debug, Default)]
pub(crate) struct LastRead(Option<(Instant, Finished)>);

/// For how long what was read holds, while the queue says the same.
const FRESH: Duration = Duration::from_secs(5);

impl LastRead {
    pub(crate) fn get(&mut self, queue: &QueueView, reports: &Reports, library: &Path) -> &Finished {
        let fresh = self.0.take().filter(|(read, finished)| {
            let entries = finished.books.iter().map(|book| &book.entry);
            read.elapsed() < FRESH && entries.eq(done(queue, None).take(FINISHED).map(|(entry, ..)| entry))
        });
        let read = || (Instant::now(), Finished::read(queue, None, reports, library));
        &self.0.insert(fresh.unwrap_or_else(read)).1
    }
}

impl Finished {
    /// The last books that came before `before`.
    pub(crate) fn read(
        queue: &QueueView,
        before: Option<EntryId>,
        reports: &Reports,
        library: &Path,
    ) -> Self {
        let mut entries = done(queue, before);
        let books: Vec<Book> =
            entries.by_ref().take(FINISHED).map(|it| Book::read(it, reports, library)).collect();
        let older = entries.next().and(books.last()).map(|book| book.entry.id);
        Self { books, older, is_first: before.is_none() }
    }
}

/// The finished books that came before `before`, the last first, with their places and how many defects they have.
fn done(queue: &QueueView, before: Option<EntryId>) -> impl Iterator<Item = (&Entry, &Path, usize)> {
    let older = queue.books.iter().rev().filter(move |it| before.is_none_or(|before| it.id < before));
    older.filter_map(|entry| match &entry.state {
        State::Done { place, defects } => Some((entry, place.as_path(), *defects)),
        _ => None,
    })
}

impl Book {
    fn read((entry, place, defects): (&Entry, &Path, usize), reports: &Reports, library: &Path) -> Self {
        // A report that cannot be read is one that is not there: the book is.
        let report = reports.read(entry.id).ok().flatten();
        let shelf = Shelf::at(library, place);
        let written = shelf.as_ref().and_then(Shelf::metadata);
        let (title, authors) = match (&report, written) {
            (Some(report), _) => (report.title.clone(), report.authors.clone()),
            (None, Some(written)) => (written.title, written.authors),
            (None, None) => (name(place), Vec::new()),
        };
        Self {
            entry: entry.clone(),
            place: place.to_owned(),
            defects,
            title,
            authors,
            has_cover: shelf.as_ref().is_some_and(|shelf| shelf.cover().is_some()),
            sounds: shelf.map(|shelf| shelf.sounds()).unwrap_or_default(),
            report,
        }
    }
}

pub(super) fn section(finished: &Finished) -> Markup {
    html! {
        h2 #books-title tabindex="-1" { "Finished books" }
        @if !finished.is_first { p { a href="/#books" { "Back to the latest books" } } }
        @if finished.books.is_empty() {
            p.empty { "None yet." }
        }
        @for it in &finished.books { (book(it)) }
        @if let Some(older) = finished.older {
            p { a rel="next" href={ "/?before=" (older) "#books" } { "Earlier books" } }
        }
    }
}

fn book(book: &Book) -> Markup {
    let id = book.entry.id;
    let (whole, parts): (Vec<_>, Vec<_>) =
        book.sounds.iter().enumerate().partition(|(_, sound)| !sound.is_part);
    html! {
        article.card.book id={ "book-" (id) } aria-labelledby={ "book-title-" (id) } {
            @if book.has_cover { img src={ "/books/" (id) "/cover" } alt="" width="96" height="96" loading="lazy"; }
            div.body {
                div.head {
                    h3 id={ "book-title-" (id) } dir="auto" { (book.title) }
                    @if book.defects > 0 {
                        span.badge data-state="defects" { (count(book.defects, "defect", "defects")) }
                    }
                }
                @if !book.authors.is_empty() { p.authors { bdi { (book.authors.join(", ")) } } }
                p.meta {
                    @if let Some(report) = &book.report { (clock(report.seconds)) ", " }
                    "finished " (moment(book.entry.since))
                }
                @if book.sounds.is_empty() {
                    p.notice { "Its files are no longer at " (path(&book.place)) " of the library." }
                }
                @for (number, sound) in whole { (player(id, number, sound, &book.title)) }
                @if !parts.is_empty() {
                    details id={ "parts-" (id) } {
                        summary { (count(parts.len(), "file", "files")) }
                        ol.parts { @for (number, sound) in parts { li { (player(id, number, sound, &sound.name)) } } }
                    }
                }
                (report(book))
            }
        }
    }
}

fn player(id: EntryId, number: usize, sound: &Sound, label: &str) -> Markup {
    let source = format!("/books/{id}/sound/{number}");
    let extension = sound.media.path.extension().unwrap_or_default().to_string_lossy().to_uppercase();
    html! {
        div.player {
            @if sound.is_part { span dir="auto" { (label) } }
            audio id={ "sound-" (id) "-" (number) } controls preload="none" aria-label=(label) src=(source) {}
            a href=(source) download { (extension) ", " (size(sound.bytes)) }
        }
    }
}

fn report(book: &Book) -> Markup {
    let id = book.entry.id;
    html! {
        details id={ "report-" (id) } {
            summary { "Report" span.visually-hidden { " of " bdi { (book.title) } } }
            dl {
                dt { "Manuscript" } dd { (path(&book.entry.manuscript)) }
                dt { "In the library" } dd { (path(&book.place)) }
                @if let Some(report) = &book.report {
                    dt { "Length" } dd { (clock(report.seconds)) }
                    dt { "Chunks" } dd { (report.chunks) ", " (report.spoken) " spoken by the last run" }
                    dt { "Made in" } dd {
                        (clock(report.wall_seconds))
                        @if report.spoken > 0 {
                            ", " (format!("{:.0}", report.seconds / report.wall_seconds.max(0.001))) "× real time"
                        }
                    }
                }
            }
            @match &book.report {
                Some(report) => {
                    p { a href={ "/books/" (id) "/report.json" } { "All of it, as JSON" } }
                    @if !report.defects.is_empty() { (defects(id, &report.defects)) }
                },
                None => p { "No report of this book is kept here." },
            }
        }
    }
}

fn defects(id: EntryId, defects: &[Defect]) -> Markup {
    html! {
        h4 { "Defects" }
        ol.defects {
            @for defect in defects.iter().take(DEFECTS) {
                li id={ "defect-" (id) "-" (defect.ordinal) } {
                    blockquote dir="auto" { (defect.text) }
                    p.reason { (defect.reasons.join("; ")) }
                    p.meta { "Chunk " (defect.ordinal) ", " bdi { (defect.chapter) } }
                    audio controls preload="none" aria-label={ "Chunk " (defect.ordinal) " as it was spoken" }
                        src={ "/books/" (id) "/defects/" (defect.ordinal) } {}
                }
            }
        }
        @if defects.len() > DEFECTS { p { "… and " (count(defects.len() - DEFECTS, "more", "more")) " in the report." } }
    }
}
