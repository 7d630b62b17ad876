//! Which takes are there already. Every one is read and checked before it counts: a torn or corrupt file is
//! moved aside by the store and its chunk spoken again.

use rayon::prelude::*;
use rhapsode_audio::judge::Measurements;
use rhapsode_dispatch::Work;
use rhapsode_speech::TakeKey;
use rhapsode_store::{StoreError, StoredTake, TakeStore, Verdict};

/// A chunk whose take is there.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Present {
    pub(crate) ordinal: u32,
    pub(crate) take: Take,
}

/// A take that lies in the store, as far as a job needs it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Take {
    pub(crate) key: TakeKey,
    /// Which of the chunk's variants it is.
    pub(crate) variant: usize,
    /// Empty for a good take.
    pub(crate) defects: Vec<String>,
    /// What was measured on it; none if that cannot be understood any more.
    pub(crate) measured: Option<Measurements>,
}

impl Take {
    pub(crate) fn new(key: TakeKey, variant: usize, stored: StoredTake) -> Self {
        Self {
            key,
            variant,
            defects: match stored.record.verdict {
                Verdict::Accepted => Vec::new(),
                Verdict::Defect(names) => names,
            },
            measured: serde_json::from_value(stored.record.measurements).ok(),
        }
    }
}

/// The work, sorted into what is there and what is missing, each in reading order.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) present: Vec<Present>,
    pub(crate) missing: Vec<Work>,
}

/// Asks the store for every take of `work`: the one that `preferred` names for the chunk's ordinal if it is there,
/// else the first of its variants that is.
pub(crate) fn look_up(
    work: Vec<Work>,
    preferred: impl Fn(u32) -> Option<TakeKey> + Sync,
    store: &TakeStore,
) -> Result<Found, StoreError> {
    let takes = work
        .par_iter()
        .map(|item| take_of(item, preferred(item.ordinal), store))
        .collect::<Result<Vec<_>, StoreError>>()?;
    let mut found = Found::default();
    for (item, take) in work.into_iter().zip(takes) {
        match take {
            Some(take) => found.present.push(Present { ordinal: item.ordinal, take }),
            None => found.missing.push(item),
        }
    }
    Ok(found)
}

fn take_of(item: &Work, preferred: Option<TakeKey>, store: &TakeStore) -> Result<Option<Take>, StoreError> {
    let mut variants: Vec<(usize, TakeKey)> =
        item.variants.iter().map(|variant| variant.key).enumerate().collect();
    // The sort is stable: the others stay in their order.
    variants.sort_by_key(|(_, key)| Some(*key) != preferred);
    for (variant, key) in variants {
        if let Some(stored) = store.get(&key.0)? {
            return Ok(Some(Take::new(key, variant, stored)));
        }
    }
    Ok(None)
}
