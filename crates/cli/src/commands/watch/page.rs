//! `--http`: the status page beside the watcher.

use std::{path::Path, sync::Arc};

use rhapsode_status::{Live, StatusOptions, StatusPage, Token};
use rhapsode_watch::WatchSettings;
use tokio::task::JoinSet;

use crate::{
    address,
    args::page::PageArgs,
    commands::{Context, serve::token_in},
    environment,
    failure::{Failure, Kind},
};

/// The page of a watcher. It is served until this is dropped.
pub(super) struct Served(#[expect(dead_code, reason = "dropping it ends what it holds")] JoinSet<()>);

/// Serves the page, if one is asked for.
pub(super) async fn serve(
    args: &PageArgs,
    watch: &WatchSettings,
    takes: &Path,
    live: Arc<Live>,
    context: &Context,
) -> Result<Served, Failure> {
    let mut tasks = JoinSet::new();
    let Some(http) = &args.http else { return Ok(Served(tasks)) };
    let options = StatusOptions {
        listen: address::parse("http", http)?,
        names: args.http_name.clone(),
        token: token(args)?,
        inbox: watch.inbox.clone(),
        state: watch.state.clone(),
        library: watch.library.clone(),
        takes: takes.to_owned(),
        followers: StatusOptions::FOLLOWERS,
        limits: StatusOptions::LIMITS,
    };
    let asked = options.listen;
    let rights = if options.token.is_some() { "changes want the token" } else { "it only shows" };
    let page = StatusPage::bind(options, live).await?;
    let told = format!("the status page is at http://{}/; {rights}", page.address());
    // A port that the system chose is known from here alone.
    if asked.port() == 0 {
        context.say(&told)
    } else {
        context.tell(&told)
    }
    if !asked.ip().is_loopback() {
        context.say("warning: everybody who reaches this address can see the queue and hear the books");
    }
    tasks.spawn(page.run());
    Ok(Served(tasks))
}

/// What changes must show. An empty variable is no token, so that compose can hand one over that is not set: the page then
/// only shows, which is the safe end.
fn token(args: &PageArgs) -> Result<Option<Token>, Failure> {
    let text = match (&args.http_token_file, &args.http_token_env) {
        (Some(path), _) => token_in(path)?,
        (None, Some(variable)) => match environment::secret(variable) {
            Ok(text) => text,
            Err(_) => return Ok(None),
        },
        (None, None) => return Ok(None),
    };
    let token = text.parse();
    token.map(Some).map_err(|error| Failure::new(Kind::Configuration, format!("failed to {error}"), None))
}
