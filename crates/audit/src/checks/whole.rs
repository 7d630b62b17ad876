//! Whether a file is all there and unharmed.

use super::words::{clock, many};
use crate::finding::{Check, Findings, must, should};
use crate::report::FileReport;
use crate::sound::Checksum;

/// How far the length of a file may be from what its container says, in seconds: two frames of the slowest MP3.
const LENGTH: f64 = 0.15;

pub(super) fn check(file: &FileReport, checksum: Option<Checksum>, findings: &mut Findings) {
    let seconds = file.measurements.as_ref().map_or(0.0, |measured| measured.seconds);
    let damage = &file.damage;
    let again = "make or copy the file again: the release, a backup, or the shop has the whole one";
    let measured = match (&damage.cut, damage.faults.first()) {
        (Some(reason), _) => format!("breaks off at {}: {reason}", clock(seconds)),
        (None, Some(fault)) => {
            let rest = many(damage.count, "fault");
            format!("{rest}, the first at {}: {}", clock(fault.seconds), fault.what)
        }
        (None, None) => format!("decodes to its end at {}", clock(seconds)),
    };
    findings.judge(Check::Complete, damage.is_none(), measured, must("all of it decodes", again));
    if let Some(promised) = file.promised_seconds {
        let holds = (promised - seconds).abs() <= LENGTH;
        let measured = format!("{}, its container says {}", clock(seconds), clock(promised));
        findings.judge(Check::Length, holds, measured, must("as long as its container says", again));
    }
    if let Some(Checksum { name, holds }) = checksum {
        let measured = format!("{name} {}", if holds { "holds" } else { "does not hold" });
        findings.judge(Check::Checksum, holds, measured, must("its sound was not changed", again));
    }
}

pub(super) fn tags(problem: Option<&str>, findings: &mut Findings) {
    if let Some(problem) = problem {
        let rule = should("tags that can be read", "write the tags anew with a tag editor");
        findings.judge(Check::Tags, false, problem, rule);
    }
}
