//! The client that requests are sent by.

use std::time::Duration;

use reqwest::{Client, redirect::Policy};

use super::HookError;

const CONNECT: Duration = Duration::from_secs(10);

/// A client for one hook. It follows no redirection: news, signature and token are for the address that was configured.
///
/// # Errors
/// If the system gives no means to check certificates.
pub(super) fn client(time_out: Duration, is_encrypted: bool) -> Result<Client, HookError> {
    let mut client = Client::builder()
        .user_agent(concat!("rhapsode/", env!("CARGO_PKG_VERSION")))
        .redirect(Policy::none())
        .connect_timeout(CONNECT.min(time_out))
        .timeout(time_out);
    if !is_encrypted {
        // The system's certificates are read for each client, and a small container may have none.
        client = client.tls_certs_only([]);
    }
    client.build().map_err(|error| HookError(format!("no request can be made: {error}")))
}
