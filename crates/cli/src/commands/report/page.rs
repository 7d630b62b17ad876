//! The page: its frame, its figures at the top, and who spoke. Everything is in it, so it may be mailed and kept; its
//! policy forbids it to fetch anything.

use maud::{DOCTYPE, Markup, PreEscaped, html};
use rhapsode_engine::{Finished, Speaker, audio::course::Step, store::TakeStore};
use serde_json::Value;

use super::{chapters, defects, defects::Heard, ledger, releases, releases::ReleaseFiles};
use crate::{failure::Failure, report::clock};

/// Steps of a chapter's picture: as many as a page's column shows.
const STEPS: usize = 300;

const STYLE: &str = include_str!("style.css");

/// What the page tells.
pub(super) struct Facts<'a> {
    pub(super) finished: &'a Finished,
    pub(super) courses: Vec<Option<Vec<Step>>>,
    pub(super) speakers: Vec<Speaker>,
    /// Takes that are not in the store any more.
    pub(super) missing: usize,
    pub(super) releases: Vec<ReleaseFiles>,
    pub(super) defects: Vec<Heard<'a>>,
}

impl<'a> Facts<'a> {
    pub(super) fn gather(finished: &'a Finished, store: &TakeStore) -> Result<Self, Failure> {
        let (speakers, missing) = finished.speakers(store)?;
        Ok(Self {
            finished,
            courses: finished.courses(STEPS),
            speakers,
            missing,
            releases: finished.summary.releases.iter().map(ReleaseFiles::of).collect(),
            defects: defects::hear(finished, store)?,
        })
    }
}

pub(super) fn page(facts: &Facts<'_>) -> Markup {
    let metadata = &facts.finished.plan.metadata;
    let language = metadata.language.as_deref();
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta http-equiv="Content-Security-Policy"
                    content="default-src 'none'; style-src 'unsafe-inline'; media-src data:; base-uri 'none'; form-action 'none'";
                title { (metadata.title) " – report" }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 dir="auto" lang=[language] { (metadata.title) }
                    @if !metadata.authors.is_empty() {
                        p.author dir="auto" lang=[language] { (metadata.authors.join(", ")) }
                    }
                    (figures(facts))
                    nav aria-label="Parts of this page" {
                        ul {
                            li { a href="#releases" { "Releases" } }
                            li { a href="#chapters" { "Chapters" } }
                            li { a href="#ledger" { "What was left out" } }
                            li { a href="#defects" { "Defects" } }
                            li { a href="#speakers" { "Who spoke" } }
                        }
                    }
                }
                main {
                    (releases::section(&facts.releases))
                    (chapters::section(facts.finished, &facts.courses))
                    (ledger::section(facts.finished))
                    (defects::section(&facts.defects))
                    (speakers(facts))
                }
                footer { p { "Written by rhapsode " (env!("CARGO_PKG_VERSION")) "." } }
            }
        }
    }
}

/// What a person asks first.
fn figures(facts: &Facts<'_>) -> Markup {
    let Finished { summary, plan, tracks, .. } = facts.finished;
    let share = if plan.characters == 0 { 0.0 } else { plan.spoken as f64 * 100.0 / plan.characters as f64 };
    html! {
        dl.figures {
            div { dt { "Length" } dd { (clock(summary.seconds)) } }
            div { dt { "Chapters" } dd { (tracks.len()) } }
            div { dt { "Sentences and other chunks" } dd { (summary.chunks) } }
            div { dt { "Characters spoken" } dd { (plan.spoken) " of " (plan.characters) " (" (format!("{share:.1}")) " %)" } }
            div { dt { "Defects" } dd { (summary.defects.len()) } }
            @if let Some(narrator) = summary.tags.narrators.first() {
                div { dt { "Narrator" } dd dir="auto" { (narrator) } }
            }
        }
    }
}

fn speakers(facts: &Facts<'_>) -> Markup {
    html! {
        section #speakers aria-labelledby="speakers-title" {
            h2 #speakers-title { "Who spoke" }
            @if facts.speakers.is_empty() {
                p { "The takes of this book are not in the store any more." }
            } @else {
                div.wide tabindex="0" role="region" aria-label="Table of engines" {
                    table {
                        thead { tr { th scope="col" { "Engine" } th scope="col" { "Model" } th scope="col" { "Revision" } th.number scope="col" { "Chunks" } } }
                        tbody {
                            @for Speaker { identity, chunks } in &facts.speakers {
                                tr {
                                    th scope="row" { (field(identity, "engine")) }
                                    td { (field(identity, "model")) }
                                    td { (field(identity, "revision")) }
                                    td.number { (chunks) }
                                }
                            }
                        }
                    }
                }
            }
            @if facts.missing > 0 {
                p { (facts.missing) " takes are not in the store any more." }
            }
            (backends(facts.finished.gate.as_ref()))
        }
    }
}

fn field(identity: &Value, name: &str) -> String {
    match &identity[name] {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// The backends that the gate asked before the last run that spoke, with what it found.
fn backends(gate: Option<&Value>) -> Markup {
    let outcomes = gate.and_then(|gate| gate["outcomes"].as_array()).map(Vec::as_slice).unwrap_or_default();
    let mut names: Vec<&str> = outcomes.iter().filter_map(|outcome| outcome["backend"].as_str()).collect();
    names.dedup();
    let told = |outcome: &&Value| matches!(outcome["verdict"].as_str(), Some("warn" | "fail"));
    html! {
        @if !names.is_empty() {
            h3 { "Backends that the gate checked" }
            ul {
                @for name in names {
                    li {
                        (name)
                        @let of_it = outcomes.iter().filter(|outcome| outcome["backend"] == *name);
                        @for outcome in of_it.filter(told) {
                            ": " (field(outcome, "subject")) ", " (field(outcome, "seen"))
                        }
                    }
                }
            }
        }
    }
}
