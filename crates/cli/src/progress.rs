//! The progress bars: a consumer of the engine's events. Only what this run speaks counts towards its speed, so
//! that the ETA stays honest after a resume.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rhapsode_engine::{Event, Listener};

/// Draws progress on a screen.
#[derive(Debug)]
pub(crate) struct Progress {
    screen: MultiProgress,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    fetch: Option<ProgressBar>,
    book: Option<BookBars>,
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

/// What this run has spoken, for its speed and the time that is left.
#[derive(Debug, Default)]
struct Speed {
    began: Option<Instant>,
    characters: u64,
    missing_characters: u64,
    seconds: f64,
}

impl Speed {
    fn add(&mut self, characters: usize, seconds: f64) {
        self.characters += characters as u64;
        self.seconds += seconds;
    }

    /// Seconds of speech for each second of work.
    fn x_real_time(&self, elapsed: Duration) -> Option<f64> {
        (self.seconds > 0.0 && !elapsed.is_zero()).then(|| self.seconds / elapsed.as_secs_f64())
    }

    /// Time until the last take, from the characters that are left.
    fn left(&self, elapsed: Duration) -> Option<Duration> {
        let rate = self.characters as f64 / elapsed.as_secs_f64();
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
        Self { screen, state: Mutex::default() }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
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
            Event::Take { characters, seconds, .. } => {
                state.speed.add(characters, seconds);
                state.advance(1);
            }
            Event::Track { .. } => {
                state.tracks += 1;
                state.advance(0);
            }
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

    fn clear(&mut self) {
        let book = self.book.take().into_iter().flat_map(|bars| [bars.chunks, bars.title]);
        self.fetch.take().into_iter().chain(book).for_each(|bar| bar.finish_and_clear());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_templates_are_well_formed() {
        for template in [TITLE, CHUNKS, FETCH] {
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
    fn before_the_first_take_no_time_is_promised() {
        assert_eq!(Speed { missing_characters: 10, ..Speed::default() }.left(Duration::from_secs(1)), None);
    }
}
