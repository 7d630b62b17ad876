//! The text of a requirement, from whoever wrote it.
//!
//! Metadata is older than its rules: setuptools wrote `foo (>=1.0)`, others `>=3.6.*` or a comma too many. Such forms
//! are mended here and nowhere else; what cannot be mended is told and not guessed at. What would make the parser
//! panic or recurse without end is refused before it gets there.

use std::str::FromStr;

use pep440_rs::VersionSpecifiers;
use pep508_rs::{MarkerTree, Requirement};

/// Longest requirement, in bytes. The longest in the wild have some hundreds.
const MAX_BYTES: usize = 16 << 10;
/// Parentheses in parentheses of a marker. Each is a call of the parser in itself.
const MAX_DEPTH: usize = 32;
/// Comparisons in a marker. A tree of them may grow with each.
const MAX_COMPARISONS: usize = 256;
/// Digits of a number: more do not fit into 64 bits.
const MAX_DIGITS: usize = 18;

/// Reads a requirement; the error is a reason such as `expected a package name`.
pub(crate) fn requirement(text: &str) -> Result<Requirement, String> {
    let text = text.trim();
    guard(text)?;
    let (head, marker) = split_marker(text);
    guard_marker(marker.unwrap_or_default())?;
    let error = match Requirement::from_str(&literal(text)) {
        Ok(requirement) => return Ok(requirement),
        Err(error) => error.message.to_string(),
    };
    let repaired = match marker {
        Some(marker) => format!("{} ; {marker}", repair(head)),
        None => repair(head),
    };
    guard(&repaired)?;
    Requirement::from_str(&literal(&repaired)).map_err(|_| error)
}

/// The text in the form that the parser takes as it stands. It would put variables of our environment in the place
/// of `${NAME}`, which are none of its business, and it counts letters beyond ASCII, which addresses may have, as one
/// byte each.
fn literal(text: &str) -> String {
    let encode = |c: char| -> String {
        let mut bytes = [0; 4];
        match c.is_ascii() {
            true => c.to_string(),
            false => c.encode_utf8(&mut bytes).bytes().map(|byte| format!("%{byte:02X}")).collect(),
        }
    };
    text.chars().map(encode).collect::<String>().replace("${", "$%7B")
}

/// Reads a list of versions, such as that of `Requires-Python`.
pub(crate) fn specifiers(text: &str) -> Result<VersionSpecifiers, String> {
    if text.len() > MAX_BYTES || has_long_number(text) {
        return Err("it is too long".to_owned());
    }
    if !text.is_ascii() {
        return Err("a version is written in ASCII".to_owned());
    }
    let text = text.trim();
    VersionSpecifiers::from_str(text)
        .or_else(|error| VersionSpecifiers::from_str(&repair_specifiers(text)).map_err(|_| error))
        .map_err(|error| error.to_string().lines().next().unwrap_or_default().to_owned())
}

/// Reads a marker; an empty one is true for everyone.
pub(crate) fn marker(text: &str) -> Result<MarkerTree, String> {
    let text = text.trim();
    if text.is_empty() {
        return Ok(MarkerTree::TRUE);
    }
    guard_marker(text)?;
    MarkerTree::from_str(text).map_err(|error| error.message.to_string())
}

/// The part before the `;` of a marker, and the marker.
fn split_marker(text: &str) -> (&str, Option<&str>) {
    // In an address a semicolon may stand for itself; the one before a marker follows a space.
    let at = if text.contains("://") { text.find(" ;") } else { text.find(';') };
    match at {
        Some(at) => (text[..at].trim_end(), Some(text[at..].trim_start_matches([' ', ';']).trim())),
        None => (text, None),
    }
}

/// Refuses what the parser does not survive: a name or an extra that ends in a separator.
fn guard(text: &str) -> Result<(), String> {
    if text.len() > MAX_BYTES {
        return Err(format!("it has over {MAX_BYTES} bytes"));
    }
    let (head, _) = split_marker(text);
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    let (name, rest) = head.split_at(head.find(|c| !is_word(c)).unwrap_or(head.len()));
    let extras =
        rest.trim_start().strip_prefix('[').and_then(|rest| rest.split(']').next()).unwrap_or_default();
    let ends_in_separator = |word: &str| word.ends_with(['.', '-', '_']);
    let mut words = extras.split(|c: char| c == ',' || c.is_whitespace());
    if ends_in_separator(name) || words.any(ends_in_separator) {
        return Err("a name ends with a letter or a digit".to_owned());
    }
    if !head.is_ascii() && !head.contains("://") {
        return Err("a name and a version are written in ASCII".to_owned());
    }
    if !head.contains('@') && has_long_number(head) {
        return Err("a number is too long".to_owned());
    }
    Ok(())
}

