//! Faults of a lock as a file: lines of the machine that made it, indexes that are gone, open versions, missing
//! hashes, age.

use crate::{Finding, Lock, LockEntry, LockFile, LockOption, Place, Provenance, Rule, Severity, knowledge};

/// Options that name where packages come from. The others (`--no-binary`, `--prefer-binary`, `--pre`,
/// `--require-hashes` …) say how to install, and are the same everywhere.
const SOURCES: [&str; 6] = ["--index-url", "-i", "--extra-index-url", "--find-links", "-f", "--trusted-host"];

pub(crate) fn judge(lock: &Lock, dead_indexes: &[String]) -> Vec<Finding> {
    let mut findings: Vec<Finding> =
        lock.options.iter().filter_map(|option| dead_or_leaked(lock, option, dead_indexes)).collect();
    findings.extend(dead_sources(lock, dead_indexes));
    findings.extend(stale(lock));
    // In what a lock is made from, versions are open and hashes absent as they should be.
    if lock.file != LockFile::Input {
        findings.extend(open_versions(lock));
        findings.extend(without_hashes(lock));
    }
    findings
}

fn dead_or_leaked(lock: &Lock, option: &LockOption, dead_indexes: &[String]) -> Option<Finding> {
    SOURCES.contains(&option.name.as_str()).then_some(())?;
    let file = option.file.clone().unwrap_or_else(|| lock.path.clone());
    let place = Some(Place { file, line: Some(option.line) });
    if let Some(remedy) = dead(&option.value, dead_indexes) {
        return Some(Finding {
            rule: Rule::DeadIndex,
            severity: Severity::Error,
            subject: option.name.clone(),
            seen: option.value.clone(),
            expected: "an index that answers".to_owned(),
            remedy,
            place,
        });
    }
    // An input may say where its packages are; a lock that was made on one machine and says so is of no use elsewhere.
    if lock.file == LockFile::Input {
        return None;
    }
    let severity = if is_of_a_machine(option) { Severity::Error } else { Severity::Warning };
    Some(Finding {
        rule: Rule::LeakedOption,
        severity,
        subject: option.name.clone(),
        seen: format!("{} {}", option.name, option.value),
        expected: "a lock that installs the same on every machine".to_owned(),
        remedy: "remove the line, and give the index to the installer as an argument (`pip-compile --no-emit-index-url \
                 --no-emit-find-links --no-emit-trusted-host`)"
            .to_owned(),
        place,
    })
}

/// Whether an option means something on one machine or network only: a folder, a host without a public name, an
/// address with a password or without TLS. A public index is the same for everyone.
fn is_of_a_machine(option: &LockOption) -> bool {
    if option.name == "--trusted-host" {
        return true;
    }
    let Some(rest) = option.value.strip_prefix("https://") else { return true };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or_default();
    if authority.contains('@') {
        return true;
    }
    let host = host_of(&option.value).unwrap_or_default();
    let private = [".local", ".localdomain", ".lan", ".internal", ".intranet", ".corp", ".home"];
    !host.contains('.')
        || host.parse::<std::net::IpAddr>().is_ok()
        || private.iter().any(|ending| host.ends_with(ending))
}

/// Indexes that entries name themselves, one finding an index.
fn dead_sources(lock: &Lock, dead_indexes: &[String]) -> Vec<Finding> {
    let mut told: Vec<&str> = Vec::new();
    let mut findings = Vec::new();
    for entry in &lock.entries {
        let Some(index) = entry.index.as_deref() else { continue };
        let Some(remedy) = dead(index, dead_indexes).filter(|_| !told.contains(&index)) else { continue };
        told.push(index);
        findings.push(Finding {
            rule: Rule::DeadIndex,
            severity: Severity::Error,
            subject: entry.name.to_string(),
            seen: index.to_owned(),
            expected: "an index that answers".to_owned(),
            remedy,
            place: Some(place(lock, entry)),
        });
    }
    findings
}

/// What to do about an address whose host is known to be gone.
fn dead(address: &str, dead_indexes: &[String]) -> Option<String> {
    let host = host_of(address)?;
    let known = knowledge::dead_indexes().iter().find(|index| index.host.eq_ignore_ascii_case(host));
    known.map(|index| index.remedy.clone()).or_else(|| {
        let told = dead_indexes.iter().any(|dead| dead.eq_ignore_ascii_case(host));
        told.then(|| "name an index that answers, as an argument of the build".to_owned())
    })
}

