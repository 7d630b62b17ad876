//! `--http`: the status page beside the watcher.

use std::{path::Path, sync::Arc};

use rhapsode_status::{Live, StatusOptions, StatusPage, Token};
use rhapsode_watch::WatchSettings;
use tokio::task::JoinSet;

use crate::{
    address,
    args::page::PageArgs,
    commands::{Context, serve::token_in},
    config::WatchSection,
    environment,
    failure::{Failure, Kind},
    layers::Layers,
};

/// The page of a watcher. It is served until this is dropped.
pub(super) struct Served(#[expect(dead_code, reason = "dropping it ends what it holds")] JoinSet<()>);

/// Serves the page, if one is asked for.
pub(super) async fn serve(
    args: &PageArgs,
    layers: &Layers,
    watch: &WatchSettings,
    takes: &Path,
    live: Arc<Live>,
    context: &Context,
) -> Result<Served, Failure> {
    let mut tasks = JoinSet::new();
    let section = layers.config()?.watch;
    let Some(http) = &section.http else {
        // What belongs to a page and has none is a slip that would go unseen.
        if args.http_token_file.is_some() || args.http_token_env.is_some() || !args.http_name.is_empty() {
            return Err(super::missing("where the status page is served", "--http", "http"));
        }
        return Ok(Served(tasks));
    };
    let options = StatusOptions {
        listen: address::parse("http", http)?,
        names: section.http_names.clone(),
        token: token(args, &section)?,
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
fn token(args: &PageArgs, section: &WatchSection) -> Result<Option<Token>, Failure> {
    let (file, variable) = match (&args.http_token_file, &args.http_token_env) {
        (None, None) => (&section.http_token_file, &section.http_token_env),
        told => told,
    };
    let text = match (file, variable) {
        (Some(_), Some(_)) => {
            let both =
                "failed to choose the page's token: [watch] has both http-token-file and http-token-env";
            return Err(Failure::new(Kind::Configuration, both.to_owned(), Some("keep one of them")));
        }
        (Some(path), None) => token_in(path)?,
        (None, Some(variable)) => match environment::secret(variable) {
            Ok(text) => text,
            Err(_) => return Ok(None),
        },
        (None, None) => return Ok(None),
    };
    let token = text.parse();
    token.map(Some).map_err(|error| Failure::new(Kind::Configuration, format!("failed to {error}"), None))
}
