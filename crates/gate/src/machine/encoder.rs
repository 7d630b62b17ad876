//! Whether the encoder of a format is there. What encodes a format is the caller's knowledge.

use std::{fmt, sync::Arc};

use super::{about, blocking};
use crate::{About, Check, CheckId, Checking, Conditions, Outcome};

type Find = dyn Fn() -> Result<String, String> + Send + Sync;

/// Whether the encoder of a format is there.
#[derive(Clone)]
pub struct Encoder {
    format: String,
    by: String,
    remedy: String,
    find: Arc<Find>,
}

impl Encoder {
    /// A check of the encoder `by` of a format. `find` looks for it on a thread of its own and gives its version, or why
    /// it cannot be used; `remedy` says how to get it.
    pub fn new(
        format: impl Into<String>,
        by: impl Into<String>,
        remedy: impl Into<String>,
        find: impl Fn() -> Result<String, String> + Send + Sync + 'static,
    ) -> Self {
        Self { format: format.into(), by: by.into(), remedy: remedy.into(), find: Arc::new(find) }
    }
}

impl fmt::Debug for Encoder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Encoder").field("format", &self.format).field("by", &self.by).finish_non_exhaustive()
    }
}

impl Check for Encoder {
    fn about(&self) -> About {
        about(CheckId::Encoder, &self.format)
    }

    fn run<'a>(&'a self, _: &'a Conditions) -> Checking<'a> {
        let Self { format, by, remedy, find } = self.clone();
        blocking(move || {
            vec![match find() {
                Ok(version) => Outcome::pass(CheckId::Encoder, format, format!("{by} {version}").trim_end()),
                Err(why) => Outcome::fail(CheckId::Encoder, format, format!("{by} cannot be used: {why}"))
                    .but(format!("an encoder: {by}"), remedy),
            }]
        })
    }
}
