//! The checks: what was measured against the bounds of a profile. Pure: they read no file but a book's `metadata.json`.

mod acx;
mod chapters;
mod levels;
mod set;
mod shelf;
mod whole;
mod words;

use crate::finding::{Check, Finding, Findings, must};
use crate::profile::Profile;
use crate::report::{BookReport, FileReport};
use crate::sound::{Checksum, Unreadable};

/// The findings of a file of which nothing decodes.
pub(crate) fn unreadable(reason: &Unreadable) -> Vec<Finding> {
    let remedy = match reason {
        Unreadable::Unsupported(_) => "convert it to MP3, AAC, FLAC, Opus or PCM to have it checked",
        Unreadable::Io(_) => "see that it is there and may be read",
        Unreadable::NotSound => "take it out of the book's folder",
        Unreadable::Empty | Unreadable::Broken(_) => "make or copy the file again",
    };
    let mut findings = Findings::default();
    findings.judge(Check::Readable, false, reason.to_string(), must("sound that decodes", remedy));
    findings.0
}

/// The findings of a file.
pub(crate) fn file(
    file: &FileReport,
    checksum: Option<Checksum>,
    tag_problem: Option<&str>,
    profile: Profile,
) -> Vec<Finding> {
    let mut findings = Findings::default();
    whole::check(file, checksum, &mut findings);
    if let Some(measured) = &file.measurements {
        match profile {
            Profile::Acx => acx::check(file, measured, &mut findings),
            Profile::R128 => levels::r128(measured, &mut findings),
            Profile::General | Profile::Audiobookshelf => levels::general(measured, &mut findings),
        }
        levels::flaws(measured, profile, &mut findings);
        chapters::check(&file.chapters, measured.seconds, &mut findings);
    }
    whole::tags(tag_problem, &mut findings);
    findings.0
}

/// The findings of the files of a book together.
pub(crate) fn book(book: &BookReport, profile: Profile) -> Vec<Finding> {
    let mut findings = Findings::default();
    set::check(book, profile, &mut findings);
    match profile {
        Profile::Acx => acx::set(book, &mut findings),
        Profile::Audiobookshelf => shelf::check(book, &mut findings),
        Profile::General | Profile::R128 => set::tags(book, &mut findings),
    }
    findings.0
}
