//! MP4, M4A and M4B: the tables of the sound track, its access units one by one, and the edit list that says what of the
//! decoded sound is heard. Containers are walked here and leaf boxes are read by `mp4-atom`: its own walk ends at the
//! first box that it finds malformed, and foreign files have many.

mod boxes;
mod tables;
mod text;

use std::io::{BufRead, BufReader, Read, Seek, SeekFrom};

use mp4_atom::{Chpl, ChplEntry, Codec, Elst, FourCC, Mdhd, Mvhd, Stsd};
use symphonia::core::codecs::audio::well_known::CODEC_ID_AAC;
use symphonia::core::codecs::audio::{AudioCodecParameters, AudioDecoder, AudioDecoderOptions};
use symphonia::core::packet::PacketRef;
use symphonia::core::units::{Duration, Timestamp};
use symphonia::default::codecs::AacDecoder;

use self::boxes::{Tree, leaf};
use self::tables::{Place, Tables};
use super::{BitRate, Container, Damage, Decoded, Sink, Source, Stream, Unreadable};
use crate::chapters::{Chapter, ChapterKind, ChapterList};

const SOUND: FourCC = FourCC::new(b"soun");

/// The largest access unit that is taken; those of AAC have at most 6,144 bits for each channel.
const LARGEST_UNIT: u32 = 1 << 16;

/// MPEG-4 AAC by ISO/IEC 14496-1, and the three profiles of MPEG-2 AAC.
const AAC: [u8; 4] = [0x40, 0x66, 0x67, 0x68];

pub(super) fn decode(source: Source, sink: &mut dyn Sink) -> Result<Decoded, Unreadable> {
    let length = source.length();
    let mut file = source.buffered();
    let mut damage = Damage::default();
    let content = boxes::moov(&mut file, length, &mut damage)?;
    let (track, chapters) = tracks(&Tree::new(&content), &mut file)?;
    // The tables of a long book were read out of it.
    drop(content);
    let mut decoder = track.decoder()?;
    let decoded = track.play(&mut decoder, &mut file, length, damage, sink)?;
    Ok(Decoded { chapters, ..decoded })
}

/// The sound track, and the chapters that the file has for it.
fn tracks(
    moov: &Tree<'_>,
    file: &mut (impl BufRead + Seek),
) -> Result<(Track, Vec<ChapterList>), Unreadable> {
    let movie: Mvhd = moov.leaf(b"mvhd").ok_or_else(|| Unreadable::Broken("its movie has no head".into()))?;
    let tracks: Vec<Tree<'_>> = moov.children(b"trak").collect();
    let sound = tracks
        .iter()
        .find(|track| track.handler() == Some(SOUND))
        .ok_or_else(|| Unreadable::Broken("it has no sound track".into()))?;
    let chapters = chapters(moov, &tracks, sound, movie.timescale, file);
    Ok((Track::read(sound, &movie)?, chapters))
}

/// The sound track.
struct Track {
    tables: Tables,
    config: Vec<u8>,
    scale: u32,
    /// What is heard: the first moment in the track's own units, and the length in seconds.
    edit: (u64, Option<f64>),
    promised: f64,
}

impl Track {
    fn read(sound: &Tree<'_>, movie: &Mvhd) -> Result<Self, Unreadable> {
        let broken = |what: &str| Unreadable::Broken(format!("its sound track has no {what}"));
        let media = sound.child(b"mdia").ok_or_else(|| broken("media"))?;
        let head: Mdhd = media.leaf(b"mdhd").ok_or_else(|| broken("head"))?;
        let table =
            media.child(b"minf").and_then(|info| info.child(b"stbl")).ok_or_else(|| broken("tables"))?;
        let tables = Tables::read(&table)?;
        let config = configuration(&table)?;
        let edits: Option<Elst> = sound.child(b"edts").and_then(|edits| edits.leaf(b"elst"));
        let seconds = |duration: u64| duration as f64 / f64::from(movie.timescale.max(1));
        // Only the first edit with sound counts: an audiobook has one, to leave out the encoder's delay.
        let edit =
            edits.as_ref().and_then(|edits| edits.entries.iter().find(|edit| edit.media_time.is_some()));
        let edit = edit.map_or((0, None), |edit| {
            let length = Some(seconds(edit.segment_duration)).filter(|&length| length > 0.0);
            (edit.media_time.unwrap_or_default(), length)
        });
        let scale = head.timescale.max(1);
        let promised = edit.1.unwrap_or(tables.duration() as f64 / f64::from(scale));
        Ok(Self { tables, config, scale, edit, promised })
    }

    fn decoder(&self) -> Result<AacDecoder, Unreadable> {
        let mut parameters = AudioCodecParameters::new();
        parameters.for_codec(CODEC_ID_AAC).with_extra_data(self.config.clone().into_boxed_slice());
        AacDecoder::try_new(&parameters, &AudioDecoderOptions::default())
            .map_err(|error| Unreadable::Unsupported(format!("this AAC ({error})")))
    }

