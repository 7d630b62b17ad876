//! A key to a server. It has a type of its own so that it cannot be printed, stored or sent by accident.

use std::fmt;

/// A key. `Debug` hides it, and it cannot be serialised.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A key, without the line end that files have behind it.
    #[must_use]
    pub fn new(key: &str) -> Self {
        Self(key.trim().to_owned())
    }

    /// The key itself, for the one header that it belongs in.
    pub(crate) fn expose(&self) -> &str {
        &self.0
    }

    /// A text in which this key does not occur: servers like to repeat what they did not accept.
    pub(crate) fn redact(&self, text: &str) -> String {
        if self.0.is_empty() { text.to_owned() } else { text.replace(&self.0, "[key]") }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([key])")
    }
}
