//! References from one file of a book to another: percent-encoded, relative to the file that holds them, and
//! never out of the archive.

use percent_encoding::percent_decode_str;

/// What a reference points at.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Target {
    /// Path from the root of the archive; for a reference without a path, that of the file itself.
    pub(crate) path: String,
    /// The id of an element.
    pub(crate) fragment: Option<String>,
}

/// Why a reference points at no file of the book.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum HrefError {
    /// It is the address of something elsewhere.
    External,
    /// Its `..` lead out of the archive.
    Escapes,
}

/// Resolves a reference that stands in the file at `base`.
///
/// # Errors
/// [`HrefError`] if it points at no file of the archive.
pub(crate) fn resolve(base: &str, href: &str) -> Result<Target, HrefError> {
    let href = href.trim();
    let (path, fragment) =
        href.split_once('#').map_or((href, None), |(path, fragment)| (path, Some(fragment)));
    let path = path.split('?').next().unwrap_or_default();
    let fragment = fragment.map(decoded).filter(|f| !f.is_empty());
    let scheme = path.split_once(':').map(|(scheme, _)| scheme);
    if scheme.is_some_and(|s| s.starts_with(|c: char| c.is_ascii_alphabetic()) && !s.contains('/'))
        || path.starts_with("//")
    {
        return Err(HrefError::External);
    }
    if path.is_empty() {
        return Ok(Target { path: base.to_owned(), fragment });
    }
    let path = decoded(path).replace('\\', "/");
    let mut steps: Vec<&str> = match path.starts_with('/') {
        true => Vec::new(),
        false => base.rsplit_once('/').map_or_else(Vec::new, |(folder, _)| folder.split('/').collect()),
    };
    for step in path.split('/') {
        match step {
            "" | "." => {}
            ".." => {
                steps.pop().ok_or(HrefError::Escapes)?;
            }
            step => steps.push(step),
        }
    }
    Ok(Target { path: steps.join("/"), fragment })
}

fn decoded(text: &str) -> String {
    percent_decode_str(text).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(base: &str, href: &str) -> Result<String, HrefError> {
        resolve(base, href).map(|t| t.path + t.fragment.map(|f| format!("#{f}")).unwrap_or_default().as_str())
    }

    #[test]
    fn references_are_relative_to_their_file() {
        assert_eq!(path("OPS/text/a.xhtml", "b.xhtml#x"), Ok("OPS/text/b.xhtml#x".into()));
        assert_eq!(path("OPS/text/a.xhtml", "../img/./c%20d.png"), Ok("OPS/img/c d.png".into()));
        assert_eq!(path("OPS/a.xhtml", "#caf%C3%A9"), Ok("OPS/a.xhtml#café".into()));
        assert_eq!(path("OPS/a.xhtml", "/b.xhtml?x=1#"), Ok("b.xhtml".into()));
        assert_eq!(path("a.opf", "b.xhtml"), Ok("b.xhtml".into()));
    }

    #[test]
    fn references_out_of_the_archive_are_told_apart() {
        for escape in ["../../etc/passwd", "..%2f..%2fetc/passwd", "..\\..\\etc\\passwd", "x/../../../y"] {
            assert_eq!(path("OPS/a.xhtml", escape), Err(HrefError::Escapes), "{escape}");
        }
        for external in ["https://example.org/", "mailto:a@b.c", "//example.org/x", "data:text/html,x"] {
            assert_eq!(path("OPS/a.xhtml", external), Err(HrefError::External), "{external}");
        }
    }
}
