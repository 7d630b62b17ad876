//! Every check there is, in one table. Ids are stable: policies, reports and people refer to them.

use std::fmt;

use rhapsode_deps::Rule;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

macro_rules! checks {
    ($($before:ident, $before_id:literal, $before_title:literal;)+ => rules; $($after:ident, $after_id:literal, $after_title:literal;)+) => {
        /// A check. The order is the order of a report.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum CheckId {
            $(#[doc = concat!($before_title, ": `", $before_id, "`.")] $before,)+
            /// A rule for dependencies: `RHA-DEP-001` and on.
            Dependency(Rule),
            $(#[doc = concat!($after_title, ": `", $after_id, "`.")] $after,)+
        }

        impl CheckId {
            /// Every check, in the order of a report.
            pub fn all() -> impl Iterator<Item = Self> {
                let rules = Rule::ALL.iter().copied().map(Self::Dependency);
                [$(Self::$before),+].into_iter().chain(rules).chain([$(Self::$after),+])
            }

            /// The stable id, such as `RHA-NET-001`.
            #[must_use]
            pub fn id(self) -> &'static str {
                match self {
                    $(Self::$before => $before_id,)+
                    Self::Dependency(rule) => rule.id(),
                    $(Self::$after => $after_id,)+
                }
            }

            /// What it is about, in a few words.
            #[must_use]
            pub fn title(self) -> &'static str {
                match self {
                    $(Self::$before => $before_title,)+
                    Self::Dependency(rule) => rule.title(),
                    $(Self::$after => $after_title,)+
                }
            }
        }
    };
}

checks! {
    Reachable, "RHA-NET-001", "the backend answers";
    Ready, "RHA-NET-002", "the backend is ready";
    Identity, "RHA-NET-003", "engine, model and revision are the expected ones";
    Report, "RHA-NET-004", "the dependency report can be read";
    Voice, "RHA-VOX-001", "the voice is there";
    Language, "RHA-VOX-002", "the language is spoken";
    Reference, "RHA-VOX-003", "the recording of the voice can be used";
    Dependencies, "RHA-DEP-000", "the dependencies hold together";
    => rules;
    AcceleratorPresent, "RHA-ACC-001", "the accelerator is there";
    Architecture, "RHA-ACC-002", "the build is for the accelerator's architecture";
    Fallback, "RHA-ACC-003", "the accelerator is used";
    Driver, "RHA-ACC-004", "the driver serves the build's CUDA";
    Speech, "RHA-SPK-001", "the backend speaks";
    Disk, "RHA-MAC-001", "there is room for the job";
    Writable, "RHA-MAC-002", "the folder can be written to";
    Encoder, "RHA-MAC-003", "the encoder is there";
    OpenFiles, "RHA-MAC-004", "enough files can be open at a time";
    Clock, "RHA-MAC-005", "the clock is right";
    JobLock, "RHA-MAC-006", "no other rhapsode is at the job";
}

impl fmt::Display for CheckId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.id())
    }
}

impl Serialize for CheckId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.id())
    }
}

impl<'de> Deserialize<'de> for CheckId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let id = String::deserialize(deserializer)?;
        Self::all().find(|check| check.id() == id).ok_or_else(|| {
            de::Error::custom(format!("there is no check {id:?}; `rhapsode doctor` names those there are"))
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn no_id_is_used_twice_and_the_order_of_the_table_is_the_order_of_a_report() {
        let all: Vec<CheckId> = CheckId::all().collect();
        assert!(all.is_sorted());
        assert_eq!(all.iter().map(|check| check.id()).collect::<BTreeSet<_>>().len(), all.len());
    }

    #[test]
    fn an_id_reads_back() {
        for check in CheckId::all() {
            let json = serde_json::to_string(&check).unwrap();
            assert_eq!(serde_json::from_str::<CheckId>(&json).unwrap(), check);
        }
        let error = serde_json::from_str::<CheckId>("\"RHA-NET-999\"").unwrap_err().to_string();
        assert!(error.contains("there is no check \"RHA-NET-999\""), "{error}");
    }
}
