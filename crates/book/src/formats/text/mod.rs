//! Plain text.

pub(super) mod decode;
