//! The tree of boxes (ISO/IEC 14496-12 section 4.2) over bytes in memory: nothing is copied, and what is malformed is
//! not there.

use std::io::{BufRead, Read, Seek, SeekFrom};

use mp4_atom::{Atom, FourCC, Hdlr, Tkhd};

use crate::sound::{Damage, Unreadable};

/// The largest `moov` that is read: the tables of 300 hours and a cover of 100 MiB fit.
const LARGEST_MOOV: u64 = 256 << 20;

/// The content of the `moov` box of a file.
pub(super) fn moov(
    file: &mut (impl BufRead + Seek),
    length: u64,
    damage: &mut Damage,
) -> Result<Vec<u8>, Unreadable> {
    let mut at = 0;
    let mut found = None;
    while at + 8 <= length {
        file.seek(SeekFrom::Start(at))?;
        let mut head = [0; 16];
        file.read_exact(&mut head[..8])?;
        let (mut size, mut body) = (u64::from(u32::from_be_bytes([head[0], head[1], head[2], head[3]])), 8);
        if size == 1 && at + 16 <= length {
            file.read_exact(&mut head[8..])?;
            size = u64::from_be_bytes([
                head[8], head[9], head[10], head[11], head[12], head[13], head[14], head[15],
            ]);
            body = 16;
        }
        let name = FourCC::from([head[4], head[5], head[6], head[7]]);
        // The last box may leave its size open.
        let size = if size == 0 { length - at } else { size };
        if size < body {
            return Err(Unreadable::Broken(format!("its {name} box is smaller than its own head")));
        }
        let whole = size <= length - at;
        if !whole {
            damage.cut(format!(
                "its {name} box ends at byte {}, the file at {length}",
                at.saturating_add(size)
            ));
        }
        if name == FourCC::new(b"moov") && found.is_none() {
            if size > LARGEST_MOOV {
                return Err(Unreadable::Broken(format!("its tables have {size} bytes")));
            }
            let mut content = Vec::new();
            file.by_ref().take(size - body).read_to_end(&mut content)?;
            found = Some(content);
        }
        if !whole {
            break;
        }
        at += size;
    }
    found.ok_or_else(|| match &damage.cut {
        Some(reason) => {
            Unreadable::Broken(format!("it has no tables of its sound, which come last; {reason}"))
        }
        None => Unreadable::Broken("it has no tables of its sound".to_owned()),
    })
}

/// A box that holds boxes.
#[derive(Clone, Copy)]
pub(super) struct Tree<'a>(&'a [u8]);

impl<'a> Tree<'a> {
    pub(super) fn new(content: &'a [u8]) -> Self {
        Self(content)
    }

    fn boxes(self) -> impl Iterator<Item = ([u8; 4], &'a [u8])> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let (size, behind) = rest.split_first_chunk::<4>()?;
            let (name, behind) = behind.split_first_chunk::<4>()?;
            let (body, next) = match u32::from_be_bytes(*size) {
                0 => (behind, &[][..]),
                1 => {
                    let (size, behind) = behind.split_first_chunk::<8>()?;
                    let size = usize::try_from(u64::from_be_bytes(*size)).ok()?.checked_sub(16)?;
                    behind.split_at_checked(size)?
                }
                size => behind.split_at_checked((size as usize).checked_sub(8)?)?,
            };
            rest = next;
            Some((*name, body))
        })
    }

    /// The content of the first box of this name.
    pub(super) fn body(self, name: &[u8; 4]) -> Option<&'a [u8]> {
        self.boxes().find(|(found, _)| found == name).map(|(_, body)| body)
    }

    pub(super) fn child(self, name: &[u8; 4]) -> Option<Self> {
        self.body(name).map(Self)
    }

    pub(super) fn children(self, name: &'static [u8; 4]) -> impl Iterator<Item = Self> + use<'a> {
        self.boxes().filter(move |(found, _)| found == name).map(|(_, body)| Self(body))
    }

    /// The first box of this name, as `mp4-atom` reads it.
    pub(super) fn leaf<T: Atom>(self, name: &[u8; 4]) -> Option<T> {
        self.body(name).and_then(leaf)
    }

    /// What kind of media a track has.
    pub(super) fn handler(self) -> Option<FourCC> {
        Some(self.child(b"mdia")?.leaf::<Hdlr>(b"hdlr")?.handler)
    }

    /// The number of a track.
    pub(super) fn id(self) -> Option<u32> {
        Some(self.leaf::<Tkhd>(b"tkhd")?.track_id)
    }
}

/// A box of its content.
pub(super) fn leaf<T: Atom>(mut body: &[u8]) -> Option<T> {
    T::decode_body(&mut body).ok()
}

/// The numbers of tracks in a reference.
pub(super) fn track_ids(body: &[u8]) -> Vec<u32> {
    body.as_chunks::<4>().0.iter().map(|&bytes| u32::from_be_bytes(bytes)).collect()
}
