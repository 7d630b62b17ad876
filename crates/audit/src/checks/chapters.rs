//! Whether chapters lead where they say, in every reader.

use super::words::{clock, first_of};
use crate::chapters::{Chapter, ChapterKind, ChapterList};
use crate::finding::{Check, Findings, must, should};

/// Two kinds of one chapter begin at the same moment if they are this near, in seconds: a millisecond is the unit of
/// most readers.
const SAME: f64 = 0.002;

/// How far a chapter may reach over the end: less than a frame of any codec, and times are rounded to milliseconds.
const END: f64 = 0.05;

/// The most chapters that Nero's list holds, and bytes of a title in it.
const NERO: usize = 255;

pub(super) fn check(lists: &[ChapterList], seconds: f64, findings: &mut Findings) {
    if lists.is_empty() {
        return;
    }
    let told: Vec<String> =
        lists.iter().map(|list| format!("{} ({})", list.chapters.len(), list.kind)).collect();
    findings.info(Check::Chapters, told.join(", "));
    let again = "write the chapters anew from the real starts";

    let wrong: Vec<String> = lists.iter().flat_map(|list| times(list, seconds)).collect();
    let told =
        if wrong.is_empty() { "in order, within the file".to_owned() } else { first_of(&wrong, wrong.len()) };
    let rule = must("in order, apart, and within the file", again);
    findings.judge(Check::ChapterTimes, wrong.is_empty(), told, rule);

    let untitled: Vec<String> = lists.iter().flat_map(untitled).collect();
    let told =
        if untitled.is_empty() { "each has one".to_owned() } else { first_of(&untitled, untitled.len()) };
    findings.judge(Check::ChapterTitles, untitled.is_empty(), told, should("each has a title", "name them"));

    if let [one, others @ ..] = lists
        && !others.is_empty()
    {
        let differing: Vec<String> = others.iter().filter_map(|other| difference(one, other)).collect();
        let told =
            if differing.is_empty() { "alike".to_owned() } else { first_of(&differing, differing.len()) };
        let rule = should("all kinds alike: each player reads another", again);
        findings.judge(Check::ChapterKinds, differing.is_empty(), told, rule);
    }

    let limits: Vec<String> = lists.iter().flat_map(limits).collect();
    let told = if limits.is_empty() { "none is broken".to_owned() } else { first_of(&limits, limits.len()) };
    let rule = should("what every reader takes", "write them with a program that knows the limits");
    findings.judge(Check::ChapterLimits, limits.is_empty(), told, rule);
}

/// What is wrong with the times of a list.
fn times(list: &ChapterList, seconds: f64) -> Vec<String> {
    let name = |n: usize| format!("{} chapter {}", list.kind, n + 1);
    let mut wrong = Vec::new();
    for (n, chapter) in list.chapters.iter().enumerate() {
        let Chapter { start, end, .. } = chapter;
        if !start.is_finite() || *start < 0.0 {
            wrong.push(format!("{} has no start that can be read", name(n)));
        } else if *start >= seconds + END {
            wrong.push(format!(
                "{} begins at {}, the file ends at {}",
                name(n),
                clock(*start),
                clock(seconds)
            ));
        }
        if let Some(end) = end {
            if end < start {
                wrong.push(format!("{} ends before it begins", name(n)));
            } else if *end > seconds + END {
                wrong.push(format!("{} ends at {}, the file at {}", name(n), clock(*end), clock(seconds)));
            }
        }
        let Some(next) = list.chapters.get(n + 1) else { continue };
        if next.start <= *start {
            wrong.push(format!(
                "{} begins at {}, not after the one before it",
                name(n + 1),
                clock(next.start)
            ));
        } else if end.is_some_and(|end| end > next.start + SAME) {
            wrong.push(format!("{} begins before the one before it ends", name(n + 1)));
        }
    }
    wrong
}

fn untitled(list: &ChapterList) -> Vec<String> {
    let untitled = list.chapters.iter().enumerate().filter(|(_, chapter)| chapter.title.trim().is_empty());
    untitled.map(|(n, _)| format!("{} chapter {} has none", list.kind, n + 1)).collect()
}

