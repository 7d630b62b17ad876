//! Mastering beside synthesis: a chapter goes to the encoders the moment its last take is there, on its own
//! threads, so that nothing but the last chapter is left to do after the last take.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use rhapsode_release::{ChapterPlan, Codec, MasterSettings, ReleaseError, Track, kept_track, master};
use rhapsode_store::TakeStore;
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

/// What mastering a book needs to know, shared by all its chapters.
#[derive(Debug)]
pub(crate) struct Studio {
    pub(crate) plans: Vec<ChapterPlan>,
    pub(crate) settings: MasterSettings,
    pub(crate) codecs: Vec<Codec>,
    pub(crate) store: Arc<TakeStore>,
    pub(crate) folder: PathBuf,
}

/// A chapter that came back from mastering in one codec.
#[derive(Debug)]
pub(crate) struct Mastered {
    pub(crate) chapter: usize,
    pub(crate) codec: Codec,
    pub(crate) track: Result<Track, ReleaseError>,
    pub(crate) seconds: f64,
}

/// Keeps count of the chapters and masters each as soon as it is complete.
#[derive(Debug)]
pub(crate) struct Board {
    studio: Arc<Studio>,
    chapter_of: HashMap<u32, usize>,
    /// Chapters that cannot be mastered before this chunk has its take.
    needed_by: HashMap<u32, Vec<usize>>,
    /// For each chapter, chunks that it needs and that have no take yet.
    waiting_for: Vec<usize>,
    finished: HashMap<(usize, Codec), Track>,
    in_flight: usize,
    results: UnboundedReceiver<Mastered>,
    report_to: UnboundedSender<Mastered>,
    busy_seconds: f64,
}

impl Board {
    /// Finds the tracks that are still there from an earlier run. `respoken` are chunks whose takes are replaced
    /// by others under the same key: tracks with their old sound are deleted.
    pub(crate) fn new(studio: Arc<Studio>, respoken: &[u32]) -> Result<Self, ReleaseError> {
        let (report_to, results) = unbounded_channel();
        let mut chapter_of = HashMap::new();
        let mut ordinal_of = HashMap::new();
        for (chapter, plan) in studio.plans.iter().enumerate() {
            chapter_of.extend(plan.takes.iter().map(|take| (take.ordinal, chapter)));
            ordinal_of.extend(plan.takes.iter().map(|take| (take.key, take.ordinal)));
        }
        let mut needed_by: HashMap<u32, Vec<usize>> = HashMap::new();
        let mut waiting_for = vec![0; studio.plans.len()];
        for (chapter, plan) in studio.plans.iter().enumerate() {
            // A short chapter takes its gain from other takes, and waits for them too.
            let references = plan.loudness_reference.iter().filter_map(|key| ordinal_of.get(key).copied());
            let needs: HashSet<u32> = plan.takes.iter().map(|take| take.ordinal).chain(references).collect();
            waiting_for[chapter] = needs.len();
            for ordinal in needs {
                needed_by.entry(ordinal).or_default().push(chapter);
            }
        }
        let mut board = Self {
            studio,
            chapter_of,
            needed_by,
            waiting_for,
            finished: HashMap::new(),
            in_flight: 0,
            results,
            report_to,
            busy_seconds: 0.0,
        };
        // A chapter that only takes its gain from such a take is stale too.
        let stale: HashSet<usize> =
            respoken.iter().filter_map(|ordinal| board.needed_by.get(ordinal)).flatten().copied().collect();
        board.find_kept_tracks(&stale);
        if !stale.is_empty() {
            board.sweep()?;
        }
        Ok(board)
    }

    fn find_kept_tracks(&mut self, stale: &HashSet<usize>) {
        for (chapter, plan) in self.studio.plans.iter().enumerate() {
            if stale.contains(&chapter) {
                continue;
            }
            for &codec in &self.studio.codecs {
                if let Some(track) = kept_track(plan, &self.studio.settings, codec, &self.studio.folder) {
                    self.finished.insert((chapter, codec), track);
                }
            }
        }
    }

