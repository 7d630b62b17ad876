//! Whether what is to be installed can be had for the target that was asked for.

use std::collections::BTreeMap;

use crate::{
    Availability, Finding, IndexFile, IndexFiles, Lock, LockFile, Place, Rule, Severity, Target, WheelFolder,
    coverage,
    wheels::{Tags, WheelName, source_version},
};

/// Judges the files that a lock names, or those of an index for the versions that it pins.
pub(crate) fn of_lock(lock: &Lock, target: &Target, index: Option<&dyn IndexFiles>) -> Vec<Finding> {
    let nothing_known = BTreeMap::<_, Vec<IndexFile>>::new();
    let coverage = coverage(lock, std::slice::from_ref(target), index.unwrap_or(&nothing_known));
    let rows = coverage.rows.into_iter().filter(|_| lock.file != LockFile::Input || index.is_some());
    rows.filter_map(|row| {
        let version = row.version?;
        let name = &row.name;
        let (rule, severity, seen, remedy) = match row.targets.first()? {
            Availability::SourceOnly { file } => (
                Rule::SourceOnly,
                Severity::Warning,
                file.clone(),
                format!("build a wheel of {name} {version} where there is a compiler, before it is installed"),
            ),
            Availability::Nothing { instead } => (
                Rule::NoWheel,
                Severity::Error,
                format!("no file of {name} {version} for {}", label(target)),
                match instead {
                    Some(other) => format!(
                        "{name} {other} can be had there, if all who ask for it allow it; else keep it from that \
                         platform by a marker, where it is not needed"
                    ),
                    None => format!("keep {name} from that platform by a marker, where it is not needed"),
                },
            ),
            Availability::NotNeeded | Availability::Wheel { .. } | Availability::Unknown => return None,
        };
        Some(Finding {
            rule,
            severity,
            subject: name.to_string(),
            seen,
            expected: format!("a wheel of {name} {version} for {}", label(target)),
            remedy,
            place: Some(Place { file: lock.path.clone(), line: row.line }),
        })
    })
    .collect()
}

/// Judges a folder of wheels: each distribution in it needs a wheel that fits.
pub(crate) fn of_folder(folder: &WheelFolder, target: &Target) -> Vec<Finding> {
    let Some(tags) = Tags::of(target) else { return Vec::new() };
    let mut fits: BTreeMap<_, bool> = BTreeMap::new();
    for file in &folder.wheels {
        let Ok(wheel) = file.file_name.parse::<WheelName>() else { continue };
        *fits.entry(&file.distribution.name).or_default() |= tags.rank(&wheel).is_some();
    }
    let unfit = fits.into_iter().filter(|(_, fits)| !fits);
    unfit
        .map(|(name, _)| {
            let source = folder.sources.iter().find(|source| source_version(source, name).is_some());
            let (rule, severity, seen, remedy) = match source {
                Some(source) => (
                    Rule::SourceOnly,
                    Severity::Warning,
                    source.clone(),
                    format!("build a wheel of {name} for that platform"),
                ),
                None => (
                    Rule::NoWheel,
                    Severity::Error,
                    format!("wheels of {name} for other platforms or Pythons only"),
                    format!("build the wheel of {name} with the Python and on the platform that it is for"),
                ),
            };
            Finding {
                rule,
                severity,
                subject: name.to_string(),
                seen,
                expected: format!("a wheel of {name} for {}", label(target)),
                remedy,
                place: Some(Place { file: folder.path.clone(), line: None }),
            }
        })
        .collect()
}

/// `Python 3.11 on Linux aarch64`
fn label(target: &Target) -> String {
    let markers = &target.markers;
    format!(
        "Python {} on {} {}",
        markers.python_version(),
        markers.platform_system(),
        markers.platform_machine()
    )
}
