//! The progress bars: a consumer of the engine's events. Only what this run speaks counts towards its speed, so
//! that the ETA stays honest after a resume.

use std::{
    collections::HashSet,
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rhapsode_engine::{
    BackendStatus, Breaker, Event, Listener, SECONDS_PER_CHARACTER,
    gate::{GateReport, Verdict},
};

use crate::findings;

/// Draws progress on a screen.
#[derive(Debug)]
pub(crate) struct Progress {
    screen: MultiProgress,
    state: Mutex<State>,
    /// Warnings of the gate that were told: the next book need not hear them again.
    warned: Mutex<HashSet<String>>,
}

#[derive(Debug, Default)]
struct State {
    fetch: Option<ProgressBar>,
    book: Option<BookBars>,
    /// A line for each backend, in the order in which they were first heard of.
    backends: Vec<BackendLine>,
    chapters: usize,
    tracks: usize,
    speed: Speed,
}

/// The lines of a book. Each has one part that gives way, so that no line is ever wider than the terminal.
#[derive(Debug)]
struct BookBars {
    title: ProgressBar,
    chunks: ProgressBar,
}

/// What is told of a backend.
#[derive(Debug)]
struct BackendLine {
    status: BackendStatus,
    bar: Option<ProgressBar>,
}

/// `studio       3/4 slots    12x real time   2 errors`
fn backend_line(status: &BackendStatus) -> String {
    let BackendStatus { backend, busy, slots, most_slots, errors, times_real_time, breaker, .. } = status;
    let slots = match slots == most_slots {
        true => format!("{busy}/{slots} slots"),
        false => format!("{busy}/{slots} slots of {most_slots}"),
    };
    let speed = times_real_time.map_or_else(String::new, |times| format!("{times:.1}x real time"));
    let errors = match errors {
        0 => String::new(),
        1 => "1 error".to_owned(),
        errors => format!("{errors} errors"),
    };
    let state = match breaker {
        Breaker::Closed => "",
        Breaker::Open => "rests",
        Breaker::HalfOpen => "is tried",
        Breaker::Lost => "does not work",
    };
    let line = format!("  {backend:<24} {slots:<16} {speed:<18} {errors:<12} {state}");
    line.trim_end().to_owned()
}

/// What this run has spoken, for its speed and the time that is left.
#[derive(Debug, Default)]
struct Speed {
    began: Option<Instant>,
    characters: u64,
    missing_characters: u64,
    seconds: f64,
    /// Characters a second that the proofs of speech promise, each backend with one request at a time: the least that is
    /// to be expected.
    promised: Option<f64>,
}

impl Speed {
    fn add(&mut self, characters: usize, seconds: f64) {
        self.characters += characters as u64;
        self.seconds += seconds;
    }

    /// The work begins, on backends that have proved how fast they speak.
    fn begin(&mut self, report: &GateReport) {
        self.began = Some(Instant::now());
        let together: f64 = report.proofs().map(|proof| proof.times_real_time).sum();
        self.promised = (together > 0.0).then(|| together / SECONDS_PER_CHARACTER);
    }

    /// Seconds of speech for each second of work.
    fn x_real_time(&self, elapsed: Duration) -> Option<f64> {
        (self.seconds > 0.0 && !elapsed.is_zero()).then(|| self.seconds / elapsed.as_secs_f64())
    }

    /// Time until the last take, from the characters that are left; before the first take from what was proved.
    fn left(&self, elapsed: Duration) -> Option<Duration> {
        let rate = match (self.characters, self.promised) {
            (0, Some(promised)) => promised,
            _ => self.characters as f64 / elapsed.as_secs_f64(),
        };
        let left = self.missing_characters.saturating_sub(self.characters) as f64;
        (rate > 0.0 && rate.is_finite()).then(|| Duration::from_secs_f64(left / rate))
    }

    fn message(&self) -> String {
        let elapsed = self.began.map(|began| began.elapsed()).unwrap_or_default();
        let mut message =
            self.x_real_time(elapsed).map_or_else(String::new, |x| format!(", {x:.0}x real time"));
        if self.characters >= self.missing_characters {
            message.push_str(", finishing");
        } else if let Some(left) = self.left(elapsed) {
            message.push_str(&format!(", {} left", HumanDuration(left)));
        }
        message
    }
}

/// The terminal at stderr; nothing is drawn when that is none.
pub(crate) fn screen() -> MultiProgress {
    MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10))
}

