//! The second pass: takes on a bed of room tone, through the limiter, into the encoder, block by block.
//!
//! The bed lies under everything, speech too: at −66 dBFS it is not heard beside speech, and where speech ends
//! nothing steps. Each take is faded in and out over a few milliseconds.

use std::path::Path;
use std::sync::mpsc::{SyncSender, sync_channel};
use std::thread;

use rhapsode_audio::level::from_db;
use rhapsode_audio::limiter::Limiter;
use rhapsode_audio::resample::resample;
use rhapsode_audio::room_tone::RoomTone;
use rhapsode_audio::{Pcm, from_i16};

use super::survey::SurveyedTake;
use super::{Chapter, Mix};
use crate::{EncodedTrack, PlannedTake, ReleaseError, encode};

/// Samples handed on at once.
const BLOCK: usize = 16_384;
/// Blocks that may wait for the encoder: 1 MB, because it works in batches.
const WAITING_BLOCKS: usize = 16;
/// Every track has the same room.
const ROOM_SEED: u64 = 0x7268_6170_736f_6465;

/// One try at a chapter.
pub(super) struct Assembly<'a> {
    chapter: &'a Chapter<'a>,
    mix: &'a Mix,
}

/// What one try gave.
pub(super) struct Made {
    pub(super) encoded: EncodedTrack,
    /// Whether the limiter had to work.
    pub(super) limited: bool,
}

impl<'a> Assembly<'a> {
    pub(super) fn new(chapter: &'a Chapter<'a>, mix: &'a Mix) -> Self {
        Self { chapter, mix }
    }

    /// Assembles on a thread of its own and encodes on this one.
    pub(super) fn encode(&self, path: &Path) -> Result<Made, ReleaseError> {
        thread::scope(|scope| {
            let (blocks, ready) = sync_channel(WAITING_BLOCKS);
            let assembling = scope.spawn(move || self.assemble(blocks));
            let mut encoder = encode::open(self.chapter.codec, self.chapter.settings.rate, path)?;
            // An error ends the receiver, and with it the assembling.
            for block in ready {
                encoder.push(&block)?;
            }
            let limited = assembling.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
            Ok(Made { encoded: encoder.finish()?, limited })
        })
    }

    /// Sends the chapter as blocks; gives whether the limiter had to work.
    fn assemble(&self, blocks: SyncSender<Vec<f32>>) -> Result<bool, ReleaseError> {
        let Chapter { plan, settings, survey, layout, .. } = self.chapter;
        let mut desk = Desk {
            bed: RoomTone::new(settings.rate, settings.room_tone_dbfs, ROOM_SEED),
            limiter: Limiter::new(settings.rate, self.mix.ceiling_dbtp),
            gain: from_db(self.mix.gain_db) as f32,
            fade: settings.rate.samples(f64::from(settings.fade_ms) / 1_000.0),
            position: 0,
            mixed: Vec::new(),
            block: Vec::with_capacity(2 * BLOCK),
            blocks,
        };
        for ((planned, surveyed), place) in plan.takes.iter().zip(&survey.takes).zip(&layout.places) {
            let samples = self.chapter.speech(planned, surveyed)?;
            let speech = resample(Pcm { rate: surveyed.rate, samples }, settings.rate);
            if desk.room_until(place.start).and_then(|()| desk.speech(&speech.samples)).is_err() {
                return Ok(false);
            }
        }
        // A closed channel: the encoder failed and says so itself.
        Ok(desk.room_until(layout.total).and_then(|()| desk.finish()).unwrap_or(false))
    }
}

impl Chapter<'_> {
    /// The speech of a take, trimmed, at its own rate and level.
    pub(super) fn speech(
        &self,
        planned: &PlannedTake,
        surveyed: &SurveyedTake,
    ) -> Result<Vec<f32>, ReleaseError> {
        let missing =
            || ReleaseError::TakeMissing { ordinal: planned.ordinal, chapter: self.plan.title.clone() };
        let stored = self.store.get(&planned.key)?.ok_or_else(missing)?;
        // Another process may have replaced a defect by a better take in between: then this chapter is not whole.
        let speech = stored.samples.get(surveyed.speech.clone()).filter(|_| stored.rate == surveyed.rate.0);
        Ok(speech.ok_or_else(missing)?.iter().map(|&sample| from_i16(sample)).collect())
    }
}

/// Where bed and speech come together.
struct Desk {
    bed: RoomTone,
    limiter: Limiter,
    gain: f32,
    /// Samples of each fade.
    fade: usize,
    /// Samples mixed so far.
    position: u64,
    mixed: Vec<f32>,
    block: Vec<f32>,
    blocks: SyncSender<Vec<f32>>,
}

/// The other end takes no more blocks.
struct Closed;

impl Desk {
    /// Room tone alone, up to a place in the track.
    fn room_until(&mut self, place: u64) -> Result<(), Closed> {
        while self.position < place {
            let count = (place - self.position).min(BLOCK as u64) as usize;
            self.lay_bed(count);
            self.send()?;
        }
        Ok(())
    }

    /// Speech on room tone.
    fn speech(&mut self, speech: &[f32]) -> Result<(), Closed> {
        self.lay_bed(speech.len());
        for (mixed, sample) in self.mixed.iter_mut().zip(speech) {
            *mixed += sample * self.gain;
        }
        let fade = self.fade.min(speech.len() / 2);
        for n in 0..fade {
            // What the fade takes away from the full speech, at both ends.
            let taken = 0.5 + 0.5 * (std::f32::consts::PI * (n as f32 + 0.5) / fade as f32).cos();
            let end = speech.len() - 1 - n;
            self.mixed[n] -= speech[n] * self.gain * taken;
            self.mixed[end] -= speech[end] * self.gain * taken;
        }
        self.send()
    }

    fn lay_bed(&mut self, count: usize) {
        self.mixed.resize(count, 0.0);
        self.bed.fill(&mut self.mixed);
        self.position += count as u64;
    }

    fn send(&mut self) -> Result<(), Closed> {
        self.limiter.process(&self.mixed, &mut self.block);
        self.send_block(BLOCK)
    }

    fn send_block(&mut self, least: usize) -> Result<(), Closed> {
        if self.block.len() < least {
            return Ok(());
        }
        let block = std::mem::replace(&mut self.block, Vec::with_capacity(2 * BLOCK));
        self.blocks.send(block).map_err(|_| Closed)
    }

    /// Sends what is left; gives whether the limiter had to work.
    fn finish(&mut self) -> Result<bool, Closed> {
        self.limiter.finish(&mut self.block);
        self.send_block(1)?;
        Ok(self.limiter.limited())
    }
}
