//! FLAC by symphonia. Its reader passes over bytes that are no frame, so what it read is counted; and the MD5 that the
//! encoder made of the samples tells whether they are still the same.

use std::fs::File;
use std::io::{BufReader, Read, Seek, SeekFrom};
use std::path::Path;

use symphonia::core::codecs::audio::{AudioDecoder, AudioDecoderOptions};
use symphonia::core::formats::{FormatOptions, FormatReader};
use symphonia::core::io::MediaSourceStream;
use symphonia::default::codecs::FlacDecoder;
use symphonia::default::formats::FlacReader;

use super::{Checksum, Container, Damage, Decoded, Sink, Source, Stream, Unreadable};

/// An ID3v1 tag, which some programs put behind everything.
const ID3V1: u64 = 128;

pub(super) fn decode(path: &Path, source: Source, sink: &mut dyn Sink) -> Result<Decoded, Unreadable> {
    let frame_bytes = frame_bytes(path)?;
    let input = MediaSourceStream::new(Box::new(source), Default::default());
    let mut reader = FlacReader::try_new(input, FormatOptions::default()).map_err(Unreadable::broken)?;
    let no_sound = || Unreadable::Broken("it has no sound".to_owned());
    let track = reader.tracks().first().ok_or_else(no_sound)?;
    let promised = track.num_frames.filter(|&frames| frames > 0);
    let parameters = track.codec_params.as_ref().and_then(|parameters| parameters.audio());
    let parameters = parameters.ok_or_else(no_sound)?;
    let rate = parameters.sample_rate.ok_or_else(no_sound)?;
    let channels = parameters.channels.as_ref().map_or(1, |channels| channels.count()) as u32;
    super::check(rate, channels)?;
    let verifying = AudioDecoderOptions::default().verify(true);
    let mut decoder = FlacDecoder::try_new(parameters, &verifying).map_err(Unreadable::broken)?;
    let stream = Stream { container: Container::Flac, codec: "FLAC", rate, channels };
    sink.begin(&stream);

    let mut damage = Damage::default();
    let (mut frames, mut in_frames) = (0_u64, 0_u64);
    let mut samples = Vec::<f32>::new();
    while let Ok(Some(packet)) = reader.next_packet() {
        in_frames += packet.data.len() as u64;
        match decoder.decode(&packet) {
            Ok(decoded) => {
                decoded.copy_to_vec_interleaved(&mut samples);
                frames += (samples.len() / channels as usize) as u64;
                sink.take(&samples);
            }
            Err(error) => damage.fault(frames as f64 / f64::from(rate), error.to_string()),
        }
    }
    if let Some(promised) = promised.filter(|&promised| frames < promised) {
        damage.cut(format!("its head says {promised} samples, {frames} came"));
    }
    let outside = frame_bytes.saturating_sub(in_frames);
    if outside > 0 && outside != ID3V1 {
        damage.fault(frames as f64 / f64::from(rate), format!("{outside} bytes of it are no whole frame"));
    }
    let verified = decoder.finalize().verify_ok;
    Ok(Decoded {
        stream,
        frames,
        promised: promised.map(|promised| promised as f64 / f64::from(rate)),
        bit_rate: None,
        damage,
        checksum: verified.map(|holds| Checksum { name: "MD5 of the samples", holds }),
        chapters: Vec::new(),
    })
}

/// Bytes behind the last metadata block (RFC 9639 section 8.1).
fn frame_bytes(path: &Path) -> Result<u64, Unreadable> {
    let file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut file = BufReader::new(file);
    file.seek(SeekFrom::Start(4))?;
    loop {
        let mut head = [0; 4];
        file.read_exact(&mut head).map_err(|_| Unreadable::Broken("it ends before its sound".to_owned()))?;
        let body = u32::from_be_bytes([0, head[1], head[2], head[3]]);
        let at = file.seek(SeekFrom::Current(i64::from(body)))?;
        if head[0] & 0x80 != 0 {
            return Ok(length.saturating_sub(at));
        }
    }
}
