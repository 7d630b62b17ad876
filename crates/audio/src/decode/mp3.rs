//! MP3: the frames are found here, symphonia decodes them.

use symphonia::core::codecs::audio::well_known::CODEC_ID_MP3;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::MpaDecoder;

use super::mp3_frame::{Header, Info, after_id3};
use super::{Expected, Format, Mono, Undecodable};
use crate::{Pcm, SampleRate};

/// What every decoder of layer III adds before the sound, in samples.
const DECODER_DELAY: usize = 529;

pub(super) fn decode(bytes: &[u8], expected: Expected) -> Result<Pcm, Undecodable> {
    let mut rest = after_id3(bytes);
    let first = Header::parse(rest).expect("it was taken for MP3 by its first frame");
    let mut stream = Stream::open(first, expected)?;
    while !is_tag(rest) {
        let header = Header::parse(rest).ok_or_else(|| stream.no_frame(rest))?;
        if (header.rate, header.channels) != (first.rate, first.channels) {
            return Err(broken("its rate or its channels change on the way"));
        }
        let (frame, behind) =
            rest.split_at_checked(header.length).ok_or_else(|| cut("its last frame is not all there"))?;
        rest = after_id3(behind);
        match Info::read(frame, &header) {
            Some(info) => stream.begin(info)?,
            None => stream.decode(frame)?,
        }
    }
    stream.end_part()?;
    Ok(stream.mono.finish())
}

/// Whether the stream ends here: with nothing, or with the tags that programs put behind it.
fn is_tag(rest: &[u8]) -> bool {
    rest.is_empty() || rest.starts_with(b"TAG") || rest.starts_with(b"APETAGEX")
}

/// A stream being decoded. Servers that join the MP3s of sentences send several parts, each with its own `Info`.
struct Stream {
    decoder: MpaDecoder,
    mono: Mono,
    samples_a_frame: usize,
    info: Info,
    /// Where the part begins in the samples, and the frames it has so far.
    part_at: usize,
    frames: usize,
    buffer: Vec<f32>,
}

impl Stream {
    fn open(first: Header, expected: Expected) -> Result<Self, Undecodable> {
        Ok(Self {
            decoder: decoder(&first)?,
            mono: Mono::new(SampleRate(first.rate), first.channels, expected)?,
            samples_a_frame: first.samples,
            info: Info::default(),
            part_at: 0,
            frames: 0,
            buffer: Vec::new(),
        })
    }

    fn begin(&mut self, info: Info) -> Result<(), Undecodable> {
        self.end_part()?;
        self.decoder.reset();
        self.info = info;
        Ok(())
    }

    fn decode(&mut self, frame: &[u8]) -> Result<(), Undecodable> {
        let length = self.samples_a_frame as u64;
        let packet = PacketRef::new(0, Timestamp::from(0), Duration::from(length), frame);
        let decoded = self.decoder.decode_ref(&packet).map_err(|error| broken(&error.to_string()))?;
        decoded.copy_to_vec_interleaved(&mut self.buffer);
        self.frames += 1;
        self.mono.push(&self.buffer)
    }

    /// Takes off what the encoder and the decoder added, as far as the part says so.
    fn end_part(&mut self) -> Result<(), Undecodable> {
        let Info { frames: promised, delay, padding, .. } = std::mem::take(&mut self.info);
        let frames = std::mem::take(&mut self.frames);
        if let Some(promised) = promised {
            if frames < promised {
                return Err(cut(&format!("its head says {promised} frames, {frames} came")));
            }
            // More frames than promised: the count is not to be trusted, and neither is the end that it says.
            if frames == promised && delay + padding > 0 {
                self.mono.truncate(self.mono.len().saturating_sub(padding.saturating_sub(DECODER_DELAY)));
            }
        }
        if delay > 0 {
            self.mono.drop_from(self.part_at, delay + DECODER_DELAY);
        }
        self.part_at = self.mono.len();
        Ok(())
    }

    fn no_frame(&self, rest: &[u8]) -> Undecodable {
        if rest.len() < 4 {
            cut("its last frame is not all there")
        } else {
            broken(&format!("frame {} of it is none", self.frames))
        }
    }
}

fn decoder(header: &Header) -> Result<MpaDecoder, Undecodable> {
    let mut parameters = AudioCodecParameters::new();
    parameters.for_codec(CODEC_ID_MP3).with_sample_rate(header.rate);
    MpaDecoder::try_new(&parameters, &AudioDecoderOptions::default()).map_err(|e| broken(&e.to_string()))
}

fn cut(reason: &str) -> Undecodable {
    Undecodable::Truncated { format: Format::Mp3, reason: reason.to_owned() }
}

fn broken(reason: &str) -> Undecodable {
    Undecodable::Broken { format: Format::Mp3, reason: reason.to_owned() }
}
