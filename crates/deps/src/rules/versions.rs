//! Whether a version is in a range, as Python's own `packaging` and so `pip check` see it.
//!
//! `pep440_rs` parses and orders versions; its `contains` is not used, since it differs from the specification where
//! it hurts: `==1.1.*` admits `1` there, and `<1.0b2` refuses `1.0b1`. A test runs this module and `packaging` side
//! by side.

use pep440_rs::{Operator, Version, VersionSpecifier, VersionSpecifiers};

/// Whether an installed version is in a range.
///
/// What is installed is installed, so pre-releases count like others. A local version (`2.2.0+cu121`) is ignored
/// unless the range names one.
#[must_use]
pub fn satisfies(version: &Version, range: &VersionSpecifiers) -> bool {
    range.iter().all(|specifier| admits(specifier, version))
}

fn admits(specifier: &VersionSpecifier, version: &Version) -> bool {
    let asked = specifier.version();
    let public = || version.clone().without_local();
    match specifier.operator() {
        Operator::Equal => equals(asked, version),
        Operator::NotEqual => !equals(asked, version),
        Operator::EqualStar => has_prefix(version, asked, asked.release()),
        Operator::NotEqualStar => !has_prefix(version, asked, asked.release()),
        Operator::ExactEqual => asked.to_string().eq_ignore_ascii_case(&version.to_string()),
        Operator::TildeEqual => {
            let release = asked.release();
            let prefix = &release[..release.len().saturating_sub(1)];
            has_prefix(version, asked, prefix) && public() >= *asked
        }
        Operator::GreaterThanEqual => public() >= *asked,
        Operator::LessThanEqual => public() <= *asked,
        Operator::GreaterThan => public() > *asked && !is_post_release_of(version, asked),
        Operator::LessThan => public() < *asked && !is_pre_release_of(version, asked),
    }
}

/// A post-release is not newer than the version itself, as `>` means it: `>1.0` refuses `1.0.post1`.
fn is_post_release_of(version: &Version, asked: &Version) -> bool {
    let can_have_one = !asked.is_post() && !asked.is_dev();
    can_have_one && version.is_post() && same_release(version, asked) && version.pre() == asked.pre()
}

/// A pre-release is not older than the version itself, as `<` means it: `<5.0` refuses `5.0rc1`. What comes before a
/// post-release are its own development releases.
fn is_pre_release_of(version: &Version, asked: &Version) -> bool {
    let of_the_release = asked.post().is_none();
    let of_the_post_release = version.pre().is_none() && version.post() == asked.post();
    !asked.any_prerelease()
        && version.any_prerelease()
        && same_release(version, asked)
        && (of_the_release || of_the_post_release)
}

fn equals(asked: &Version, version: &Version) -> bool {
    if asked.is_local() { version == asked } else { version.clone().without_local() == *asked }
}

/// Whether a version begins with the given numbers. Numbers that it does not have are zero.
fn has_prefix(version: &Version, asked: &Version, prefix: &[u64]) -> bool {
    let numbers = version.release().iter().copied().chain(std::iter::repeat(0));
    version.epoch() == asked.epoch() && prefix.iter().copied().zip(numbers).all(|(asked, has)| asked == has)
}

/// Whether two versions are the same but for what follows the numbers.
fn same_release(a: &Version, b: &Version) -> bool {
    let numbers = |version: &Version| Version::new(version.release()).with_epoch(version.epoch());
    numbers(a) == numbers(b)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn admitted(version: &str, range: &str) -> bool {
        satisfies(&version.parse().unwrap(), &range.parse().unwrap())
    }

    #[test]
    fn a_local_build_satisfies_its_public_version() {
        assert!(admitted("2.2.0+cu121", "==2.2.0"));
        assert!(admitted("2.2.0+cu121", "<=2.2.0"));
        assert!(!admitted("2.2.0+cu121", ">2.2.0"));
        assert!(!admitted("2.2.0+cu121", "!=2.2.0"));
        assert!(!admitted("2.2.0+cpu", "==2.2.0+cu121"));
    }

    #[test]
    fn an_installed_pre_release_counts_like_any_other_version() {
        assert!(admitted("5.0.0rc1", ">=4.31"));
        assert!(admitted("1.0b1", "<1.0b2"));
        assert!(!admitted("5.0.0rc1", "<5.0.0"));
        assert!(!admitted("5.0.0rc1", ">=5.0.0"));
        assert!(!admitted("1.0.post1", ">1.0"));
        assert!(admitted("1.0.post1", ">1.0b2"));
    }

    #[test]
    fn a_prefix_that_the_version_lacks_is_zero() {
        assert!(admitted("1", "==1.0.*"));
        assert!(!admitted("1", "==1.1.*"));
        assert!(!admitted("1", "~=1.1.0"));
    }
}
