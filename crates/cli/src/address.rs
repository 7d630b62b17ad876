//! Addresses to listen at, as people write them: a port of this machine, or an address with a port.

use std::net::{Ipv4Addr, SocketAddr};

use crate::failure::{Failure, Kind};

/// The address that a flag names.
pub(crate) fn parse(flag: &str, text: &str) -> Result<SocketAddr, Failure> {
    let port = text.parse().map(|port: u16| SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
    port.or_else(|_| text.parse()).map_err(|_| {
        let message = format!("failed to understand --{flag}: {text:?} is neither a port nor an address");
        Failure::new(Kind::Usage, message, Some("such as 9100, or 127.0.0.1:9100"))
    })
}
