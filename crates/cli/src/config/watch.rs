//! `[watch]`: the folders and habits of `rhapsode watch`, and who is told of each book.

use std::{collections::BTreeSet, path::PathBuf};

use rhapsode_watch::{HookName, Outcome};
use serde::{Deserialize, Serialize};

/// `[watch]`
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WatchSection {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) inbox: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) library: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) done: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) failed: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) state: Option<PathBuf>,
    /// Seconds.
    pub(crate) settle: f64,
    /// Seconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) poll: Option<f64>,
    pub(crate) books: usize,
    pub(crate) in_place: bool,
    pub(crate) again: bool,
    /// Where the status page is served.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) http: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) http_token_file: Option<PathBuf>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) http_token_env: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) http_names: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) hook: Vec<HookSection>,
}

impl Default for WatchSection {
    fn default() -> Self {
        Self {
            inbox: None,
            library: None,
            done: None,
            failed: None,
            state: None,
            settle: 10.0,
            poll: None,
            books: 2,
            in_place: false,
            again: false,
            http: None,
            http_token_file: None,
            http_token_env: None,
            http_names: Vec::new(),
            hook: Vec::new(),
        }
    }
}

/// `[[watch.hook]]`: who is told of a book.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", rename_all_fields = "kebab-case", tag = "kind", deny_unknown_fields)]
pub(crate) enum HookSection {
    Command {
        name: HookName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<BTreeSet<Outcome>>,
        command: Vec<String>,
        /// Names of variables that it gets beside the usual ones.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        environment: Vec<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_out: Option<f64>,
    },
    Webhook {
        name: HookName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<BTreeSet<Outcome>>,
        url: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret_file: Option<PathBuf>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        secret_env: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_out: Option<f64>,
    },
    Audiobookshelf {
        name: HookName,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        on: Option<BTreeSet<Outcome>>,
        url: String,
        /// The id of its library.
        library: String,
        /// The id of the folder that books are uploaded to; none where it reads the library itself.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        upload_to: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_file: Option<PathBuf>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        token_env: Option<String>,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        time_out: Option<f64>,
    },
}

impl HookSection {
    pub(crate) fn name(&self) -> &HookName {
        match self {
            Self::Command { name, .. } | Self::Webhook { name, .. } | Self::Audiobookshelf { name, .. } => {
                name
            }
        }
    }
}
