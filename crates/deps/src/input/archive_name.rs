//! What file names of wheels and source distributions tell of themselves.

use std::str::FromStr;

use pep440_rs::Version;
use pep508_rs::PackageName;

const SOURCES: [&str; 6] = [".tar.gz", ".zip", ".tar.bz2", ".tar.xz", ".tgz", ".tar"];

/// Whether a file name is that of a wheel or a source distribution.
pub(super) fn is_archive(file: &str) -> bool {
    file.ends_with(".whl") || is_source(file)
}

/// Whether a file name is that of a source distribution.
pub(super) fn is_source(file: &str) -> bool {
    SOURCES.iter().any(|end| file.ends_with(end))
}

/// The name and version in a file name: `foo-1.0-py3-none-any.whl`, `foo-bar-1.0.tar.gz`.
pub(super) fn parse(file: &str) -> Option<(PackageName, Version)> {
    let (name, version) = match file.strip_suffix(".whl") {
        Some(stem) => {
            let mut parts = stem.split('-');
            (parts.next()?, parts.next()?)
        }
        // Old source distributions have dashes in their names; a version has none that starts with a digit.
        None => SOURCES.iter().find_map(|end| file.strip_suffix(end))?.rsplit_once('-')?,
    };
    Some((PackageName::from_str(name).ok()?, Version::from_str(version).ok()?))
}

/// The last part of an address or a path, without its fragment and its query, decoded.
pub(super) fn file_name(address: &str) -> String {
    let path = address.split(['#', '?']).next().unwrap_or_default();
    let name = path.trim_end_matches('/').rsplit(['/', '\\']).next().unwrap_or_default();
    decode(name)
}

/// The name in an address or a path: of `#egg=name`, or of the archive that it ends with.
pub(super) fn in_address(address: &str) -> Option<(PackageName, Option<Version>)> {
    let fragment = address.split_once('#').map(|(_, fragment)| fragment).unwrap_or_default();
    let egg = fragment.split('&').find_map(|part| part.strip_prefix("egg="));
    if let Some(egg) = egg {
        let name = egg.split(['[', '-']).next().unwrap_or_default();
        let whole = egg.split('[').next().unwrap_or_default();
        let name = PackageName::from_str(whole).or_else(|_| PackageName::from_str(name));
        return name.ok().map(|name| (name, None));
    }
    let (name, version) = parse(&file_name(address))?;
    Some((name, Some(version)))
}

/// `%2B` and the like as what they mean; what is not UTF-8 stays as it is.
fn decode(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let decoded = (*first == b'%')
            .then(|| after.get(..2))
            .flatten()
            .and_then(|digits| u8::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok());
        match decoded {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_versions_are_found_in_file_names_and_addresses() {
        let of = |address| in_address(address).map(|(name, version)| format!("{name} {version:?}"));
        assert_eq!(
            of("https://x/torch-2.8.0%2Bcu128-cp311-cp311-linux_x86_64.whl#sha256=a"),
            of("torch-2.8.0+cu128-x.whl")
        );
        assert_eq!(of("git+ssh://git@x/y.git@main#egg=foo_bar[a]&subdirectory=z").unwrap(), "foo-bar None");
        assert!(of("../foo-bar-1.2.tar.gz").unwrap().starts_with("foo-bar Some"));
        assert_eq!(of("./somewhere"), None);
        assert_eq!(decode("100%"), "100%");
    }
}
