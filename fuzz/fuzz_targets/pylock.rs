//! `pylock.toml`
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_deps::Kind;
use rhapsode_fuzz::read_packages;

fuzz_target!(|data: &[u8]| read_packages(Kind::Pylock, "pylock.toml", data));
