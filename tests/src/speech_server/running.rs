//! A server that runs: its listener, its connections, and how both go away and come back.

use std::{
    net::SocketAddr,
    sync::{Arc, Mutex, atomic::AtomicUsize},
    thread::JoinHandle,
    time::Duration,
};

use hyper::{server::conn::http1, service::service_fn};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::{
    net::TcpListener,
    sync::{Semaphore, mpsc, watch},
    task::JoinSet,
};

use super::{Condition, Counts, Settings, answer, counts::Counter};

/// A speech server on a port of loopback. It stops when it is dropped.
#[derive(Debug)]
pub struct SpeechServer {
    address: SocketAddr,
    counter: Counter,
    condition: Arc<Mutex<Condition>>,
    orders: mpsc::UnboundedSender<Order>,
    thread: Option<JoinHandle<()>>,
}

/// What a server is told from within or without.
#[derive(Debug)]
pub(crate) enum Order {
    /// Take no connections for a while; end those that are there after their request.
    Close(Duration),
    /// Break off everything, and come back after a while.
    Die(Duration),
    /// Break off everything for good.
    Stop,
}

/// What the requests of a server share.
#[derive(Debug)]
pub(crate) struct Shared {
    pub(crate) settings: Settings,
    pub(crate) condition: Arc<Mutex<Condition>>,
    pub(crate) counter: Counter,
    pub(crate) slots: Semaphore,
    /// The longest text that is still taken.
    pub(crate) max_chars: AtomicUsize,
    /// Counts answers, so that one can be held back until others are given.
    pub(crate) answered: watch::Sender<u64>,
    pub(crate) orders: mpsc::UnboundedSender<Order>,
    /// How the last text was refused for its length.
    pub(crate) refused: Mutex<u16>,
}

impl Shared {
    /// How the server fares now.
    pub(crate) fn condition(&self) -> Condition {
        self.condition.lock().expect("no thread panics while it changes how a server fares").clone()
    }
}

impl SpeechServer {
    /// Starts a server.
    ///
    /// # Panics
    /// If the port cannot be had.
    #[must_use]
    pub fn start(settings: Settings) -> Self {
        let listener = std::net::TcpListener::bind(("127.0.0.1", settings.port));
        let listener = listener.unwrap_or_else(|e| panic!("port {} cannot be had: {e}", settings.port));
        listener.set_nonblocking(true).expect("a new listener can be set up");
        let address = listener.local_addr().expect("a bound listener has an address");
        let (orders, inbox) = mpsc::unbounded_channel();
        let counter = Counter::default();
        let condition = Arc::new(Mutex::new(settings.condition.clone()));
        let shared = Arc::new(Shared {
            slots: Semaphore::new(settings.slots),
            max_chars: AtomicUsize::new(settings.max_chars),
            counter: counter.clone(),
            condition: Arc::clone(&condition),
            answered: watch::Sender::new(0),
            orders: orders.clone(),
            refused: Mutex::new(0),
            settings,
        });
        let thread = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build();
            runtime.expect("a runtime can be made").block_on(run(listener, address, shared, inbox));
        });
        Self { address, counter, condition, orders, thread: Some(thread) }
    }

    /// Its address, as `--backend` takes it.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What it was asked up to now.
    #[must_use]
    pub fn counts(&self) -> Counts {
        self.counter.lock().clone()
    }

    /// Changes how it fares.
    ///
    /// # Panics
    /// If a thread panicked while it did the same.
    pub fn fare(&self, condition: Condition) {
        *self.condition.lock().expect("no thread panics while it changes how a server fares") = condition;
    }

    /// Breaks off everything that is in flight, as a crash does, and comes back after a while.
    pub fn die(&self, away: Duration) {
        // A server that has ended is dead already.
        let _ = self.orders.send(Order::Die(away));
    }

    /// Waits until it ends by itself, which is never: for programs that only serve.
    pub fn wait(mut self) {
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

impl Drop for SpeechServer {
    fn drop(&mut self) {
        let _ = self.orders.send(Order::Stop);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

async fn run(
    listener: std::net::TcpListener,
    address: SocketAddr,
    shared: Arc<Shared>,
    mut inbox: mpsc::UnboundedReceiver<Order>,
) {
    let mut listener = TcpListener::from_std(listener).expect("the listener does not block");
    let mut connections = JoinSet::new();
    let mut closing = watch::Sender::new(());
    loop {
        let order = tokio::select! {
            accepted = listener.accept() => {
                if let Ok((stream, _)) = accepted {
                    connections.spawn(connection(stream, Arc::clone(&shared), closing.subscribe()));
                }
                continue;
            }
            Some(_) = connections.join_next() => continue,
            order = inbox.recv() => order,
        };
        drop(listener);
        let away = match order {
            Some(Order::Close(away)) => {
                // The connections end with the sender.
                closing = watch::Sender::new(());
                away
            }
            Some(Order::Die(away)) => {
                connections.shutdown().await;
                away
            }
            Some(Order::Stop) | None => return,
        };
        if absent(away, &mut inbox).await == Absence::Final {
            return;
        }
        listener = bind(address).await;
    }
}

/// Whether a server comes back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Absence {
    Over,
    Final,
}

/// Waits while a server is away. What it is told to suffer meanwhile, it suffers already.
async fn absent(away: Duration, inbox: &mut mpsc::UnboundedReceiver<Order>) -> Absence {
    let stopped = async {
        loop {
            if let Some(Order::Stop) | None = inbox.recv().await {
                break;
            }
        }
    };
    if tokio::time::timeout(away, stopped).await.is_ok() { Absence::Final } else { Absence::Over }
}

/// Binds the port again; connections that linger may hold it for a moment.
async fn bind(address: SocketAddr) -> TcpListener {
    loop {
        match TcpListener::bind(address).await {
            Ok(listener) => return listener,
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
    }
}

async fn connection(stream: tokio::net::TcpStream, shared: Arc<Shared>, mut closing: watch::Receiver<()>) {
    // Small answers go out at once; a socket that refuses is slower, not wrong.
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| answer::answer(Arc::clone(&shared), request));
    let connection =
        http1::Builder::new().timer(TokioTimer::new()).serve_connection(TokioIo::new(stream), service);
    tokio::pin!(connection);
    tokio::select! {
        // A client that broke off is counted where its request is dropped.
        _ = connection.as_mut() => return,
        _ = closing.changed() => connection.as_mut().graceful_shutdown(),
    }
    let _ = connection.await;
}
