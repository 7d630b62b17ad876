//! Any bytes, read as text.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_book::Format;

fuzz_target!(|data: &[u8]| rhapsode_fuzz::read_and_script(data, Format::Text, "f.txt"));
