//! Dependency reports, as servers send them.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rhapsode_deps::Kind;
use rhapsode_fuzz::read_packages;

fuzz_target!(|data: &[u8]| read_packages(Kind::Report, "dependencies_report.json", data));