fn guard_marker(marker: &str) -> Result<(), String> {
    let mut depth = 0_usize;
    for c in marker.chars() {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(format!("its marker has over {MAX_DEPTH} parentheses in each other"));
        }
    }
    let quotes = marker.chars().filter(|c| matches!(c, '\'' | '"')).count();
    if marker.len() > MAX_BYTES || quotes > 2 * MAX_COMPARISONS {
        return Err(format!("its marker has over {MAX_COMPARISONS} comparisons"));
    }
    if has_long_number(marker) {
        return Err("a number is too long".to_owned());
    }
    if !marker.is_ascii() {
        return Err("a marker is written in ASCII".to_owned());
    }
    Ok(())
}

fn has_long_number(text: &str) -> bool {
    text.split(|c: char| !c.is_ascii_digit()).any(|run| run.len() > MAX_DIGITS)
}

/// Mends the versions after a name and its extras.
fn repair(head: &str) -> String {
    let start = head.find(['(', '<', '>', '=', '!', '~']).unwrap_or(head.len());
    let (name, versions) = head.split_at(start);
    if name.contains('@') {
        return head.to_owned();
    }
    let versions = versions.trim().trim_start_matches('(').trim_end_matches(')');
    format!("{}{}", name.trim_end(), repair_specifiers(versions))
}

/// Mends a list of versions: stray quotes, a comma too many or too few, `>=3.6.*`, a version without a comparison,
/// `=>`, spaces inside.
fn repair_specifiers(versions: &str) -> String {
    let mut mended: Vec<String> = Vec::new();
    let bare: String = versions.chars().filter(|c| !matches!(c, '\'' | '"')).collect();
    let is_comparison = |c: char| matches!(c, '<' | '>' | '=' | '!' | '~');
    for part in bare.split(',') {
        let mut rest = part.trim();
        while !rest.is_empty() {
            let operator_end = rest.find(|c| !is_comparison(c)).unwrap_or(rest.len());
            let (operator, version) = rest.split_at(operator_end);
            let version = version.trim_start();
            // The next comparison starts a specifier even where the comma is missing.
            let end = version.find(|c: char| is_comparison(c) || c.is_whitespace()).unwrap_or(version.len());
            let (version, after) = version.split_at(end);
            rest = after.trim_start();
            if version.is_empty() {
                // Half a specifier is not mended: nobody knows what it meant.
                mended.push(operator.to_owned());
                continue;
            }
            let operator = match operator {
                "" | "=" => "==",
                "=>" => ">=",
                "=<" => "<=",
                other => other,
            };
            let is_ordered = matches!(operator, ">=" | "<=" | ">" | "<" | "~=");
            let version = if is_ordered { version.trim_end_matches(".*") } else { version };
            mended.push(format!("{operator}{version}"));
        }
    }
    mended.join(",")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn old_forms_say_what_they_meant() {
        for (old, meant) in [
            ("foo (>=1.0)", "foo>=1.0"),
            ("foo (1.0)", "foo==1.0"),
            ("foo (>=1.0,<2) ; extra == 'bar'", "foo>=1.0,<2 ; extra == 'bar'"),
            ("foo >=2.7.*", "foo>=2.7"),
            ("foo>=1.0,", "foo>=1.0"),
            ("foo>=1.0<2", "foo>=1.0,<2"),
            ("foo[a,b] >= 1.0 < 2", "foo[a,b]>=1.0,<2"),
            ("foo>='1.0'", "foo>=1.0"),
            ("foo=>1.0", "foo>=1.0"),
        ] {
            assert_eq!(requirement(old).unwrap(), requirement(meant).unwrap(), "{old}");
        }
        assert_eq!(specifiers(">=3.6.*").unwrap(), specifiers(">=3.6").unwrap());
        assert_eq!(specifiers(">=2.7, !=3.0.*, ").unwrap(), specifiers(">=2.7,!=3.0.*").unwrap());
    }

    #[test]
    fn what_the_parser_does_not_survive_is_refused_with_a_reason() {
        for text in
            ["foo->=1", "foo[a-]", "foo[a, b. ]>1", "foo[ a- b", "foo-", "", "[a]", "ü-", "foo=>", "foo>=,<2"]
        {
            assert!(requirement(text).is_err(), "{text}");
        }
        let deep = format!("foo ; {}os_name == 'nt'{}", "(".repeat(5000), ")".repeat(5000));
        assert!(requirement(&deep).unwrap_err().contains("parentheses"));
        assert!(marker("python_full_version > '18446744073709551615'").is_err());
        assert!(requirement("foo ; os_name == \"posix\":'ч").is_err());
        assert!(
            requirement("foo @ https://example.com/ü/foo-1.0.zip").unwrap().to_string().contains("%C3%BC")
        );
    }

    #[test]
    fn variables_of_our_environment_stay_out() {
        let requirement = requirement("foo @ https://${HOME}:x@example.com/foo-1.0.tar.gz").unwrap();
        assert!(requirement.to_string().contains("HOME"));
    }
}
