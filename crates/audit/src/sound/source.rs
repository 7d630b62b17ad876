//! A file that tells how much of it was read, and gives as many bytes at once as a frame needs.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;
use std::sync::Arc;

use symphonia::core::io::MediaSource;

/// Takes the bytes that were read since it was last called, from any thread.
pub type Progress = Arc<dyn Fn(u64) + Send + Sync>;

/// Bytes between two reports of progress.
const STEP: u64 = 1 << 18;

/// Bytes that are read ahead.
const BUFFER: usize = 1 << 16;

/// A file being read.
pub(crate) struct Source {
    file: File,
    length: u64,
    progress: Progress,
    unreported: u64,
}

impl Source {
    pub(crate) fn open(path: &Path, progress: &Progress) -> std::io::Result<Self> {
        let file = File::open(path)?;
        let length = file.metadata()?.len();
        Ok(Self { file, length, progress: Arc::clone(progress), unreported: 0 })
    }

    /// Bytes of the file.
    pub(crate) fn length(&self) -> u64 {
        self.length
    }

    pub(crate) fn buffered(self) -> BufReader<Self> {
        BufReader::with_capacity(BUFFER, self)
    }
}

impl Read for Source {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        let count = self.file.read(buffer)?;
        self.unreported += count as u64;
        if self.unreported >= STEP || (count == 0 && self.unreported > 0) {
            (self.progress)(std::mem::take(&mut self.unreported));
        }
        Ok(count)
    }
}

impl Seek for Source {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        self.file.seek(to)
    }
}

impl MediaSource for Source {
    fn is_seekable(&self) -> bool {
        true
    }

    fn byte_len(&self) -> Option<u64> {
        Some(self.length)
    }
}

/// A view of the bytes that come next.
pub(crate) struct Window {
    source: Source,
    buffer: Vec<u8>,
    at: usize,
    position: u64,
}

impl Window {
    pub(crate) fn new(source: Source) -> Self {
        Self { source, buffer: Vec::new(), at: 0, position: 0 }
    }

    /// At least `wanted` of the bytes that come next, fewer at the end of the file.
    pub(crate) fn peek(&mut self, wanted: usize) -> std::io::Result<&[u8]> {
        while self.buffer.len() - self.at < wanted {
            if self.at > 0 {
                self.buffer.drain(..self.at);
                self.at = 0;
            }
            let there = self.buffer.len();
            self.buffer.resize(there + BUFFER.max(wanted - there), 0);
            let count = self.source.read(&mut self.buffer[there..])?;
            self.buffer.truncate(there + count);
            if count == 0 {
                break;
            }
        }
        Ok(&self.buffer[self.at..])
    }

    /// Goes on by so many bytes, which need not have been looked at; not beyond the end.
    pub(crate) fn advance(&mut self, bytes: u64) -> std::io::Result<()> {
        let there = (self.buffer.len() - self.at) as u64;
        if bytes <= there {
            self.at += bytes as usize;
            self.position += bytes;
            return Ok(());
        }
        self.position = (self.position + bytes).min(self.source.length());
        (self.buffer, self.at) = (Vec::new(), 0);
        self.source.seek(SeekFrom::Start(self.position))?;
        Ok(())
    }

    /// Bytes before the next one.
    pub(crate) fn position(&self) -> u64 {
        self.position
    }

    /// Bytes of the file.
    pub(crate) fn length(&self) -> u64 {
        self.source.length()
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU64, Ordering};

    use super::*;

    #[test]
    fn a_window_gives_every_byte_once_and_progress_adds_up_to_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        let bytes: Vec<u8> = (0..1_000_000_u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(&path, &bytes).unwrap();
        let read = Arc::new(AtomicU64::new(0));
        let counting = Arc::clone(&read);
        let progress: Progress = Arc::new(move |bytes| {
            counting.fetch_add(bytes, Ordering::Relaxed);
        });
        let mut window = Window::new(Source::open(&path, &progress).unwrap());
        let mut seen = Vec::new();
        for step in [1, 70_000, 3, 200_000].into_iter().cycle() {
            let next = window.peek(step).unwrap();
            let taken = next.len().min(step);
            seen.extend_from_slice(&next[..taken]);
            window.advance(taken as u64).unwrap();
            assert_eq!(window.position(), seen.len() as u64);
            if taken == 0 {
                break;
            }
        }
        assert!(seen == bytes);
        assert_eq!(read.load(Ordering::Relaxed), 1_000_000);
    }

    #[test]
    fn a_window_passes_over_bytes_unseen_and_stops_at_the_end() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("f");
        std::fs::write(&path, [0, 1, 2, 3, 4]).unwrap();
        let mut window = Window::new(Source::open(&path, &(Arc::new(|_| {}) as Progress)).unwrap());
        window.advance(3).unwrap();
        assert_eq!(window.peek(1).unwrap(), [3, 4]);
        window.advance(u64::from(u32::MAX)).unwrap();
        assert!(window.peek(1).unwrap().is_empty());
    }
}
