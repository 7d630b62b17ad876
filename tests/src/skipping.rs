//! Tests that need what a machine may lack: a package registry, a program. Where nothing may be missing they fail.

/// The variable that `scripts/test` sets: nothing may be skipped. It is no `RHAPSODE_…`, which would be a setting.
const SKIP_NOTHING: &str = "TESTS_SKIP_NOTHING";

/// Says that a test is skipped, and why.
///
/// # Panics
/// If nothing may be skipped.
#[allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test is told by its environment and its log"
)]
pub fn skip(reason: &str) {
    assert!(std::env::var_os(SKIP_NOTHING).is_none(), "{reason}, and {SKIP_NOTHING} is set");
    println!("skipped: {reason}");
}
