//! The page that an index has of a package: PEP 691 JSON or PEP 503 HTML, told apart by how it begins.

use std::{cell::RefCell, collections::BTreeMap};

use html5ever::{
    tendril::StrTendril,
    tokenizer::{BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer},
};
use percent_encoding::percent_decode_str;
use rhapsode_deps::{DepsError, IndexFile, read_page};

/// Reads the files on a page in either form. The reason for refusing one fits after a colon.
pub(super) fn read(name: &str, bytes: &[u8]) -> Result<Vec<IndexFile>, String> {
    let text = std::str::from_utf8(bytes).map_err(|_| "it is not UTF-8".to_owned())?;
    let text = text.trim_start_matches('\u{feff}').trim_start();
    match text.bytes().next() {
        Some(b'{') => read_page(name, text.as_bytes()).map_err(|error| match error {
            DepsError::Malformed { reason, .. } => format!("it is no page of an index: {reason}"),
            other => other.to_string(),
        }),
        Some(b'<') => Ok(html(text)),
        _ => Err("it is neither JSON nor HTML".to_owned()),
    }
}

/// The links of a page.
#[derive(Default)]
struct Links(RefCell<Vec<IndexFile>>);

impl TokenSink for Links {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        if let Token::TagToken(tag) = &token
            && tag.kind == TagKind::StartTag
            && &*tag.name == "a"
        {
            self.0.borrow_mut().extend(link(tag));
        }
        TokenSinkResult::Continue
    }
}

fn html(text: &str) -> Vec<IndexFile> {
    let input = BufferQueue::default();
    input.push_back(StrTendril::from_slice(text));
    let tokenizer = Tokenizer::new(Links::default(), Default::default());
    // Only a script makes it stop before the end, and this sink takes none for one.
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    tokenizer.sink.0.take()
}

/// The file that a link leads to. Its name is the end of the path: what is shown to people may be shortened.
fn link(tag: &Tag) -> Option<IndexFile> {
    let attribute = |name: &str| {
        tag.attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| attr.value.to_string())
    };
    let href = attribute("href")?;
    let (path, fragment) = href.split_once('#').unwrap_or((&href, ""));
    let path = path.split('?').next().unwrap_or_default();
    let name = percent_decode_str(path.rsplit('/').next().unwrap_or_default()).decode_utf8().ok()?;
    let hash = fragment.split_once('=').map(|(kind, hash)| (kind.to_owned(), hash.to_owned()));
    (!name.is_empty()).then(|| IndexFile {
        name: name.into_owned(),
        hashes: BTreeMap::from_iter(hash),
        // One that cannot be read is left out, as installers do.
        requires_python: attribute("data-requires-python").and_then(|specifiers| specifiers.parse().ok()),
        yanked: attribute("data-yanked").is_some(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_of_a_page_say_the_same() {
        let json = br#"{"meta": {"api-version": "1.4"}, "name": "numpy", "versions": ["1.25.2"], "files": [
            {"filename": "numpy-1.25.2.tar.gz", "url": "numpy-1.25.2.tar.gz", "hashes": {"sha256": "00"},
             "requires-python": ">=3.9", "size": 4, "yanked": false},
            {"filename": "numpy-1.24.0+cu1-cp311-cp311-win_amd64.whl", "url": "x", "hashes": {"sha256": "01"},
             "yanked": "broken"}]}"#;
        let html = br#"<!DOCTYPE html><html><head><title>Links for numpy</title></head><body><h1>Links</h1>
            <a href="../../packages/ab/numpy-1.25.2.tar.gz#sha256=00" data-requires-python="&gt;=3.9">numpy-1.25...</a>
            <A HREF="https://files.test/numpy-1.24.0%2Bcu1-cp311-cp311-win_amd64.whl?x=/#sha256=01"
               data-yanked="broken">x</A>
            </body></html>"#;
        let files = read("numpy", json).unwrap();
        assert_eq!(files, read("numpy", html).unwrap());
        assert_eq!(files[0].requires_python.as_ref().unwrap().to_string(), ">=3.9");
        assert_eq!(files[1].name, "numpy-1.24.0+cu1-cp311-cp311-win_amd64.whl");
        assert!(files[1].yanked && !files[0].yanked);
    }

    #[test]
    fn what_is_no_page_is_refused_with_the_reason() {
        for wrong in [&b""[..], b"\xff\xfe", b"Not Found", b"{}", b"{\"files\": 3}"] {
            let reason = read("x", wrong).unwrap_err();
            assert!(reason.starts_with("it is"), "{reason}");
        }
    }

    #[test]
    fn a_page_without_files_has_none() {
        assert!(
            read("x", b"<html><body><a>numpy</a><a href=\"../\">up</a></body></html>").unwrap().is_empty()
        );
    }
}
