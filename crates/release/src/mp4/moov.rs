//! The `moov` box: everything a player knows before the first sample.

use mp4_atom::{
    AnySampleGroupEntry, Audio, BufMut, Dinf, Dref, Edts, Elst, ElstEntry, Encode, FixedPoint, FourCC, Hdlr,
    Matrix, Mdhd, Mp4a, Mvhd, Sbgp, SbgpEntry, Sgpd, SgpdEntry, Smhd, Stsd, Tkhd, TrackReferenceTypeBox,
    Tref, Url, esds,
};

use super::movie::Movie;
use super::tables::{Layout, Width, stts};
use super::{chapters, ilst};
use crate::Tags;
use crate::encode::{FRAME, LARGEST_UNIT_BITS};
use crate::formats::Label;

const SOUND: u32 = 1;
const CHAPTERS: u32 = 2;

/// The decoder's buffer in bytes, as 24 bits.
const BUFFER: [u8; 3] = {
    let [_, rest @ ..] = (LARGEST_UNIT_BITS / 8).to_be_bytes();
    rest
};

/// Access units in a chunk of the file: about three seconds at 24 kHz.
const UNITS_PER_CHUNK: u32 = 64;

/// Where the samples lie in the file.
pub(super) struct Offsets {
    /// The first text sample.
    pub text: u64,
    /// The first access unit.
    pub sound: u64,
    pub width: Width,
}

pub(super) fn encode(
    buffer: &mut Vec<u8>,
    movie: &Movie,
    text: &[Vec<u8>],
    label: &Label<'_>,
    offsets: &Offsets,
) -> mp4_atom::Result<()> {
    let language = language(label.tags);
    buffer.encode_atom(b"moov", |buffer| {
        Mvhd {
            timescale: movie.stream.rate,
            duration: movie.samples(),
            rate: 1.into(),
            volume: 1.into(),
            next_track_id: CHAPTERS + 1,
            ..Mvhd::default()
        }
        .encode(buffer)?;
        sound_track(buffer, movie, &language, offsets)?;
        chapter_track(buffer, movie, text, &language, offsets)?;
        buffer.encode_atom(b"udta", |buffer| {
            if let Some(list) = chapters::nero(movie) {
                list.encode(buffer)?;
            }
            ilst::encode(buffer, label)
        })
    })
}

fn sound_track(
    buffer: &mut Vec<u8>,
    movie: &Movie,
    language: &str,
    offsets: &Offsets,
) -> mp4_atom::Result<()> {
    buffer.encode_atom(b"trak", |buffer| {
        Tkhd {
            track_id: SOUND,
            duration: movie.samples(),
            enabled: true,
            in_movie: true,
            volume: 1.into(),
            ..tkhd()
        }
        .encode(buffer)?;
        // One edit leaves out the priming; at its end the media ends too.
        let edit = ElstEntry {
            segment_duration: movie.samples(),
            media_time: Some(u64::from(movie.stream.priming)),
            media_rate: 1.into(),
        };
        Edts { elst: Some(Elst { entries: vec![edit] }) }.encode(buffer)?;
        let chapters = TrackReferenceTypeBox { reference_type: b"chap".into(), track_ids: vec![CHAPTERS] };
        Tref { track_reference_type_boxes: vec![chapters] }.encode(buffer)?;
        buffer.encode_atom(b"mdia", |buffer| {
            mdhd(movie, movie.decoded_samples(), language).encode(buffer)?;
            Hdlr { handler: b"soun".into(), name: "Sound".to_owned() }.encode(buffer)?;
            buffer.encode_atom(b"minf", |buffer| {
                Smhd::default().encode(buffer)?;
                dinf().encode(buffer)?;
                buffer.encode_atom(b"stbl", |buffer| {
                    Stsd { codecs: vec![sound_entry(movie).into()] }.encode(buffer)?;
                    stts(movie.sizes.iter().map(|_| u64::from(FRAME)))?.encode(buffer)?;
                    let sizes: Vec<u32> = movie.sizes.iter().map(|&size| u32::from(size)).collect();
                    let units = sizes.len() as u32;
                    Layout { sizes, chunk: UNITS_PER_CHUNK, at: offsets.sound, width: offsets.width }
                        .encode(buffer)?;
                    pre_roll(units, buffer)
                })
            })
        })
    })
}

fn chapter_track(
    buffer: &mut Vec<u8>,
    movie: &Movie,
    text: &[Vec<u8>],
    language: &str,
    offsets: &Offsets,
) -> mp4_atom::Result<()> {
    buffer.encode_atom(b"trak", |buffer| {
        // Not enabled: it is for the chapter menu, not to be shown over the cover.
        Tkhd { track_id: CHAPTERS, duration: movie.samples(), in_movie: true, ..tkhd() }.encode(buffer)?;
        buffer.encode_atom(b"mdia", |buffer| {
            mdhd(movie, movie.samples(), language).encode(buffer)?;
            Hdlr { handler: b"text".into(), name: "Chapters".to_owned() }.encode(buffer)?;
            buffer.encode_atom(b"minf", |buffer| {
                generic_media_head(buffer)?;
                dinf().encode(buffer)?;
                buffer.encode_atom(b"stbl", |buffer| {
                    text_entry(buffer)?;
                    stts(movie.chapters.iter().map(|chapter| chapter.length))?.encode(buffer)?;
                    let sizes: Vec<u32> = text.iter().map(|sample| sample.len() as u32).collect();
                    Layout { chunk: sizes.len() as u32, sizes, at: offsets.text, width: offsets.width }
                        .encode(buffer)
                })
            })
        })
    })
}

