//! An audit for people: every check of a single file; of several files only those that did not pass.

use std::fmt::Write;

use rhapsode_audit::{Audit, BookReport, FileReport, Finding, Verdict};

use crate::report::clock;

/// Widths of the columns; what is longer pushes the rest aside.
const CHECK: usize = 15;
const MEASURED: usize = 44;

/// How much is told of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Detail {
    Every,
    Exceptions,
}

pub(super) fn table(audit: &Audit) -> String {
    let files: usize = audit.books.iter().map(|book| book.files.len()).sum();
    let detail = if files == 1 { Detail::Every } else { Detail::Exceptions };
    let mut text = String::new();
    for book in &audit.books {
        for file in &book.files {
            let _ = writeln!(text, "{}", head(file));
            rows(&file.findings, detail, &mut text);
        }
        if book.files.len() > 1 {
            let _ = writeln!(text, "{}", together(book));
        }
        rows(&book.findings, Detail::Every, &mut text);
    }
    let _ = write!(text, "\n{}", sum(audit, files));
    text
}

/// `moby.m4b  AAC, 24000 Hz, mono, 64 kbit/s, 1:22:02`
fn head(file: &FileReport) -> String {
    let mut parts = Vec::new();
    if let Some(stream) = &file.stream {
        parts.push(stream.codec.to_owned());
        parts.push(format!("{} Hz", stream.rate));
        parts.push(match stream.channels {
            1 => "mono".to_owned(),
            2 => "stereo".to_owned(),
            channels => format!("{channels} channels"),
        });
    }
    parts.extend(file.bit_rate.map(|rate| format!("{:.0} kbit/s", rate.mean / 1_000.0)));
    parts.extend(file.measurements.as_ref().map(|measured| clock(measured.seconds)));
    let word = match file.verdict() {
        Verdict::Fail => "FAIL  ",
        Verdict::Warn => "WARN  ",
        Verdict::Pass | Verdict::Info => "pass  ",
    };
    format!("{word}{}  {}", file.path.display(), parts.join(", ")).trim_end().to_owned()
}

fn together(book: &BookReport) -> String {
    let seconds = book.files.iter().filter_map(|file| file.measurements.as_ref()).map(|m| m.seconds).sum();
    let title = book.title.as_deref().unwrap_or("all of them");
    format!("{title}: {} files, {}", book.files.len(), clock(seconds))
}

fn rows(findings: &[Finding], detail: Detail, text: &mut String) {
    for finding in findings {
        if detail == Detail::Exceptions && finding.verdict < Verdict::Warn {
            continue;
        }
        let Finding { check, verdict, measured, bound, remedy } = finding;
        let verdict = match verdict {
            Verdict::Info => "    ",
            Verdict::Pass => "pass",
            Verdict::Warn => "WARN",
            Verdict::Fail => "FAIL",
        };
        let line = format!("  {verdict}  {check:<CHECK$}  {measured:<MEASURED$}  {bound}");
        let _ = writeln!(text, "{}", line.trim_end());
        if !remedy.is_empty() {
            let _ = writeln!(text, "        remedy           {remedy}");
        }
    }
}

fn sum(audit: &Audit, files: usize) -> String {
    let many = |count: usize, word: &str| match count {
        1 => format!("1 {word}"),
        count => format!("{count} {word}s"),
    };
    let (failures, warnings) = (audit.count(Verdict::Fail), audit.count(Verdict::Warn));
    let mut text = format!("check: {}, ", many(files, "file"));
    text.push_str(&match (failures, warnings) {
        (0, 0) => "nothing is wrong".to_owned(),
        (0, warnings) => many(warnings, "warning"),
        (failures, 0) => many(failures, "failure"),
        (failures, warnings) => format!("{}, {}", many(failures, "failure"), many(warnings, "warning")),
    });
    text
}
