//! Whether the clock can be trusted: certificates, the age of what is kept and the order of what was written hang on it.

use std::time::{Duration, Instant, SystemTime};

use chrono::{DateTime, SecondsFormat, Utc};

use super::about;
use crate::{About, Check, CheckId, Checking, Conditions, Outcome};

/// 2025-01-01, in seconds since 1970. No clock that is right was ever before it while this program was there.
const BEFORE_US: u64 = 1_735_689_600;

/// How far a file may come from the future: clocks of two machines with one disk differ a little.
const AHEAD: Duration = Duration::from_secs(300);

/// How far the clock may move by itself while the checks run.
const MOVED: Duration = Duration::from_secs(2);

/// Whether the clock is right, as far as it can be told without asking anybody.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Clock {
    /// When the newest file that this program wrote on this machine was written, if there is one, with its name for
    /// people.
    pub newest: Option<(SystemTime, String)>,
}

impl Check for Clock {
    fn about(&self) -> About {
        about(CheckId::Clock, "clock")
    }

    fn run<'a>(&'a self, _: &'a Conditions) -> Checking<'a> {
        Box::pin(async move { vec![self.judge(SystemTime::now())] })
    }
}

impl Clock {
    fn judge(&self, now: SystemTime) -> Outcome {
        let remedy = "set the clock (`timedatectl set-ntp true`)";
        let shown = rfc3339(now);
        if now < SystemTime::UNIX_EPOCH + Duration::from_secs(BEFORE_US) {
            return Outcome::fail(CheckId::Clock, "clock", shown)
                .but("a day on which there was a rhapsode", remedy);
        }
        match &self.newest {
            Some((written, file)) if *written > now + AHEAD => {
                let seen = format!("{shown}, and {file} was written at {}", rfc3339(*written));
                Outcome::warn(CheckId::Clock, "clock", seen).but("no file from the future", remedy)
            }
            _ => Outcome::pass(CheckId::Clock, "clock", shown),
        }
    }
}

/// A moment on both clocks: the one that people set, and the one that only runs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Moment {
    set: SystemTime,
    running: Instant,
}

impl Moment {
    pub(crate) fn now() -> Self {
        Self { set: SystemTime::now(), running: Instant::now() }
    }
}

/// Whether the clock was set between two moments.
pub(crate) fn jump(from: Moment, to: Moment) -> Option<Outcome> {
    let ran = to.running.duration_since(from.running);
    let should = from.set + ran;
    let off = to.set.duration_since(should).unwrap_or_else(|early| early.duration());
    (off > MOVED).then(|| {
        let way = if to.set > should { "forward" } else { "back" };
        let seen = format!("it was set {way} by {:.0} s while the checks ran", off.as_secs_f64());
        Outcome::warn(CheckId::Clock, "clock", seen)
            .but("a clock that is left alone", "let a time service keep it, in small steps")
    })
}

fn rfc3339(time: SystemTime) -> String {
    DateTime::<Utc>::from(time).to_rfc3339_opts(SecondsFormat::Secs, true)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Verdict;

    fn at(seconds: u64) -> SystemTime {
        SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
    }

    #[test]
    fn a_clock_that_was_never_set_fails() {
        let outcome = Clock::default().judge(at(86_400));
        assert_eq!((outcome.verdict, outcome.seen.as_str()), (Verdict::Fail, "1970-01-02T00:00:00Z"));
    }

    #[test]
    fn a_file_from_the_future_is_told_unless_it_is_only_just_ahead() {
        let now = at(2_000_000_000);
        let newest =
            |ahead| Clock { newest: Some((now + Duration::from_secs(ahead), "the store".to_owned())) };
        assert_eq!(newest(200).judge(now).verdict, Verdict::Pass);
        let outcome = newest(4_000).judge(now);
        assert_eq!(outcome.verdict, Verdict::Warn);
        assert!(outcome.seen.contains("the store was written at 2033-05-18T04:40:00Z"), "{}", outcome.seen);
    }

    #[test]
    fn a_clock_that_is_set_while_the_checks_run_is_told_with_its_way() {
        let from = Moment::now();
        let later = |set: SystemTime| Moment { set, running: from.running + Duration::from_secs(5) };
        assert!(jump(from, later(from.set + Duration::from_secs(5))).is_none());
        let forward = jump(from, later(from.set + Duration::from_secs(3_605))).unwrap();
        assert_eq!(forward.seen, "it was set forward by 3600 s while the checks ran");
        let back = jump(from, later(from.set - Duration::from_secs(55))).unwrap();
        assert_eq!(back.seen, "it was set back by 60 s while the checks ran");
    }
}