    /// Index of the chapter of a chunk.
    pub(crate) fn chapter_of(&self, ordinal: u32) -> Option<usize> {
        self.chapter_of.get(&ordinal).copied()
    }

    /// Notes that a chunk has its take; masters the chapters for which that was the last one.
    pub(crate) fn take_is_there(&mut self, ordinal: u32) {
        for chapter in self.needed_by.remove(&ordinal).unwrap_or_default() {
            self.waiting_for[chapter] -= 1;
            if self.waiting_for[chapter] == 0 {
                self.master(chapter);
            }
        }
    }

    fn master(&mut self, chapter: usize) {
        for &codec in &self.studio.codecs {
            if self.finished.contains_key(&(chapter, codec)) {
                continue;
            }
            self.in_flight += 1;
            let (studio, report_to) = (Arc::clone(&self.studio), self.report_to.clone());
            rayon::spawn_fifo(move || {
                let began = Instant::now();
                let track =
                    master(&studio.plans[chapter], &studio.settings, codec, &studio.store, &studio.folder);
                // The receiver is gone only when the job has ended, and then nobody waits for the track.
                let _ = report_to.send(Mastered {
                    chapter,
                    codec,
                    track,
                    seconds: began.elapsed().as_secs_f64(),
                });
            });
        }
    }

    /// Waits for the next track; never returns while nothing is being mastered.
    pub(crate) async fn next(&mut self) -> Mastered {
        match self.results.recv().await {
            Some(mastered) => mastered,
            None => std::future::pending().await,
        }
    }

    /// Takes a mastered track in.
    pub(crate) fn accept(&mut self, mastered: Mastered) -> Result<(), ReleaseError> {
        self.in_flight -= 1;
        self.busy_seconds += mastered.seconds;
        self.finished.insert((mastered.chapter, mastered.codec), mastered.track?);
        Ok(())
    }

    /// The track of a chapter, in the first codec, once it is there in all of them.
    pub(crate) fn complete(&self, chapter: usize) -> Option<&Track> {
        let tracks = self.studio.codecs.iter().map(|&codec| self.finished.get(&(chapter, codec)));
        tracks.collect::<Option<Vec<&Track>>>()?.first().copied()
    }

    /// The track of a chapter in a codec, once it is there.
    pub(crate) fn track(&self, chapter: usize, codec: Codec) -> Option<&Track> {
        self.finished.get(&(chapter, codec))
    }

    /// The chapters that are there in all codecs.
    pub(crate) fn complete_chapters(&self) -> Vec<usize> {
        (0..self.studio.plans.len()).filter(|&chapter| self.complete(chapter).is_some()).collect()
    }

    /// Tracks that are being mastered.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Seconds of mastering, summed over the threads.
    pub(crate) fn busy_seconds(&self) -> f64 {
        self.busy_seconds
    }

    /// Deletes the tracks of earlier runs that this one does not use.
    pub(crate) fn sweep(&self) -> Result<(), ReleaseError> {
        let used: Vec<Track> = self.finished.values().cloned().collect();
        rhapsode_release::sweep(&self.studio.folder, &used)
    }

    /// The tracks of one codec in reading order, if all are there.
    pub(crate) fn tracks(&self, codec: Codec) -> Option<Vec<Track>> {
        (0..self.studio.plans.len()).map(|chapter| self.finished.get(&(chapter, codec)).cloned()).collect()
    }
}

#[cfg(test)]
mod tests {
    use rhapsode_release::PlannedTake;
    use rhapsode_store::{Pcm16, TakeRecord, Verdict};

    use super::*;

    const RATE: u32 = 24_000;

