//! Lists of numbers as people write them: `12,40-44`.

use std::collections::BTreeSet;

/// No book has more chunks or chapters; a slip of the finger must not fill the memory.
const MOST: u32 = 10_000_000;

/// The numbers of a list; none of an empty one.
pub(crate) fn parse(list: &str) -> Result<BTreeSet<u32>, String> {
    let mut numbers = BTreeSet::new();
    if list.trim().is_empty() {
        return Ok(numbers);
    }
    for part in list.split(',').map(str::trim) {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        let number = |text: &str| {
            let number = text.trim().parse::<u32>().ok().filter(|number| *number <= MOST);
            number.ok_or_else(|| format!("{part:?} is neither a number nor a range such as 40-44"))
        };
        let (first, last) = (number(first)?, number(last)?);
        if first > last {
            return Err(format!("{part:?} ends before it begins"));
        }
        numbers.extend(first..=last);
    }
    Ok(numbers)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_ranges_are_separated_by_commas() {
        assert_eq!(parse("12, 40-42,7").unwrap(), BTreeSet::from([7, 12, 40, 41, 42]));
        assert!(parse("").unwrap().is_empty());
    }

    #[test]
    fn what_is_no_number_is_named() {
        for wrong in ["a", "1-", "1,,2", "5-3", "1-99999999999"] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
        assert!(parse("1,x").unwrap_err().contains("\"x\""));
    }
}
