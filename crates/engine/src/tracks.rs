//! Mastering beside synthesis: a chapter goes to the encoders the moment its last take is there, on its own
//! threads, so that nothing but the last chapter is left to do after the last take.

use std::{
    collections::{HashMap, HashSet},
    path::PathBuf,
    sync::Arc,
    time::Instant,
};

use rhapsode_release::{ChapterSurvey, Codec, MasterSettings, ReleaseError, Track, master_surveyed};
use rhapsode_speech::TakeKey;
use rhapsode_store::TakeStore;
use tokio::{
    sync::{
        Semaphore,
        mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel},
    },
    task::spawn_blocking,
};

use crate::{EngineError, chapters::ChapterDraft};

/// What mastering a book needs to know, shared by all its chapters.
#[derive(Debug)]
pub(crate) struct Studio {
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
    pub(crate) track: Result<Track, EngineError>,
    pub(crate) seconds: f64,
}

/// Keeps count of the chapters and masters each as soon as its takes are settled: all there, and judged for good.
#[derive(Debug)]
pub(crate) struct Board {
    studio: Arc<Studio>,
    chapters: Vec<ChapterDraft>,
    /// For each chunk, its chapter.
    chapter_of: Vec<usize>,
    /// For each chunk, its take. Of a chunk whose take is not there yet it is one that it may get.
    keys: Vec<[u8; 32]>,
    /// For each chapter, its chunks that have no take yet.
    missing: Vec<usize>,
    /// For each chapter, those that must be settled before it can be mastered: a short one takes its gain from others.
    unsettled: Vec<HashSet<usize>>,
    /// For each chapter, what was measured of its takes; dropped when it is mastered.
    surveys: Vec<Arc<ChapterSurvey>>,
    finished: HashMap<(usize, Codec), Track>,
    in_flight: usize,
    /// Chapters that may be mastered at the same time.
    desks: Arc<Semaphore>,
    results: UnboundedReceiver<Mastered>,
    report_to: UnboundedSender<Mastered>,
    busy_seconds: f64,
    measured_early: usize,
}

impl Board {
    /// A board on which no take is there yet. `keys` has one for each chunk.
    pub(crate) fn new(studio: Studio, chapters: Vec<ChapterDraft>, keys: Vec<[u8; 32]>) -> Self {
        let (report_to, results) = unbounded_channel();
        let mut chapter_of = vec![0; keys.len()];
        for (index, chapter) in chapters.iter().enumerate() {
            chapter.chunks.iter().for_each(|&(ordinal, _)| chapter_of[ordinal as usize] = index);
        }
        let needs = |(index, chapter): (usize, &ChapterDraft)| {
            chapter.reference.iter().map(|&ordinal| chapter_of[ordinal as usize]).chain([index]).collect()
        };
        Self {
            studio: Arc::new(studio),
            missing: chapters.iter().map(|chapter| chapter.chunks.len()).collect(),
            unsettled: chapters.iter().enumerate().map(needs).collect(),
            surveys: chapters.iter().map(|c| Arc::new(ChapterSurvey::new(c.chunks.len()))).collect(),
            chapters,
            chapter_of,
            keys,
            finished: HashMap::new(),
            in_flight: 0,
            desks: Arc::new(Semaphore::new(rayon::current_num_threads())),
            results,
            report_to,
            busy_seconds: 0.0,
            measured_early: 0,
        }
    }

    /// The chapters without their takes.
    pub(crate) fn chapters(&self) -> &[ChapterDraft] {
        &self.chapters
    }

    /// Index of the chapter of a chunk.
    pub(crate) fn chapter_of(&self, ordinal: u32) -> usize {
        self.chapter_of[ordinal as usize]
    }

    /// Notes that a chunk has its take. Gives the chapter for which that was the last one: it waits to be
    /// [settled](Self::settle).
    pub(crate) fn take_is_there(&mut self, ordinal: u32, key: TakeKey) -> Option<usize> {
        let chapter = self.chapter_of(ordinal);
        self.replace(ordinal, key);
        self.missing[chapter] -= 1;
        (self.missing[chapter] == 0).then_some(chapter)
    }

