//! The life of a server: it binds, warms up while it answers, drains and ends.

use std::{fmt, future::Future, io, net::SocketAddr, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use rhapsode_speech::SharedBackend;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::sleep,
};

use crate::{
    Listener, ServerEvent, ServerOptions,
    routes::{Service, router},
};

/// Pause after a connection could not be accepted: the machine is out of files, and trying again at once would only
/// burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

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
        // Dropped with this future, and everything in it is stopped.
        let mut tasks = JoinSet::new();
        let warming = Arc::clone(&service);
        tasks.spawn(async move {
            warming.readiness.warm_up(Arc::clone(&warming.backend), Arc::clone(&warming.listener)).await;
        });
        let connections =
            Arc::new(Semaphore::new(service.options.connections.clamp(1, Semaphore::MAX_PERMITS)));
        let graceful = GracefulShutdown::new();
        let patience = service.options.patience;
        let router = router(service);
        let mut shutdown = pin!(shutdown);
        loop {
            let next = async {
                let room = Arc::clone(&connections).acquire_owned().await;
                (room, socket.accept().await)
            };
            let (room, accepted) = tokio::select! {
                () = &mut shutdown => break,
                next = next => next,
                Some(_) = tasks.join_next() => continue,
            };
            match accepted {
                Ok((stream, _)) => {
                    let connection = graceful.watch(connection(stream, router.clone(), patience));
                    tasks.spawn(async move {
                        // How a connection ends is the client's affair; its requests are told one by one.
                        let _ = connection.await;
                        drop(room);
                    });
                }
                Err(_) => sleep(ACCEPT_PAUSE).await,
            }
        }
        drop(socket);
        listener.hear(ServerEvent::Draining);
        graceful.shutdown().await;
    }
}

/// A connection: HTTP/1.1, with a limit to the time that a head may take.
fn connection(
    stream: TcpStream,
    router: Router,
    patience: Duration,
) -> http1::Connection<TokioIo<TcpStream>, TowerToHyperService<Router>> {
    // Answers are written whole: waiting for more to send only delays them. A socket without the option works too.
    let _ = stream.set_nodelay(true);
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(patience)
        .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router))
}
