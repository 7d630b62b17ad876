//! Roman numerals, by context alone: after the name of a ruler they are ordinals, after what is counted
//! (chapter, war, volume) cardinals, alone in a heading cardinals. "I", "mix" and "CD" stay what they are.

use super::context::Dialect;
use super::numbers::small;
use super::ordinals::small_ordinal;
use super::place::{Place, Reading, bare, goes_on, is_capitalised};

/// What is counted with Roman numerals, in lower case, singular.
#[rustfmt::skip]
const COUNTED: &[&str] = &[
    "war", "chapter", "chap", "ch", "act", "scene", "part", "pt", "book", "bk", "volume", "vol", "vols", "canto", "section", "sect", "sec",
    "article", "art", "title", "phase", "type", "class", "appendix", "stage", "figure", "fig", "plate", "table", "psalm", "sonnet", "letter", "number",
    "no", "nos", "lecture", "lesson", "problem", "level", "grade", "corps", "group", "apollo", "bowl", "symphony", "mark", "saturn", "gemini", "titan",
    "episode", "season", "vatican", "factor", "schedule", "annex", "page", "p", "pp", "stanza", "verse", "meditation", "rocky", "quadrant",
    "movement", "step", "tier", "legion", "dynasty", "category", "world", "station", "zone", "division", "series", "unit", "version", "round", "tome",
];

/// First names of rulers and popes; other people's numerals are told by two names before them.
#[rustfmt::skip]
const REGNAL: &[&str] = &[
    "Henry", "Louis", "Edward", "George", "Charles", "James", "William", "Richard", "Elizabeth", "Mary", "Philip", "Ferdinand", "Frederick",
    "Napoleon", "Alexander", "Nicholas", "Ivan", "Peter", "Catherine", "Pius", "Paul", "Benedict", "Gregory", "Clement", "Innocent", "Leo",
    "Boniface", "Urban", "Julius", "Sixtus", "Rameses", "Ramses", "Ramesses", "Ptolemy", "Cleopatra", "Thutmose", "Amenhotep", "Seti",
    "Darius", "Xerxes", "Artaxerxes", "Otto", "Leopold", "Joseph", "Franz", "Wilhelm", "Friedrich", "Karl", "Gustav", "Gustavus", "Christian",
    "Haakon", "Olaf", "Olav", "Baldwin", "Umberto", "Emmanuel", "Emanuel", "Alfonso", "Isabella", "Carlos", "Pedro", "João", "Manuel", "Sancho",
    "Stephen", "Harald", "Harold", "Malcolm", "Robert", "David", "Constantine", "Theodosius", "Justinian", "Michael", "Basil", "Mehmed", "Murad",
    "Selim", "Suleiman", "Bayezid", "Ahmed", "Hamid", "Mithridates", "Antiochus", "Seleucus", "Anne", "Adrian", "Hadrian", "Celestine", "Eugene",
    "Honorius", "Martin", "Nicolas", "Callixtus", "Xavier", "François", "Francis", "Henri", "Sigismund", "Ladislaus", "Casimir", "Maximilian",
    "Rudolf", "Rudolph", "Conrad", "Albert", "Afonso", "Humbert", "Victor", "Faisal", "Hussein", "Abdullah", "Mohammed", "Hassan", "Farouk",
    "Margrethe", "Juliana", "Beatrix", "Carol", "Boris", "Simeon", "Zog", "Abbas", "Shapur", "Mstislav", "Sviatoslav", "Vasily", "Theodore",
    "Kamehameha", "Menelik", "Tutankhamun", "Shalmaneser", "Sargon", "Nebuchadnezzar", "Ashurnasirpal", "Tiglath-Pileser", "Bernard", "Walter",
];

