//! Books that will not be made unless somebody does something, and those that were there already.

use maud::{Markup, html};
use rhapsode_watch::{Entry, QueueView, State};

use super::{
    queue::buttons,
    text::{count, moment, name, path},
};

/// Books that are listed, the last first.
const LISTED: usize = 50;

pub(super) fn section(queue: &QueueView) -> Markup {
    let rest: Vec<&Entry> = queue
        .books
        .iter()
        .rev()
        .filter(|it| it.state.is_final() && !matches!(it.state, State::Done { .. }))
        .collect();
    html! {
        h2 #rest-title tabindex="-1" { "Not made" }
        @if rest.is_empty() {
            p.empty { "Every manuscript was made, or is being made." }
        } @else {
            ul.cards {
                @for entry in rest.iter().take(LISTED) { (book(entry)) }
            }
            @if rest.len() > LISTED {
                p { "… and " (count(rest.len() - LISTED, "earlier one", "earlier ones")) "; "
                    code { "rhapsode queue list" } " names them all." }
            }
        }
    }
}

fn book(entry: &Entry) -> Markup {
    let title = name(&entry.manuscript);
    html! {
        li.card id={ "rest-" (entry.id) } {
            div.head {
                h3 dir="auto" { (title) }
                span.badge data-state=(entry.state.name()) { (entry.state.name()) }
            }
            p.meta { "Book " (entry.id) ", " (path(&entry.manuscript)) ", " (moment(entry.since)) }
            @match &entry.state {
                State::Failed { reason } => p.reason dir="auto" { (reason) },
                State::Duplicate { of } => p { "The same as book " (of) ", and not made again." },
                State::Cancelled => p { "Taken out of the queue. What was spoken is kept." },
                State::Gone => p { "Its files were changed or taken away before it was done." },
                _ => {},
            }
            (buttons(entry, &title))
        }
    }
}