impl Progress {
    pub(crate) fn new(screen: MultiProgress) -> Self {
        Self { screen, state: Mutex::default(), warned: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Says something above the bars.
    fn say(&self, text: &str) {
        if self.screen.is_hidden() || self.screen.println(text).is_err() {
            crate::commands::say(text);
        }
    }

    /// What the gate found; a refusal is told as an error.
    fn tell_of_gate(&self, report: &GateReport) {
        if report.outcomes.iter().any(|outcome| outcome.backend.is_some()) {
            self.say(&findings::sum(report));
        }
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        let news =
            report.with(Verdict::Warn).filter(|o| warned.insert(findings::line(o))).collect::<Vec<_>>();
        news.iter()
            .for_each(|warning| self.say(&format!("warning: {}", findings::line(warning).trim_start())));
    }

    fn bar(&self, template: &str) -> ProgressBar {
        self.screen.add(ProgressBar::new(0).with_style(style(template)))
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the templates of this file are well formed, as its test shows")
        .progress_chars("━━╌")
}

const TITLE: &str = "{wide_msg:.bold}";
const CHUNKS: &str = "  {wide_bar:.cyan} {pos}/{len} chunks\n  {wide_msg}";
const BACKEND: &str = "{wide_msg}";
const FETCH: &str = "{wide_msg}\n  {wide_bar:.cyan} {bytes}/{total_bytes}";

impl Listener for Progress {
    fn tell(&self, event: Event) {
        let mut state = self.state();
        match event {
            Event::FetchingVoice { voice, source, bytes, total } => {
                let bar = state.fetch.get_or_insert_with(|| self.bar(FETCH));
                bar.set_message(format!("fetching the voice {voice} from {source}"));
                bar.set_length(total);
                bar.set_position(bytes);
            }
            // A book that failed before this one leaves no bars.
            Event::Started { .. } => state.clear(),
            Event::Scripted { title, chapters, chunks, .. } => {
                let bars = BookBars { title: self.bar(TITLE), chunks: self.bar(CHUNKS) };
                bars.title.set_message(title);
                bars.chunks.set_length(chunks as u64);
                *state = State { chapters: chapters.len(), book: Some(bars), ..State::default() };
            }
            Event::LookedUp { present, missing_characters, .. } => {
                state.speed = Speed { began: Some(Instant::now()), missing_characters, ..Speed::default() };
                state.advance(present as u64);
            }
            Event::Gate(report) => {
                state.speed.begin(&report);
                state.advance(0);
                self.tell_of_gate(&report);
            }
            Event::Take { characters, seconds, .. } => {
                state.speed.add(characters, seconds);
                state.advance(1);
            }
            Event::Track { .. } => {
                state.tracks += 1;
                state.advance(0);
            }
            Event::Backend(status) => state.tell_of_backend(status, || self.bar(BACKEND)),
            Event::BackendSilent { backend, reason } => {
                self.say(&format!("{backend} does not answer: {reason}"));
            }
            Event::BackendLost { backend, reason } => {
                self.say(&format!("{backend} gets no more work: {reason}"));
            }
            Event::LimitLearnt { backend, max_chars } => {
                self.say(&format!("{backend} takes {max_chars} characters at a time from now on"));
            }
            Event::Waiting { reasons } => {
                self.say(&format!("waiting: no backend works at the moment ({reasons})"));
            }
            Event::GoesOn => self.say("a backend works again, the job goes on"),
            Event::Finished(_) => state.clear(),
            _ => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // A failed job leaves no half-drawn bar under its message.
        self.state().clear();
    }
}

impl State {
    fn advance(&self, chunks: u64) {
        if let Some(bars) = &self.book {
            let tracks = self.tracks.min(self.chapters);
            bars.chunks.inc(chunks);
            bars.chunks.set_message(format!("{tracks}/{} chapters{}", self.chapters, self.speed.message()));
        }
    }

    /// Draws a line for each backend. The built-in voice alone needs none: its figures are the book's.
    fn tell_of_backend(&mut self, status: BackendStatus, bar: impl Fn() -> ProgressBar) {
        if self.book.is_none() {
            return;
        }
        match self.backends.iter_mut().find(|line| line.status.backend == status.backend) {
            Some(line) => line.status = status,
            None => self.backends.push(BackendLine { status, bar: None }),
        }
        let alone = self.backends.len() == 1;
        for line in &mut self.backends {
            if !(alone && line.status.backend == "builtin") {
                line.bar.get_or_insert_with(&bar).set_message(backend_line(&line.status));
            }
        }
    }

    fn clear(&mut self) {
        let lines = self.backends.drain(..).filter_map(|line| line.bar);
        lines.for_each(|bar| bar.finish_and_clear());
        let book = self.book.take().into_iter().flat_map(|bars| [bars.chunks, bars.title]);
        self.fetch.take().into_iter().chain(book).for_each(|bar| bar.finish_and_clear());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_templates_are_well_formed() {
        for template in [TITLE, CHUNKS, BACKEND, FETCH] {
            style(template);
        }
    }

    #[test]
    fn after_a_resume_the_time_left_counts_only_what_this_run_speaks() {
        let mut speed = Speed { missing_characters: 1_000, ..Speed::default() };
        speed.add(250, 15.0);
        let elapsed = Duration::from_secs(5);
        assert_eq!(speed.left(elapsed), Some(Duration::from_secs(15)));
        assert_eq!(speed.x_real_time(elapsed), Some(3.0));
    }

    #[test]
    fn a_backends_line_has_its_slots_its_speed_its_errors_and_what_is_wrong() {
        let status = BackendStatus {
            backend: "studio".into(),
            busy: 2,
            slots: 3,
            most_slots: 4,
            takes: 9,
            errors: 2,
            times_real_time: Some(12.34),
            busy_seconds: 3.0,
            breaker: Breaker::Open,
        };
        let line = backend_line(&status);
        for word in ["studio", "2/3 slots of 4", "12.3x real time", "2 errors", "rests"] {
            assert!(line.contains(word), "{word:?} is missing in {line:?}");
        }
        let well = BackendStatus { slots: 4, errors: 0, breaker: Breaker::Closed, ..status };
        assert!(backend_line(&well).ends_with("12.3x real time"), "{:?}", backend_line(&well));
    }

    #[test]
    fn before_the_first_take_no_time_is_promised_but_by_proofs() {
        let unknown = Speed { missing_characters: 10, ..Speed::default() };
        assert_eq!(unknown.left(Duration::from_secs(1)), None);
        let mut proved = Speed { promised: Some(2.0), ..unknown };
        assert_eq!(proved.left(Duration::from_secs(1)), Some(Duration::from_secs(5)));
        proved.add(5, 1.0);
        assert_eq!(proved.left(Duration::from_secs(1)), Some(Duration::from_secs(1)), "a take says more");
    }
}
