//! FLAC, 16 bit mono, by `flacenc`. An answer is short, so that its whole-signal interface serves.

use bytes::Bytes;
use flacenc::{bitsink::ByteSink, component::BitRepr, config, error::Verify, source::MemSource};
use rhapsode_audio::Pcm;

use super::{EncodeError, Format};

/// Samples in a frame: what the reference encoder takes at its default.
const BLOCK: usize = 4096;

pub(super) fn encode(sound: Pcm) -> Result<Bytes, EncodeError> {
    let failed = |error: &dyn std::fmt::Debug| EncodeError::failed(Format::Flac, format_args!("{error:?}"));
    let config = config::Encoder::default().into_verified().map_err(|(_, error)| failed(&error))?;
    let samples: Vec<i32> = sound.to_16_bit().into_iter().map(i32::from).collect();
    let source = MemSource::from_samples(&samples, 1, 16, sound.rate.0 as usize);
    let mut stream =
        flacenc::encode_with_fixed_block_size(&config, source, BLOCK).map_err(|error| failed(&error))?;
    // All blocks but the last have this size; the last does not count (RFC 9639 section 8.2).
    stream.stream_info_mut().set_block_sizes(BLOCK, BLOCK).map_err(|error| failed(&error))?;
    let mut file = ByteSink::new();
    stream.write(&mut file).map_err(|error| failed(&error))?;
    Ok(file.into_inner().into())
}
