//! Manuscript bytes in, [`Book`] and [`Ledger`] out.
//!
//! This crate exists so that every later stage sees one shape, whatever file the user gave, and so that no
//! character of it can go missing unnoticed. It has no network and prints nothing.

mod archive;
mod assemble;
mod book;
mod cover;
mod dom;
mod error;
mod formats;
mod href;
mod ledger;
pub mod markup;
mod policy;
mod read;
mod roles;
mod style;
mod walk;

pub use book::{
    Block, BlockKind, Book, Chapter, Cover, CoverType, Identifier, Inline, Matter, Metadata, SectionRole,
    Series, TextRun, TitleOrigin,
};
pub use cover::CoverFault;
pub use error::ReadError;
pub use formats::{EpubSource, Format, SourceDocument, SourceEntry, SourceItem};
pub use ledger::{Disposition, Ledger, LedgerEntry, LedgerError, SkipReason, Span};
pub use policy::{NotePolicy, ReadPolicy, Reading, TablePolicy};
pub use read::{ReadOptions, read, read_bytes};
