//! `rhapsode watch`: the engine as the one who makes the books of a watched folder.

mod hooks;
mod page;
mod progress;
mod teller;
mod telling;

use std::{
    future::Future,
    path::{Path, PathBuf},
    pin::Pin,
    process::ExitCode,
    sync::Arc,
    time::Duration,
};

use rhapsode_engine::{Beside, Ensembles, Output, Redo, Settings, StopSignal};
use rhapsode_status::{Live, Reports};
use rhapsode_watch::{
    Conversion, Converted, Converter, Halt, Originals, Repeats, Trouble, Until, WatchSettings,
};
use tokio::sync::{Mutex, watch};

pub(super) use hooks::configured_state;
use hooks::hooks;
use progress::Counter;
use teller::Teller;
use telling::Telling;

use super::{Context, convert};
use crate::{
    args::{JobArgs, WatchArgs},
    config::WatchSection,
    environment,
    failure::{Blame, Failure, Kind, Wished},
    interrupt,
    layers::Layers,
};

pub(super) async fn run(args: &WatchArgs, context: &Context) -> Result<ExitCode, Failure> {
    let mut job =
        JobArgs { speech: args.speech.clone(), reading: args.reading.clone(), ..JobArgs::default() };
    job.release.format.clone_from(&args.format);
    // What is wrong for all books is told before any is looked for.
    let mut layers = context.layers(None)?;
    args.overlay(&mut layers)?;
    let settings = settings(args, &layers)?;
    let for_all = convert::job_settings(&job, &args.gate, &Redo::default(), context, None)?;
    let live = Arc::new(Live::default());
    let maker = Maker {
        job,
        gate: args.gate.clone(),
        context: context.clone(),
        ensembles: Mutex::new(Ensembles::default()),
        telling: Telling::new(Arc::clone(&live), Reports::of(&settings.state), &for_all),
    };
    let _page =
        page::serve(&args.page, &layers, &settings, &for_all.store, Arc::clone(&live), context).await?;
    let halt = halt(interrupt::watch(context));
    let teller = Arc::new(Teller { context: context.clone(), live });
    let tally = rhapsode_watch::watch(settings, Arc::new(maker), teller, halt).await?;
    Ok(match (args.until_idle, tally.failed, tally.with_defects) {
        (true, 1.., _) => Kind::Partial.into(),
        (true, 0, 1..) => Kind::Defects.into(),
        _ => ExitCode::SUCCESS,
    })
}

fn settings(args: &WatchArgs, layers: &Layers) -> Result<WatchSettings, Failure> {
    let WatchSection { inbox, library, done, failed, state, settle, poll, books, in_place, again, .. } =
        &layers.config()?.watch;
    let folders = &args.folders;
    // A folder that is named by a flag need not have a name that a configuration can hold.
    let folder = |flag: &Option<PathBuf>, key: &Option<PathBuf>| flag.clone().or_else(|| key.clone());
    let inbox =
        folder(&args.inbox, inbox).ok_or_else(|| missing("which folder to watch", "INBOX", "inbox"))?;
    let library = folder(&folders.library, library)
        .ok_or_else(|| missing("where finished books go", "--library", "library"))?;
    let beside = |name: &str| inbox.parent().unwrap_or(Path::new("")).join(name);
    let refuse = |key: &'static str| move |message: String| layers.refuse(key, message);
    Ok(WatchSettings {
        // Hooks are told where a book is, and stand elsewhere.
        library: std::path::absolute(library)?,
        done: folder(&folders.done, done).unwrap_or_else(|| beside("done")),
        failed: folder(&folders.failed, failed).unwrap_or_else(|| beside("failed")),
        state: match folder(&folders.state, state) {
            Some(state) => state,
            None => environment::watch_state(&inbox)?,
        },
        inbox,
        settle: seconds(*settle, Duration::ZERO).map_err(refuse("watch.settle"))?,
        poll: poll.map(|poll| seconds(poll, Duration::ZERO)).transpose().map_err(refuse("watch.poll"))?,
        originals: if *in_place { Originals::Stay } else { Originals::Move },
        repeats: if *again { Repeats::DoAgain } else { Repeats::Skip },
        books: (*books).max(1),
        until: if args.until_idle { Until::Idle } else { Until::Stopped },
        hooks: hooks(&layers.config()?.watch, layers)?,
    })
}

