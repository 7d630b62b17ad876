//! The pronunciation lexicon: words and phrases whose sound a user gives. It is the first thing that sees a
//! sentence, so that no rule of a language changes a word that someone has taken the trouble to spell out.

mod matcher;
mod parse;

pub(crate) use matcher::{Found, Matcher};

use crate::{Pronunciation, ScriptError};

/// Words and phrases with their pronunciation, as a user wrote them. Empty by default.
///
/// # Examples
/// ```
/// let lexicon = rhapsode_script::Lexicon::parse(r#"
///     [words]
///     Hermione = "her-my-oh-nee"
///     Cholmondeley = "/ʧˈʌmli/"
/// "#)?;
/// assert_eq!(lexicon.len(), 2);
/// # Ok::<(), rhapsode_script::ScriptError>(())
/// ```
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Lexicon {
    entries: Vec<Entry>,
}

/// One word or phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Entry {
    word: String,
    pronunciation: Pronunciation,
    case: Case,
    extent: Extent,
    /// BCP 47 language that the entry is for, by primary subtag; `None` for all.
    language: Option<String>,
}

/// Whether capitals count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Case {
    Any,
    Exact,
}

/// Whether an entry is found inside longer words.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "kebab-case")]
enum Extent {
    #[default]
    Word,
    Part,
}

impl Lexicon {
    /// Reads a lexicon from TOML: `[[word]]` tables, the short table `[words]`, or both.
    ///
    /// # Errors
    /// [`ScriptError::Lexicon`] names the line and what to do about it.
    pub fn parse(toml: &str) -> Result<Self, ScriptError> {
        parse::parse(toml)
    }

    /// Both lexicons together; where they name the same word, `over` is right.
    #[must_use]
    pub fn merge(mut self, over: Self) -> Self {
        let rules =
            |e: &Entry| (e.word.clone(), e.case == Case::Exact, e.extent == Extent::Part, e.language.clone());
        let newer: std::collections::BTreeSet<_> = over.entries.iter().map(rules).collect();
        self.entries.retain(|entry| !newer.contains(&rules(entry)));
        self.entries.extend(over.entries);
        self
    }

    /// Number of words and phrases.
    #[must_use]
    pub fn len(&self) -> usize {
        self.entries.len()
    }

    /// Whether nothing is in it.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }
}
