//! What every target checks: a reader refuses its input with an error, or reads it and loses nothing.
//! What is read of packages is judged as well.

use std::io::{Cursor, Write};
use std::path::Path;
use std::sync::Once;

use rhapsode_book::{Book, Format, ReadError, ReadOptions, read_bytes};
use rhapsode_deps::{Kind, Question};
use rhapsode_script::{Packing, Profile, ScriptError, ScriptOptions};
use zip::{ZipWriter, write::SimpleFileOptions};

/// Reads `bytes` as `format`, and scripts what was read in whole sentences.
pub fn read_and_script(bytes: &[u8], format: Format, name: &str) {
    if let Some(book) = read(bytes, format, name) {
        script(&book, Profile { min_chars: 1, max_chars: 300, packing: Packing::Sentence });
    }
}

/// Reads `bytes` as `format`; a book whose ledger does not account for it is a defect, whether the reader says so
/// itself or not.
pub fn read(bytes: &[u8], format: Format, name: &str) -> Option<Book> {
    let options = ReadOptions { format: Some(format), ..ReadOptions::default() };
    match read_bytes(bytes, Path::new(name), &options) {
        Ok(book) => {
            book.verify().expect("what is kept stands in the chapters");
            Some(book)
        }
        Err(ReadError::Ledger(error)) => panic!("the reader lost text: {error}"),
        Err(_) => None,
    }
}

/// Scripts a book; a script that loses text, or speaks it twice, is a defect.
pub fn script(book: &Book, profile: Profile) {
    in_this_thread();
    match rhapsode_script::write(book, &ScriptOptions::new(profile)) {
        Ok(script) => {
            script.verify().expect("a script accounts for every character");
            assert!(script.chunks().all(|chunk| !chunk.plain_text().trim().is_empty()), "a chunk is silent");
        }
        Err(ScriptError::Ledger(error)) => panic!("the script lost text: {error}"),
        Err(_) => {}
    }
}

/// Reads a lock, a report or a wheel, and judges what was read.
pub fn read_packages(kind: Kind, name: &str, bytes: &[u8]) {
    if let Ok(subject) = rhapsode_deps::read(kind, name, bytes) {
        let _ = rhapsode_deps::judge(&subject, &Question::default());
    }
}

/// Chapters are written in parallel; the fuzzer runs one process a core, and handing small inputs to another
/// thread would cost more than they do.
fn in_this_thread() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .use_current_thread()
            .build_global()
            .expect("nothing has started the global pool before");
    });
}

/// A zip of these members, stored: the fuzzer should spend its time in our readers, not in the inflater.
pub fn archive(members: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::with_capacity(8192)));
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
