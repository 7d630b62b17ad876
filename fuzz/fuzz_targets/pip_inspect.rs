//! What `pip inspect` writes.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_deps::Kind;
use rhapsode_fuzz::read_packages;

fuzz_target!(|data: &[u8]| read_packages(Kind::Inspection, "pip_inspect.json", data));
