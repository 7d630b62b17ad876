//! The checks, one file a family, in the order in which they are asked: what costs nothing first, what shakes the
//! server last.

mod access;
mod client;
mod dependencies;
mod fields;
mod formats;
mod life;
mod load;
mod metrics;
mod refusals;
mod texts;

use super::check::Check;

/// Every check.
const FAMILIES: [&[Check]; 10] = [
    life::CHECKS,
    access::CHECKS,
    dependencies::CHECKS,
    formats::CHECKS,
    fields::CHECKS,
    texts::CHECKS,
    refusals::CHECKS,
    metrics::CHECKS,
    load::CHECKS,
    client::CHECKS,
];

pub(super) fn all() -> impl Iterator<Item = &'static Check> {
    FAMILIES.into_iter().flatten()
}
