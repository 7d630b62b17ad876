//! The closing summary and the tables, as text for people. Data goes to stdout, talk about it to stderr.

use std::fmt::Write;

use rhapsode_engine::{DefectReport, Plan, PlannedChapter, Summary};

/// Defects that the summary names; the report has them all.
const SHOWN_DEFECTS: usize = 5;

/// `1:02:03`, or `2:03` below an hour.
pub(crate) fn clock(seconds: f64) -> String {
    let whole = seconds.round().max(0.0) as u64;
    let (hours, minutes, seconds) = (whole / 3_600, whole / 60 % 60, whole % 60);
    if hours > 0 { format!("{hours}:{minutes:02}:{seconds:02}") } else { format!("{minutes}:{seconds:02}") }
}

/// How long work took: tenths of a second as long as they matter.
fn took(seconds: f64) -> String {
    if seconds < 10.0 { format!("{seconds:.1} s") } else { clock(seconds) }
}

/// A size in the unit in which it has one to three digits before the point.
pub(crate) fn bytes(count: u64) -> String {
    indicatif::HumanBytes(count).to_string()
}

/// How a job ended.
pub(crate) fn summary(summary: &Summary) -> String {
    let mut text = String::new();
    for release in &summary.releases {
        let _ = writeln!(
            text,
            "{}  {}  {}",
            release.path.display(),
            clock(summary.seconds),
            bytes(release.bytes)
        );
    }
    for companion in &summary.companions {
        let _ = writeln!(text, "{}  {}", companion.path.display(), bytes(companion.bytes));
    }
    if summary.up_to_date {
        text.push_str("  up to date, nothing to do\n");
    } else {
        let _ = write!(
            text,
            "  {} chunks, {} spoken now, in {}",
            summary.chunks,
            summary.spoken,
            took(summary.times.wall)
        );
        // Without speech the ratio would tell how fast files are copied.
        if summary.spoken > 0 {
            let _ = write!(text, " ({:.0}x real time)", summary.seconds / summary.times.wall.max(0.001));
        }
        text.push('\n');
    }
    match summary.defects.len() {
        0 => {}
        1 => text.push_str("  1 chunk with a defect:\n"),
        count => {
            let _ = writeln!(text, "  {count} chunks with a defect:");
        }
    }
    for defect in summary.defects.iter().take(SHOWN_DEFECTS) {
        let words: String = defect.text.chars().take(60).collect();
        let DefectReport { ordinal, chapter, reasons, .. } = defect;
        let _ = writeln!(text, "    chunk {ordinal}, {chapter}: {words:?} ({})", reasons.join(", "));
    }
    if summary.defects.len() > SHOWN_DEFECTS {
        text.push_str("    … the report names them all, with the files of their takes\n");
    }
    if !summary.defects.is_empty() {
        text.push_str("  `rhapsode redo BOOK --defects` makes them again, `--chunk NUMBER` one of them\n");
    }
    let _ = write!(text, "  report: {}", summary.report.display());
    text
}

/// The numbers of a chapter's chunks, as `rhapsode redo --chunk` takes them.
fn chunks(chapter: &PlannedChapter) -> String {
    let last = chapter.first_chunk as usize + chapter.chunks.saturating_sub(1);
    if chapter.chunks == 1 { last.to_string() } else { format!("{}-{last}", chapter.first_chunk) }
}

/// A plan as a table.
pub(crate) fn plan(plan: &Plan) -> String {
    let mut text = plan.metadata.title.clone();
    if !plan.metadata.authors.is_empty() {
        let _ = write!(text, ", {}", plan.metadata.authors.join(", "));
    }
    let _ = writeln!(text, " ({})\n", plan.format);
    let _ = writeln!(
        text,
        "{:>4}  {:<44} {:>11} {:>10} {:>9}",
        "no.", "chapter", "chunks", "characters", "length"
    );
    for chapter in &plan.chapters {
        let title: String = chapter.title.chars().take(44).collect();
        let _ = writeln!(
            text,
            "{:>4}  {title:<44} {:>11} {:>10} {:>9}",
            chapter.number,
            chunks(chapter),
            chapter.characters,
            clock(chapter.estimated_seconds)
        );
    }
    let _ = writeln!(text, "\n{:>10} characters in the manuscript", plan.characters);
    let _ = writeln!(text, "{:>10} spoken", plan.spoken);
    for (reason, count) in &plan.skipped {
        let _ = writeln!(text, "{count:>10} skipped: {reason}");
    }
    for remark in &plan.remarks {
        let _ = writeln!(text, "note: {remark}");
    }
    let _ = write!(
        text,
        "\n{} chunks, about {} of speech, about {} of work",
        plan.chunks,
        clock(plan.estimated_seconds),
        clock(plan.estimated_work_seconds)
    );
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_told_as_a_clock_does() {
        assert_eq!(
            (clock(0.4), clock(59.6), clock(3_723.0)),
            ("0:00".into(), "1:00".into(), "1:02:03".into())
        );
    }
}
