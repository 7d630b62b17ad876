//! File names from titles, good on every file system that a release may be copied to.

use unicode_normalization::UnicodeNormalization;

/// A file name, without extension, for `title`: valid on ext4, APFS, NTFS, exFAT and SMB, at most `max_bytes`
/// bytes of UTF-8, in NFC, never empty.
///
/// Characters that Windows reserves become a dash or go; so do control and direction characters, which would
/// make a name read as another. Names of devices (`CON`) and a dot at either end are avoided.
///
/// # Panics
/// If `max_bytes` has no room for `Untitled`.
#[must_use]
pub fn safe_file_name(title: &str, max_bytes: usize) -> String {
    const UNTITLED: &str = "Untitled";
    assert!(max_bytes >= UNTITLED.len(), "a file name needs at least {} bytes", UNTITLED.len());
    let mut name = String::with_capacity(title.len());
    for character in title.nfc() {
        match character {
            '/' | '\\' | '|' | ':' => name.push('-'),
            '"' => name.push('\''),
            '<' | '>' | '?' | '*' => {}
            '\u{200E}' | '\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}' => {}
            space if space.is_whitespace() => {
                if !name.ends_with(' ') {
                    name.push(' ');
                }
            }
            control if control.is_control() => {}
            other => name.push(other),
        }
    }
    // What stood around a character that went is one text now, and its marks may compose or want another order.
    let name: String = name.nfc().collect();
    let edge = |character: char| character == '.' || character == ' ';
    let mut name = name.trim_matches(edge).to_owned();
    if is_device(&name) {
        name.insert(0, '_');
    }
    name.truncate(name.floor_char_boundary(max_bytes));
    name.truncate(name.trim_end_matches(edge).len());
    if name.is_empty() { UNTITLED.to_owned() } else { name }
}

/// Whether Windows takes the name for a device, whatever follows its first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or_default().trim_end().to_ascii_uppercase();
    if ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"].contains(&stem.as_str()) {
        return true;
    }
    let number = stem.strip_prefix("COM").or_else(|| stem.strip_prefix("LPT"));
    let mut digits = number.unwrap_or_default().chars();
    matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_plain_title_stays_as_it_is() {
        assert_eq!(safe_file_name("Moby-Dick, or The Whale", 200), "Moby-Dick, or The Whale");
        assert_eq!(safe_file_name("Война и мир 🐋", 200), "Война и мир 🐋");
    }

    #[test]
    fn reserved_characters_go() {
        assert_eq!(safe_file_name("AC/DC: \"Who?\" <*>", 200), "AC-DC- 'Who'");
        assert_eq!(safe_file_name("a\tb\n\nc\u{0}\u{202E}d", 200), "a b cd");
    }

    #[test]
    fn device_names_are_avoided_with_any_extension() {
        assert_eq!(safe_file_name("con", 200), "_con");
        assert_eq!(safe_file_name("Nul.2", 200), "_Nul.2");
        assert_eq!(safe_file_name("COM¹", 200), "_COM¹");
        assert_eq!(safe_file_name("Connie", 200), "Connie");
        assert_eq!(safe_file_name("COM10", 200), "COM10");
    }

    #[test]
    fn dots_and_spaces_at_the_ends_go_even_after_cutting() {
        assert_eq!(safe_file_name("...and then. ", 200), "and then");
        assert_eq!(safe_file_name("12345678. rest", 10), "12345678");
        assert_eq!(safe_file_name(" .. ", 200), "Untitled");
    }

    #[test]
    fn decomposed_letters_become_composed() {
        assert_eq!(safe_file_name("Cafe\u{301}", 200), "Caf\u{e9}");
    }

    #[test]
    fn letters_and_marks_that_a_reserved_character_kept_apart_compose() {
        assert_eq!(safe_file_name("Cafe*\u{301}", 200), "Caf\u{e9}");
        assert_eq!(safe_file_name("\u{1e2ec}*\u{20e5}", 200), "\u{20e5}\u{1e2ec}");
    }

    proptest! {
        #[test]
        fn every_title_gives_a_valid_name(title in any::<String>(), max in 8usize..260) {
            let name = safe_file_name(&title, max);
            prop_assert!(!name.is_empty() && name.len() <= max);
            prop_assert!(!name.contains(|c: char| "<>:\"/\\|?*".contains(c) || c.is_control()));
            prop_assert!(!name.starts_with(['.', ' ']) && !name.ends_with(['.', ' ']));
            prop_assert!(!is_device(&name));
            prop_assert_eq!(name.nfc().collect::<String>(), name.clone());
            prop_assert_eq!(safe_file_name(&name, max), name);
        }
    }
}
