//! Ctrl-C in two stages: the first finishes what is in flight, the second stops at once. Neither loses a
//! finished take.

use rhapsode_engine::StopSignal;
use tokio::sync::watch;

use crate::commands::Context;

/// What the user asked for so far. `Now` is sent with the second signal.
pub(crate) fn watch(context: &Context) -> watch::Receiver<StopSignal> {
    let (tell, stop) = watch::channel(StopSignal::Running);
    let context = context.clone();
    tokio::spawn(async move {
        for next in [StopSignal::Drain, StopSignal::Now] {
            wait_for_signal().await;
            if next == StopSignal::Drain {
                context.tell("stopping after what is in flight; press Ctrl-C again to stop at once");
            }
            tell.send_replace(next);
        }
        // Keeps the channel open: a closed one would read as a signal.
        std::future::pending::<()>().await;
    });
    stop
}

/// Returns when the second signal has come.
pub(crate) async fn stopped_now(mut stop: watch::Receiver<StopSignal>) {
    if stop.wait_for(|signal| *signal == StopSignal::Now).await.is_err() {
        std::future::pending::<()>().await;
    }
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => {
            tokio::select! {
                _ = tokio::signal::ctrl_c() => {}
                _ = terminate.recv() => {}
            }
        }
        Err(_) => drop(tokio::signal::ctrl_c().await),
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    drop(tokio::signal::ctrl_c().await);
}
