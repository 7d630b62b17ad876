//! Connections: as many as there is room for, each given up when its client takes too long.

use std::{future::Future, pin::pin, sync::Arc, time::Duration};

use axum::Router;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    task::JoinSet,
    time::sleep,
};
use tokio_io_timeout::TimeoutStream;

/// Pause after a connection could not be accepted: the machine is out of files, and trying again at once would only
/// burn a core.
const ACCEPT_PAUSE: Duration = Duration::from_millis(200);

/// What clients may take of a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Connections that are open at the same time; further ones wait to be accepted.
    pub connections: usize,
    /// Time that a client has to send the head of a request.
    pub head: Duration,
    /// Time within which a client takes some of what it is sent.
    pub taking: Duration,
}

/// Answers at a socket until `shutdown` is done and what was in flight then is answered. Dropping the future stops at
/// once.
pub async fn serve(socket: TcpListener, router: Router, limits: Limits, shutdown: impl Future<Output = ()>) {
    // Dropped with this future, and every connection is closed.
    let mut tasks = JoinSet::new();
    let connections = Arc::new(Semaphore::new(limits.connections.clamp(1, Semaphore::MAX_PERMITS)));
    let graceful = GracefulShutdown::new();
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
                let connection = graceful.watch(connection(stream, router.clone(), limits));
                tasks.spawn(async move {
                    // How a connection ends is the client's affair.
                    let _ = connection.await;
                    drop(room);
                });
            }
            Err(_) => sleep(ACCEPT_PAUSE).await,
        }
    }
    drop(socket);
    graceful.shutdown().await;
}

type Connection =
    http1::Connection<TokioIo<std::pin::Pin<Box<TimeoutStream<TcpStream>>>>, TowerToHyperService<Router>>;

/// A connection: HTTP/1.1, with a limit to the time that a head may take, and that an answer may lie untaken.
fn connection(stream: TcpStream, router: Router, limits: Limits) -> Connection {
    // Answers are written whole: waiting for more to send only delays them. A socket without the option works too.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(limits.taking));
    http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(limits.head)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router))
}

#[cfg(test)]
mod tests {
    use axum::routing::get;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// More than the buffers of two sockets hold.
    const LONG: usize = 64 << 20;

    async fn client(limits: Limits) -> TcpStream {
        let socket = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = socket.local_addr().unwrap();
        let router = Router::new().route("/", get(|| async { vec![0_u8; LONG] }));
        tokio::spawn(serve(socket, router, limits, std::future::pending()));
        TcpStream::connect(address).await.unwrap()
    }

    #[tokio::test]
    async fn a_client_that_takes_nothing_of_its_answer_is_given_up() {
        let limits =
            Limits { connections: 1, head: Duration::from_secs(60), taking: Duration::from_millis(50) };
        let mut client = client(limits).await;
        client.write_all(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
        let address = client.peer_addr().unwrap();
        // There is room for one: another is answered once the first is given up.
        let mut second = TcpStream::connect(address).await.unwrap();
        second.write_all(b"GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").await.unwrap();
        let mut whole = Vec::new();
        second.read_to_end(&mut whole).await.unwrap();
        assert!(whole.len() > LONG, "{}", whole.len());
        let mut taken = Vec::new();
        // It may end with a reset.
        let _ = client.read_to_end(&mut taken).await;
        assert!(taken.len() < LONG, "{}", taken.len());
    }

    #[tokio::test]
    async fn a_client_that_sends_no_head_is_given_up() {
        let limits =
            Limits { connections: 1, head: Duration::from_millis(50), taking: Duration::from_secs(60) };
        let mut client = client(limits).await;
        client.write_all(b"GET / HT").await.unwrap();
        let mut answer = Vec::new();
        client.read_to_end(&mut answer).await.unwrap();
        assert!(!answer.starts_with(b"HTTP/1.1 200"), "{}", String::from_utf8_lossy(&answer));
    }
}
