//! The arguments of a watcher's status page.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Status page")]
pub(crate) struct PageArgs {
    /// Serve a page that shows queue, progress and finished books: a port of this machine, or an address with a port; `http` of
    /// [watch] by default.
    #[arg(long, value_name = "ADDR")]
    pub(crate) http: Option<String>,
    /// File with the token that changes from the page must show; without a token the page only shows.
    #[arg(long, value_name = "FILE")]
    pub(crate) http_token_file: Option<PathBuf>,
    /// Environment variable with that token; an empty one is none.
    #[arg(long, value_name = "NAME", conflicts_with = "http_token_file")]
    pub(crate) http_token_env: Option<String>,
    /// Name that the page is asked for by, beside localhost and addresses; repeat it for several.
    #[arg(long, value_name = "NAME")]
    pub(crate) http_name: Vec<String>,
}
