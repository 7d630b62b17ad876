//! What one line of a requirements file says: an entry, an option, or a path without a name.

use std::str::FromStr;

use pep440_rs::{Operator, Version};
use pep508_rs::{PackageName, Requirement, VersionOrUrl};

use super::line::{Line, via};
use crate::{
    input::{archive_name, requirement},
    model::{LockEntry, LockOption, Provenance, Unnamed},
};

/// What a line says.
#[derive(Debug)]
pub(super) enum Said {
    /// A distribution, with the options that stand behind it (other than its hashes).
    Entry(Box<LockEntry>, Vec<LockOption>),
    /// A path or an address without a name.
    Unnamed(Unnamed),
    /// Options.
    Options(Vec<LockOption>),
}

/// Reads a line; the error is a reason.
pub(super) fn read(line: &Line) -> Result<Said, String> {
    if line.text.starts_with('-') {
        let options = options(&line.text, line.number);
        return match options.as_slice() {
            [only] if only.name == "--editable" => direct(line, &only.value, &line.text),
            _ => Ok(Said::Options(options)),
        };
    }
    // What follows the first word with a dash is for the installer.
    let end = line.text.match_indices(" -").map(|(at, _)| at).next().unwrap_or(line.text.len());
    let (asked, rest) = line.text.split_at(end);
    let mut entry = match direct_or_named(line, asked.trim())? {
        Said::Entry(entry, _) => entry,
        other => return Ok(other),
    };
    let mut others = Vec::new();
    for option in options(rest, line.number) {
        match option.name.as_str() {
            "--hash" => entry.hashes.push(option.value),
            _ => others.push(option),
        }
    }
    Ok(Said::Entry(entry, others))
}

fn direct_or_named(line: &Line, asked: &str) -> Result<Said, String> {
    let is_one_word = !asked.contains(" @") && !asked.contains("@ ");
    let first = asked.split([' ', ';']).next().unwrap_or_default();
    let is_path = first.starts_with(['.', '/', '~', '\\']) || first.contains("://");
    let is_archive = archive_name::is_archive(first) && !first.contains(['=', '<', '>']);
    if is_one_word && (is_path || is_archive) && !has_name(asked) {
        return direct(line, asked, asked);
    }
    let requirement = match requirement::requirement(asked) {
        Ok(requirement) => requirement,
        // `name @ ./folder` is beyond PEP 508, and tools read it.
        Err(reason) => match asked.split_once('@') {
            Some((name, path)) if !path.contains("://") => {
                let marker =
                    path.split_once(" ;").map(|(_, marker)| format!(" ; {marker}")).unwrap_or_default();
                let named =
                    requirement::requirement(&format!("{}{marker}", name.trim())).map_err(|_| reason)?;
                let path = path.split(" ;").next().unwrap_or_default().trim();
                let mut entry = entry(line, named);
                entry.provenance = Provenance::Direct(path.to_owned());
                return Ok(Said::Entry(Box::new(entry), Vec::new()));
            }
            _ => return Err(reason),
        },
    };
    Ok(Said::Entry(Box::new(entry(line, requirement)), Vec::new()))
}

/// Whether an address has its name before it: `name@https://…`.
fn has_name(asked: &str) -> bool {
    asked.split_once('@').is_some_and(|(name, url)| {
        let name = name.split('[').next().unwrap_or_default().trim();
        PackageName::from_str(name).is_ok() && url.contains("://")
    })
}

/// A path or an address, which may tell its name in its fragment or file name.
fn direct(line: &Line, place: &str, text: &str) -> Result<Said, String> {
    let (place, marker) = match place.split_once(" ;") {
        Some((place, marker)) => (place.trim(), requirement::marker(marker)?),
        None => (place.trim(), requirement::marker("")?),
    };
    let named = archive_name::in_address(place);
    let Some((name, version)) = named else {
        return Ok(Said::Unnamed(Unnamed { text: text.to_owned(), file: None, line: line.number }));
    };
    let entry = LockEntry {
        version,
        marker,
        provenance: Provenance::Direct(place.to_owned()),
        via: via(&line.comments),
        line: Some(line.number),
        ..LockEntry::new(name)
    };
    Ok(Said::Entry(Box::new(entry), Vec::new()))
}

fn entry(line: &Line, requirement: Requirement) -> LockEntry {
    let mut entry = LockEntry::new(requirement.name.clone());
    match &requirement.version_or_url {
        Some(VersionOrUrl::VersionSpecifier(_)) => entry.version = exact_version(&requirement),
        Some(VersionOrUrl::Url(url)) => {
            let given = url.given().unwrap_or(url.as_str());
            let file = archive_name::file_name(given);
            entry.version = archive_name::parse(&file).map(|(_, version)| version);
            entry.files = Some(file).filter(|file| archive_name::is_archive(file)).map(|file| vec![file]);
            entry.provenance = Provenance::Direct(given.to_owned());
            entry.hashes.extend(hash_of(given));
        }
        None => {}
    }
    entry.marker = requirement.marker.clone();
    entry.requirement = Some(requirement);
    entry.via = via(&line.comments);
    entry.line = Some(line.number);
    entry
}

/// The hash in the fragment of an address: `#sha256=…`.
fn hash_of(url: &str) -> Option<String> {
    let fragment = url.split_once('#')?.1;
    fragment.split('&').find_map(|part| part.strip_prefix("sha256=").map(|hash| format!("sha256:{hash}")))
}

/// The version that a requirement fixes, if it fixes one.
fn exact_version(requirement: &Requirement) -> Option<Version> {
    let Some(VersionOrUrl::VersionSpecifier(specifiers)) = &requirement.version_or_url else { return None };
    specifiers
        .iter()
        .find(|specifier| matches!(specifier.operator(), Operator::Equal | Operator::ExactEqual))
        .map(|specifier| specifier.version().clone())
}

/// The options of a line. Short names are written out, so that a rule knows one.
fn options(text: &str, number: usize) -> Vec<LockOption> {
    let mut options: Vec<LockOption> = Vec::new();
    for word in text.split_whitespace() {
        let is_value = options.last().is_some_and(|last| last.value.is_empty() && takes_value(&last.name));
        if word.starts_with('-') && word.len() > 1 && !is_value {
            let (name, value) = split_option(word);
            options.push(LockOption { name, value, file: None, line: number });
        } else if let Some(last) = options.last_mut() {
            if !last.value.is_empty() {
                last.value.push(' ');
            }
            last.value.push_str(word);
        }
    }
    options
}

fn split_option(word: &str) -> (String, String) {
    if let Some((name, value)) = word.split_once('=').filter(|_| word.starts_with("--")) {
        return (name.to_owned(), value.to_owned());
    }
    if word.starts_with("--") {
        return (word.to_owned(), String::new());
    }
    let (short, value) = word.split_at(word.char_indices().nth(2).map_or(word.len(), |(at, _)| at));
    let name = match short {
        "-r" => "--requirement",
        "-c" => "--constraint",
        "-e" => "--editable",
        "-i" => "--index-url",
        "-f" => "--find-links",
        other => other,
    };
    (name.to_owned(), value.trim_start_matches('=').to_owned())
}

/// Options whose value may start with a dash: none but paths and addresses, which do not.
fn takes_value(name: &str) -> bool {
    matches!(name, "--global-option" | "--config-settings" | "--install-option")
}
