//! Why there is no page. The texts fit after "failed to ".

use std::{io, net::SocketAddr};

/// Why the page could not be served.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StatusError {
    /// The address cannot be listened at.
    #[error("serve the status page at {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}
