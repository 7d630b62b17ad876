//! `uv.lock`, with its forks and who asks for what.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_deps::Kind;
use rhapsode_fuzz::read_packages;

fuzz_target!(|data: &[u8]| read_packages(Kind::Uv, "uv.lock", data));
