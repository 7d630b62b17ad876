//! `METADATA`, in a sound wheel: its headers, and the requirements in them in all the forms that were ever written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_deps::Kind;
use rhapsode_fuzz::{archive, read_packages};

fuzz_target!(|data: &[u8]| {
    let wheel = archive(&[("f-1.0.dist-info/METADATA", data)]);
    read_packages(Kind::Wheel, "f-1.0-py3-none-any.whl", &wheel);
});