/// Words after which `Name I` is a ruler; others make it the pronoun.
#[rustfmt::skip]
const AFTER_FIRST: &[&str] = &[
    "of", "was", "had", "reigned", "died", "who", "and", "in", "to", "ruled", "became", "came", "made", "is", "by", "with", "at", "on", "from",
    "as", "for", "himself", "herself", "has", "gave", "granted", "ordered", "succeeded", "ascended", "sent", "began", "refused", "or",
    "built", "founded", "abdicated", "against", "during", "until", "after", "before", "began", "took", "signed", "established",
];

/// Words after which the "I" behind `Chapter` or `Part` is the pronoun.
#[rustfmt::skip]
const AFTER_PRONOUN: &[&str] = &[
    "think", "thought", "am", "know", "knew", "saw", "love", "loved", "hope", "believe", "want", "wanted", "wish", "like", "liked", "said", "told",
    "suppose", "mean", "cannot", "can", "don't", "didn't", "wrote", "read", "write", "have", "do", "enjoyed", "hate", "remember", "shall",
    "should", "recall", "find", "found", "played", "play",
];

/// Numerals that are rather something else when they stand alone.
const NOT_ALONE: [&str; 16] =
    ["MIX", "CD", "DC", "MD", "MC", "DI", "MI", "CC", "CM", "MM", "CV", "LI", "DM", "XL", "XXX", "DIM"];

/// The value of a canonical numeral in capitals.
fn value(numeral: &str) -> Option<u32> {
    const PARTS: [(&str, u32); 13] = [
        ("M", 1000),
        ("CM", 900),
        ("D", 500),
        ("CD", 400),
        ("C", 100),
        ("XC", 90),
        ("L", 50),
        ("XL", 40),
        ("X", 10),
        ("IX", 9),
        ("V", 5),
        ("IV", 4),
        ("I", 1),
    ];
    let (mut rest, mut total, mut canonical) = (numeral, 0, String::new());
    for (part, worth) in PARTS {
        let most = if worth == 1000 || part.len() == 1 && !part.starts_with(['V', 'L', 'D']) { 3 } else { 1 };
        for _ in 0..most {
            let Some(left) = rest.strip_prefix(part) else { break };
            (rest, total) = (left, total + worth);
            canonical.push_str(part);
        }
    }
    (rest.is_empty() && total > 0 && canonical == numeral).then_some(total)
}

/// Whether a word could be a numeral, at the price of a glance.
pub(super) fn looks_roman(word: &str) -> bool {
    word.len() <= 15 && word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X' | b'L' | b'C' | b'D' | b'M'))
        || word.bytes().all(|b| matches!(b, b'i' | b'v' | b'x' | b'l' | b'c'))
}

/// The numeral at `at`: its letters and value, as long as it is a whole word.
fn numeral(text: &str, at: usize) -> Option<(&str, u32)> {
    let rest = &text[at..];
    let end = rest.bytes().position(|b| !b.is_ascii_alphabetic()).unwrap_or(rest.len());
    let word = &rest[..end];
    let whole = !goes_on(&rest[end..]) && looks_roman(word) && !word.is_empty();
    if whole { Some((word, value(&word.to_ascii_uppercase())?)) } else { None }
}

/// The rule.
pub(super) fn read(place: &Place<'_>) -> Option<Reading> {
    if let Some(reading) = ordinal_suffix(place) {
        return Some(reading);
    }
    let (word, number) = numeral(place.text, place.at)?;
    let end = place.at + word.len();
    let tail = &place.text[end..];
    let possessive = tail.strip_prefix("'s").is_some_and(|rest| !goes_on(rest));
    let contracted = tail.starts_with('\'') && !possessive;
    // `V.I.P.` and `I'm` are no numerals, nor is the `I` of `I-beam`.
    if contracted
        || tail.strip_prefix('.').is_some_and(goes_on) && !tail[1..].starts_with(|c: char| c.is_ascii_digit())
    {
        return None;
    }
    let dialect = place.dialect();
    if let Some(reading) = heading(place, word, number, end) {
        return Some(reading);
    }
    let next = place.next_word(end);
    let upper = word.starts_with(|c: char| c.is_ascii_uppercase());
    if upper && word != "I" && matches!(next.to_ascii_lowercase().as_str(), "century" | "centuries")
        || upper && tail.starts_with("-century")
    {
        return Reading::new(end, small_ordinal(number, dialect));
    }
    let before = place.previous_word();
    if follows_counted(before, word, next) {
        return ranged(place, end, number, dialect);
    }
    if !upper {
        return None;
    }
    if continues_list(place, word) {
        return Reading::new(end, small(number, dialect));
    }
    if let Some(reading) = regnal(place, word, number, end) {
        return Some(reading);
    }
    bare_numeral(place, word, number, end)
}

