//! `rhapsode watch`: the engine as the one who makes the books of a watched folder.

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use rhapsode_engine::{Beside, Ensembles, Output, Redo, Silent, StopSignal};
use rhapsode_watch::{
    Conversion, Converted, Converter, Halt, Originals, Repeats, Trouble, Until, WatchEvent, WatchListener,
    WatchSettings,
};
use tokio::sync::{Mutex, watch};

use super::{Context, convert};
use crate::{
    args::{JobArgs, WatchArgs},
    environment,
    failure::{Failure, Kind},
    interrupt, json_events,
};

pub(super) async fn run(args: &WatchArgs, context: &Context) -> Result<ExitCode, Failure> {
    let mut job =
        JobArgs { speech: args.speech.clone(), reading: args.reading.clone(), ..JobArgs::default() };
    job.release.format.clone_from(&args.format);
    // What is wrong for all books is told before any is looked for.
    convert::job_settings(&job, &args.gate, &Redo::default(), context, None)?;
    let maker = Maker {
        job,
        gate: args.gate.clone(),
        context: context.clone(),
        ensembles: Mutex::new(Ensembles::default()),
    };
    let halt = halt(interrupt::watch(context));
    let teller = Arc::new(Teller(context.clone()));
    let tally = rhapsode_watch::watch(settings(args)?, Arc::new(maker), teller, halt).await?;
    Ok(match (args.until_idle, tally.failed, tally.with_defects) {
        (true, 1.., _) => Kind::Partial.into(),
        (true, 0, 1..) => Kind::Defects.into(),
        _ => ExitCode::SUCCESS,
    })
}

fn settings(args: &WatchArgs) -> Result<WatchSettings, Failure> {
    let beside = |name: &str| args.inbox.parent().unwrap_or(Path::new("")).join(name);
    let seconds = |flag: &str, seconds: f64| {
        Duration::try_from_secs_f64(seconds).ok().filter(|it| *it <= Duration::from_secs(86_400)).ok_or_else(
            || {
                let message =
                    format!("failed to understand --{flag}: {seconds} is no number of seconds below 86400");
                Failure::new(Kind::Usage, message, None)
            },
        )
    };
    let folders = &args.folders;
    Ok(WatchSettings {
        inbox: args.inbox.clone(),
        library: folders.library.clone(),
        done: folders.done.clone().unwrap_or_else(|| beside("done")),
        failed: folders.failed.clone().unwrap_or_else(|| beside("failed")),
        state: match &folders.state {
            Some(state) => state.clone(),
            None => environment::watch_state(&args.inbox)?,
        },
        settle: seconds("settle", args.settle)?,
        poll: args.poll.map(|poll| seconds("poll", poll)).transpose()?,
        originals: if args.in_place { Originals::Stay } else { Originals::Move },
        repeats: if args.again { Repeats::DoAgain } else { Repeats::Skip },
        books: args.books.max(1),
        until: if args.until_idle { Until::Idle } else { Until::Stopped },
    })
}

/// The user's signals, as the watcher understands them.
fn halt(mut stop: watch::Receiver<StopSignal>) -> watch::Receiver<Halt> {
    let (tell, halt) = watch::channel(Halt::GoOn);
    tokio::spawn(async move {
        while stop.changed().await.is_ok() {
            tell.send_replace(match *stop.borrow() {
                StopSignal::Running => Halt::GoOn,
                StopSignal::Drain => Halt::Drain,
                StopSignal::Now => Halt::Now,
            });
        }
        // A closed channel would end every wait for it.
        std::future::pending::<()>().await;
    });
    halt
}

/// Makes books by the configuration and the sidecars of each.
struct Maker {
    job: JobArgs,
    gate: crate::args::GateArgs,
    context: Context,
    /// Shared by all books, so that they share the pools.
    ensembles: Mutex<Ensembles>,
}

impl Converter for Maker {
    fn convert(
        &self,
        conversion: Conversion,
    ) -> Pin<Box<dyn Future<Output = Result<Converted, Trouble>> + Send + '_>> {
        Box::pin(async move { self.make(conversion).await.map_err(trouble) })
    }
}

impl Maker {
    async fn make(&self, conversion: Conversion) -> Result<Converted, Failure> {
        let Conversion { manuscript, output, work, stop, .. } = conversion;
        let redo = Redo::default();
        let mut settings =
            convert::job_settings(&self.job, &self.gate, &redo, &self.context, Some(&manuscript))?;
        settings.work = Some(work);
        settings.beside = Beside::Audiobookshelf;
        let ensemble = self.ensembles.lock().await.find(&settings, Arc::new(Silent)).await?;
        let output = Output::At(output);
        let stop = signals(stop);
        let summary = convert::one(&manuscript, &output, &settings, &ensemble, stop, &Silent).await?;
        Ok(Converted { tags: summary.tags, defects: summary.defects.len() })
    }
}

/// The watcher's word, as the engine understands it.
fn signals(mut halt: watch::Receiver<Halt>) -> watch::Receiver<StopSignal> {
    let (tell, stop) = watch::channel(StopSignal::Running);
    tokio::spawn(async move {
        loop {
            let signal = match *halt.borrow_and_update() {
                Halt::GoOn => StopSignal::Running,
                // What is being spoken is finished; the next start goes on with the book.
                Halt::Drain => StopSignal::Drain,
                Halt::Now => StopSignal::Now,
            };
            tell.send_replace(signal);
            if halt.changed().await.is_err() {
                break;
            }
        }
        // The book is over; nobody listens any more.
        tell.closed().await;
    });
    stop
}

/// Whether a failure lies with the book or passes.
fn trouble(failure: Failure) -> Trouble {
    let text = failure.to_string();
    let text = text.strip_prefix("error: ").unwrap_or(&text).to_owned();
    match failure.kind {
        Kind::Defect
        | Kind::Usage
        | Kind::Manuscript
        | Kind::Configuration
        | Kind::Defects
        | Kind::Partial
        | Kind::Audit => Trouble::Book(text),
        Kind::Voice | Kind::Files | Kind::Locked | Kind::Gate => Trouble::Outage(text),
        Kind::Stopped => Trouble::Stopped,
    }
}

/// Tells what the watcher tells.
struct Teller(Context);

impl WatchListener for Teller {
    fn tell(&self, event: WatchEvent) {
        if self.0.is_json() {
            return json_events::watched(&event);
        }
        self.0.tell(&text(&event));
    }
}

fn text(event: &WatchEvent) -> String {
    let name = |path: &PathBuf| path.display().to_string();
    match event {
        WatchEvent::Watching { inbox, polling: false } => format!("watching {}", inbox.display()),
        WatchEvent::Watching { inbox, polling: true } => {
            format!("watching {}, which is looked through again and again", inbox.display())
        }
        WatchEvent::Queued { id, manuscript } => format!("{id}: {} is in the queue", name(manuscript)),
        WatchEvent::Duplicate { id, manuscript, of } => {
            format!("{id}: {} is the same as {of} and not made again", name(manuscript))
        }
        WatchEvent::Began { id, manuscript } => format!("{id}: {} begins", name(manuscript)),
        WatchEvent::Published { id, folder, defects: 0 } => format!("{id}: published {}", folder.display()),
        WatchEvent::Published { id, folder, defects } => {
            format!("{id}: published {} with {defects} defects", folder.display())
        }
        WatchEvent::Failed { id, manuscript, reason } => {
            format!("{id}: {} failed: {reason}", name(manuscript))
        }
        WatchEvent::Parked { reason } => format!("the queue waits: {reason}"),
        WatchEvent::GoesOn => "the queue goes on".to_owned(),
    }
}