    fn play(
        &self,
        decoder: &mut AacDecoder,
        file: &mut BufReader<Source>,
        length: u64,
        mut damage: Damage,
        sink: &mut dyn Sink,
    ) -> Result<Decoded, Unreadable> {
        let mut playing: Option<Playing> = None;
        let (mut unit, mut bytes) = (Vec::new(), 0_u64);
        let mut samples = Vec::<f32>::new();
        let mut position = file.stream_position()?;
        for (number, Place { offset, size }) in self.tables.places().enumerate() {
            let seconds = playing.as_ref().map_or(0.0, Playing::seconds);
            let end = offset.saturating_add(u64::from(size));
            if end > length {
                damage.cut(format!("its sound goes on to byte {end}, it has {length}"));
                break;
            }
            // A table of nothing may have four thousand million entries.
            if size == 0 {
                damage.cut(format!("access unit {number} has no bytes"));
                break;
            }
            if size > LARGEST_UNIT {
                damage.fault(seconds, format!("access unit {number} has {size} bytes"));
                continue;
            }
            if offset != position {
                file.seek_relative(offset as i64 - position as i64)?;
            }
            unit.resize(size as usize, 0);
            file.read_exact(&mut unit)?;
            position = end;
            bytes += u64::from(size);
            let packet = PacketRef::new(0, Timestamp::from(0), Duration::from(1_024_u64), &unit);
            match decoder.decode_ref(&packet) {
                Ok(decoded) => {
                    let (rate, channels) = (decoded.spec().rate(), decoded.num_planes() as u32);
                    decoded.copy_to_vec_interleaved(&mut samples);
                    if playing.is_none() {
                        playing = Some(Playing::begin(self, rate, channels, sink)?);
                    }
                }
                Err(error) => {
                    damage.fault(seconds, format!("access unit {number} does not decode: {error}"));
                    samples.fill(0.0);
                }
            }
            if let Some(playing) = &mut playing {
                playing.take(&samples, sink);
            }
        }
        let playing = playing.ok_or_else(|| Unreadable::Broken("nothing of its sound decodes".to_owned()))?;
        let heard = playing.decoded as f64 / f64::from(playing.stream.rate);
        Ok(Decoded {
            frames: playing.given,
            promised: Some(self.promised),
            bit_rate: (heard > 0.0).then(|| BitRate { mean: bytes as f64 * 8.0 / heard, constant: None }),
            stream: playing.stream,
            damage,
            checksum: None,
            chapters: Vec::new(),
        })
    }
}

/// The decoder's configuration of a track that is AAC.
fn configuration(table: &Tree<'_>) -> Result<Vec<u8>, Unreadable> {
    let described =
        table.body(b"stsd").ok_or_else(|| Unreadable::Broken("its sound has no description".into()))?;
    let name =
        described.get(12..16).map(|name| String::from_utf8_lossy(name).into_owned()).unwrap_or_default();
    let unsupported = || Unreadable::Unsupported(format!("sound of the kind {name:?} in MP4"));
    let codecs = leaf::<Stsd>(described).ok_or_else(unsupported)?.codecs;
    let Some(Codec::Mp4a(aac)) = codecs.into_iter().next() else { return Err(unsupported()) };
    let config = aac.esds.es_desc.dec_config;
    if !AAC.contains(&config.object_type_indication) {
        return Err(unsupported());
    }
    config.dec_specific.map(|specific| specific.raw).ok_or_else(unsupported)
}

/// A track whose first access unit was decoded.
struct Playing {
    stream: Stream,
    skip: u64,
    left: u64,
    decoded: u64,
    given: u64,
}

impl Playing {
    fn begin(track: &Track, rate: u32, channels: u32, sink: &mut dyn Sink) -> Result<Self, Unreadable> {
        super::check(rate, channels)?;
        let stream = Stream { container: Container::Mp4, codec: "AAC", rate, channels };
        sink.begin(&stream);
        let skip = (track.edit.0 as f64 * f64::from(rate) / f64::from(track.scale)).round() as u64;
        let left = track.edit.1.map_or(u64::MAX, |length| (length * f64::from(rate)).round() as u64);
        Ok(Self { stream, skip, left, decoded: 0, given: 0 })
    }

    fn seconds(&self) -> f64 {
        self.given as f64 / f64::from(self.stream.rate)
    }

    fn take(&mut self, samples: &[f32], sink: &mut dyn Sink) {
        let channels = self.stream.channels as usize;
        let frames = (samples.len() / channels) as u64;
        self.decoded += frames;
        let skipped = self.skip.min(frames);
        self.skip -= skipped;
        let taken = (frames - skipped).min(self.left);
        self.left -= taken;
        self.given += taken;
        let from = skipped as usize * channels;
        sink.take(&samples[from..from + taken as usize * channels]);
    }
}

/// Both kinds of chapters.
fn chapters(
    moov: &Tree<'_>,
    tracks: &[Tree<'_>],
    sound: &Tree<'_>,
    movie_scale: u32,
    file: &mut (impl BufRead + Seek),
) -> Vec<ChapterList> {
    let mut lists = Vec::new();
    if let Some(body) = moov.child(b"udta").and_then(|data| data.body(b"chpl")) {
        lists.push(nero(body));
    }
    let wanted = sound.child(b"tref").and_then(|references| references.body(b"chap").map(boxes::track_ids));
    for id in wanted.unwrap_or_default() {
        let track = tracks.iter().find(|track| track.id() == Some(id));
        if let Some(chapters) = track.and_then(|track| text::chapters(track, movie_scale, file)) {
            lists.push(ChapterList::new(ChapterKind::QuickTime, chapters));
        }
    }
    // What follows plays the sound from where the reader stands.
    let _ = file.seek(SeekFrom::Start(0));
    lists
}

/// Nero's list.
fn nero(body: &[u8]) -> ChapterList {
    let Some(list) = leaf::<Chpl>(body) else {
        let oddities = vec!["it cannot be read".to_owned()];
        return ChapterList { oddities, ..ChapterList::new(ChapterKind::Nero, Vec::new()) };
    };
    let chapter = |entry: ChplEntry| {
        // Units of 100 ns.
        Chapter { start: entry.start as f64 / 1e7, end: None, title: entry.title }
    };
    let mut chapters = ChapterList::new(ChapterKind::Nero, list.entries.into_iter().map(chapter).collect());
    if body.first() == Some(&0) {
        chapters.oddities.push("it is of version 0, which MediaInfo and Mutagen misread".to_owned());
    }
    chapters
}
