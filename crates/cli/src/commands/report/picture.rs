//! A chapter at a glance: its waveform, and its short-term loudness over it, as SVG of a size that does not depend on
//! the chapter's length.

use std::fmt::Write;

use maud::{Markup, html};
use rhapsode_engine::audio::course::Step;

/// The size of a picture in its own units.
const WIDTH: f64 = 600.0;
const HEIGHT: f64 = 96.0;

/// The loudness that the lower and the upper edge stand for, LUFS.
const LOUDNESS: (f64, f64) = (-50.0, -8.0);

/// Loudness at which a line helps the eye, LUFS.
const LINES: [f64; 2] = [-40.0, -20.0];

pub(super) fn picture(title: &str, course: &[Step]) -> Markup {
    let loud = course.iter().filter_map(|step| step.short_term_lufs);
    let (low, high) =
        loud.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), l| (low.min(l), high.max(l)));
    let told = if low <= high { format!("from {low:.0} to {high:.0} LUFS") } else { "silent".to_owned() };
    html! {
        svg viewBox={ "0 0 " (WIDTH) " " (HEIGHT) } role="img"
            aria-label={ "Waveform and loudness of " (title) ", " (told) } {
            @for lufs in LINES {
                line.grid x1="0" x2=(WIDTH) y1=(place(lufs)) y2=(place(lufs)) {}
                text.scale x="2" y=(format!("{:.1}", place(lufs) - 2.0)) { (lufs) " LUFS" }
            }
            path.wave d=(wave(course)) {}
            path.loudness d=(loudness(course)) {}
        }
    }
}

fn at(step: usize, course: &[Step]) -> f64 {
    (step as f64 + 0.5) * WIDTH / course.len() as f64
}

/// Where a loudness lies.
fn place(lufs: f64) -> f64 {
    let (low, high) = LOUDNESS;
    HEIGHT * (1.0 - ((lufs - low) / (high - low)).clamp(0.0, 1.0))
}

/// The outline of the waveform: the highest samples to the right, the lowest back.
fn wave(course: &[Step]) -> String {
    let middle = HEIGHT / 2.0;
    let point = |step: usize, sample: f32| {
        let y = middle * (1.0 - f64::from(sample).clamp(-1.0, 1.0));
        format!("{:.1} {y:.1}", at(step, course))
    };
    let there = course.iter().enumerate().map(|(n, step)| point(n, step.high));
    let back = course.iter().enumerate().rev().map(|(n, step)| point(n, step.low));
    let points: Vec<String> = there.chain(back).collect();
    if points.is_empty() { String::new() } else { format!("M{}Z", points.join("L")) }
}

/// The line of loudness, interrupted by silence.
fn loudness(course: &[Step]) -> String {
    let mut path = String::new();
    let mut is_drawn = false;
    for (n, step) in course.iter().enumerate() {
        if let Some(lufs) = step.short_term_lufs {
            let _ =
                write!(path, "{}{:.1} {:.1}", if is_drawn { "L" } else { "M" }, at(n, course), place(lufs));
        }
        is_drawn = step.short_term_lufs.is_some();
    }
    path
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(low: f32, high: f32, lufs: Option<f64>) -> Step {
        Step { low, high, short_term_lufs: lufs }
    }

    #[test]
    fn silence_interrupts_the_line_of_loudness() {
        let course = [step(0.0, 0.5, Some(-20.0)), step(0.0, 0.0, None), step(-0.5, 0.0, Some(-29.0))];
        let line = loudness(&course);
        assert_eq!((line.matches('M').count(), line.matches('L').count()), (2, 0));
    }

    #[test]
    fn a_picture_is_as_large_whatever_it_shows_and_its_title_stays_text() {
        let course = vec![step(-1.0, 1.0, Some(-8.0)); 300];
        let svg = picture("<b>\"One\"</b>", &course).into_string();
        assert!(svg.len() < 16_000, "{}", svg.len());
        assert!(svg.contains("&lt;b&gt;&quot;One&quot;") && !svg.contains("<b>"), "{svg}");
        assert!(!picture("Empty", &[]).into_string().contains("NaN"));
    }
}
