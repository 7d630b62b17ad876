//! Which takes are there already. Every one is read and checked before it counts: a torn or corrupt file is
//! moved aside by the store and its chunk spoken again.

use rayon::prelude::*;
use rhapsode_dispatch::Work;
use rhapsode_store::{StoreError, TakeStore, Verdict};

use crate::DefectPolicy;

/// A chunk whose take is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Present {
    pub(crate) ordinal: u32,
    /// Empty for a good take.
    pub(crate) defects: Vec<String>,
}

/// The work, sorted into what is there and what is missing, each in reading order.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) present: Vec<Present>,
    pub(crate) missing: Vec<Work>,
}

/// Asks the store for every take of `work`.
pub(crate) fn look_up(
    work: Vec<Work>,
    store: &TakeStore,
    defects: DefectPolicy,
) -> Result<Found, StoreError> {
    let verdicts = work
        .par_iter()
        .map(|item| Ok(store.get(&item.variants[0].key.0)?.map(|take| take.record.verdict)))
        .collect::<Result<Vec<_>, StoreError>>()?;
    let mut found = Found::default();
    for (item, verdict) in work.into_iter().zip(verdicts) {
        match verdict {
            Some(Verdict::Accepted) => {
                found.present.push(Present { ordinal: item.ordinal, defects: Vec::new() });
            }
            Some(Verdict::Defect(names)) if defects == DefectPolicy::Keep => {
                found.present.push(Present { ordinal: item.ordinal, defects: names });
            }
            Some(Verdict::Defect(_)) | None => found.missing.push(item),
        }
    }
    Ok(found)
}
