//! How many files may be open at a time. A job with too few fails late, and in ways that do not say why.

use super::about;
use crate::{About, Check, CheckId, Checking, Conditions, Outcome};

/// Whether enough files can be open at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpenFiles {
    /// Files and connections that the job has open at a time, at most.
    pub needed: u64,
}

impl Check for OpenFiles {
    fn about(&self) -> About {
        about(CheckId::OpenFiles, "open files")
    }

    fn run<'a>(&'a self, _: &'a Conditions) -> Checking<'a> {
        let outcome = self.judge(limit());
        Box::pin(async move { vec![outcome] })
    }
}

impl OpenFiles {
    fn judge(&self, limit: Option<u64>) -> Outcome {
        let Self { needed } = self;
        match limit {
            None => Outcome::pass(CheckId::OpenFiles, "open files", "there is no limit"),
            Some(limit) if limit < *needed => Outcome::fail(
                CheckId::OpenFiles,
                "open files",
                format!("at most {limit}"),
            )
            .but(
                format!("{needed} at least"),
                format!(
                    "raise the limit (`ulimit -n {needed}`), or work on fewer things at a time (--workers)"
                ),
            ),
            Some(limit) => {
                Outcome::pass(CheckId::OpenFiles, "open files", format!("at most {limit}, {needed} needed"))
            }
        }
    }
}

/// Files that this process may have open, if there is a limit.
#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
fn limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    #[test]
    fn a_limit_below_what_is_needed_fails_and_names_the_number() {
        let outcome = OpenFiles { needed: 300 }.judge(Some(256));
        assert_eq!(outcome.verdict, Verdict::Fail);
        assert!(outcome.remedy.contains("ulimit -n 300"), "{}", outcome.remedy);
    }

    #[test]
    fn what_is_just_enough_passes_and_so_does_no_limit() {
        assert_eq!(OpenFiles { needed: 256 }.judge(Some(256)).verdict, Verdict::Pass);
        assert_eq!(OpenFiles { needed: u64::MAX }.judge(None).verdict, Verdict::Pass);
    }
}
