//! Web and e-mail addresses, file names, hashtags and handles.

use super::acronyms::dotted;
use super::capitals::{self, pronounceable};
use super::context::Dialect;
use super::numbers::{cardinal, one_by_one};
use super::place::{Place, Reading, digits, letters};
use super::years::year;

/// Top-level domains that make `word.word` an address. Those that are also English words are left out.
#[rustfmt::skip]
const DOMAINS: &[&str] = &[
    "com", "org", "net", "edu", "gov", "mil", "int", "info", "biz", "io", "dev", "app", "uk", "de", "fr", "eu", "ca", "au", "jp", "nl", "ch", "tv", "fm",
    "co", "ie", "nz", "ru", "cn", "se", "dk", "es",
];

/// Extensions that make `word.word` a file name.
#[rustfmt::skip]
const EXTENSIONS: &[&str] = &[
    "txt", "pdf", "doc", "docx", "xls", "xlsx", "csv", "html", "htm", "xml", "json", "epub", "mp3", "mp4", "m4b", "wav", "flac", "jpg", "jpeg", "png", "gif",
    "zip", "tar", "gz", "exe", "dll", "rs", "py", "js", "ts", "cpp", "toml", "yaml", "md", "sh", "bat", "css", "php", "sql", "log", "ini",
];

/// Parts of addresses that are said as words though they are short.
const WORDS: [&str; 8] = ["com", "org", "net", "gov", "mil", "info", "biz", "co"];

/// The rule, at a letter or figure.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    let rest = place.window();
    let end = rest.find(|c: char| {
        c.is_whitespace() || matches!(c, '"' | '”' | '“' | '<' | '>' | '—' | '…' | '’' | '\'')
    });
    let token = &rest[..end.unwrap_or(rest.len())];
    if !token.bytes().any(|b| matches!(b, b'.' | b'@' | b'/')) {
        return None;
    }
    let token = trimmed(token);
    let bare = ["https://", "http://", "ftp://", "mailto:", "file://"].iter().find_map(|scheme| {
        token.get(..scheme.len()).filter(|t| t.eq_ignore_ascii_case(scheme)).map(|_| &token[scheme.len()..])
    });
    let address = bare.unwrap_or(token);
    let address = address.strip_prefix("www.").or_else(|| address.strip_prefix("WWW.")).unwrap_or(address);
    let known = address.len() < token.len() || is_email(token) || is_domain(token) || is_file(token);
    if !known || address.is_empty() {
        return None;
    }
    let spoken = spell(address.trim_end_matches('/'), place.dialect());
    Reading::new(place.at + token.len(), spoken)
}

/// The token without the punctuation of the sentence at its end.
fn trimmed(token: &str) -> &str {
    let mut token = token;
    loop {
        let next = token.trim_end_matches(['.', ',', ';', ':', '!', '?', '*']);
        let next = if next.ends_with(')') && !next.contains('(') { &next[..next.len() - 1] } else { next };
        if next.len() == token.len() {
            return token;
        }
        token = next;
    }
}

fn is_email(token: &str) -> bool {
    let Some((name, host)) = token.split_once('@') else { return false };
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '+');
    !name.is_empty() && name.chars().all(safe) && host.contains('.') && host.chars().all(safe)
}

/// `example.com`, `example.co.uk/path`.
fn is_domain(token: &str) -> bool {
    let host = token.split(['/', '?', '#']).next().unwrap_or("");
    let mut parts = host.rsplit('.');
    let top = parts.next().unwrap_or("").split(':').next().unwrap_or("");
    let labels: Vec<&str> = parts.collect();
    let safe =
        |label: &&str| !label.is_empty() && label.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    DOMAINS.contains(&top)
        && !labels.is_empty()
        && labels.iter().all(safe)
        && labels.iter().any(|l| l.len() > 1 && l.bytes().any(|b| b.is_ascii_alphabetic()))
}

