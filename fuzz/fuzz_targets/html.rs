//! Any bytes, read as html.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_book::Format;

fuzz_target!(|data: &[u8]| rhapsode_fuzz::read_and_script(data, Format::Html, "f.html"));
