//! Which chapters are wanted, as a user writes it: `1-3,7`. The script leaves the others out with a reason, so
//! the account of the manuscript stays whole.

use std::fmt;
use std::str::FromStr;

/// Which chapters become part of the script. Chapters count from 1 over the whole book.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum ChapterSelection {
    /// Every chapter.
    #[default]
    All,
    /// The chapters in these ranges, in the order of the book; never empty.
    Ranges(Vec<ChapterRange>),
}

/// Chapters from one number to another, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChapterRange {
    /// First chapter, from 1.
    pub first: u32,
    /// Last chapter; `None` for the end of the book.
    pub last: Option<u32>,
}

/// A selection that cannot be understood. The text fits after "failed to ".
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("read the chapter selection `{selection}`: {reason}")]
pub struct SelectionError {
    /// What was written.
    pub selection: String,
    /// What is wrong with it.
    pub reason: String,
}

impl ChapterSelection {
    /// Whether a chapter is wanted; `number` counts from 1.
    #[must_use]
    pub fn contains(&self, number: u32) -> bool {
        match self {
            Self::All => true,
            Self::Ranges(ranges) => {
                ranges.iter().any(|r| r.first <= number && r.last.is_none_or(|last| number <= last))
            }
        }
    }

    /// The first number that a book of `chapters` chapters does not have, if one was asked for.
    #[must_use]
    pub fn beyond(&self, chapters: u32) -> Option<u32> {
        match self {
            Self::All => None,
            Self::Ranges(ranges) => ranges
                .iter()
                .flat_map(|r| [Some(r.first), r.last])
                .flatten()
                .find(|number| *number > chapters),
        }
    }
}

impl FromStr for ChapterSelection {
    type Err = SelectionError;

    fn from_str(selection: &str) -> Result<Self, Self::Err> {
        if selection.trim().eq_ignore_ascii_case("all") {
            return Ok(Self::All);
        }
        let ranges = selection.split(',').map(|part| range(part.trim())).collect::<Result<_, _>>();
        ranges.map(Self::Ranges).map_err(|reason| SelectionError { selection: selection.into(), reason })
    }
}

fn range(part: &str) -> Result<ChapterRange, String> {
    if part.is_empty() {
        return Err("a number is missing; write numbers and ranges such as 1-3,7 or 5-".into());
    }
    let Some((first, last)) = part.split_once(['-', '–']) else {
        let number = number(part)?;
        return Ok(ChapterRange { first: number, last: Some(number) });
    };
    if first.trim().is_empty() && last.trim().is_empty() {
        return Err(format!("`{part}` has no number on either side"));
    }
    let first = if first.trim().is_empty() { 1 } else { number(first.trim())? };
    let last = if last.trim().is_empty() { None } else { Some(number(last.trim())?) };
    match last {
        Some(last) if last < first => {
            Err(format!("the range {first}-{last} runs backwards; write {last}-{first}"))
        }
        _ => Ok(ChapterRange { first, last }),
    }
}

fn number(part: &str) -> Result<u32, String> {
    match part.parse() {
        Ok(0) => Err("chapters count from 1".into()),
        Ok(number) => Ok(number),
        Err(_) => {
            Err(format!("`{part}` is not a chapter number; write numbers and ranges such as 1-3,7 or 5-"))
        }
    }
}

impl fmt::Display for ChapterSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self::Ranges(ranges) = self else { return f.write_str("all") };
        for (i, range) in ranges.iter().enumerate() {
            let comma = if i == 0 { "" } else { "," };
            match range.last {
                Some(last) if last == range.first => write!(f, "{comma}{last}")?,
                Some(last) => write!(f, "{comma}{}-{last}", range.first)?,
                None => write!(f, "{comma}{}-", range.first)?,
            }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(selection: &str) -> Vec<u32> {
        let selection: ChapterSelection = selection.parse().unwrap();
        (1..=10).filter(|n| selection.contains(*n)).collect()
    }

    fn reason(selection: &str) -> String {
        selection.parse::<ChapterSelection>().unwrap_err().reason
    }

    #[test]
    fn numbers_and_ranges_are_read_and_may_be_open() {
        assert_eq!(chosen("1-3,7"), [1, 2, 3, 7]);
        assert_eq!(chosen(" 2 , 9- "), [2, 9, 10]);
        assert_eq!(chosen("-2"), [1, 2]);
        assert_eq!(chosen("all").len(), 10);
    }

    #[test]
    fn what_is_wrong_is_said() {
        assert!(reason("3-1").contains("backwards"));
        assert!(reason("0").contains("count from 1"));
        assert!(reason("one").contains("`one` is not a chapter number"));
        assert!(reason("1,,2").contains("missing"));
        assert!(reason("-").contains("either side"));
        assert!(reason("").contains("missing"));
    }

    #[test]
    fn a_chapter_beyond_the_book_is_named() {
        assert_eq!("1-3,40".parse::<ChapterSelection>().unwrap().beyond(12), Some(40));
        assert_eq!("5-".parse::<ChapterSelection>().unwrap().beyond(12), None);
        assert_eq!("3-40".parse::<ChapterSelection>().unwrap().beyond(12), Some(40));
    }

    #[test]
    fn a_selection_is_written_as_it_is_read() {
        for text in ["1-3,7", "5-", "all", "2"] {
            assert_eq!(text.parse::<ChapterSelection>().unwrap().to_string(), text);
        }
    }
}
