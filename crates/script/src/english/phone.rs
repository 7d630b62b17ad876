//! Telephone numbers: digit by digit, "oh" for 0, a comma between groups so that a voice pauses there.

use super::numbers::one_by_one;
use super::place::{Place, Reading, digits, goes_on};

/// No telephone number has more groups.
const MOST_GROUPS: usize = 6;

/// The groups of digits from a place on, with the marks between them.
struct Groups<'a> {
    runs: Vec<&'a str>,
    marks: Vec<char>,
    end: usize,
}

/// Reads groups that single spaces, hyphens, dots or brackets separate.
fn groups(text: &str, at: usize) -> Option<Groups<'_>> {
    let mut found = Groups { runs: Vec::new(), marks: Vec::new(), end: at };
    let mut start = at;
    loop {
        let run = digits(&text[start..]);
        if found.runs.len() > MOST_GROUPS {
            return None;
        }
        if run.is_empty() {
            break;
        }
        found.runs.push(run);
        found.end = start + run.len();
        let rest = &text[found.end..];
        let mark = rest.chars().next().filter(|c| matches!(c, ' ' | '-' | '.' | '‑' | ')'));
        let Some(mark) = mark else { break };
        let mut next = found.end + mark.len_utf8();
        if mark == ')' {
            next += usize::from(text[next..].starts_with(' '));
        } else if text[next..].starts_with('(') {
            next += 1;
        }
        if digits(&text[next..]).is_empty() {
            break;
        }
        found.marks.push(mark);
        start = next;
    }
    if found.runs.is_empty() || goes_on(&text[found.end..]) { None } else { Some(found) }
}

fn spoken(runs: &[&str]) -> String {
    runs.iter().map(|run| one_by_one(run, "oh")).collect::<Vec<_>>().join(", ")
}

fn lengths(runs: &[&str]) -> Vec<usize> {
    runs.iter().map(|r| r.len()).collect()
}

/// `+44 20 7946 0958`, `(212) 555-0123`: numbers that start with a sign or bracket.
pub(super) fn read_marked(place: &Place<'_>) -> Option<Reading> {
    let found = groups(place.text, place.at + 1)?;
    let total: usize = found.runs.iter().map(|r| r.len()).sum();
    if place.rest().starts_with('+') {
        let yes = (8..=15).contains(&total) && found.runs[0].len() <= 12;
        return if yes { Reading::new(found.end, format!("plus {}", spoken(&found.runs))) } else { None };
    }
    let area = matches!(found.marks.first(), Some(')')) && (2..=5).contains(&found.runs[0].len());
    if area && (9..=11).contains(&total) { Reading::new(found.end, spoken(&found.runs)) } else { None }
}

/// `555-1234`, `212-555-0123`, `1-800-555-0199`, `020 7946 0958`.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    // Most figures are short and stand alone; those cost one look.
    let run = digits(place.rest());
    if run.len() > 5 || !place.rest()[run.len()..].starts_with(['-', ' ', '.']) {
        return None;
    }
    let found = groups(place.text, place.at)?;
    let shape = lengths(&found.runs);
    let same = found.marks.windows(2).all(|w| w[0] == w[1]);
    let mark = *found.marks.first()?;
    let yes = match (mark, shape.as_slice()) {
        // A range of round figures is no telephone number: 100-1000.
        ('-', [3, 4]) => !(found.runs[0].ends_with('0') && found.runs[1].ends_with("00")),
        ('-' | '.', [3, 3, 4]) | ('-', [1, 3, 3, 4]) => same,
        (' ', [3, 3, 4]) => same && found.runs[0].starts_with(|c| c != '0'),
        (' ', [3..=5, 3..=4, 3..=4] | [5, 6] | [4, 7]) => same && found.runs[0].starts_with('0'),
        _ => false,
    };
    if yes { Reading::new(found.end, spoken(&found.runs)) } else { None }
}
