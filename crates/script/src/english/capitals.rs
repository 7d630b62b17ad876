//! How a token in capitals sounds: tables first, then whether English could pronounce it at all.

use super::place::{Case, Place, bare};

/// How a token in capitals sounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Sound {
    /// Letter by letter.
    Letters,
    /// As a name: NASA.
    Name,
    /// As an ordinary word that is shouted.
    Word,
    /// As something else.
    Said(&'static str),
}

/// Acronyms that are words.
#[rustfmt::skip]
const NAMES: &[&str] = &[
    "NASA", "NATO", "UNESCO", "UNICEF", "AIDS", "OPEC", "FIFA", "UEFA", "NAFTA", "SARS", "COVID", "RAM", "ROM", "PIN", "SIM",
    "GIF", "NASDAQ", "NIMBY", "SWAT", "FEMA", "DARPA", "ARPA", "NOAA", "OSHA", "POTUS", "SCOTUS", "FLOTUS", "HAMAS", "INTERPOL",
    "GESTAPO", "ANZAC", "BASIC", "COBOL", "FORTRAN", "ASCII", "CERN", "ESA", "YALE", "IKEA", "LEGO", "SALT", "START", "MASH",
    "NICE", "OPAC", "SAD", "WASP", "YAHOO", "BAFTA", "TESOL", "TOEFL", "FIDE", "FINRA", "GATT", "GUI", "JPEG", "LED", "MIDI",
    "NAACP", "TASER", "ZIP", "SONAR", "RADAR", "LASER", "SCUBA", "MASER", "QUANGO", "SOHO", "EPCOT", "SPAM", "FAQ", "BREXIT",
];

/// Initialisms that English could pronounce or takes for words, and that are letters all the same.
#[rustfmt::skip]
const LETTERS: &[&str] = &[
    "US", "USA", "UK", "EU", "UN", "UAE", "UCLA", "USAF", "USDA", "USAID", "CIA", "FBI", "NSA", "KGB", "GDP", "GNP", "IRA", "IRS", "IOU",
    "ASAP", "AKA", "DIY", "CEO", "CFO", "CTO", "COO", "EPA", "FDA", "CDC", "AFL", "NFL", "NBA", "MBA", "OED", "OECD", "AARP",
    "EEOC", "HIV", "AOL", "SUV", "ISBN", "BBC", "ITV", "NBC", "ABC", "CBS", "IQ", "EQ", "ID", "PE", "ER", "IV", "AI", "API", "APR",
    "CV", "CD", "DVD", "TV", "PC", "PM", "AM", "AD", "BC", "BCE", "CE", "MP", "MEP", "PR", "HR", "IT", "IPO", "IBM", "UFO", "VIP",
    "YMCA", "EGO", "ICU", "IEEE", "IMF", "IMO", "IP", "ISO", "UHF", "UV", "RAF", "RSPCA", "SOS", "SAS", "SAT", "SS", "USB", "USS",
    "HMS", "HRH", "NHS", "OBE", "MBE", "CBE", "AIG", "ACLU", "AAA", "AA", "MIT", "MGM", "GOP", "GI", "EMI", "ATM", "AC", "DC", "DOB",
    "ETA", "FYI", "GPA", "IDE", "LOL", "OMG", "OCD", "RIP", "RSVP", "NIH", "DOJ", "DOD", "SEC", "POW", "GIS", "MOD", "MOT", "SUS", "TUC", "NUS", "DEC", "LAX", "JFK", "UNHCR", "NSAID", "GIMP", "DOE",
    "COD", "WAP", "PID", "MIS", "CIS", "SIS", "TBA", "UPS", "URL", "VAT", "WC", "WW", "YA", "ADHD", "ALS", "EKG",
    "PTA", "PTO", "PO", "DNA", "RNA", "GPS", "GMT", "EST", "PST", "UTC", "LA", "NY", "SCE",
];

