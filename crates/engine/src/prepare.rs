//! From a manuscript to the list of what must be spoken. Planning, sampling and converting all begin here, so
//! that a plan says what a job does and a sample's takes are the job's takes.

use std::{path::Path, time::Instant};

use rhapsode_book::{Book, Cover, Metadata, ReadOptions};
use rhapsode_dispatch::DispatchOptions;
use rhapsode_script::{Chunk, Profile, Script, ScriptChapter, ScriptOptions};

use crate::{EngineError, Settings, credits, cutting, tags::overridden};

/// A book that is ready to be spoken.
#[derive(Debug)]
pub(crate) struct Prepared {
    pub(crate) book: Book,
    /// The book's metadata with the user's over it.
    pub(crate) metadata: Metadata,
    pub(crate) script: Script,
    pub(crate) read_seconds: f64,
    pub(crate) script_seconds: f64,
}

impl Prepared {
    /// Reads and scripts a manuscript.
    pub(crate) fn read(
        manuscript: &Path,
        profile: Profile,
        settings: &Settings,
    ) -> Result<Self, EngineError> {
        let began = Instant::now();
        let options = ReadOptions { format: None, policy: settings.policy.clone() };
        let mut book = rhapsode_book::read(manuscript, &options)
            .map_err(|source| EngineError::Read { path: manuscript.to_owned(), source })?;
        match settings.cover.as_deref().map(|path| (path, Cover::read(path))) {
            Some((_, Ok(cover))) => book.cover = Some(cover),
            Some((path, Err(fault))) => book.remarks.push(format!("the cover {} {fault}", path.display())),
            None => {}
        }
        Self::script(book, profile, settings, began)
    }

    /// Scripts a book that was read by other means.
    pub(crate) fn script(
        book: Book,
        profile: Profile,
        settings: &Settings,
        began: Instant,
    ) -> Result<Self, EngineError> {
        let read_seconds = began.elapsed().as_secs_f64();
        let metadata = overridden(&book.metadata, &settings.metadata);
        let began = Instant::now();
        let options = ScriptOptions {
            profile,
            language: metadata.language.clone().unwrap_or_else(|| "en".to_owned()),
            lexicon: settings.lexicon.clone(),
            selection: settings.selection.clone(),
        };
        let mut script = rhapsode_script::write(&book, &options)?;
        cutting::cut_long_chapters(&mut script, settings);
        credits::add(&mut script, &metadata, &options, settings)?;
        Ok(Self { book, metadata, script, read_seconds, script_seconds: began.elapsed().as_secs_f64() })
    }

    /// The chunk with this ordinal.
    pub(crate) fn chunk(&self, ordinal: u32) -> Option<&Chunk> {
        let first = |chapter: &ScriptChapter| chapter.chunks.first().map(|chunk| chunk.ordinal);
        let after = self.script.chapters.partition_point(|chapter| first(chapter) <= Some(ordinal));
        let chapter = self.script.chapters.get(after.checked_sub(1)?)?;
        chapter.chunks.get((ordinal - first(chapter)?) as usize)
    }
}

/// How the pool goes about the job.
pub(crate) fn dispatch_options(settings: &Settings) -> DispatchOptions {
    DispatchOptions {
        attempts: settings.attempts,
        outage: settings.outage,
        listening: settings.listening.clone(),
        ..DispatchOptions::default()
    }
}

#[cfg(test)]
impl Prepared {
    /// A book of one chapter for each text, one chunk for each sentence.
    pub(crate) fn for_tests(chapters: &[&str], settings: &Settings) -> Self {
        let text: String =
            (1..).zip(chapters).map(|(n, words)| format!("# Part {n}\n\n{words}\n\n")).collect();
        let options =
            ReadOptions { format: Some(rhapsode_book::Format::Markdown), policy: settings.policy.clone() };
        let book = rhapsode_book::read_bytes(text.as_bytes(), Path::new("b.md"), &options).unwrap();
        Self::script(book, crate::BUILTIN_PROFILE, settings, Instant::now()).unwrap()
    }
}
