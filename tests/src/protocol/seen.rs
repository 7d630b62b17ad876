//! What a check saw.

/// What was seen where all is well, or why not.
pub(crate) type Seen = Result<String, Fault>;

/// Why a check did not pass, with what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Fault {
    /// The server does not have it.
    Absent(String),
    /// The server has it and does it wrong.
    Wrong(String),
    /// It could not be asked for.
    Skipped(String),
}

impl Fault {
    pub(crate) fn absent(seen: impl Into<String>) -> Self {
        Self::Absent(seen.into())
    }

    pub(crate) fn wrong(seen: impl Into<String>) -> Self {
        Self::Wrong(seen.into())
    }

    pub(crate) fn skipped(why: impl Into<String>) -> Self {
        Self::Skipped(why.into())
    }

    /// The same, with words before what was seen.
    pub(crate) fn after(self, what: &str) -> Self {
        let said = |seen: String| format!("{what}: {seen}");
        match self {
            Self::Absent(seen) => Self::Absent(said(seen)),
            Self::Wrong(seen) => Self::Wrong(said(seen)),
            Self::Skipped(why) => Self::Skipped(said(why)),
        }
    }
}

/// Wrong unless it holds.
pub(crate) fn demand(holds: bool, otherwise: impl FnOnce() -> String) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Wrong(otherwise())) }
}