/// `XIXth century`, `XXth`.
fn ordinal_suffix(place: &Place<'_>) -> Option<Reading> {
    let rest = place.rest();
    let end = rest.bytes().position(|b| !b.is_ascii_uppercase()).unwrap_or(rest.len());
    let suffix = rest.get(end..end + 2).filter(|s| matches!(*s, "th" | "st" | "nd" | "rd"))?;
    let number = value(&rest[..end]).filter(|_| looks_roman(&rest[..end]))?;
    if goes_on(&rest[end + suffix.len()..]) {
        return None;
    }
    let ordinal = small_ordinal(number, place.dialect());
    let ruler = REGNAL.contains(&place.previous_word());
    Reading::new(place.at + end + 2, if ruler { format!("the {}", capitalised(&ordinal)) } else { ordinal })
}

/// A numeral that is the heading, or opens it: `IV`, `IV.`, `IV. The Chase`. Alone in prose it heads a section.
fn heading(place: &Place<'_>, word: &str, number: u32, end: usize) -> Option<Reading> {
    let opens = place.text[..place.at].trim().is_empty() && place.context.before.trim().is_empty();
    if !opens || NOT_ALONE.contains(&word) && word != "CV" && word != "XL" && word != "LI" && word != "CC" {
        return None;
    }
    let tail = &place.text[end..];
    let words = said_alone(word, number, place.dialect());
    let alone = tail.trim().is_empty() || tail.trim() == ".";
    if alone && place.context.after.trim().is_empty() && (place.in_heading() || word.len() > 1) {
        let upper = word.bytes().all(|b| b.is_ascii_uppercase());
        return if upper || place.in_heading() { Reading::new(place.text.len(), words) } else { None };
    }
    let marked = tail.starts_with(['.', ':', ')', '—', '–'])
        || tail.starts_with(" —")
        || tail.starts_with(" –")
        || tail.starts_with(" -");
    let upper = word.starts_with(|c: char| c.is_ascii_uppercase());
    let titled = word != "I" && tail.starts_with(' ') && is_capitalised(place.next_word(end));
    if place.in_heading() && upper && (marked || titled) { Reading::new(end, words) } else { None }
}

fn follows_counted(before: &str, word: &str, next: &str) -> bool {
    let noun = before.to_ascii_lowercase();
    let singular = noun.strip_suffix('s').unwrap_or(&noun);
    if before.is_empty() || !(COUNTED.contains(&noun.as_str()) || COUNTED.contains(&singular)) {
        return false;
    }
    match word {
        "I" => {
            !AFTER_PRONOUN.contains(&next)
                && is_capitalised(before)
                && !matches!(singular, "no" | "world" | "letter")
        }
        "C" | "D" | "L" | "M" => matches!(singular, "chapter" | "psalm" | "canto" | "sonnet"),
        "i" | "v" | "x" | "c" | "l" => !AFTER_PRONOUN.contains(&next),
        // "part mix", "a class civil": small letters need small values.
        _ if word.bytes().all(|b| b.is_ascii_lowercase()) => {
            !matches!(word, "mix" | "ill" | "mil" | "civil" | "vivid")
        }
        _ => true,
    }
}

