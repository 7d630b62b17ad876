//! The backends, and whether each of them works.

use maud::{Markup, html};

use crate::{BackendState, Standing, live::Now};

pub(super) fn section(now: &Now) -> Markup {
    html! {
        h2 #backends-title tabindex="-1" { "Backends" }
        @if now.backends.is_empty() {
            p.empty { "No backend was asked for anything yet." }
        } @else {
            div.scroll tabindex="0" role="group" aria-label="Table of backends" {
                table {
                    thead {
                        tr {
                            @for title in ["Name", "State", "In flight", "Speed", "Takes", "Errors"] {
                                th scope="col" { (title) }
                            }
                        }
                    }
                    tbody {
                        @for (number, backend) in now.backends.iter().enumerate() { (row(number, backend)) }
                    }
                }
            }
        }
    }
}

fn row(number: usize, backend: &BackendState) -> Markup {
    let (state, reason) = standing(&backend.standing);
    html! {
        tr id={ "backend-" (number) } {
            th scope="row" { bdi { (backend.name) } }
            td {
                span.badge data-state=(state) { (state) }
                @if let Some(reason) = reason { p.reason dir="auto" { (reason) } }
            }
            td { (backend.busy) @if let Some(slots) = backend.slots { " of " (slots) } }
            td { @match backend.times_real_time {
                Some(times) => { (format!("{times:.1}")) "× real time" },
                None => "not known yet",
            } }
            td { (backend.takes) }
            td { (backend.errors) }
        }
    }
}

fn standing(standing: &Standing) -> (&'static str, Option<&str>) {
    match standing {
        Standing::Unasked => ("not asked yet", None),
        Standing::Works => ("works", None),
        Standing::Resting => ("rests after errors", None),
        Standing::OnTrial => ("on trial", None),
        Standing::Silent { reason } => ("does not answer", Some(reason)),
        Standing::Lost { reason } => ("lost", reason.as_deref()),
    }
}
