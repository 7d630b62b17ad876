//! The files of the page that never change while it is served. They are part of the program.

use axum::{
    http::header::{CACHE_CONTROL, CONTENT_TYPE},
    response::{IntoResponse, Response},
};

/// A file and its media type.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asset {
    kind: &'static str,
    text: &'static str,
}

pub(crate) const STYLE: Asset =
    Asset { kind: "text/css; charset=utf-8", text: include_str!("../assets/status.css") };
pub(crate) const SCRIPT: Asset =
    Asset { kind: "text/javascript; charset=utf-8", text: include_str!("../assets/status.js") };
pub(crate) const ICON: Asset = Asset { kind: "image/svg+xml", text: include_str!("../assets/icon.svg") };

impl IntoResponse for Asset {
    fn into_response(self) -> Response {
        // Another version of the program may answer at the same address tomorrow.
        ([(CONTENT_TYPE, self.kind), (CACHE_CONTROL, "no-cache")], self.text).into_response()
    }
}
