//! What can be asked for, and the whole page.

use std::sync::Arc;

use axum::{
    Router,
    extract::{DefaultBodyLimit, Query, State},
    middleware,
    response::{Html, IntoResponse, Response},
    routing::{get, post},
};
use rhapsode_watch::EntryId;
use serde::Deserialize;

use crate::{
    assets, control,
    feed::events,
    guard::guard,
    page::Page,
    refusal::Refusal,
    sound,
    view::{self, Control},
};

/// All of it.
pub(crate) fn router(page: Arc<Page>) -> Router {
    Router::new()
        .route("/", get(whole))
        .route("/events", get(events))
        .route("/status.css", get(async || assets::STYLE))
        .route("/status.js", get(async || assets::SCRIPT))
        .route("/icon.svg", get(async || assets::ICON))
        .route("/books/{id}/sound/{number}", get(sound::sound))
        .route("/books/{id}/cover", get(sound::cover))
        .route("/books/{id}/defects/{ordinal}", get(sound::defect))
        .route("/books/{id}/report.json", get(sound::report))
        .route("/books/{id}/{wish}", post(control::book))
        .route("/queue/{wish}", post(control::queue))
        .route("/token", post(control::token))
        .fallback(async || Refusal::Unknown)
        .layer(DefaultBodyLimit::max(control::BODY_LIMIT))
        .layer(middleware::from_fn_with_state(Arc::clone(&page), guard))
        .with_state(page)
}

/// Which part of the finished books is shown.
#[derive(Debug, Deserialize)]
struct Part {
    /// Those that came before this one.
    before: Option<EntryId>,
}

async fn whole(State(page): State<Arc<Page>>, Query(part): Query<Part>) -> Response {
    let control = if page.options.token.is_some() { Control::WithToken } else { Control::None };
    match page.blocking(move |page| page.sections(part.before)).await {
        Ok(sections) => Html(view::whole(&sections, control).into_string()).into_response(),
        Err(refusal) => refusal.into_response(),
    }
}
