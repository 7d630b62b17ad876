//! x
pub mod error;
mod marks;
mod overlay;