    /// Measures the takes around a chunk whose take has just been made, if the others of its group are there: little of
    /// it is then left to do when the chapter is complete.
    pub(crate) fn measure(&self, ordinal: u32, is_there: impl Fn(u32) -> bool) {
        let chapter = self.chapter_of(ordinal);
        let chunks = &self.chapters[chapter].chunks;
        let Some(place) = chunks.iter().position(|&(chunk, _)| chunk == ordinal) else { return };
        let group = ChapterSurvey::group_of(place, chunks.len());
        if !chunks[group.clone()].iter().all(|&(chunk, _)| is_there(chunk)) {
            return;
        }
        let takes = self.chapters[chapter].plan(&self.keys).takes[group.clone()].to_vec();
        let (survey, studio) = (Arc::clone(&self.surveys[chapter]), Arc::clone(&self.studio));
        spawn_blocking(move || survey.measure(group.start, &takes, &studio.store));
    }

    /// Gives a chunk another take.
    pub(crate) fn replace(&mut self, ordinal: u32, key: TakeKey) {
        self.keys[ordinal as usize] = key.0;
    }

    /// Says that the takes of a chapter will not change any more; masters every chapter that waited for nothing else.
    pub(crate) fn settle(&mut self, chapter: usize) {
        for waiting in 0..self.chapters.len() {
            if self.unsettled[waiting].remove(&chapter) && self.unsettled[waiting].is_empty() {
                self.master(waiting);
            }
        }
    }