/// `main.rs`, `report-2.pdf`.
fn is_file(token: &str) -> bool {
    let Some((name, extension)) = token.rsplit_once('.') else { return false };
    let safe = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_' | '/' | '\\' | '~');
    EXTENSIONS.contains(&extension) && !name.is_empty() && name.chars().all(safe) && !name.ends_with('.')
}

/// An address in words.
fn spell(address: &str, dialect: Dialect) -> String {
    let mut words: Vec<String> = Vec::new();
    let mut left = address;
    while let Some(c) = left.chars().next() {
        let run = letters(left);
        if !run.is_empty() {
            words.push(part(run));
            left = &left[run.len()..];
            continue;
        }
        let run = digits(left);
        if !run.is_empty() {
            words.push(figures(run, dialect));
            left = &left[run.len()..];
            continue;
        }
        if let Some(name) = mark(c) {
            words.push(name.into());
        }
        left = &left[c.len_utf8()..];
    }
    words.join(" ")
}

/// A run of letters: a word if it can be said, letters otherwise.
fn part(run: &str) -> String {
    let lower = run.to_lowercase();
    if capitals::is_word(run) {
        return run.to_owned();
    }
    if run.chars().count() == 1 || WORDS.contains(&lower.as_str()) {
        return if run.chars().count() == 1 { run.to_owned() } else { lower };
    }
    if lower == "txt" {
        return "text".into();
    }
    let extension = EXTENSIONS.contains(&lower.as_str())
        && !matches!(
            lower.as_str(),
            "doc"
                | "zip"
                | "tar"
                | "exe"
                | "bat"
                | "log"
                | "wav"
                | "flac"
                | "toml"
                | "yaml"
                | "epub"
                | "json"
        );
    let short = run.len() < 3 || matches!(lower.as_str(), "edu" | "www");
    let word = run.len() > 4 && lower.contains(['a', 'e', 'i', 'o', 'u', 'y']);
    if extension || short || !(word || pronounceable(run)) { dotted(run) } else { run.to_owned() }
}

fn figures(run: &str, dialect: Dialect) -> String {
    match (run.len(), run.parse::<u32>()) {
        (4, Ok(number)) if number >= 1000 => year(number, dialect),
        (1..=3, _) if !run.starts_with('0') || run.len() == 1 => cardinal(run, dialect),
        _ => one_by_one(run, "zero"),
    }
}

fn mark(c: char) -> Option<&'static str> {
    Some(match c {
        '.' => "dot",
        '/' => "slash",
        '-' => "dash",
        '_' => "underscore",
        '@' => "at",
        ':' => "colon",
        '?' => "question mark",
        '=' => "equals",
        '&' => "and",
        '#' => "hash",
        '~' => "tilde",
        '+' => "plus",
        '%' => "percent",
        '\\' => "backslash",
        _ => return None,
    })
}

/// `#word` and `@handle`, their parts told by capitals and underscores.
pub(super) fn read_tag(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let sign = rest.chars().next()?;
    let name = if sign == '#' { "hashtag" } else { "at" };
    let tail = &rest[1..];
    let length = tail.find(|c: char| !(c.is_alphanumeric() || c == '_')).unwrap_or(tail.len());
    let tag = &tail[..length];
    if !tag.starts_with(char::is_alphabetic) || place.previous_char().is_some_and(char::is_alphanumeric) {
        return None;
    }
    let mut words = String::from(name);
    let mut previous = '_';
    for c in tag.chars() {
        let break_before = c.is_uppercase() && previous.is_lowercase()
            || previous == '_'
            || c.is_ascii_digit() && previous.is_alphabetic();
        if break_before && c != '_' {
            words.push(' ');
        }
        if c != '_' {
            words.push(c);
        }
        previous = c;
    }
    let spoken = words.split(' ').map(|word| match word.parse::<u32>() {
        Ok(_) => figures(word, place.dialect()),
        Err(_) if word.len() > 1 && word.bytes().all(|b| b.is_ascii_uppercase()) && !pronounceable(word) => {
            dotted(word)
        }
        Err(_) => word.to_owned(),
    });
    Reading::new(place.at + 1 + length, spoken.collect::<Vec<_>>().join(" "))
}
