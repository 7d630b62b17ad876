//! Tags of MP4 files: iTunes' items, and the free-form ones that libraries agreed on.

use lofty::mp4::{AtomData, AtomIdent, Ilst};

use super::{Cover, Read, Tags};

/// The cover, the number within a series, and the number of a track: items that are no text.
const COVER: [u8; 4] = *b"covr";
const MOVEMENT: [u8; 4] = *b"\xa9mvi";
const TRACK: [u8; 4] = *b"trkn";

pub(super) fn read(list: &Ilst) -> Read {
    let mut tags = Tags::default();
    // Libraries name the narrator and the series in free-form items where they have them.
    let (free, own): (Vec<_>, Vec<_>) =
        list.into_iter().partition(|atom| matches!(atom.ident(), AtomIdent::Freeform { .. }));
    for atom in free.into_iter().chain(own) {
        for data in atom.data() {
            match (atom.ident(), data) {
                (AtomIdent::Fourcc(COVER), AtomData::Picture(picture)) => {
                    tags.cover.get_or_insert_with(|| Cover::picture(picture));
                }
                (AtomIdent::Freeform { name, .. }, AtomData::UTF8(text) | AtomData::UTF16(text)) => {
                    tags.named(name, text);
                }
                (AtomIdent::Fourcc(name), AtomData::UTF8(text) | AtomData::UTF16(text)) => {
                    item(&mut tags, name, text)
                }
                (AtomIdent::Fourcc(MOVEMENT), AtomData::SignedInteger(number)) => {
                    tags.named("mvin", &number.to_string());
                }
                (AtomIdent::Fourcc(TRACK), AtomData::Unknown { data, .. }) => {
                    let number = data.get(2..4).map(|two| u32::from(u16::from_be_bytes([two[0], two[1]])));
                    tags.track = tags.track.or(number.filter(|&number| number > 0));
                }
                _ => {}
            }
        }
    }
    Read { tags, ..Read::default() }
}

fn item(tags: &mut Tags, name: &[u8; 4], text: &str) {
    let name = match name {
        b"\xa9nam" => "title",
        b"\xa9alb" => "album",
        b"\xa9ART" => "artist",
        b"aART" => "albumartist",
        b"\xa9wrt" => "composer",
        b"\xa9mvn" => "mvnm",
        b"\xa9day" => "date",
        b"\xa9pub" => "publisher",
        b"\xa9gen" => "genre",
        b"desc" | b"ldes" | b"\xa9cmt" => "description",
        _ => return,
    };
    tags.named(name, text);
}