    /// Sends a chapter to the encoders; one whose track is kept from an earlier run comes back at once.
    fn master(&mut self, chapter: usize) {
        let plan = Arc::new(self.chapters[chapter].plan(&self.keys));
        let survey = std::mem::take(&mut self.surveys[chapter]);
        self.measured_early += survey.measured();
        for &codec in &self.studio.codecs {
            self.in_flight += 1;
            let (studio, report_to) = (Arc::clone(&self.studio), self.report_to.clone());
            let (plan, survey) = (Arc::clone(&plan), Arc::clone(&survey));
            let desks = Arc::clone(&self.desks);
            tokio::spawn(async move {
                // One after the other where there are more chapters than cores, in the order in which they came.
                let _desk = desks.acquire_owned().await.expect("nothing closes the semaphore");
                let began = Instant::now();
                // Not on a thread of rayon's: one that waits for its part of a chapter would begin a whole other one
                // meanwhile, and all of them would lie in memory at once.
                let mastered = spawn_blocking({
                    let plan = Arc::clone(&plan);
                    move || {
                        let places = (studio.store.as_ref(), studio.folder.as_path());
                        master_surveyed(&plan, &survey, &studio.settings, codec, places)
                    }
                });
                let track = match mastered.await {
                    Ok(track) => track.map_err(EngineError::from),
                    // What mastering leaves behind is found by hash and checked: a panic leaves nothing half-done.
                    Err(error) if error.is_panic() => Err(EngineError::MasteringPanicked {
                        chapter: plan.title.clone(),
                        reason: text(&*error.into_panic()),
                    }),
                    Err(error) => Err(EngineError::Panicked(error)),
                };
                // The receiver is gone only when the job has ended, and then nobody waits for the track.
                let seconds = began.elapsed().as_secs_f64();
                let _ = report_to.send(Mastered { chapter, codec, track, seconds });
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
    pub(crate) fn accept(&mut self, mastered: Mastered) -> Result<(), EngineError> {
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

    /// Tracks that are being mastered.
    pub(crate) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Takes whose loudness was measured before their chapter was complete.
    pub(crate) fn measured_early(&self) -> usize {
        self.measured_early
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
        (0..self.chapters.len()).map(|chapter| self.finished.get(&(chapter, codec)).cloned()).collect()
    }
}

/// What a panic said.
fn text(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(ToString::to_string);
    text.or_else(|| panic.downcast_ref::<String>().cloned()).unwrap_or_else(|| "it panicked".to_owned())
}

#[cfg(test)]
mod tests {
    use rhapsode_store::{Pcm16, TakeRecord, Verdict};

    use super::*;

    const RATE: u32 = 24_000;

    /// A folder with a store, and a board for chapters of so many chunks; short ones take their gain from `reference`.
    fn board(folder: &tempfile::TempDir, chapters: &[(u32, &[u32])]) -> Board {
        let store = Arc::new(TakeStore::open(&folder.path().join("takes")).unwrap());
        let mut next = 0;
        let drafts = chapters.iter().enumerate().map(|(index, &(chunks, reference))| {
            let ordinals = next..next + chunks;
            next += chunks;
            ChapterDraft {
                title: format!("{index}"),
                number: index as u32 + 1,
                chunks: ordinals.map(|ordinal| (ordinal, 300)).collect(),
                reference: reference.to_vec(),
            }
        });
        let drafts: Vec<ChapterDraft> = drafts.collect();
        let studio = Studio {
            settings: MasterSettings::default(),
            codecs: vec![Codec::Wav, Codec::Flac],
            store,
            folder: folder.path().join("tracks"),
        };
        Board::new(studio, drafts, (0..next).map(|n| [n as u8; 32]).collect())
    }

    /// Stores a second of a tone under a key of this byte.
    fn speak(board: &Board, n: u8) -> TakeKey {
        let wave = |i: u32| (f64::from(i) * 0.06 * f64::from(n + 1)).sin() * 8_000.0;
        let samples: Vec<i16> = (0..RATE).map(|i| wave(i) as i16).collect();
        let record = TakeRecord {
            measurements: serde_json::Value::Null,
            verdict: Verdict::Accepted,
            seed: 0,
            identity: serde_json::Value::Null,
        };
        board.studio.store.put(&[n; 32], Pcm16 { rate: RATE, samples: &samples }, &record).unwrap();
        TakeKey([n; 32])
    }

    fn land(board: &mut Board, ordinal: u32, key: TakeKey) {
        if let Some(chapter) = board.take_is_there(ordinal, key) {
            board.settle(chapter);
        }
    }

    async fn finish(board: &mut Board) {
        while board.in_flight() > 0 {
            let mastered = board.next().await;
            board.accept(mastered).unwrap();
        }
    }

    fn complete(board: &Board) -> Vec<usize> {
        (0..board.chapters.len()).filter(|&chapter| board.complete(chapter).is_some()).collect()
    }

    #[tokio::test]
    async fn a_chapter_is_mastered_in_every_codec_the_moment_its_last_take_is_there() {
        let folder = tempfile::tempdir().unwrap();
        let mut board = board(&folder, &[(2, &[]), (1, &[])]);
        let keys: Vec<TakeKey> = (0..3).map(|n| speak(&board, n)).collect();
        land(&mut board, 1, keys[1]);
        assert_eq!(board.in_flight(), 0);
        land(&mut board, 0, keys[0]);
        assert_eq!(board.in_flight(), 2);
        let first = board.next().await;
        board.accept(first).unwrap();
        assert_eq!(board.complete(0), None, "one codec of two is there");
        finish(&mut board).await;
        assert_eq!(complete(&board), [0]);
        assert_eq!(board.tracks(Codec::Wav), None, "the book is not whole");
        land(&mut board, 2, keys[2]);
        finish(&mut board).await;
        assert_eq!(board.tracks(Codec::Flac).unwrap().len(), 2);
    }

    #[tokio::test]
    async fn a_short_chapter_waits_until_the_takes_that_it_has_its_gain_from_are_settled() {
        let folder = tempfile::tempdir().unwrap();
        let mut board = board(&folder, &[(1, &[0, 1]), (2, &[])]);
        let keys: Vec<TakeKey> = (0..4).map(|n| speak(&board, n)).collect();
        land(&mut board, 0, keys[0]);
        land(&mut board, 1, keys[1]);
        assert_eq!(board.in_flight(), 0);
        let chapter = board.take_is_there(2, keys[2]).unwrap();
        assert_eq!((chapter, board.in_flight()), (1, 0), "its takes may still be judged");
        board.replace(1, keys[3]);
        board.settle(chapter);
        assert_eq!(board.in_flight(), 4, "two chapters, in two codecs");
        finish(&mut board).await;
        assert_eq!(board.complete(1).unwrap().chunks[0].key, keys[3].0);
    }

    #[tokio::test]
    async fn tracks_that_are_there_are_used_again() {
        let folder = tempfile::tempdir().unwrap();
        let mut first = board(&folder, &[(1, &[])]);
        let key = speak(&first, 0);
        land(&mut first, 0, key);
        finish(&mut first).await;
        let take = first.studio.store.file(&key.0);
        drop(first);
        std::fs::remove_file(take).unwrap();
        // Without its take the chapter cannot be mastered anew.
        let mut again = board(&folder, &[(1, &[])]);
        land(&mut again, 0, key);
        finish(&mut again).await;
        assert_eq!(complete(&again), [0]);
    }

    #[test]
    fn a_panic_is_told_by_its_words() {
        let panic = std::panic::catch_unwind(|| panic!("no room")).unwrap_err();
        assert_eq!(text(&*panic), "no room");
    }
}
