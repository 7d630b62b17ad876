//! Which takes are there already. Every one is read and checked before it counts: a torn or corrupt file is
//! moved aside by the store and its chunk spoken again.

use rayon::prelude::*;
use rhapsode_audio::judge::Measurements;
use rhapsode_dispatch::{Variant, Work};
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
    let mut variants: Vec<(usize, TakeKey)> = item.variants.iter().map(Variant::key).enumerate().collect();
    // The sort is stable: the others stay in their order.
    variants.sort_by_key(|(_, key)| Some(*key) != preferred);
    for (variant, key) in variants {
        if let Some(stored) = store.get(&key.0)? {
            return Ok(Some(Take::new(key, variant, stored)));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use rhapsode_store::{Pcm16, TakeRecord};

    use super::*;
    use crate::{Settings, casting::tests::cast_of, prepare::Prepared};

    #[test]
    fn the_chosen_take_comes_before_the_others_and_these_in_the_order_of_the_variants() {
        let folder = tempfile::tempdir().unwrap();
        let store = TakeStore::open(folder.path()).unwrap();
        let prepared = Arc::new(Prepared::for_tests(&["One."], &Settings::for_tests()));
        let chunk = prepared.chunk(1).unwrap();
        let variants: Vec<_> = ["1", "2", "3"]
            .iter()
            .flat_map(|engine| cast_of(engine).work(&prepared, chunk, 0).variants)
            .collect();
        let keys: Vec<TakeKey> = variants.iter().map(Variant::key).collect();
        let work = || vec![Work { ordinal: 1, variants: variants.clone() }];
        assert_eq!(look_up(work(), |_| None, &store).unwrap().missing.len(), 1);
        for key in &keys[1..] {
            let record = TakeRecord {
                measurements: "torn".into(),
                verdict: Verdict::Accepted,
                seed: 0,
                identity: serde_json::Value::Null,
            };
            store.put(&key.0, Pcm16 { rate: 24_000, samples: &[1; 240] }, &record).unwrap();
        }
        let found = |preferred| {
            let found = look_up(work(), |_| preferred, &store).unwrap();
            (found.present[0].take.key, found.present[0].take.measured)
        };
        assert_eq!(found(None), (keys[1], None), "bad measurements are passed over");
        assert_eq!(found(Some(keys[0])).0, keys[1]);
        assert_eq!(found(Some(keys[2])).0, keys[2]);
    }
}
