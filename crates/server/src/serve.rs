//! The life of a server: it binds, warms up while it answers, drains and ends.

use std::{fmt, future::Future, io, net::SocketAddr, sync::Arc};

use rhapsode_http::Limits;
use rhapsode_speech::SharedBackend;
use tokio::{net::TcpListener, task::JoinSet};

use crate::{
    Listener, ServerEvent, ServerOptions,
    routes::{Service, router},
};

/// Why a server could not run. The texts fit after "failed to ".
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ServerError {
    /// The address cannot be listened at.
    #[error("listen at {address}: {source}")]
    Bind {
        /// The address.
        address: SocketAddr,
        /// Why not.
        source: io::Error,
    },
}

/// A server that has its address and does not answer yet.
pub struct Server {
    socket: TcpListener,
    address: SocketAddr,
    service: Arc<Service>,
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Serves a backend until `shutdown` is done and what was in flight then is answered. Dropping the future stops at
/// once.
///
/// # Errors
/// If the address cannot be listened at.
pub async fn serve(
    backend: SharedBackend,
    options: ServerOptions,
    listener: Arc<dyn Listener>,
    shutdown: impl Future<Output = ()> + Send,
) -> Result<(), ServerError> {
    Server::bind(backend, options, listener).await?.run(shutdown).await;
    Ok(())
}

impl Server {
    /// Takes the address.
    ///
    /// # Errors
    /// If it cannot be listened at.
    pub async fn bind(
        backend: SharedBackend,
        options: ServerOptions,
        listener: Arc<dyn Listener>,
    ) -> Result<Self, ServerError> {
        let refused = |source| ServerError::Bind { address: options.listen, source };
        let socket = TcpListener::bind(options.listen).await.map_err(refused)?;
        let address = socket.local_addr().map_err(refused)?;
        let service = Arc::new(Service::new(backend, options, listener));
        Ok(Self { socket, address, service })
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Answers until `shutdown` is done and what was in flight then is answered. Dropping the future stops at once.
    pub async fn run(self, shutdown: impl Future<Output = ()> + Send) {
        let Self { socket, address, service } = self;
        let listener = Arc::clone(&service.listener);
        listener.hear(ServerEvent::Listening { address });
        // Dropped with this future, and the warm-up is stopped.
        let mut tasks = JoinSet::new();
        let warming = Arc::clone(&service);
        tasks.spawn(async move {
            warming.readiness.warm_up(Arc::clone(&warming.backend), Arc::clone(&warming.listener)).await;
        });
        let ServerOptions { connections, patience, .. } = service.options;
        let limits = Limits { connections, head: patience, taking: patience };
        let draining = async {
            shutdown.await;
            listener.hear(ServerEvent::Draining);
        };
        rhapsode_http::serve(socket, router(service), limits, draining).await;
    }
}
