//! The chapters: lengths, levels against what shops ask, and how each sounds at a glance.

use maud::{Markup, html};
use rhapsode_engine::{Finished, audio::course::Step, release::Track};

use super::picture;
use crate::report::clock;

/// What ACX takes: RMS in dB, and the highest peak. Shown whatever the book was mastered for: it is what people ask.
const RMS: std::ops::RangeInclusive<f64> = -23.0..=-18.0;
const PEAK: f64 = -3.0;

/// How far a chapter's loudness may be from that of the book before a listener hears it, in LU.
const APART: f64 = 1.0;

pub(super) fn section(finished: &Finished, courses: &[Option<Vec<Step>>]) -> Markup {
    let usual = median(finished.tracks.iter().map(|track| track.loudness.integrated_lufs));
    html! {
        section #chapters aria-labelledby="chapters-title" {
            h2 #chapters-title { "Chapters" }
            p {
                "Levels as they were measured on the encoded chapters. A figure is marked ▲ where it is more than "
                (APART) " LU from the book's " (format!("{usual:.1}")) " LUFS, or beyond what ACX takes: −23 to −18 dB RMS, "
                "peaks of at most −3 dB."
            }
            div.wide tabindex="0" role="region" aria-label="Table of chapters" {
                table {
                    thead {
                        tr {
                            th.number scope="col" { "No." }
                            th scope="col" { "Title" }
                            th.number scope="col" { "Begins" }
                            th.number scope="col" { "Length" }
                            th.number scope="col" { "Loudness, LUFS" }
                            th.number scope="col" { "True peak, dBTP" }
                            th.number scope="col" { "RMS, dB" }
                            th.number scope="col" { "Gain, dB" }
                        }
                    }
                    tbody {
                        @for ((number, track), start) in (1..).zip(&finished.tracks).zip(starts(&finished.tracks)) {
                            (row(number, track, start, usual))
                        }
                    }
                }
            }
            div.pictures {
                @for ((number, track), course) in (1..).zip(&finished.tracks).zip(courses) {
                    figure {
                        figcaption dir="auto" { (number) ". " (track.title) ", " (clock(seconds(track))) }
                        @match course {
                            Some(course) => (picture::picture(&track.title, course)),
                            None => p { "Its track is not kept any more." },
                        }
                    }
                }
            }
        }
    }
}

fn row(number: u32, track: &Track, start: f64, usual: f64) -> Markup {
    let loudness = &track.loudness;
    let figure = |value: f64, holds: bool| {
        html! {
            td.number { (format!("{value:.1}")) @if !holds { span.beyond title="beyond its bound" { " ▲" } } }
        }
    };
    html! {
        tr {
            td.number { (number) }
            th scope="row" dir="auto" { (track.title) }
            td.number { (clock(start)) }
            td.number { (clock(seconds(track))) }
            (figure(loudness.integrated_lufs, (loudness.integrated_lufs - usual).abs() <= APART))
            (figure(loudness.true_peak_dbtp, loudness.true_peak_dbtp <= PEAK))
            (figure(loudness.rms_dbfs, RMS.contains(&loudness.rms_dbfs)))
            td.number { (format!("{:+.1}", loudness.gain_db)) @if loudness.limited { " (limited)" } }
        }
    }
}

fn seconds(track: &Track) -> f64 {
    track.encoded.rate.seconds(track.samples)
}

/// Where each chapter begins in the book.
fn starts(tracks: &[Track]) -> impl Iterator<Item = f64> {
    tracks.iter().scan(0.0, |at, track| {
        let start = *at;
        *at += seconds(track);
        Some(start)
    })
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or_default()
}