/// Short words that people shout or typesetters capitalise; longer ones are told by their sound.
#[rustfmt::skip]
const WORDS: &[&str] = &[
    "OK", "AH", "AM", "AN", "AS", "AT", "BE", "BY", "DO", "GO", "HA", "HE", "HI", "HO", "IF", "IN", "IS", "IT", "LO", "ME", "MY", "NO",
    "OF", "OH", "ON", "OR", "OX", "SO", "TO", "UP", "WE", "YE", "ACT", "ADD", "AGE", "AGO", "AIR", "ALE", "ALL", "AND", "ANY",
    "APE", "ARE", "ARM", "ART", "ASH", "ASK", "ATE", "AXE", "BAD", "BAG", "BAR", "BAT", "BAY", "BED", "BEE", "BEG", "BET", "BIG", "BIT",
    "BOX", "BOY", "BUS", "BUT", "BUY", "CAN", "CAP", "CAR", "CAT", "COW", "CRY", "CUP", "CUT", "DAD", "DAY", "DID", "DIE", "DIG", "DOG",
    "DRY", "DUE", "EAR", "EAT", "EGG", "END", "EVE", "EYE", "FAR", "FAT", "FEW", "FIT", "FLY", "FOE", "FOG", "FOR", "FOX", "FUN", "GET",
    "GOD", "GOT", "GUN", "GUY", "HAD", "HAS", "HAT", "HER", "HEY", "HID", "HIM", "HIS", "HIT", "HOT", "HOW", "ICE", "ILL", "INN", "ITS",
    "JOB", "JOY", "KEY", "LAD", "LAW", "LAY", "LEG", "LET", "LIE", "LIP", "LOT", "LOW", "MAD", "MAN", "MAP", "MAY", "MEN", "MET", "MIX",
    "MOM", "MUM", "NAY", "NET", "NEW", "NOR", "NOT", "NOW", "NUT", "OAK", "OAR", "ODD", "OFF", "OIL", "OLD", "ONE", "OUR", "OUT", "OWE",
    "OWN", "PAY", "PEN", "PET", "PIG", "PUT", "RAN", "RAT", "RED", "RUN", "SAD", "SAW", "SAY", "SEA", "SEE", "SET", "SHE", "SIN", "SIR",
    "SIT", "SIX", "SKY", "SON", "SUN", "TAX", "TEA", "TEN", "THE", "TIE", "TOE", "TOO", "TOP", "TOY", "TRY", "TWO", "USE", "VAN", "WAR",
    "WAS", "WAY", "WET", "WHO", "WHY", "WIN", "WON", "YES", "YET", "YOU", "ZOO", "WHAT", "WHEN", "THEN", "THAT", "THIS", "THEY", "THEM",
    "WITH", "FROM", "HAVE", "WILL", "YOUR", "ONLY", "MUST", "HELP", "STOP", "LOOK", "EVER", "NEVER", "DEAR", "EXIT", "OPEN", "PUSH", "PULL",
    "DIM", "THY", "FIE", "HAM", "HMM", "SHH", "PSST", "GRR", "BRR", "PST", "AYE", "ODE", "ELM", "ERA", "HUT", "MUD", "MUG", "ROD", "ROW", "RUB", "RUM",
];

/// Starts of words that English allows, beyond one consonant.
#[rustfmt::skip]
const ONSETS: &[&str] = &[
    "bl", "br", "ch", "cl", "cr", "dr", "dw", "fl", "fr", "gh", "gl", "gr", "kh", "kl", "kn", "kr", "ph", "pl", "pr", "ps", "qu", "rh", "sc",
    "sch", "scr", "sh", "shr", "sk", "sl", "sm", "sn", "sp", "spl", "spr", "squ", "st", "str", "sw", "th", "thr", "tr", "ts", "tw",
    "wh", "wr", "gn", "sph", "chr",
];

