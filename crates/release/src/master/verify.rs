//! What came out of the encoder, as a player hears it.

use std::sync::mpsc::sync_channel;
use std::thread;

use rhapsode_audio::level::SILENCE_DBFS;
use rhapsode_audio::loudness::Meter;

use crate::{EncodedTrack, ReleaseError, encode};

/// Samples measured at once.
const BLOCK: usize = 16_384;
/// Blocks that may wait for the meter.
const WAITING_BLOCKS: usize = 4;

/// What was measured on a decoded track.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Verified {
    pub(super) samples: u64,
    pub(super) integrated_lufs: f64,
    pub(super) true_peak_dbtp: f64,
    pub(super) rms_dbfs: f64,
}

impl Verified {
    /// Decodes on this thread and measures on another.
    pub(super) fn measure(track: &EncodedTrack) -> Result<Self, ReleaseError> {
        thread::scope(|scope| {
            let (blocks, ready) = sync_channel::<Vec<f32>>(WAITING_BLOCKS);
            let measuring = scope.spawn(move || {
                let mut meter = Meter::with_true_peak(track.rate);
                ready.iter().for_each(|block| meter.add(&block));
                meter
            });
            let mut block = Vec::with_capacity(BLOCK);
            encode::decode(track, &mut |samples| {
                block.extend_from_slice(samples);
                if block.len() >= BLOCK {
                    // The meter ends only with the channel, or with a panic that `join` passes on.
                    let _ = blocks.send(std::mem::replace(&mut block, Vec::with_capacity(BLOCK)));
                }
            })?;
            let _ = blocks.send(block);
            drop(blocks);
            let meter = measuring.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            Ok(Self {
                samples: meter.samples(),
                integrated_lufs: meter.integrated().unwrap_or(SILENCE_DBFS),
                true_peak_dbtp: meter.true_peak_dbtp().unwrap_or(SILENCE_DBFS),
                rms_dbfs: meter.rms_dbfs(),
            })
        })
    }
}
