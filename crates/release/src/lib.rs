//! Takes in, a finished audiobook out: chapters are assembled, mastered and encoded as tracks, and tracks
//! become a release.
//!
//! This crate exists so that sound leaves the program in one way: measured, exact to the sample, published by
//! one rename. It knows no script and no backend: the engine hands it plain data.

pub mod audiobookshelf;
pub mod documents;
mod draft;
pub mod encode;
mod error;
mod file_name;
mod formats;
mod master;
mod mp3;
mod mp4;
mod ogg_opus;
pub mod packages;
mod publish;
mod published;
mod staging;
mod tags;
mod track;
mod uri;
mod vorbis;
pub mod whole_file;
pub mod xml;

pub use documents::identity;
pub use draft::{Draft, DraftSettings, write_chapters};
pub use encode::{Codec, EncodedTrack, EncoderInfo, OutsideEncoder, TrackEncoder};
pub use error::ReleaseError;
pub use file_name::safe_file_name;
pub use formats::{Format, Layout, UnknownFormat};
pub use master::{ChapterSurvey, MASTERING_REVISION, kept_track, master, master_surveyed, sweep};
pub use publish::{publish, recover};
pub use published::{FileChapter, Published, PublishedFile};
pub use tags::{CoverArt, CoverKind, Tags};
pub use track::{ChapterPlan, ChunkTime, Loudness, LoudnessTarget, MasterSettings, PlannedTake, Track};
pub use uri::path_segment;
