//! Figures in words.

use std::{path::Path, time::Duration};

use chrono::{DateTime, Utc};
use maud::{Markup, html};

/// `1:02:03`, or `2:03` below an hour.
pub(super) fn clock(seconds: f64) -> String {
    let whole = seconds.max(0.0).round() as u64;
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// A time that is left: coarse, so that it does not pretend to know the second.
pub(super) fn left(time: Duration) -> String {
    match time.as_secs() {
        0..45 => "less than a minute left".to_owned(),
        45..90 => "about a minute left".to_owned(),
        seconds @ 90..5_400 => format!("about {} minutes left", (seconds + 30) / 60),
        seconds => format!("about {} hours left", (seconds + 1_800) / 3_600),
    }
}

/// `38.3 MB`.
pub(super) fn size(bytes: u64) -> String {
    match bytes {
        0..1_000_000 => format!("{} kB", bytes.div_ceil(1_000)),
        1_000_000..1_000_000_000 => format!("{:.1} MB", bytes as f64 / 1e6),
        _ => format!("{:.2} GB", bytes as f64 / 1e9),
    }
}

/// `1 defect`, `2 defects`.
pub(super) fn count(count: usize, one: &str, several: &str) -> String {
    format!("{count} {}", if count == 1 { one } else { several })
}

/// A moment, for people and programs.
pub(super) fn moment(time: DateTime<Utc>) -> Markup {
    html! { time datetime=(time.format("%Y-%m-%dT%H:%M:%SZ")) { (time.format("%Y-%m-%d %H:%M")) " UTC" } }
}

/// A path. Whatever its script, what stands beside it stays where it is.
pub(super) fn path(path: &Path) -> Markup {
    html! { bdi.path { (path.display()) } }
}

/// What a book is called before its title is known.
pub(super) fn name(manuscript: &Path) -> String {
    manuscript.file_name().unwrap_or(manuscript.as_os_str()).to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_told_as_people_tell_them() {
        assert_eq!((clock(59.6), clock(3_723.0)), ("1:00".into(), "1:02:03".into()));
        assert_eq!(
            (size(999), size(38_340_000), size(1_230_000_000)),
            ("1 kB".into(), "38.3 MB".into(), "1.23 GB".into())
        );
        let told = [10, 60, 100, 7_300].map(|seconds| left(Duration::from_secs(seconds)));
        let expected =
            ["less than a minute left", "about a minute left", "about 2 minutes left", "about 2 hours left"];
        assert_eq!(told, expected);
    }
}
