//! An audit: which files, each decoded and measured on its own thread, then what they are together.

use std::path::{Path, PathBuf};
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rayon::prelude::*;

use crate::AuditError;
use crate::checks;
use crate::gather::{book_folder, gather};
use crate::measure::{Gauge, Measurements};
use crate::profile::Profile;
use crate::report::{Audit, BookReport, FileReport};
use crate::sound::{self, Decoded, Progress, Sink, Stream, Unreadable};
use crate::tags::{self, Tags};

/// Samples that are measured at once.
const BLOCK: usize = 1 << 15;

/// Blocks that may wait for being measured.
const WAITING: usize = 4;

/// What is audited: found before the work begins, so that its size is known.
#[derive(Debug, Clone)]
pub struct Plan {
    files: Vec<PathBuf>,
}

impl Plan {
    /// The sound files under paths; a file is taken whatever its name.
    ///
    /// # Errors
    /// If a path cannot be opened, or a folder has no sound.
    pub fn of(paths: &[PathBuf]) -> Result<Self, AuditError> {
        let files = paths.iter().map(|path| gather(path)).collect::<Result<Vec<_>, _>>()?;
        let mut files: Vec<PathBuf> = files.into_iter().flatten().collect();
        // A file that is named beside its folder is one file.
        let mut seen = std::collections::HashSet::new();
        files.retain(|file| seen.insert(file.clone()));
        Ok(Self { files })
    }

    /// How many files there are.
    #[must_use]
    pub fn files(&self) -> usize {
        self.files.len()
    }

    /// How many bytes they have: what progress adds up to, about.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        self.files.iter().map(|file| bytes(file)).sum()
    }
}

/// Audits the files of a plan. Several are decoded side by side; memory does not grow with their length.
#[must_use]
pub fn audit(plan: &Plan, profile: Profile, progress: &Progress) -> Audit {
    let files: Vec<FileReport> =
        plan.files.par_iter().map(|path| audit_file(path, profile, progress)).collect();
    let mut books: Vec<BookReport> = Vec::new();
    for file in files {
        let folder = book_folder(&file.path).to_owned();
        let title = file.tags.book().map(str::to_owned);
        // A file that is a book in itself has nothing in common with its neighbours but their folder, and a book in two
        // formats is two.
        let belongs = |book: &&mut BookReport| {
            let format = |file: &FileReport| file.path.extension().map(std::ffi::OsStr::to_ascii_lowercase);
            book.folder == folder
                && book.title == title
                && book.files.first().is_some_and(|first| format(first) == format(&file))
        };
        let book = books.iter_mut().find(belongs);
        match book {
            Some(book) => book.files.push(file),
            None => books.push(BookReport { title, folder, files: vec![file], findings: Vec::new() }),
        }
    }
    for book in &mut books {
        book.findings = checks::book(book, profile);
    }
    Audit::new(profile, books)
}

fn audit_file(path: &Path, profile: Profile, progress: &Progress) -> FileReport {
    let mut report = FileReport {
        path: path.to_owned(),
        bytes: bytes(path),
        stream: None,
        bit_rate: None,
        promised_seconds: None,
        measurements: None,
        damage: sound::Damage::default(),
        chapters: Vec::new(),
        tags: Tags::default(),
        findings: Vec::new(),
    };
    match measure(path, progress) {
        Ok((decoded, measurements)) => {
            let Decoded { stream, frames, promised, bit_rate, damage, checksum, chapters } = decoded;
            let said = tags::read(path, stream.container);
            report.bit_rate = bit_rate.or_else(|| mean_rate(report.bytes, frames, &stream));
            report.stream = Some(stream);
            report.promised_seconds = promised;
            report.measurements = Some(measurements);
            report.damage = damage;
            report.chapters = chapters;
            report.chapters.extend(said.chapters);
            report.tags = said.tags;
            report.findings = checks::file(&report, checksum, said.problem.as_deref(), profile);
        }
        Err(reason) => report.findings = checks::unreadable(&reason),
    }
    report
}

/// Bits a second of a file whose stream does not tell: all of it counts.
fn mean_rate(bytes: u64, frames: u64, stream: &Stream) -> Option<sound::BitRate> {
    let seconds = frames as f64 / f64::from(stream.rate);
    (seconds > 0.0).then(|| sound::BitRate { mean: bytes as f64 * 8.0 / seconds, constant: None })
}

fn bytes(path: &Path) -> u64 {
    std::fs::metadata(path).map_or(0, |meta| meta.len())
}

/// Decodes on this thread and measures on another.
fn measure(path: &Path, progress: &Progress) -> Result<(Decoded, Measurements), Unreadable> {
    thread::scope(|scope| {
        let (blocks, ready) = sync_channel::<Block>(WAITING);
        let measuring = scope.spawn(move || {
            let mut gauge = None;
            for block in ready {
                match block {
                    Block::Begin { rate, channels } => gauge = Some(Gauge::new(rate, channels)),
                    Block::Samples(samples) => {
                        gauge.iter_mut().for_each(|gauge: &mut Gauge| gauge.add(&samples))
                    }
                }
            }
            gauge.map(Gauge::finish)
        });
        let mut pipe = Pipe { blocks, block: Vec::with_capacity(BLOCK) };
        let decoded = sound::decode(path, progress, &mut pipe);
        pipe.flush();
        drop(pipe);
        let measured = measuring.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
        let decoded = decoded?;
        let measured = measured.ok_or_else(|| Unreadable::Broken("nothing of it is sound".to_owned()))?;
        Ok((decoded, measured))
    })
}

enum Block {
    Begin { rate: u32, channels: u32 },
    Samples(Vec<f32>),
}

/// Hands samples to the thread that measures, in blocks of a size that is worth it.
struct Pipe {
    blocks: SyncSender<Block>,
    block: Vec<f32>,
}

impl Pipe {
    fn flush(&mut self) {
        if !self.block.is_empty() {
            let block = std::mem::replace(&mut self.block, Vec::with_capacity(BLOCK));
            // The other thread ends only with the channel, or with a panic that `join` passes on.
            let _ = self.blocks.send(Block::Samples(block));
        }
    }
}

impl Sink for Pipe {
    fn begin(&mut self, stream: &Stream) {
        let _ = self.blocks.send(Block::Begin { rate: stream.rate, channels: stream.channels });
    }

    fn take(&mut self, interleaved: &[f32]) {
        self.block.extend_from_slice(interleaved);
        if self.block.len() >= BLOCK {
            self.flush();
        }
    }
}
