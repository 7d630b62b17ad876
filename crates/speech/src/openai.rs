//! Any server with OpenAI's `POST /v1/audio/speech`. What else it has of the protocol is used when it is there; what
//! it lacks is configured or learnt, so that a server that knows nothing of this program is as good a member of a
//! pool as ours.

mod api;
mod backend;
mod base_url;
mod discovery;
mod error_body;
mod formats;
mod options;
mod recordings;
mod refusal;

use std::{net::SocketAddr, sync::Arc};

use futures_util::future::try_join_all;

use crate::{BackendSettings, Description, SharedBackend, SpeechError, SpeechFuture, table::BackendKind};
use api::Access;
use backend::OpenAi;
use options::{Addresses, Config};
use recordings::Recordings;

/// The row of this kind in the table.
pub(crate) const KIND: BackendKind =
    BackendKind { name: "openai", about: "a server with POST /v1/audio/speech", expect, open };

fn expect(settings: &BackendSettings) -> Result<Description, SpeechError> {
    Ok(Config::read(settings)?.expect())
}

fn open(settings: BackendSettings) -> SpeechFuture<'static, Vec<SharedBackend>> {
    Box::pin(async move {
        let config = Config::read(&settings)?;
        let addresses = resolve(&config).await;
        open_at(&settings, &config, addresses).await
    })
}

/// The addresses that are backends of their own: none if the host is one machine, or is not to be found for now.
async fn resolve(config: &Config) -> Vec<SocketAddr> {
    let Some(service) = config.url.service().filter(|_| config.addresses == Addresses::Each) else {
        return Vec::new();
    };
    let found = tokio::net::lookup_host(service).await;
    one_for_each_machine(found.map(Iterator::collect).unwrap_or_default())
}

/// Of the addresses of a name, one for each machine: a machine has one of each family, so one family counts, the one
/// that more of them have. A single machine needs no address, its name will do.
fn one_for_each_machine(mut addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    addresses.sort_unstable();
    addresses.dedup();
    let (v4, v6): (Vec<_>, Vec<_>) = addresses.into_iter().partition(SocketAddr::is_ipv4);
    let machines = if v6.len() > v4.len() { v6 } else { v4 };
    if machines.len() > 1 { machines } else { Vec::new() }
}

/// Opens a server at its name, or at each of several addresses.
async fn open_at(
    settings: &BackendSettings,
    config: &Config,
    addresses: Vec<SocketAddr>,
) -> Result<Vec<SharedBackend>, SpeechError> {
    let access = Access::open(settings, config).await?;
    let recordings = Arc::new(Recordings::default());
    let mut machines: Vec<_> =
        addresses.into_iter().map(|at| (format!("{}@{}", config.name, at.ip()), Some(at))).collect();
    if machines.is_empty() {
        machines.push((config.name.clone(), None));
    }
    let opening = machines
        .into_iter()
        .map(|(name, pinned)| OpenAi::open(name, config, &access, pinned, Arc::clone(&recordings)));
    let opened = try_join_all(opening).await?;
    Ok(opened.into_iter().map(|server| Arc::new(server) as SharedBackend).collect())
}

#[cfg(test)]
mod tests;
