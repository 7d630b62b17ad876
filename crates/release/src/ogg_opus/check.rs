//! Reads a finished file back before it is published: every packet, and where the last one ends.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use ogg::PacketReader;

use super::CLOCK;
use crate::encode::opus_frame;
use crate::{ReleaseError, Track};

/// Heads before the sound.
const HEADS: u64 = 2;

/// Checks that the file holds every packet of the tracks and ends with the last.
pub(crate) fn check(path: &Path, tracks: &[Track]) -> Result<(), ReleaseError> {
    let broken = |reason: String| ReleaseError::Broken { path: path.to_owned(), reason };
    let file = File::open(path).map_err(ReleaseError::io("read", path))?;
    let mut packets = PacketReader::new(BufReader::new(file));
    let (mut count, mut end, mut ended) = (0u64, 0, false);
    while let Some(packet) =
        packets.read_packet().map_err(|error| broken(format!("it is no Ogg: {error}")))?
    {
        count += 1;
        ended = packet.last_in_stream();
        end = packet.absgp_page();
    }
    let Some(first) = tracks.first() else { return Err(broken("it has no track".to_owned())) };
    let samples: u64 = tracks.iter().map(|track| track.samples).sum();
    let (rate, priming) = (first.encoded.rate, u64::from(first.encoded.priming));
    let expected = (samples + priming) * (CLOCK / u64::from(rate.0));
    let packets = (samples + priming) / u64::from(opus_frame(rate)) + HEADS;
    if !ended || end != expected || count != packets {
        return Err(broken(format!(
            "it ends at {end} after {count} packets instead of at {expected} after {packets}"
        )));
    }
    Ok(())
}
