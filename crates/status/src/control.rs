//! What the page may change: the same wishes as `rhapsode queue`, for those who show the token.

use std::sync::Arc;

use axum::{
    body::Bytes,
    extract::{FromRequestParts, Path, State},
    http::{StatusCode, request::Parts},
};
use rhapsode_watch::{Entry, EntryId, State as Step, Wish};
use serde::Deserialize;

use crate::{page::Page, refusal::Refusal};

/// Bytes that the body of a change may have: it needs none.
pub(crate) const BODY_LIMIT: usize = 1024;

/// Proof that the token was shown.
pub(crate) struct Permit(());

impl FromRequestParts<Arc<Page>> for Permit {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, page: &Arc<Page>) -> Result<Self, Refusal> {
        let token = page.options.token.as_ref().ok_or(Refusal::ReadOnly)?;
        token.check(&parts.headers).map_err(Refusal::Token)?;
        Ok(Self(()))
    }
}

/// What may be wished of the whole queue.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum QueueWish {
    Pause,
    Resume,
}

/// What may be wished of a book.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum BookWish {
    Up,
    Cancel,
    Retry,
}

impl BookWish {
    /// Whether it means something for a book.
    pub(crate) fn fits(self, entry: &Entry) -> bool {
        match self {
            Self::Up => entry.state == Step::Waiting,
            Self::Cancel => matches!(entry.state, Step::Waiting | Step::Working),
            Self::Retry => matches!(entry.state, Step::Failed { .. } | Step::Cancelled),
        }
    }

    fn of(self, id: EntryId) -> Wish {
        match self {
            Self::Up => Wish::Up { id },
            Self::Cancel => Wish::Cancel { id },
            Self::Retry => Wish::Retry { id },
        }
    }
}

/// Says whether the token is right, so that a person learns it when it is typed in.
pub(crate) async fn token(_: Permit) -> StatusCode {
    StatusCode::NO_CONTENT
}

/// Pauses the queue or has it go on.
pub(crate) async fn queue(
    _: Permit,
    State(page): State<Arc<Page>>,
    Path(wish): Path<QueueWish>,
    _body: Bytes,
) -> Result<StatusCode, Refusal> {
    let wish = match wish {
        QueueWish::Pause => Wish::Pause,
        QueueWish::Resume => Wish::Resume,
    };
    make(page, wish).await
}

/// Wishes something of a book.
pub(crate) async fn book(
    _: Permit,
    State(page): State<Arc<Page>>,
    Path((id, wish)): Path<(u64, BookWish)>,
    _body: Bytes,
) -> Result<StatusCode, Refusal> {
    let entry = page.entry(EntryId(id)).await?;
    if !wish.fits(&entry) {
        return Err(Refusal::Step(format!("Book {id} is {}.", entry.state.name())));
    }
    make(page, wish.of(entry.id)).await
}

async fn make(page: Arc<Page>, wish: Wish) -> Result<StatusCode, Refusal> {
    page.blocking(move |page| Ok(rhapsode_watch::wish(&page.options.state, wish)?)).await?;
    // The watcher takes it up within seconds.
    Ok(StatusCode::ACCEPTED)
}