/// Ends of words that English allows, beyond one consonant.
#[rustfmt::skip]
const CODAS: &[&str] = &[
    "bs", "ch", "ck", "cks", "ct", "cts", "dd", "ds", "dge", "ff", "fs", "ft", "gg", "gh", "ghs", "ght", "ghts", "gs", "ks", "ld", "lds", "lf", "lk", "lks",
    "ll", "lls", "lm", "lms", "lp", "lps", "ls", "lt", "lts", "lve", "mb", "mbs", "mp", "mps", "ms", "mn", "nc", "nch", "nd", "nds", "ng", "ngs", "nk",
    "nks", "nn", "ns", "nt", "nts", "nth", "ph", "phs", "pp", "ps", "pt", "pts", "rb", "rbs", "rc", "rch", "rd", "rds", "rf", "rg", "rk", "rks",
    "rl", "rld", "rlds", "rls", "rm", "rms", "rn", "rns", "rp", "rr", "rs", "rse", "rst", "rt", "rth", "rts", "sh", "sk", "sks", "sm", "sms", "sp", "ss", "st",
    "sts", "tch", "th", "ths", "ts", "tt", "wd", "wds", "wk", "wl", "wls", "wn", "wns", "ws", "xt", "zz", "ngth", "ys", "bb", "nx", "nst", "rst", "mpt", "ckt", "rtz", "tz", "hn", "hm", "hns", "lth",
];

/// Words after `IT` that make it information technology.
const IT_NOUNS: [&str; 9] = [
    "department",
    "support",
    "industry",
    "manager",
    "sector",
    "systems",
    "specialist",
    "consultant",
    "staff",
];

/// The sound of a token in running text.
pub(super) fn sound(place: &Place<'_>, token: &str) -> Sound {
    if shouted_by_neighbours(place, token) {
        return sound_in_shouting(token);
    }
    let stop = place.rest()[token.len()..].starts_with('.');
    let the = place.previous_word().eq_ignore_ascii_case("the");
    match token {
        "OK" => return Sound::Said("okay"),
        "MR" | "MRS" | "DR" | "ST" if stop => return sound_in_shouting(token),
        "MSS" => return Sound::Said("manuscripts"),
        "WHO" if the => return Sound::Letters,
        "IT" if IT_NOUNS.contains(&place.next_word(place.at + 2)) => return Sound::Letters,
        "IT" | "PST" => return Sound::Word,
        "AM" if place.previous_word() == "I" => return Sound::Word,
        "MASH" | "START" | "NICE" | "SALT" | "SAD" | "BASIC" if !the => return Sound::Word,
        _ => {}
    }
    if NAMES.contains(&token) {
        return Sound::Name;
    }
    if LETTERS.contains(&token) {
        return Sound::Letters;
    }
    if WORDS.contains(&token) {
        return Sound::Word;
    }
    let word = pronounceable(token) && (token.len() > 3 || place.in_heading() || is_syllable(token));
    if word { Sound::Word } else { Sound::Letters }
}

/// The sound of a token where everything is in capitals: a word, if it can be.
pub(super) fn sound_in_shouting(token: &str) -> Sound {
    match token {
        "OK" => Sound::Said("okay"),
        "MR" => Sound::Said("Mister"),
        "MRS" => Sound::Said("Missus"),
        "DR" => Sound::Said("Doctor"),
        "ST" => Sound::Said("Saint"),
        "VS" => Sound::Said("versus"),
        "AD" | "BC" | "BCE" | "CE" | "TV" | "PM" => Sound::Letters,
        _ if WORDS.contains(&token) => Sound::Word,
        _ if NAMES.contains(&token) => Sound::Name,
        "US" | "IRA" | "ICU" | "EGO" | "LA" | "RIP" | "IDE" | "SAT" | "SCE" | "YA" => Sound::Word,
        _ if LETTERS.contains(&token) => Sound::Letters,
        _ if pronounceable(token) => Sound::Word,
        _ => Sound::Letters,
    }
}