/// How two kinds of the chapters of one file differ, if they do.
fn difference(one: &ChapterList, other: &ChapterList) -> Option<String> {
    let (a, b) = (one.kind, other.kind);
    if one.chapters.len() != other.chapters.len() {
        return Some(format!("{} {a} chapters, {} {b} chapters", one.chapters.len(), other.chapters.len()));
    }
    one.chapters.iter().zip(&other.chapters).enumerate().find_map(|(n, (x, y))| {
        let n = n + 1;
        if (x.start - y.start).abs() > SAME {
            return Some(format!("chapter {n} begins at {:.3} s ({a}) and {:.3} s ({b})", x.start, y.start));
        }
        // Nero's list cuts long titles, between characters.
        let cut = |title: &str| title[..title.floor_char_boundary(NERO)].to_owned();
        (cut(&x.title) != cut(&y.title)).then(|| format!("chapter {n} has two titles"))
    })
}

/// What readers stumble over.
fn limits(list: &ChapterList) -> Vec<String> {
    let mut broken: Vec<String> = list.oddities.iter().map(|odd| format!("{}: {odd}", list.kind)).collect();
    if list.kind == ChapterKind::Nero && list.chapters.len() == NERO {
        broken.push("Nero: its list is full at 255, so chapters may be missing".to_owned());
    }
    // AVFoundation shows no chapters at all if the first does not begin with the sound.
    if list.kind == ChapterKind::QuickTime && list.chapters.first().is_some_and(|first| first.start > SAME) {
        broken.push("QuickTime: the first chapter does not begin at 0".to_owned());
    }
    broken
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::checks::levels::tests::broken;

    fn list(kind: ChapterKind, chapters: &[(f64, Option<f64>, &str)]) -> ChapterList {
        let chapters =
            chapters.iter().map(|&(start, end, title)| Chapter { start, end, title: title.to_owned() });
        ChapterList::new(kind, chapters.collect())
    }

    fn judged(lists: &[ChapterList]) -> Vec<Check> {
        let mut findings = Findings::default();
        check(lists, 100.0, &mut findings);
        broken(&findings.0)
    }

    #[test]
    fn chapters_that_are_in_order_and_alike_pass() {
        let one = list(ChapterKind::Nero, &[(0.0, None, "One"), (50.0, None, "Two")]);
        let other = list(ChapterKind::QuickTime, &[(0.0, Some(50.0), "One"), (50.0005, Some(100.0), "Two")]);
        assert_eq!(judged(&[one, other]), []);
    }

    #[test]
    fn each_thing_that_can_be_wrong_with_chapters_is_told() {
        use ChapterKind::{Id3, Nero, QuickTime};
        let cases = [
            (vec![list(Id3, &[(0.0, Some(60.0), "a"), (50.0, Some(100.0), "b")])], Check::ChapterTimes),
            (vec![list(Id3, &[(50.0, Some(60.0), "a"), (0.0, Some(50.0), "b")])], Check::ChapterTimes),
            (vec![list(Id3, &[(0.0, Some(101.0), "a")])], Check::ChapterTimes),
            (vec![list(Id3, &[(9.0, Some(8.0), "a")])], Check::ChapterTimes),
            (vec![list(Nero, &[(0.0, None, "a"), (150.0, None, "b")])], Check::ChapterTimes),
            (vec![list(Nero, &[(f64::NAN, None, "a")])], Check::ChapterTimes),
            (vec![list(Nero, &[(0.0, None, " ")])], Check::ChapterTitles),
            (vec![list(QuickTime, &[(1.0, None, "a")])], Check::ChapterLimits),
            (
                vec![list(Nero, &[(0.0, None, "a")]), list(QuickTime, &[(0.0, None, "b")])],
                Check::ChapterKinds,
            ),
            (
                vec![list(Nero, &[(0.0, None, "a")]), list(QuickTime, &[(0.0, None, "a"), (5.0, None, "b")])],
                Check::ChapterKinds,
            ),
        ];
        for (lists, check) in cases {
            assert_eq!(judged(&lists), [check], "{lists:?}");
        }
    }
}
