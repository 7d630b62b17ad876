//! The headers of `METADATA` and `PKG-INFO`: the five that matter, of a format that is that of mail.

use super::declared::Declared;

/// Most bytes that are read of a file: headers come first, and a long description after them.
pub(super) const MAX_BYTES: u64 = 4 << 20;

/// Reads the headers. What is not UTF-8 is replaced: it stands in descriptions.
pub(super) fn read(bytes: &[u8]) -> Declared {
    let text = String::from_utf8_lossy(bytes);
    let mut declared = Declared::default();
    for (name, value) in headers(&text) {
        // Old metadata says UNKNOWN where it has nothing.
        if value.is_empty() || value == "UNKNOWN" {
            continue;
        }
        match name.to_ascii_lowercase().as_str() {
            "name" => declared.name = value,
            "version" => declared.version = value,
            "requires-dist" => declared.requires.push(value),
            "requires-python" => declared.requires_python = Some(value),
            "provides-extra" => declared.extras.push(value),
            _ => {}
        }
    }
    declared
}

/// Names and values, a value of several lines joined. An empty line ends them.
fn headers(text: &str) -> Vec<(&str, String)> {
    let mut headers: Vec<(&str, String)> = Vec::new();
    for line in text.lines() {
        if line.trim().is_empty() {
            break;
        }
        if line.starts_with([' ', '\t']) {
            if let Some((_, value)) = headers.last_mut() {
                value.push(' ');
                value.push_str(line.trim());
            }
            continue;
        }
        if let Some((name, value)) = line.split_once(':') {
            headers.push((name.trim(), value.trim().to_owned()));
        }
    }
    headers
}

/// Reads the `requires.txt` of an egg: sections `[extra]`, `[extra:marker]` and `[:marker]`.
pub(super) fn egg_requires(text: &str) -> Vec<String> {
    let mut requires = Vec::new();
    let mut conditions: Vec<String> = Vec::new();
    for line in text.lines().map(str::trim).filter(|line| !line.is_empty()) {
        if let Some(section) = line.strip_prefix('[').and_then(|line| line.strip_suffix(']')) {
            let (extra, marker) = section.split_once(':').unwrap_or((section, ""));
            conditions.clear();
            if !marker.trim().is_empty() {
                conditions.push(format!("({})", marker.trim()));
            }
            if !extra.trim().is_empty() {
                conditions.push(format!("extra == '{}'", extra.trim()));
            }
        } else if conditions.is_empty() {
            requires.push(line.to_owned());
        } else {
            requires.push(format!("{line} ; {}", conditions.join(" and ")));
        }
    }
    requires
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_end_at_the_description_and_may_be_folded() {
        let declared = read(
            b"Metadata-Version: 2.1\r\nName: Foo\r\nVersion: 1.0\r\nRequires-Dist: a >=1,\r\n  <2\r\nRequires-Dist: b\r\n\
              Provides-Extra: x\r\nLicense: UNKNOWN\r\nSummary: \xff\r\n\r\nRequires-Dist: not-this\r\n",
        );
        assert_eq!((declared.name.as_str(), declared.version.as_str()), ("Foo", "1.0"));
        assert_eq!(declared.requires, ["a >=1, <2", "b"]);
        assert_eq!(declared.extras, ["x"]);
    }

    #[test]
    fn the_sections_of_an_egg_are_markers() {
        let requires = egg_requires("a>=1\n\n[:python_version<\"3\"]\nb\n\n[x]\nc\n[y:os_name=='nt']\nd\n");
        assert_eq!(
            requires,
            [
                "a>=1",
                "b ; (python_version<\"3\")",
                "c ; extra == 'x'",
                "d ; (os_name=='nt') and extra == 'y'"
            ]
        );
    }
}
