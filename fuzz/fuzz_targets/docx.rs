//! Half of the inputs are archives as they come; the other half are put into a sound archive, so that the
//! fuzzer reaches the document, its styles and its notes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_book::Format;
use rhapsode_fuzz::{archive, parts, read_and_script};

fuzz_target!(|data: &[u8]| {
    match data.split_first() {
        Some((0..64, raw)) => read_and_script(raw, Format::Docx, "f.docx"),
        Some((_, rest)) => {
            let [document, styles, footnotes, numbering] = parts::<4>(rest);
            let members = [
                ("word/document.xml", document),
                ("word/styles.xml", styles),
                ("word/footnotes.xml", footnotes),
                ("word/numbering.xml", numbering),
            ];
            read_and_script(&archive(&members), Format::Docx, "f.docx");
        }
        None => {}
    }
});
