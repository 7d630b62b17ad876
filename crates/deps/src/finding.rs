//! What is wrong, in a form that a person, a gate and a code-scanning page can all read.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// One thing that is wrong with an environment or a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// The rule that is broken.
    pub rule: Rule,
    /// Whether it keeps a job from starting.
    pub severity: Severity,
    /// What it is about: a distribution, a module, a line.
    pub subject: String,
    /// What is there: `numpy 2.2.6`.
    pub seen: String,
    /// What should be there, and who says so: `numpy<=1.26.4, by torchtune 0.3.0`.
    pub expected: String,
    /// What to do about it.
    pub remedy: String,
    /// Where it stands, where it stands in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// A place in a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// The file, as the user named it.
    pub file: PathBuf,
    /// Line, counted from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
}

/// How bad a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Worth knowing; the job starts.
    Warning,
    /// The job does not start.
    Error,
}

macro_rules! rules {
    ($($variant:ident, $number:literal, $title:literal;)+) => {
        /// A rule. Its id is stable: policies, code-scanning pages and people refer to it.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule {
            $(#[doc = concat!($title, ": `RHA-DEP-", $number, "`.")] $variant,)+
        }

        impl Rule {
            /// Every rule, in the order of the ids.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// The stable id, such as `RHA-DEP-003`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self { $(Self::$variant => concat!("RHA-DEP-", $number),)+ }
            }

            /// What it is about, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self { $(Self::$variant => $title,)+ }
            }
        }
    };
}

rules! {
    Missing, "001", "a requirement is not installed";
    OutsideRange, "002", "a version is outside the range that is asked for";
    InstalledTwice, "003", "a distribution is installed twice";
    TwoWheels, "004", "a wheel folder has two wheels of one distribution";
    PythonTooOld, "005", "a distribution does not run on this Python";
    PinBroken, "006", "a pin of the backend does not hold";
    Drift, "007", "what is installed is not what was locked";
    ImportFailed, "008", "a module cannot be imported";
    AttributeMissing, "009", "a module lacks what the backend uses of it";
    NoWheel, "010", "no file of a distribution fits the platform";
    SourceOnly, "011", "a distribution must be built from source";
    LeakedOption, "012", "a lock carries an index or folder of the machine that made it";
    DeadIndex, "013", "an index is known to be gone";
    StaleLock, "014", "a lock is older than its input";
    Unpinned, "015", "a lock leaves a version open";
    Unhashed, "016", "a lock has no hash for a distribution";
    ArtifactDiffers, "017", "the build's report and the live environment disagree";
    Undeclared, "018", "a distribution is known to need what it does not declare";
    Unreadable, "019", "the metadata of a distribution cannot be read";
    VerificationFailed, "020", "the build's own verification failed";
}

impl Serialize for Rule {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for Rule {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        let rule = Self::ALL.iter().find(|rule| rule.id() == id);
        rule.copied().ok_or_else(|| serde::de::Error::custom(format!("there is no rule {id:?}")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_in_order_and_none_is_used_twice() {
        let ids: Vec<&str> = Rule::ALL.iter().map(|rule| rule.id()).collect();
        let mut sorted = ids.clone();
        sorted.sort_unstable();
        sorted.dedup();
        assert_eq!(ids, sorted);
    }
}
