//! Pictures of covers, from a package or from a file of their own.

use std::path::Path;

use crate::{Cover, CoverType};

/// The largest cover that is taken from a file; players refuse larger ones long before.
const LARGEST: u64 = 32 << 20;

/// Why a picture is not used: for the book's remarks, since a book without it is still a book. The texts fit after the
/// picture's name.
#[derive(Debug, thiserror::Error)]
pub enum CoverFault {
    /// Its file cannot be read.
    #[error("cannot be read: {0}")]
    Unread(#[from] std::io::Error),
    /// It has more bytes than a cover may have.
    #[error("has {0} bytes; the limit is {LARGEST}")]
    TooLarge(u64),
    /// It is a picture that players do not show, or none.
    #[error("is neither JPEG nor PNG and is not used")]
    Unknown,
}

impl Cover {
    /// Recognises a picture by its first bytes.
    ///
    /// # Errors
    /// [`CoverFault::Unknown`] if players would not show it.
    pub(crate) fn of(bytes: Vec<u8>) -> Result<Self, CoverFault> {
        let kind = match bytes.as_slice() {
            [0xff, 0xd8, 0xff, ..] => CoverType::Jpeg,
            [0x89, b'P', b'N', b'G', ..] => CoverType::Png,
            _ => return Err(CoverFault::Unknown),
        };
        Ok(Self { kind, bytes })
    }

    /// Reads the picture in a file.
    ///
    /// # Errors
    /// [`CoverFault`] if it is not used.
    pub fn read(path: &Path) -> Result<Self, CoverFault> {
        let length = path.metadata()?.len();
        if length > LARGEST {
            return Err(CoverFault::TooLarge(length));
        }
        Self::of(std::fs::read(path)?)
    }
}
