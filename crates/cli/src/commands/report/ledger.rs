//! The account of every character: how many were spoken, and which were not and why.

use maud::{Markup, html};
use rhapsode_engine::{Finished, Passage, SkippedFor, SkippedText};

pub(super) fn section(finished: &Finished) -> Markup {
    let plan = &finished.plan;
    html! {
        section #ledger aria-labelledby="ledger-title" {
            h2 #ledger-title { "What was left out" }
            p {
                "Of the " (plan.characters) " characters of the manuscript " (plan.spoken)
                " are spoken. The others are all here, each for its reason."
            }
            @match &finished.skipped {
                Some(SkippedText { reasons }) => @for reason in reasons { (details(reason)) },
                None => (sums(finished)),
            }
            @if !plan.remarks.is_empty() {
                h3 { "What the reader mended" }
                ul { @for remark in &plan.remarks { li dir="auto" { (remark) } } }
            }
        }
    }
}

fn details(reason: &SkippedFor) -> Markup {
    let SkippedFor { reason, characters, count, passages } = reason;
    let places = if *count == 1 { "place" } else { "places" };
    let head = html! { strong { (reason) } ": " (characters) " characters in " (count) " " (places) };
    html! {
        @if passages.is_empty() {
            p.reason { (head) }
        } @else {
            details {
                summary { (head) }
                ol {
                    @for Passage { characters, chapter, after } in passages {
                        li {
                            (characters) " characters"
                            @match chapter {
                                Some(chapter) => { " in " bdi { (chapter) } ", after “" bdi { (after) } "”" },
                                None => ", before the first words",
                            }
                        }
                    }
                }
                @if *count > passages.len() {
                    p { "… and " (count - passages.len()) " more." }
                }
            }
        }
    }
}

/// Of a book that was made before passages were written down.
fn sums(finished: &Finished) -> Markup {
    html! {
        ul {
            @for (reason, characters) in &finished.plan.skipped {
                li { strong { (reason) } ": " (characters) " characters" }
            }
        }
    }
}
