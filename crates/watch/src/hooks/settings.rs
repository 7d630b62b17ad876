//! What a hook is, checked before the first book.

use std::{collections::BTreeSet, ffi::OsString, fmt, time::Duration};

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Url;
use serde::{Deserialize, Serialize};

use super::{Outcome, template::Template};

/// Why a hook cannot be used. The texts say what is wrong with it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct HookError(pub(super) String);

/// The name of a hook: short, and good in the name of a file.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct HookName(String);

impl TryFrom<String> for HookName {
    type Error = HookError;

    fn try_from(name: String) -> Result<Self, HookError> {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        if (1..=40).contains(&name.len()) && name.bytes().all(fits) {
            return Ok(Self(name));
        }
        Err(HookError(format!("the name {name:?} is not made of 1 to 40 letters, digits, - and _")))
    }
}

impl From<HookName> for String {
    fn from(name: HookName) -> Self {
        name.0
    }
}

impl fmt::Display for HookName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is not to be printed, such as a token.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// A secret, without the line end that files have behind it.
    #[must_use]
    pub fn new(text: &str) -> Self {
        Self(text.trim().to_owned())
    }

    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    /// The key that it is for signatures: what follows `whsec_` is base64, any other text is its own bytes.
    pub(super) fn key(&self) -> Result<Vec<u8>, HookError> {
        let key = match self.0.strip_prefix("whsec_") {
            Some(encoded) => BASE64_STANDARD
                .decode(encoded)
                .map_err(|_| HookError("what follows whsec_ in its secret is no base64".to_owned()))?,
            None => self.0.clone().into_bytes(),
        };
        if key.is_empty() { Err(HookError("its secret is empty".to_owned())) } else { Ok(key) }
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret([secret])")
    }
}

/// Who is told of what.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hook {
    /// Its name.
    pub name: HookName,
    /// What it is told of.
    pub on: BTreeSet<Outcome>,
    /// How it is told.
    pub action: HookAction,
    /// How long it may take to be told.
    pub time_out: Duration,
}

/// How a hook is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HookAction {
    /// By starting a program.
    Program(Program),
    /// By a request.
    Webhook(Webhook),
    /// By what Audiobookshelf offers.
    Audiobookshelf(Shelf),
}

/// A program that is started for each book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Program {
    pub(super) template: Template,
    pub(super) environment: Vec<(OsString, OsString)>,
}

impl Program {
    /// A program with its arguments, in which `{title}` and the like stand for what is told, and all of the environment that
    /// it gets.
    ///
    /// # Errors
    /// If no program is named, or an argument has a place that is not known.
    pub fn new(command: &[String], environment: Vec<(OsString, OsString)>) -> Result<Self, HookError> {
        Ok(Self { template: Template::parse(command)?, environment })
    }
}

/// An address that the news is posted to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Webhook {
    pub(super) url: Url,
    pub(super) key: Option<Vec<u8>>,
}

impl Webhook {
    /// An address, and the secret by which its owner knows that the news is true.
    ///
    /// # Errors
    /// If either is none.
    pub fn new(url: &str, secret: Option<&Secret>) -> Result<Self, HookError> {
        Ok(Self { url: address(url)?, key: secret.map(Secret::key).transpose()? })
    }
}

/// An Audiobookshelf server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shelf {
    pub(super) url: Url,
    pub(super) token: Secret,
    pub(super) library: String,
    pub(super) action: ShelfAction,
}

/// What an Audiobookshelf server is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShelfAction {
    /// To look through its library, which is the one that books are published to.
    Rescan,
    /// To take the book's files in, into this folder of its library.
    Upload {
        /// Its id.
        folder: String,
    },
}

impl Shelf {
    /// A server with the id of its library and a token of its API.
    ///
    /// # Errors
    /// If the address is none, or an id or the token is empty.
    pub fn new(url: &str, token: Secret, library: &str, action: ShelfAction) -> Result<Self, HookError> {
        let folder = match &action {
            ShelfAction::Rescan => "-",
            ShelfAction::Upload { folder } => folder,
        };
        if token.expose().is_empty() {
            return Err(HookError("its token is empty".to_owned()));
        }
        for (what, id) in [("library", library), ("folder", folder)] {
            let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
            if id.is_empty() || !id.bytes().all(fits) {
                return Err(HookError(format!("its {what} {id:?} is no id; the address bar shows it")));
            }
        }
        Ok(Self { url: address(url)?, token, library: library.to_owned(), action })
    }

    /// The address of a call.
    pub(super) fn call(&self, path: &str) -> String {
        format!("{}{path}", self.url.as_str().trim_end_matches('/'))
    }
}

/// An address of the web. The reasons for refusing one do not repeat it: it may have a password in it.
fn address(text: &str) -> Result<Url, HookError> {
    let url = Url::parse(text.trim()).map_err(|_| HookError("its url is none".to_owned()))?;
    if matches!(url.scheme(), "http" | "https") && url.host_str().is_some() {
        return Ok(url);
    }
    Err(HookError("its url begins with neither http:// nor https://".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_into_names_of_files() {
        for name in ["", "../up", "a b", "é", &"x".repeat(41)] {
            assert!(HookName::try_from(name.to_owned()).is_err(), "{name}");
        }
        assert_eq!(HookName::try_from("nas-2".to_owned()).unwrap().to_string(), "nas-2");
    }

    #[test]
    fn secrets_are_not_printed_and_are_keys_in_two_spellings() {
        assert!(!format!("{:?}", Secret::new("hush")).contains("hush"));
        assert_eq!(Secret::new("whsec_aGk=\n").key().unwrap(), b"hi");
        assert_eq!(Secret::new("hi").key().unwrap(), b"hi");
        assert!(Secret::new("whsec_!").key().is_err() && Secret::new(" ").key().is_err());
    }

    #[test]
    fn an_address_that_is_refused_is_not_repeated() {
        for url in ["hush", "ftp://me:hush@nas/"] {
            assert!(!Webhook::new(url, None).unwrap_err().to_string().contains("hush"));
        }
        let shelf =
            |library: &str| Shelf::new("http://nas:13378/", Secret::new("t"), library, ShelfAction::Rescan);
        assert!(shelf("../x").is_err());
        assert_eq!(shelf("lib_1").unwrap().call("/api"), "http://nas:13378/api");
    }
}
