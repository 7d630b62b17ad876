//! The year in a date that somebody wrote by hand.

/// The first run of four digits, in whatever order the date is written.
pub(super) fn year_of(date: &str) -> Option<i32> {
    date.split(|c: char| !c.is_ascii_digit()).find(|digits| digits.len() == 4)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::year_of;

    #[test]
    fn the_year_is_found_in_any_order_of_a_date() {
        for date in ["1851", "1851-10-18", "18 October 1851", "10/18/1851", "1851-10-18T00:00:00Z"] {
            assert_eq!(year_of(date), Some(1851), "{date}");
        }
        assert_eq!(year_of("last spring"), None);
    }
}
