//! `rhapsode serve --check`: whether the server that listens at an address is ready, for those who watch over it and have
//! no other program to ask with.

use std::{
    error::Error,
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    process::ExitCode,
    time::Duration,
};

use serde_json::Value;

use crate::failure::{Failure, Kind};

/// `/ready` is answered at once, or something is wrong.
const ANSWER: Duration = Duration::from_secs(5);

pub(super) async fn run(listen: SocketAddr) -> Result<ExitCode, Failure> {
    let url = format!("http://{}/ready", address(listen));
    match ask(&url).await {
        Ok(()) => Ok(ExitCode::SUCCESS),
        Err(reason) => {
            let message = format!("failed to find a server that is ready at {url}: {reason}");
            Err(Failure::new(Kind::Voice, message, None))
        }
    }
}

/// Where a server that listens at `listen` is found from its own machine.
fn address(listen: SocketAddr) -> SocketAddr {
    let ip = match listen.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, listen.port())
}

async fn ask(url: &str) -> Result<(), String> {
    // A proxy is for other machines.
    let client = reqwest::Client::builder().no_proxy().timeout(ANSWER).build().map_err(cause)?;
    let answer = client.get(url).send().await.map_err(cause)?;
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let body = answer.bytes().await.map_err(cause)?;
    let body: Value = serde_json::from_slice(&body).unwrap_or_default();
    let said = body["error"]["message"].as_str().unwrap_or("it does not say why");
    Err(format!("{status}: {said}"))
}

/// What is behind an error, such as "Connection refused".
fn cause(error: reqwest::Error) -> String {
    let error: &dyn Error = &error;
    let causes = std::iter::successors(Some(error), |&error| error.source());
    causes.last().unwrap_or(error).to_string()
}