/// The host of an address; of a `--trusted-host` value, which is a host already, itself.
fn host_of(address: &str) -> Option<&str> {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(host.split(':').next().unwrap_or(host)).filter(|host| !host.is_empty())
}

/// A warning, since times of files say little after a copy.
fn stale(lock: &Lock) -> impl Iterator<Item = Finding> {
    lock.newer_inputs.iter().map(|input| Finding {
        rule: Rule::StaleLock,
        severity: Severity::Warning,
        subject: lock.path.display().to_string(),
        seen: format!("{} is newer", input.display()),
        expected: "a lock that was made after its input was changed".to_owned(),
        remedy: "make the lock again".to_owned(),
        place: Some(Place { file: lock.path.clone(), line: None }),
    })
}

/// With hashes an open version cannot be installed at all; without them it only is another one tomorrow.
fn open_versions(lock: &Lock) -> Vec<Finding> {
    if lock.file != LockFile::Requirements {
        return Vec::new();
    }
    let severity = if has_hashes(lock) { Severity::Error } else { Severity::Warning };
    let open = lock.entries.iter().filter(|entry| entry.version.is_none() && !is_direct(entry));
    open.map(|entry| Finding {
        rule: Rule::Unpinned,
        severity,
        subject: entry.name.to_string(),
        seen: entry.requirement.as_ref().map_or_else(|| entry.name.to_string(), super::plain),
        expected: format!("{}==…", entry.name),
        remedy: "make the lock with `pip-compile` or `uv pip compile`, which fix every version".to_owned(),
        place: Some(place(lock, entry)),
    })
    .collect()
}

/// One hash makes pip demand all of them. A lock without any is told once.
fn without_hashes(lock: &Lock) -> Vec<Finding> {
    let bare: Vec<&LockEntry> =
        lock.entries.iter().filter(|entry| entry.hashes.is_empty() && !is_direct(entry)).collect();
    let finding = |severity, subject: String, seen, place| Finding {
        rule: Rule::Unhashed,
        severity,
        subject,
        seen,
        expected: "a hash for each file, so that what is installed is what was locked".to_owned(),
        remedy: "make the lock with `--generate-hashes`".to_owned(),
        place: Some(place),
    };
    if bare.is_empty() {
        return Vec::new();
    }
    if !has_hashes(lock) {
        let seen = format!("{} entries, none with a hash", lock.entries.len());
        let whole = Place { file: lock.path.clone(), line: None };
        return vec![finding(Severity::Warning, lock.path.display().to_string(), seen, whole)];
    }
    // uv takes hashes where an index gives them, and refuses no entry for want of one.
    let severity = if lock.file == LockFile::Requirements { Severity::Error } else { Severity::Warning };
    bare.iter()
        .map(|entry| finding(severity, entry.name.to_string(), "no hash".to_owned(), place(lock, entry)))
        .collect()
}

fn has_hashes(lock: &Lock) -> bool {
    lock.entries.iter().any(|entry| !entry.hashes.is_empty())
}

/// An address, a folder or a project of one's own has neither a version to fix nor a file of an index to hash.
fn is_direct(entry: &LockEntry) -> bool {
    entry.provenance != Provenance::Index
}

/// Where an entry stands: in the lock, or in a file that it includes.
pub(crate) fn place(lock: &Lock, entry: &LockEntry) -> Place {
    Place { file: entry.file.clone().unwrap_or_else(|| lock.path.clone()), line: entry.line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn option(name: &str, value: &str) -> LockOption {
        LockOption { name: name.to_owned(), value: value.to_owned(), file: None, line: 1 }
    }

    #[test]
    fn a_folder_a_private_host_and_a_password_are_of_one_machine_and_a_public_index_is_not() {
        for value in [
            "WHEELS",
            "/home/me/wheels",
            "file:///wheels",
            "http://packages.example.org/simple",
            "https://me:secret@packages.example.org/simple",
            "https://mirror/simple",
            "https://mirror.corp/simple",
            "https://10.0.0.7/simple",
        ] {
            assert!(is_of_a_machine(&option("--index-url", value)), "{value}");
        }
        assert!(!is_of_a_machine(&option("--extra-index-url", "https://packages.example.org/whl/cu124")));
        assert!(is_of_a_machine(&option("--trusted-host", "packages.example.org")));
    }

    #[test]
    fn a_host_is_found_in_an_address_and_in_a_bare_name() {
        assert_eq!(
            host_of("https://me:secret@packages.example.org:8080/simple"),
            Some("packages.example.org")
        );
        assert_eq!(host_of("packages.example.org"), Some("packages.example.org"));
        assert_eq!(host_of(""), None);
    }
}
