//! Figures as people read them.

/// `1:02:03.4`, or `2:03.4` below an hour.
pub(super) fn clock(seconds: f64) -> String {
    let tenths = (seconds.max(0.0) * 10.0).round() as u64;
    let (whole, tenth) = (tenths / 10, tenths % 10);
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 {
        format!("{hours}:{minutes:02}:{seconds:02}.{tenth}")
    } else {
        format!("{minutes}:{seconds:02}.{tenth}")
    }
}

/// `3 files`, `1 file`.
pub(super) fn many(count: u64, noun: &str) -> String {
    if count == 1 { format!("1 {noun}") } else { format!("{count} {noun}s") }
}

/// The first of several things, and how many more there are.
pub(super) fn first_of(what: &[String], count: usize) -> String {
    let shown = what.iter().take(3).cloned().collect::<Vec<_>>().join("; ");
    if count > 3 { format!("{shown}; and {} more", count - 3) } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_to_a_tenth() {
        assert_eq!(
            (clock(0.04), clock(59.96), clock(3_723.44)),
            ("0:00.0".into(), "1:00.0".into(), "1:02:03.4".into())
        );
    }
}
