//! Wheels as they come: the archive around the metadata.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_deps::Kind;
use rhapsode_fuzz::read_packages;

fuzz_target!(|data: &[u8]| read_packages(Kind::Wheel, "f-1.0-py3-none-any.whl", data));