fn tkhd() -> Tkhd {
    Tkhd { matrix: Matrix::default(), ..Tkhd::default() }
}

fn mdhd(movie: &Movie, duration: u64, language: &str) -> Mdhd {
    Mdhd { timescale: movie.stream.rate, duration, language: language.to_owned(), ..Mdhd::default() }
}

fn dinf() -> Dinf {
    Dinf { dref: Dref { entries: vec![Url::default().into()] } }
}

fn sound_entry(movie: &Movie) -> Mp4a {
    let rate = movie.stream.rate;
    let bits = movie.sound_bytes() * 8;
    let average = bits * u64::from(rate) / movie.decoded_samples().max(1);
    Mp4a {
        audio: Audio {
            data_reference_index: 1,
            channel_count: 1,
            sample_size: 16,
            // The field has 16 bits; higher rates stand only in the decoder's configuration.
            sample_rate: FixedPoint::new(u16::try_from(rate).unwrap_or(0), 0),
        },
        esds: esds::Esds {
            es_desc: esds::EsDescriptor {
                dec_config: esds::DecoderConfig {
                    // MPEG-4 audio, in an audio stream (ISO/IEC 14496-1 tables 5 and 6).
                    object_type_indication: 0x40,
                    stream_type: 5,
                    up_stream: 0,
                    buffer_size_db: BUFFER.into(),
                    max_bitrate: peak_bitrate(movie),
                    avg_bitrate: average as u32,
                    dec_specific: Some(esds::DecoderSpecific {
                        raw: movie.stream.config.clone(),
                        ..esds::DecoderSpecific::default()
                    }),
                },
                ..esds::EsDescriptor::default()
            },
        },
        btrt: None,
        taic: None,
    }
}

/// Most bits in any second, as the decoder's configuration wants it (ISO/IEC 14496-1 section 7.2.6.6).
fn peak_bitrate(movie: &Movie) -> u32 {
    let second = movie.stream.rate.div_ceil(FRAME) as usize;
    let mut bytes = 0u32;
    let mut peak = 0;
    for (index, &size) in movie.sizes.iter().enumerate() {
        bytes += u32::from(size);
        if let Some(first) = index.checked_sub(second) {
            bytes -= u32::from(movie.sizes[first]);
        }
        peak = peak.max(bytes);
    }
    peak * 8
}

/// Says that a player who jumps must decode one unit before the one it wants: AAC overlaps its units
/// (ISO/IEC 14496-12 section 10.1).
fn pre_roll(units: u32, buffer: &mut Vec<u8>) -> mp4_atom::Result<()> {
    const ROLL: FourCC = FourCC::new(b"roll");
    let distance = AnySampleGroupEntry::UnknownGroupingType(ROLL, (-1i16).to_be_bytes().to_vec());
    Sgpd {
        grouping_type: ROLL,
        default_length: Some(2),
        default_group_description_index: None,
        static_group_description: false,
        static_mapping: false,
        essential: false,
        entries: vec![SgpdEntry { description_length: None, entry: distance }],
    }
    .encode(buffer)?;
    Sbgp {
        grouping_type: ROLL,
        grouping_type_parameter: None,
        entries: vec![SbgpEntry { sample_count: units, group_description_index: 1 }],
    }
    .encode(buffer)
}

/// `gmhd`, the media head of a QuickTime text track (QuickTime File Format, "Base media information").
fn generic_media_head(buffer: &mut Vec<u8>) -> mp4_atom::Result<()> {
    buffer.encode_atom(b"gmhd", |buffer| {
        buffer.encode_atom(b"gmin", |buffer| {
            buffer.extend(0u32.to_be_bytes());
            // Dither copy, medium grey, balance in the middle: QuickTime's own defaults.
            for value in [0x40u16, 0x8000, 0x8000, 0x8000, 0, 0] {
                buffer.extend(value.to_be_bytes());
            }
            Ok(())
        })?;
        buffer.encode_atom(b"text", |buffer| Matrix::default().encode(buffer))
    })
}

/// The sample description of a QuickTime text track (QuickTime File Format, "Text sample description"): nothing
/// is ever drawn, so that all but the reference to the data is zero.
fn text_entry(buffer: &mut Vec<u8>) -> mp4_atom::Result<()> {
    buffer.encode_atom(b"stsd", |buffer| {
        buffer.extend(0u32.to_be_bytes());
        buffer.extend(1u32.to_be_bytes());
        buffer.encode_atom(b"text", |buffer| {
            buffer.extend([0; 6]);
            buffer.extend(1u16.to_be_bytes());
            // Flags, justification, colours, box, font number and face, and a font name of no length.
            buffer.extend([0; 4 + 4 + 6 + 8 + 8 + 2 + 2 + 1 + 2 + 6 + 1]);
            Ok(())
        })
    })
}

/// The ISO 639-2 code of the book's language, `und` if there is none.
fn language(tags: &Tags) -> String {
    let primary = tags.language.as_deref().unwrap_or_default().split(['-', '_']).next().unwrap_or_default();
    let primary = primary.to_ascii_lowercase();
    let known = match primary.len() {
        2 => isolang::Language::from_639_1(&primary),
        3 => isolang::Language::from_639_3(&primary),
        _ => None,
    };
    known.map_or("und", |language| language.to_639_3()).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_language_tag_becomes_its_three_letters() {
        let of = |tag: &str| language(&Tags { language: Some(tag.to_owned()), ..Tags::default() });
        assert_eq!(of("en-GB"), "eng");
        assert_eq!(of("DE"), "deu");
        assert_eq!(of("grc"), "grc");
        assert_eq!(of("x-unknown"), "und");
        assert_eq!(language(&Tags::default()), "und");
    }
}
