//! Times of day, ratios and verses: what is written with a colon between figures, and `5 p.m.`.

use super::context::Dialect;
use super::figure;
use super::numbers::{after_pair, cardinal, small};
use super::place::{Place, Reading, digits, goes_on};

/// Books of the Bible by the last word of their names, whose figures are chapter and verse.
#[rustfmt::skip]
const SCRIPTURE: &[&str] = &[
    "Genesis", "Exodus", "Leviticus", "Numbers", "Deuteronomy", "Joshua", "Judges", "Ruth", "Samuel", "Kings",
    "Chronicles", "Ezra", "Nehemiah", "Esther", "Job", "Psalm", "Psalms", "Proverbs", "Ecclesiastes", "Isaiah",
    "Jeremiah", "Lamentations", "Ezekiel", "Daniel", "Hosea", "Joel", "Amos", "Obadiah", "Jonah", "Micah", "Nahum",
    "Habakkuk", "Zephaniah", "Haggai", "Zechariah", "Malachi", "Matthew", "Mark", "Luke", "John", "Acts", "Romans",
    "Corinthians", "Galatians", "Ephesians", "Philippians", "Colossians", "Thessalonians", "Timothy", "Titus",
    "Philemon", "Hebrews", "James", "Peter", "Jude", "Revelation", "Gen", "Exod", "Matt", "Cor", "Rev", "Ps",
];

/// `a.m.` or `p.m.` after a time, and where it ends. Its full stop stays where it also ends the sentence.
fn meridiem(place: &Place<'_>, end: usize) -> Option<(&'static str, usize)> {
    let rest = place.text[end..].trim_start_matches(' ');
    let start = place.text.len() - rest.len();
    let name = match rest.as_bytes().first()? {
        b'a' | b'A' => "A.M",
        b'p' | b'P' => "P.M",
        _ => return None,
    };
    let tail = rest[1..].strip_prefix('.').unwrap_or(&rest[1..]);
    let tail = if rest[1..].starts_with('.') { tail.trim_start_matches(' ') } else { tail };
    let tail = tail.strip_prefix(['m', 'M'])?;
    let mut stop = place.text.len() - tail.len();
    if goes_on(tail) || (stop - start == 2 && rest.starts_with("am") && place.next_word(stop) == "I") {
        return None;
    }
    let dotted = rest[1..].starts_with('.');
    if tail.starts_with('.') && dotted && !place.ends_sentence(stop + 1) {
        stop += 1;
    }
    Some((name, stop))
}

/// Hours, minutes and seconds at `at`.
fn clock(text: &str, at: usize, mark: char) -> Option<(u32, u32, Option<u32>, usize)> {
    let hours = digits(&text[at..]);
    let minutes = digits(text[at + hours.len()..].strip_prefix(mark)?);
    let mut end = at + hours.len() + 1 + minutes.len();
    if !(1..=2).contains(&hours.len()) || minutes.len() != 2 {
        return None;
    }
    let (h, m): (u32, u32) = (hours.parse().ok()?, minutes.parse().ok()?);
    let mut s = None;
    if let Some(seconds) = text[end..].strip_prefix(mark).map(digits).filter(|d| d.len() == 2) {
        s = Some(seconds.parse().ok().filter(|s| *s < 60)?);
        end += 3;
    }
    let next = text[end..].strip_prefix(['.', ':']).unwrap_or("");
    if h > 24 || m > 59 || text[end..].starts_with(|c: char| c.is_ascii_digit()) || !digits(next).is_empty() {
        return None;
    }
    Some((h, m, s, end))
}

fn clock_words((h, m, s, _): (u32, u32, Option<u32>, usize), half: bool, dialect: Dialect) -> String {
    let hour = small(h, dialect);
    let seconds = |s| format!(" and {} second{}", small(s, dialect), if s == 1 { "" } else { "s" });
    let mut spoken = match (h, m) {
        (0, 0) if s.is_none() => "midnight".into(),
        (_, 0) if half => hour,
        (1..=12, 0) => format!("{hour} o'clock"),
        (_, 0) => format!("{hour} hundred"),
        _ => format!("{hour} {}", after_pair(m, "hundred")),
    };
    if let Some(s) = s {
        spoken.push_str(&seconds(s));
    }
    spoken
}

/// `7:30`, `7:05 am`, `19:45`, `7.30 pm`, `5 p.m.`, `9:00–17:00`.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let (text, dialect) = (place.text, place.dialect());
    if is_verse(place) {
        return None;
    }
    if let Some(time) = clock(text, place.at, ':') {
        let half = meridiem(place, time.3);
        let mut spoken = clock_words(time, half.is_some(), dialect);
        let mut end = time.3;
        if let Some((name, stop)) = half {
            spoken = format!("{spoken} {name}");
            end = stop;
        }
        if goes_on(&text[end..]) {
            return None;
        }
        // The other end of a range of times.
        if let Some((start, _)) = super::amount::range_mark(text, end)
            && let Some(second) = read(&place.moved(start))
        {
            return Reading::new(second.end, format!("{spoken} to {}", second.spoken));
        }
        return Reading::new(end, spoken);
    }
    if let Some(time) = clock(text, place.at, '.')
        && let Some((name, end)) = meridiem(place, time.3)
    {
        return Reading::new(end, format!("{} {name}", clock_words(time, true, dialect)));
    }
    let amount = super::amount::at(text, place.at, dialect).filter(|a| !a.scaled)?;
    figure::at(text, place.at)?.value().filter(|h| *h <= 12)?;
    let (name, end) = meridiem(place, amount.end)?;
    Reading::new(end, format!("{} {name}", amount.spoken))
}

fn is_verse(place: &Place<'_>) -> bool {
    SCRIPTURE.contains(&place.previous_word())
}

/// Figures with a colon that are no time: `16:9` is a ratio, `John 3:16` a verse.
pub(super) fn read_ratio(place: &Place<'_>) -> Option<Reading> {
    let (text, dialect) = (place.text, place.dialect());
    let first = digits(place.rest());
    let second_at = place.at + first.len() + 1;
    let second = digits(place.rest()[first.len()..].strip_prefix(':')?);
    let end = second_at + second.len();
    if first.is_empty() || second.is_empty() || goes_on(&text[end..]) {
        return None;
    }
    let (left, right) = (cardinal(first, dialect), cardinal(second, dialect));
    if !is_verse(place) {
        return Reading::new(end, format!("{left} to {right}"));
    }
    let mut spoken = format!("{left} {right}");
    let mut stop = end;
    if let Some((start, _)) = super::amount::range_mark(text, end) {
        let last = digits(&text[start..]);
        spoken.push_str(&format!(" to {}", cardinal(last, dialect)));
        stop = start + last.len();
    }
    Reading::new(stop, spoken)
}