/// Whether it is one of the short words that the tables know, in any case.
pub(super) fn is_word(word: &str) -> bool {
    word.len() <= 5 && WORDS.contains(&word.to_ascii_uppercase().as_str())
}

/// Whether a neighbour in capitals shows that a short token is shouted with it.
fn shouted_by_neighbours(place: &Place<'_>, token: &str) -> bool {
    let shouted = |word: &str| {
        word.len() >= 2
            && word.chars().all(|c| c.is_uppercase() || c == '\'')
            && (WORDS.contains(&word) || (word.len() > 4 && pronounceable(word)))
    };
    let other = |word: &str| word != token && shouted(word);
    let (farther, nearer) = place.previous_two_tokens();
    // Single letters tell nothing: look past the article.
    let before = if matches!(nearer, "A" | "I" | "O") { bare(farther) } else { bare(nearer) };
    let end = place.at + token.len();
    let capital = |c: Option<char>| c.is_some_and(char::is_uppercase);
    let mut left = place.text[..place.at].chars().rev();
    let mut right = place.text[end..].chars();
    let compound = left.next() == Some('-') && capital(left.next()) && capital(left.next())
        || right.next() == Some('-') && capital(right.next()) && capital(right.next());
    compound || other(before) || other(place.next_word(end))
}

/// Three letters that are a syllable: consonant, vowel, consonant. Initialisms of that shape are in the table.
fn is_syllable(token: &str) -> bool {
    let vowels: Vec<bool> = token.bytes().map(|b| matches!(b, b'A' | b'E' | b'I' | b'O' | b'U')).collect();
    vowels == [false, true, false]
}

/// The tail of a contraction in capitals, with its apostrophe.
pub(super) fn contraction(tail: &str) -> Option<&str> {
    const TAILS: [&str; 8] = ["'T", "'S", "'LL", "'VE", "'RE", "'M", "'D", "'CLOCK"];
    TAILS
        .into_iter()
        .find(|t| tail.starts_with(t) && !super::place::goes_on(&tail[t.len()..]))
        .map(|t| &tail[..t.len()])
}

/// How the capitals of a stretch are to be taken: shouted, if it has at least two words and no small letter.
pub(super) fn case_of(text: &str) -> Case {
    let mut words = 0;
    let mut inside = 0;
    for b in text.bytes() {
        match b {
            b'a'..=b'z' => return Case::Mixed,
            b'A'..=b'Z' => inside += 1,
            b'\'' => {}
            _ => {
                words += usize::from(inside > 1);
                inside = 0;
            }
        }
    }
    words += usize::from(inside > 1);
    if words > 1 { Case::Shouted } else { Case::Mixed }
}

/// Whether English could say it as a word: a vowel, and allowed clusters of consonants at both ends.
pub(super) fn pronounceable(token: &str) -> bool {
    let word = token.to_lowercase();
    let vowel = |c: char| matches!(c, 'a' | 'e' | 'i' | 'o' | 'u' | 'y') || !c.is_ascii();
    let (Some(first), Some(last)) = (word.find(vowel), word.rfind(vowel)) else { return false };
    let (onset, coda) = (&word[..first], word[last..].trim_start_matches(vowel));
    let longest = word.split(vowel).map(str::len).max().unwrap_or(0);
    let vowels = word.split(|c| !vowel(c)).map(|v| v.chars().count()).max().unwrap_or(0);
    // Longer tokens are hardly ever initialisms: clusters that no table has, as in "lengthwise", are let pass.
    if word.len() > 4 && first < 4 && longest <= 5 {
        return true;
    }
    (onset.len() < 2 || ONSETS.contains(&onset) || onset == "q" && word[first..].starts_with('u'))
        && (coda.len() < 2 || CODAS.contains(&coda))
        && longest <= 4
        && vowels <= 3
}