    /// A folder with a store in it, and a studio for chapters of takes named by one byte; take `n` is chunk `n`.
    fn studio(chapters: &[(&[u8], &[u8])]) -> (tempfile::TempDir, Arc<Studio>) {
        let folder = tempfile::tempdir().unwrap();
        let store = TakeStore::open(&folder.path().join("takes")).unwrap();
        let plans = chapters.iter().map(|(takes, reference)| ChapterPlan {
            title: format!("{takes:?}"),
            takes: takes
                .iter()
                .map(|&n| PlannedTake { ordinal: n.into(), key: [n; 32], pause_after_ms: 300 })
                .collect(),
            loudness_reference: reference.iter().map(|&n| [n; 32]).collect(),
        });
        let studio = Studio {
            plans: plans.collect(),
            settings: MasterSettings::default(),
            codecs: vec![Codec::Wav, Codec::Flac],
            store: Arc::new(store),
            folder: folder.path().join("tracks"),
        };
        (folder, Arc::new(studio))
    }

    /// Stores a second of a tone as take `n`.
    fn speak(studio: &Studio, n: u8) {
        let wave = |i: u32| (f64::from(i) * 0.06 * f64::from(n)).sin() * 8_000.0;
        let samples: Vec<i16> = (0..RATE).map(|i| wave(i) as i16).collect();
        let record = TakeRecord {
            measurements: serde_json::Value::Null,
            verdict: Verdict::Accepted,
            seed: 0,
            identity: serde_json::Value::Null,
        };
        studio.store.put(&[n; 32], Pcm16 { rate: RATE, samples: &samples }, &record).unwrap();
    }

    async fn finish(board: &mut Board) {
        while board.in_flight() > 0 {
            let mastered = board.next().await;
            board.accept(mastered).unwrap();
        }
    }

    #[tokio::test]
    async fn a_chapter_is_mastered_in_every_codec_the_moment_its_last_take_is_there() {
        let (_folder, studio) = studio(&[(&[1, 2], &[]), (&[3], &[])]);
        (1..=3).for_each(|n| speak(&studio, n));
        let mut board = Board::new(studio, &[]).unwrap();
        board.take_is_there(2);
        assert_eq!(board.in_flight(), 0);
        board.take_is_there(1);
        assert_eq!(board.in_flight(), 2);
        let first = board.next().await;
        board.accept(first).unwrap();
        assert_eq!(board.complete(0), None, "one codec of two is there");
        finish(&mut board).await;
        assert_eq!(board.complete_chapters(), [0]);
        assert_eq!(board.tracks(Codec::Wav), None, "the book is not whole");
        board.take_is_there(3);
        finish(&mut board).await;
        assert_eq!(board.tracks(Codec::Flac).unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_short_chapter_waits_for_the_takes_that_it_has_its_gain_from() {
        let (_folder, studio) = studio(&[(&[1], &[1, 2]), (&[2, 3], &[])]);
        (1..=3).for_each(|n| speak(&studio, n));
        let mut board = Board::new(studio, &[]).unwrap();
        board.take_is_there(1);
        assert_eq!(board.in_flight(), 0);
        board.take_is_there(2);
        assert_eq!(board.in_flight(), 2, "the first chapter, in two codecs");
        finish(&mut board).await;
        assert_eq!(board.complete_chapters(), [0]);
    }

    #[tokio::test]
    async fn tracks_that_are_there_are_used_except_those_that_a_new_take_changes() {
        let (_folder, studio) = studio(&[(&[1], &[1, 2]), (&[2], &[]), (&[3], &[])]);
        (1..=3).for_each(|n| speak(&studio, n));
        let mut board = Board::new(Arc::clone(&studio), &[]).unwrap();
        (1..=3).for_each(|ordinal| board.take_is_there(ordinal));
        finish(&mut board).await;

        let again = Board::new(Arc::clone(&studio), &[]).unwrap();
        assert_eq!(again.complete_chapters(), [0, 1, 2]);
        // Chunk 2 is all of the second chapter, and the first has its gain from it.
        let retried = Board::new(Arc::clone(&studio), &[2]).unwrap();
        assert_eq!(retried.complete_chapters(), [2]);
        drop(retried);
        // A kill now must not bring the old sound back.
        assert_eq!(Board::new(studio, &[]).unwrap().complete_chapters(), [2]);
    }
}
