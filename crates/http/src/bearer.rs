//! The optional token that clients must show, as `Authorization: Bearer …`.

use std::{fmt, str::FromStr};

use axum::http::{HeaderMap, header::AUTHORIZATION};
use subtle::ConstantTimeEq;

/// A secret that clients must show. It is never printed.
#[derive(Clone)]
pub struct Token(String);

/// Why a text is no token. The text fits after "failed to ".
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("use the token: it must be one line of visible ASCII characters, at least one")]
pub struct NotAToken;

/// Why a request is not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotShown {
    /// It shows no token.
    Missing,
    /// It shows another one.
    Wrong,
}

impl FromStr for Token {
    type Err = NotAToken;

    /// White space around it does not count, so that a file may end with a new line.
    fn from_str(text: &str) -> Result<Self, NotAToken> {
        let token = text.trim();
        let visible = !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_graphic());
        if visible { Ok(Self(token.to_owned())) } else { Err(NotAToken) }
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Token(…)")
    }
}

impl Token {
    /// Whether a request shows it. The time that this takes tells nothing of the token but its length.
    ///
    /// # Errors
    /// [`NotShown`] if it does not.
    pub fn check(&self, headers: &HeaderMap) -> Result<(), NotShown> {
        let shown = headers.get(AUTHORIZATION).and_then(|value| {
            let (scheme, token) = value.as_bytes().split_at_checked("Bearer ".len())?;
            scheme.eq_ignore_ascii_case(b"Bearer ").then_some(token)
        });
        match shown {
            None => Err(NotShown::Missing),
            Some(token) if bool::from(token.ct_eq(self.0.as_bytes())) => Ok(()),
            Some(_) => Err(NotShown::Wrong),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(value: &str) -> HeaderMap {
        HeaderMap::from_iter([(AUTHORIZATION, value.parse().unwrap())])
    }

    #[test]
    fn only_the_whole_token_opens() {
        let token: Token = "s3cret\n".parse().unwrap();
        assert!(token.check(&shown("Bearer s3cret")).is_ok());
        assert!(token.check(&shown("bearer s3cret")).is_ok());
        for wrong in ["Bearer s3cre", "Bearer s3cret!", "Bearer "] {
            assert_eq!(token.check(&shown(wrong)), Err(NotShown::Wrong), "{wrong:?}");
        }
        for none in ["s3cret", "Basic s3cret", ""] {
            assert_eq!(token.check(&shown(none)), Err(NotShown::Missing), "{none:?}");
        }
        assert_eq!(token.check(&HeaderMap::new()), Err(NotShown::Missing));
    }

    #[test]
    fn a_token_is_never_printed_and_never_empty() {
        let token: Token = "s3cret".parse().unwrap();
        assert_eq!(format!("{token:?}"), "Token(…)");
        for text in ["", " \n", "two words", "a\nb", "ä"] {
            assert_eq!(text.parse::<Token>().map(|_| ()), Err(NotAToken), "{text:?}");
        }
    }
}
