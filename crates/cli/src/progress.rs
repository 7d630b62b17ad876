//! The progress bars: a consumer of the engine's events. Only what this run speaks counts towards its speed, so
//! that the ETA stays honest after a resume.

use std::{
    sync::{Mutex, MutexGuard, PoisonError},
    time::{Duration, Instant},
};

use indicatif::{HumanDuration, MultiProgress, ProgressBar, ProgressDrawTarget, ProgressStyle};
use rhapsode_engine::{Event, Listener};

/// Draws progress on stderr; draws nothing when that is not a terminal.
#[derive(Debug)]
pub(crate) struct Progress {
    bars: MultiProgress,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    book: Option<ProgressBar>,
    fetch: Option<ProgressBar>,
    title: String,
    chapters: usize,
    tracks: usize,
    speed: Speed,
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
        let speed = self.x_real_time(elapsed).map_or_else(String::new, |x| format!("{x:.0}x real time"));
        let left =
            self.left(elapsed).map_or_else(String::new, |left| format!(", {} left", HumanDuration(left)));
        speed + &left
    }
}

impl Progress {
    pub(crate) fn new() -> Self {
        Self {
            bars: MultiProgress::with_draw_target(ProgressDrawTarget::stderr_with_hz(10)),
            state: Mutex::default(),
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn style(template: &str) -> ProgressStyle {
    ProgressStyle::with_template(template)
        .expect("the templates of this file are well formed, as its test shows")
        .progress_chars("━━╌")
}

const BOOK: &str = "{prefix:.bold}\n  {bar:32.cyan} {pos}/{len} chunks  {msg}";
const FETCH: &str = "{prefix}  {bar:32} {bytes}/{total_bytes}";

impl Listener for Progress {
    fn tell(&self, event: Event) {
        let mut state = self.state();
        match event {
            Event::FetchingVoice { voice, source, bytes, total } => {
                let bar = state
                    .fetch
                    .get_or_insert_with(|| self.bars.add(ProgressBar::new(0).with_style(style(FETCH))));
                bar.set_prefix(format!("voice {voice} from {source}"));
                bar.set_length(total);
                bar.set_position(bytes);
            }
            Event::Scripted { title, chapters, chunks, .. } => {
                if let Some(fetch) = state.fetch.take() {
                    fetch.finish_and_clear();
                }
                let bar = self.bars.add(ProgressBar::new(chunks as u64).with_style(style(BOOK)));
                *state = State { title, chapters: chapters.len(), book: Some(bar), ..State::default() };
                state.show();
            }
            Event::LookedUp { present, missing_characters, .. } => {
                state.speed = Speed { began: Some(Instant::now()), missing_characters, ..Speed::default() };
                if let Some(bar) = &state.book {
                    bar.inc(present as u64);
                }
                state.show();
            }
            Event::Take { characters, seconds, .. } => {
                state.speed.add(characters, seconds);
                if let Some(bar) = &state.book {
                    bar.inc(1);
                }
                state.show();
            }
            Event::Track { .. } => {
                state.tracks += 1;
                state.show();
            }
            Event::Finished(_) => {
                if let Some(bar) = state.book.take() {
                    bar.finish_and_clear();
                }
            }
            _ => {}
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // A failed job leaves no half-drawn bar under its message.
        if let Some(bar) = self.state().book.take() {
            bar.finish_and_clear();
        }
    }
}

impl State {
    fn show(&self) {
        if let Some(bar) = &self.book {
            bar.set_prefix(format!(
                "{}  {}/{} chapters",
                self.title,
                self.tracks.min(self.chapters),
                self.chapters
            ));
            bar.set_message(self.speed.message());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bars_templates_are_well_formed() {
        style(BOOK);
        style(FETCH);
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
