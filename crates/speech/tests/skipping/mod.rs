//! Tests that need what a machine may lack. The end-to-end tests have the same; they build on this crate.

/// Says that a test is skipped, and why. Where `scripts/test` says that nothing may be, it fails.
#[allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a test is told by its environment and its log"
)]
pub fn skip(reason: &str) {
    assert!(std::env::var_os("TESTS_SKIP_NOTHING").is_none(), "{reason}, and TESTS_SKIP_NOTHING is set");
    println!("skipped: {reason}");
}
