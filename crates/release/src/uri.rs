//! Names of files in addresses, RFC 3986: feeds, packages and reports write them alike.

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

/// What needs no escape anywhere, RFC 3986 section 2.3.
const UNRESERVED: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The name of a file or a folder as a segment of an address's path.
#[must_use]
pub fn path_segment(name: &str) -> String {
    utf8_percent_encode(name, UNRESERVED).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_means_something_in_an_address_is_escaped() {
        assert_eq!(path_segment("a-b_c.d~1"), "a-b_c.d~1");
        assert_eq!(path_segment("Wer? 100 %/#é"), "Wer%3F%20100%20%25%2F%23%C3%A9");
    }
}
