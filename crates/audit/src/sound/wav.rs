//! WAV of any length: RIFF, and RF64 and BW64 whose lengths have 64 bits.

use rhapsode_audio::decode::wav_layout::Layout;

use super::source::Window;
use super::{Container, Damage, Decoded, Sink, Source, Stream, Unreadable};

/// A length in the 32-bit header that says "look into `ds64`", or that a streaming program left there.
const ELSEWHERE: u32 = u32::MAX;

/// Frames that are read at once.
const FRAMES: usize = 8_192;

/// The largest `fmt ` and `ds64` that are read.
const HEAD: usize = 4_096;

pub(super) fn decode(source: Source, sink: &mut dyn Sink) -> Result<Decoded, Unreadable> {
    let mut file = Window::new(source);
    file.advance(12)?;
    let (mut layout, mut long) = (None, None);
    let mut damage = Damage::default();
    loop {
        let Some((id, length)) = chunk(&mut file)? else {
            return Err(Unreadable::Broken("it ends before its samples".to_owned()));
        };
        match &id {
            b"ds64" => {
                let body = file.peek(24)?;
                long = body.get(8..16).and_then(|bytes| bytes.try_into().ok()).map(u64::from_le_bytes);
            }
            b"fmt " => {
                let body = file.peek(length.min(HEAD as u32) as usize)?;
                let body = &body[..body.len().min(length as usize)];
                layout = Some(Layout::read(body).map_err(Unreadable::broken)?);
            }
            b"data" => {
                let layout = layout.ok_or_else(|| {
                    Unreadable::Broken("its samples come before their description".to_owned())
                })?;
                let there = file.length() - file.position();
                let promised = match (length, long) {
                    (ELSEWHERE, Some(long)) => Some(long),
                    // What a program writes that does not know the length when it begins.
                    (0 | ELSEWHERE, None) => None,
                    (length, _) => Some(u64::from(length)),
                };
                return samples(&mut file, layout, promised, there, damage, sink);
            }
            _ => {}
        }
        let next = u64::from(length) + u64::from(length & 1);
        if file.position() + next > file.length() {
            damage.cut("a chunk of its head is not all there");
        }
        file.advance(next)?;
    }
}

/// The name and the length of the next chunk.
fn chunk(file: &mut Window) -> Result<Option<([u8; 4], u32)>, Unreadable> {
    let head = file.peek(8)?;
    let (Some(&id), Some(&length)) = (head.first_chunk(), head.get(4..8).and_then(|four| four.first_chunk()))
    else {
        return Ok(None);
    };
    file.advance(8)?;
    Ok(Some((id, u32::from_le_bytes(length))))
}

fn samples(
    file: &mut Window,
    layout: Layout,
    promised: Option<u64>,
    there: u64,
    mut damage: Damage,
    sink: &mut dyn Sink,
) -> Result<Decoded, Unreadable> {
    let Layout { rate, channels, sample } = layout;
    let channels = u32::from(channels);
    super::check(rate, channels)?;
    let size = sample.bytes();
    let frame = size * channels as usize;
    if let Some(promised) = promised.filter(|&promised| promised > there) {
        damage.cut(format!("its header says {promised} bytes of sound, {there} are there"));
    }
    let stream = Stream { container: Container::Wav, codec: "PCM", rate, channels };
    sink.begin(&stream);
    let mut left = promised.unwrap_or(there).min(there);
    let mut frames = 0;
    let mut block = Vec::with_capacity(FRAMES * channels as usize);
    while left >= frame as u64 {
        let wanted = (FRAMES * frame).min(usize::try_from(left).unwrap_or(usize::MAX));
        let bytes = file.peek(wanted)?;
        let whole = bytes.len().min(wanted) / frame * frame;
        if whole == 0 {
            break;
        }
        block.clear();
        block.extend(bytes[..whole].chunks_exact(size).map(|bytes| sample.read(bytes)));
        sink.take(&block);
        file.advance(whole as u64)?;
        frames += (whole / frame) as u64;
        left -= whole as u64;
    }
    let seconds = |bytes: u64| bytes as f64 / frame as f64 / f64::from(rate);
    Ok(Decoded {
        stream,
        frames,
        promised: promised.map(seconds),
        bit_rate: None,
        damage,
        checksum: None,
        chapters: Vec::new(),
    })
}
