//! Any text, cut for engines of any size.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_book::Format;
use rhapsode_script::{Packing, Profile};

fuzz_target!(|data: &[u8]| {
    let Some((&[min, max, packing], text)) = data.split_first_chunk::<3>() else { return };
    let Some(book) = rhapsode_fuzz::read(text, Format::Markdown, "f.md") else { return };
    let max_chars = 1 + usize::from(max) * 2;
    let profile = Profile {
        min_chars: 1 + usize::from(min) % max_chars,
        max_chars,
        packing: if packing % 2 == 0 { Packing::Fill } else { Packing::Sentence },
    };
    rhapsode_fuzz::script(&book, profile);
});
