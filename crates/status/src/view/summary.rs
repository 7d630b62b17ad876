//! How things stand, in a sentence. It is announced when it changes, so it holds nothing that changes all the time.

use maud::{Markup, html};
use rhapsode_watch::{QueueView, State};

use super::text::{count, path};
use crate::StatusOptions;

pub(super) fn section(queue: &QueueView, options: &StatusOptions) -> Markup {
    let number = |is: fn(&State) -> bool| queue.books.iter().filter(|entry| is(&entry.state)).count();
    let making =
        number(|state| matches!(state, State::Working | State::Publishing { .. } | State::Moving { .. }));
    let waiting = number(|state| *state == State::Waiting);
    let done = number(|state| matches!(state, State::Done { .. }));
    let failed = number(|state| matches!(state, State::Failed { .. }));
    html! {
        h2 #summary-title .visually-hidden tabindex="-1" { "How things stand" }
        p.watched { "Watching " (path(&options.inbox)) }
        div aria-live="polite" {
            ul.figures {
                li { strong { (making) } " being made" }
                li { strong { (waiting) } " waiting" }
                li { strong { (done) } " finished" }
                @if failed > 0 { li.bad { strong { (failed) } " failed" } }
            }
            @if queue.watcher.is_none() {
                p.notice.bad { "Nobody watches at the moment." }
            }
            @if queue.paused {
                p.notice { "The queue is paused: what is being made is finished, and nothing new begins." }
            }
            @if let Some(reason) = &queue.parked {
                div.notice.bad {
                    p { strong { "The queue waits, and goes on by itself." } }
                    p.reason dir="auto" { (reason) }
                }
            }
        }
        p.controls {
            @if queue.paused {
                button #pause type="button" data-post="/queue/resume" data-done="The queue goes on." { "Resume the queue" }
            } @else {
                button #pause type="button" data-post="/queue/pause" data-done="The queue is paused." { "Pause the queue" }
            }
        }
        @if making + waiting == 0 {
            p.empty { (count(done, "book is", "books are")) " finished and nothing is left to do. Drop a manuscript into the inbox." }
        }
    }
}