/// A numeral with the other end of its range: `I-IV`.
fn ranged(place: &Place<'_>, end: usize, number: u32, dialect: Dialect) -> Option<Reading> {
    let words = small(number, dialect);
    if let Some(rest) = place.text[end..].strip_prefix(['-', '–'])
        && let Some((second, last)) = numeral(place.text, place.text.len() - rest.len())
    {
        let stop = place.text.len() - rest.len() + second.len();
        return Reading::new(stop, format!("{words} to {}", small(last, dialect)));
    }
    Reading::new(end, words)
}

/// `Parts II and III`: a numeral after a numeral and a joining word.
fn continues_list(place: &Place<'_>, word: &str) -> bool {
    let (farther, joiner) = place.previous_two_tokens();
    word != "I"
        && !matches!(word, "C" | "D" | "L" | "M")
        && matches!(joiner, "and" | "or" | "to" | "through" | "&")
        && value(farther.trim_end_matches(',')).is_some()
}

fn regnal(place: &Place<'_>, word: &str, number: u32, end: usize) -> Option<Reading> {
    let tail = &place.text[end..];
    let (farther, nearer) = place.previous_two_tokens();
    let before = bare(nearer);
    if before.is_empty() || nearer.ends_with('.') || matches!(word, "C" | "D" | "L" | "M") {
        return None;
    }
    // `George V. Higgins` has an initial.
    if word.len() == 1 && tail.starts_with(". ") && is_capitalised(place.next_word(end + 1)) {
        return None;
    }
    let known = REGNAL.contains(&before) && !(before == "Malcolm" && word == "X");
    let named = is_capitalised(before) && is_capitalised(bare(farther)) && matches!(word, "II" | "III");
    if !known && !named {
        return None;
    }
    if word == "I" {
        let next = place.next_word(end);
        let closed = next.is_empty() && !tail.trim_start().starts_with(['(', '“', '‘']);
        if !(closed || tail.starts_with("'s") || AFTER_FIRST.contains(&next)) {
            return None;
        }
    }
    // `Alexander VI's` and so on; a number over forty is no ruler.
    let ordinal = small_ordinal(number, place.dialect());
    if number > 40 { None } else { Reading::new(end, format!("the {}", capitalised(&ordinal))) }
}

/// Ordinals in names are written as names.
fn capitalised(words: &str) -> String {
    words.split('-').map(|part| part[..1].to_uppercase() + &part[1..]).collect::<Vec<_>>().join("-")
}

/// A long numeral of more than a thousand is a year.
fn is_year(word: &str) -> bool {
    word.len() >= 4 && word.starts_with('M')
}

fn said_alone(word: &str, number: u32, dialect: Dialect) -> String {
    if is_year(word) { super::years::year(number, dialect) } else { small(number, dialect) }
}

/// A numeral that no neighbour explains: long ones of small letters are numbers, `MCMXCIX` is a year.
fn bare_numeral(place: &Place<'_>, word: &str, number: u32, end: usize) -> Option<Reading> {
    let dialect = place.dialect();
    if is_year(word) {
        return Reading::new(end, said_alone(word, number, dialect));
    }
    let small_letters = word.bytes().all(|b| matches!(b, b'I' | b'V' | b'X'));
    let sequel = word.len() == 2 && is_capitalised(place.previous_word()) && word != "XX" && word != "XI"
        || word == "II";
    let sequel = sequel || word == "XI" && is_capitalised(place.previous_word());
    // `…; IV. The Whale; V. The Ship`: a list in running text.
    let listed = word.len() > 1
        && place.text[end..].starts_with(['.', ')'])
        && place.previous_token().ends_with([';', ':', ',']);
    if small_letters && !NOT_ALONE.contains(&word) && (word.len() >= 3 || sequel || listed) {
        return ranged(place, end, number, dialect);
    }
    None
}
