//! The books that are being made, and those that wait, in the order in which they begin.

use std::{cmp::Reverse, time::Instant};

use maud::{Markup, html};
use rhapsode_watch::{Entry, QueueView, State};

use super::text::{count, left, moment, name, path};
use crate::{Production, Step, control::BookWish, live::Now};

/// Books that are listed; thousands may have been dropped at once.
const LISTED: usize = 100;

/// What changes all the time: a section of its own, so that the others need not be sent with it.
pub(super) fn making(queue: &QueueView, now: &Now) -> Markup {
    let making: Vec<&Entry> =
        queue.books.iter().filter(|it| !it.state.is_final() && it.state != State::Waiting).collect();
    html! {
        h2 #making-title tabindex="-1" { "Being made" }
        @if making.is_empty() {
            p.empty { "Nothing at the moment." }
        } @else {
            ul.cards { @for entry in &making { (book(entry, now.books.get(&entry.id))) } }
        }
    }
}

pub(super) fn waiting(queue: &QueueView) -> Markup {
    let mut waiting: Vec<&Entry> = queue.books.iter().filter(|entry| entry.state == State::Waiting).collect();
    waiting.sort_by_key(|entry| (Reverse(entry.priority), entry.id));
    html! {
        h2 #queue-title tabindex="-1" { "Queue" }
        @if waiting.is_empty() {
            p.empty { "Nothing waits." }
        } @else {
            ol.cards { @for entry in waiting.iter().take(LISTED) { (book(entry, None)) } }
            @if waiting.len() > LISTED {
                p { "… and " (count(waiting.len() - LISTED, "more book", "more books")) "." }
            }
        }
    }
}

fn book(entry: &Entry, production: Option<&Production>) -> Markup {
    let title = production.and_then(|book| book.title.clone()).unwrap_or_else(|| name(&entry.manuscript));
    html! {
        li.card id={ "job-" (entry.id) } {
            div.head {
                h3 dir="auto" { (title) }
                span.badge data-state=(entry.state.name()) { (doing(&entry.state)) }
            }
            p.meta {
                "Book " (entry.id) ", " (path(&entry.manuscript)) ", came " (moment(entry.arrived))
                @if entry.priority != 0 { ", priority " (entry.priority) }
                @if entry.attempts > 1 { ", " (count(entry.attempts as usize, "attempt", "attempts")) }
            }
            @if let (State::Working, Some(book)) = (&entry.state, production) { (progress(entry, book)) }
            (buttons(entry, &title))
        }
    }
}

fn doing(state: &State) -> &'static str {
    match state {
        State::Waiting => "waiting",
        State::Working => "being made",
        State::Publishing { .. } => "being published",
        State::Moving { .. } => "being put away",
        other => other.name(),
    }
}

fn progress(entry: &Entry, book: &Production) -> Markup {
    let label = format!("progress-{}", entry.id);
    html! {
        @match &book.step {
            Step::Reading => p { "Reading the manuscript." },
            Step::FetchingVoice => p { "Fetching a voice." },
            Step::Checking => p { "Checking the backends." },
            Step::Waiting { reasons } => div.notice.bad {
                p { strong { "No backend works; the book waits for one." } }
                p.reason dir="auto" { (reasons) }
            },
            Step::Speaking => {},
        }
        @if book.chunks > 0 {
            div.progress {
                label for=(label) { (book.done) " of " (count(book.chunks, "chunk", "chunks")) }
                progress id=(label) max=(book.chunks) value=(book.done.min(book.chunks)) {}
            }
            p.meta {
                (book.tracks) " of " (count(book.chapters, "chapter", "chapters")) " mastered"
                @if let Some((speed, time)) = book.pace(Instant::now()) {
                    ", " (format!("{speed:.0}")) "× real time, " (left(time))
                }
                @if book.defects > 0 { ", " (count(book.defects, "defect", "defects")) }
            }
        }
    }
}

/// What may be wished of a book.
pub(super) fn buttons(entry: &Entry, title: &str) -> Markup {
    let known = [
        (BookWish::Up, "up", "Begin next", "begins next"),
        (BookWish::Cancel, "cancel", "Cancel", "is taken out of the queue"),
        (BookWish::Retry, "retry", "Try again", "is put back into the queue"),
    ];
    html! {
        p.controls {
            @for (wish, path, label, done) in known {
                @if wish.fits(entry) {
                    button type="button" id={ (path) "-" (entry.id) } data-post={ "/books/" (entry.id) "/" (path) }
                        data-done={ (title) " " (done) "." } {
                        (label) span.visually-hidden { ": " bdi { (title) } }
                    }
                }
            }
        }
    }
}
