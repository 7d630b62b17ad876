//! The life of the page's server.

use std::{fmt, net::SocketAddr, sync::Arc};

use tokio::net::TcpListener;

use crate::{Live, StatusError, StatusOptions, feed::Feed, page::Page, routes::router};

/// A page that has its address and does not answer yet.
pub struct StatusPage {
    socket: TcpListener,
    address: SocketAddr,
    page: Arc<Page>,
}

impl fmt::Debug for StatusPage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StatusPage").field("address", &self.address).finish_non_exhaustive()
    }
}

impl StatusPage {
    /// Takes the address.
    ///
    /// # Errors
    /// If it cannot be listened at.
    pub async fn bind(options: StatusOptions, live: Arc<Live>) -> Result<Self, StatusError> {
        let refused = |source| StatusError::Bind { address: options.listen, source };
        let socket = TcpListener::bind(options.listen).await.map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        Ok(Self { socket, address, page: Arc::new(Page::new(options, live)) })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until the future is dropped.
    pub async fn run(self) {
        let limits = self.page.options.limits;
        let feeding = Feed::run(Arc::clone(&self.page));
        let answering = rhapsode_http::serve(self.socket, router(self.page), limits, std::future::pending());
        tokio::select! {
            () = feeding => {}
            () = answering => {}
        }
    }
}