fn missing(what: &str, argument: &str, key: &str) -> Failure {
    let hint = format!("name it with {argument}, or set `{key}` in [watch]; see docs/watch.md");
    Failure::new(Kind::Usage, format!("failed to tell {what}"), Some(&hint))
}

/// A time between `least` and a day.
fn seconds(seconds: f64, least: Duration) -> Result<Duration, String> {
    let time = Duration::try_from_secs_f64(seconds).ok();
    time.filter(|time| (least..=Duration::from_secs(86_400)).contains(time))
        .ok_or_else(|| format!("{seconds} is no number of seconds between {} and 86400", least.as_secs_f64()))
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
    telling: Telling,
}

impl Converter for Maker {
    fn convert(
        &self,
        conversion: Conversion,
    ) -> Pin<Box<dyn Future<Output = Result<Converted, Trouble>> + Send + '_>> {
        Box::pin(self.make(conversion))
    }
}

impl Maker {
    async fn make(&self, conversion: Conversion) -> Result<Converted, Trouble> {
        let redo = Redo::default();
        let settings = |manuscript: Option<&Path>| {
            convert::job_settings(&self.job, &self.gate, &redo, &self.context, manuscript)
        };
        let mut own = match settings(Some(&conversion.manuscript)) {
            Ok(own) => own,
            // What is wrong for every book lies with none of them.
            Err(failure) => {
                return Err(match settings(None) {
                    Ok(_) => Trouble::Book(text(&failure)),
                    Err(failure) => Trouble::Outage(text(&failure)),
                });
            }
        };
        own.work = Some(conversion.work.clone());
        own.beside = Beside::Audiobookshelf;
        // What lies there for all, or came later, is nobody's cover.
        own.cover = own.cover.filter(|cover| conversion.files.contains(cover));
        let made = self.speak(conversion, &own).await;
        made.map_err(|failure| {
            let is_of_the_book = match &failure.blame {
                Blame::Book => true,
                Blame::Surroundings => false,
                Blame::Wishes(wishes) => settings(None)
                    .is_ok_and(|common| wishes.iter().all(|wish| is_wish_of(&own, &common, *wish))),
            };
            match is_of_the_book {
                _ if failure.kind == Kind::Stopped => Trouble::Stopped,
                true => Trouble::Book(text(&failure)),
                false => Trouble::Outage(text(&failure)),
            }
        })
    }

    async fn speak(&self, conversion: Conversion, settings: &Settings) -> Result<Converted, Failure> {
        let Conversion { id, manuscript, output, progress, stop, .. } = conversion;
        let telling = self.telling.begin(id, Counter::new(progress));
        let ensemble = self.ensembles.lock().await.find(settings, telling.clone()).await?;
        let output = Output::At(output);
        let stop = signals(stop);
        let summary = convert::one(&manuscript, &output, settings, &ensemble, stop, &*telling).await?;
        self.telling.keep(id, &summary)?;
        Ok(Converted { tags: summary.tags, defects: summary.defects.len() })
    }
}

/// Whether a book alone asked for something, and the configuration for all books did not.
fn is_wish_of(book: &Settings, common: &Settings, wished: Wished) -> bool {
    match wished {
        Wished::Voice => book.voice != common.voice,
        Wished::Language => {
            let set = &common.metadata.language;
            set.is_none() || book.metadata.language != *set
        }
        Wished::Format(format) => !common.formats.contains(&format),
    }
}

/// What a failure says where nobody reads it in a terminal.
fn text(failure: &Failure) -> String {
    let text = failure.to_string();
    text.strip_prefix("error: ").unwrap_or(&text).to_owned()
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
