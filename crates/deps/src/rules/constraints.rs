//! Several ranges at once: what remains of them, which of them is the strictest, and what to pin.

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers, release_specifiers_to_ranges};

use super::satisfies;

/// A range as people write it: `>=1.24.0,<1.26.0`.
pub(crate) fn compact(range: &VersionSpecifiers) -> String {
    let parts: Vec<String> = range.iter().map(ToString::to_string).collect();
    parts.join(",")
}

/// All ranges as one, without bounds that a tighter one implies: `>=1.24.0,<1.26.0,!=1.25.1`.
pub(crate) fn joined<'a>(ranges: impl IntoIterator<Item = &'a VersionSpecifiers>) -> VersionSpecifiers {
    let all: Vec<&VersionSpecifier> = ranges.into_iter().flat_map(|range| range.iter()).collect();
    let lower = [Operator::GreaterThanEqual, Operator::GreaterThan];
    let upper = [Operator::LessThan, Operator::LessThanEqual];
    let of = |operators: [Operator; 2]| {
        let bounds = all.iter().filter(move |specifier| operators.contains(specifier.operator()));
        // Of two bounds at one version the exclusive one is tighter.
        bounds.map(move |bound| {
            (bound.version(), operators.iter().position(|known| known == bound.operator()), *bound)
        })
    };
    let tightest = of(lower).max().into_iter().chain(of(upper).min()).map(|(_, _, bound)| bound);
    let bounds = [lower, upper].concat();
    let others = all.iter().copied().filter(|specifier| !bounds.contains(specifier.operator()));
    let mut specifiers: Vec<VersionSpecifier> = tightest.chain(others).cloned().collect();
    specifiers.sort();
    specifiers.dedup();
    specifiers.into_iter().collect()
}

/// Whether no release is in both ranges.
pub(crate) fn excludes_all(a: &VersionSpecifiers, b: &VersionSpecifiers) -> bool {
    leaves_nothing(&joined([a, b]))
}

/// Whether no version is in a range.
///
/// The set algebra knows releases of epoch 0 only. A version that the range itself names may be more than that, so
/// those are tried first.
pub(crate) fn leaves_nothing(range: &VersionSpecifiers) -> bool {
    if range.iter().any(|specifier| satisfies(specifier.version(), range)) {
        return false;
    }
    let exact =
        |specifier: &VersionSpecifier| matches!(specifier.operator(), Operator::Equal | Operator::ExactEqual);
    if range.iter().any(exact) {
        return true;
    }
    let of_epoch_0 = range.iter().all(|specifier| specifier.version().epoch() == 0);
    of_epoch_0 && release_specifiers_to_ranges(range.clone()).is_empty()
}

/// How strict a range is, the strictest least: an exact version, then a prefix, then a range with an upper bound (the
/// lowest first), then the rest.
pub(crate) fn looseness(range: &VersionSpecifiers) -> (u8, Option<Version>) {
    let of_operator = |operators: &[Operator]| {
        range
            .iter()
            .filter(|specifier| operators.contains(specifier.operator()))
            .map(|specifier| specifier.version().clone())
            .min()
    };
    if let Some(version) = of_operator(&[Operator::Equal, Operator::ExactEqual]) {
        return (0, Some(version));
    }
    if let Some(version) = of_operator(&[Operator::EqualStar, Operator::TildeEqual]) {
        return (1, Some(version));
    }
    if let Some(version) = of_operator(&[Operator::LessThan, Operator::LessThanEqual]) {
        return (2, Some(version));
    }
    (if range.is_empty() { 4 } else { 3 }, None)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(text: &str) -> VersionSpecifiers {
        text.parse().unwrap()
    }

    #[test]
    fn ranges_that_leave_nothing_are_told_from_those_that_leave_little() {
        assert!(excludes_all(&range(">=2"), &range(">=1.24,<1.26")));
        assert!(excludes_all(&range("==2.2.6"), &range("<=1.26.4")));
        assert!(!excludes_all(&range(">=1.25"), &range(">=1.24,<1.26")));
        assert!(!excludes_all(&range("==2.2.0+cu121"), &range("==2.2.0")));
        assert!(excludes_all(&range("==1.0rc1"), &range("<1.0")));
        assert!(!excludes_all(&range("==5.0.0rc1"), &range(">=4")));
    }

    #[test]
    fn of_several_bounds_the_tightest_remains() {
        let ranges =
            [range(">=1.17"), range(">=1.26,<2.3"), range("<=1.26.4"), range("!=1.26.1"), range(">1.26")];
        assert_eq!(compact(&joined(&ranges)), ">1.26,!=1.26.1,<=1.26.4");
        assert_eq!(compact(&joined(&[range("<2"), range("<=2")])), "<2");
    }

    #[test]
    fn an_exact_version_is_stricter_than_a_bound_and_a_low_bound_than_a_high_one() {
        let mut ranges =
            [range(">=1.17"), range("<2"), range("==1.26.4"), range(""), range("<1.26"), range("~=1.24")];
        ranges.sort_by_key(looseness);
        let order: Vec<_> = ranges.iter().map(compact).collect();
        assert_eq!(order, ["==1.26.4", "~=1.24", "<1.26", "<2", ">=1.17", ""]);
    }
}
