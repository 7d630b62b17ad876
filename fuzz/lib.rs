//! What every target checks: a reader refuses its input with an error, or reads it and loses nothing.

use std::{
    io::{Cursor, Write},
    path::Path,
};

use rhapsode_book::{Book, Format, Inline, ReadOptions, read_bytes};
use rhapsode_script::{Packing, Profile, ScriptError, ScriptOptions};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Reads `bytes` as `format`, and scripts what was read.
pub fn read_and_script(bytes: &[u8], format: Format, name: &str) {
    let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
    if let Ok(book) = read_bytes(bytes, Path::new(name), &options) {
        check(&book);
        script(&book, Profile { min_chars: 1, max_chars: 300, packing: Packing::Sentence });
    }
}

/// Scripts a book; an error that says that text was lost is a defect.
pub fn script(book: &Book, profile: Profile) {
    let options = ScriptOptions { profile, ..ScriptOptions::default() };
    match rhapsode_script::write(book, &options) {
        Ok(script) => script.verify().expect("a script accounts for every character"),
        Err(ScriptError::Ledger(error)) => panic!("{error}"),
        Err(_) => {}
    }
}

/// What is kept stands in the blocks, character for character.
fn check(book: &Book) {
    let mut kept = 0;
    for run in book.chapters.iter().flat_map(|c| &c.blocks).flat_map(|b| &b.inlines) {
        if let Inline::Text(run) = run {
            assert_eq!(run.text.chars().count() as u64, run.span.len());
            kept += run.span.len();
        }
    }
    assert_eq!(kept, book.ledger.kept());
}

/// A zip of these members, stored: the fuzzer should spend its time in our readers, not in the inflater.
pub fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for (name, bytes) in members {
        zip.start_file(*name, stored).expect("the names of the members are fine");
        zip.write_all(bytes).expect("memory can be written");
    }
    zip.finish().expect("memory can be written").into_inner()
}

/// The input in as many parts as are wanted, divided at 0xFF bytes; absent parts are empty.
pub fn parts<const N: usize>(data: &[u8]) -> [&[u8]; N] {
    let mut parts = [&data[..0]; N];
    for (part, found) in parts.iter_mut().zip(data.splitn(N, |byte| *byte == 0xff)) {
        *part = found;
    }
    parts
}
