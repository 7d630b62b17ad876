//! News that hooks have not taken in yet.

use maud::{Markup, html};
use rhapsode_watch::{QueueView, Undelivered};

use super::text::count;

/// News that is listed: a hook that was away for a week may have missed thousands of books.
const LISTED: usize = 50;

pub(super) fn section(queue: &QueueView) -> Markup {
    html! {
        h2 #hooks-title tabindex="-1" { "Hooks" }
        @if queue.hooks.is_empty() {
            p.empty { "Nothing waits to be told." }
        } @else {
            ul.cards { @for news in queue.hooks.iter().take(LISTED) { (news_of(news)) } }
            @if queue.hooks.len() > LISTED {
                p { "… and " (count(queue.hooks.len() - LISTED, "more", "more")) "; "
                    code { "rhapsode queue list" } " names them all." }
            }
        }
    }
}

fn news_of(news: &Undelivered) -> Markup {
    html! {
        li.card {
            div.head {
                h3 { "Book " (news.book) " to " bdi { (news.hook) } }
                @if news.given_up {
                    span.badge data-state="failed" { "given up" }
                } @else {
                    span.badge data-state="waiting" { "waits" }
                }
            }
            @if let Some(reason) = &news.reason { p.reason dir="auto" { (reason) } }
        }
    }
}
