//! WAV by `hound`, which writes the true length into the header: players and our own pool trust it.

use std::io::Cursor;

use bytes::Bytes;
use hound::{SampleFormat, WavSpec, WavWriter};
use rhapsode_audio::Pcm;

use super::{EncodeError, Format};

pub(super) fn encode(sound: Pcm) -> Result<Bytes, EncodeError> {
    let failed = |error| EncodeError::failed(Format::Wav, error);
    let spec = WavSpec {
        channels: 1,
        sample_rate: sound.rate.0,
        bits_per_sample: 16,
        sample_format: SampleFormat::Int,
    };
    let mut file = Cursor::new(Vec::with_capacity(44 + 2 * sound.samples.len()));
    let mut writer = WavWriter::new(&mut file, spec).map_err(failed)?;
    for sample in sound.to_16_bit() {
        writer.write_sample(sample).map_err(failed)?;
    }
    writer.finalize().map_err(failed)?;
    Ok(file.into_inner().into())
}
