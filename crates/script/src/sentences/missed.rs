//! Stops that a segmenter passes over because a quote or a bracket was never closed. They are looked for only in
//! stretches too long to be spoken well in one breath.

/// Bytes beyond which a stretch is looked at again: two lines of a printed page.
const LONG: usize = 160;

/// Letters that a word before a stop has at least; shorter ones may be abbreviations.
const WORD: usize = 3;

/// Certain ends of sentences inside a stretch: a word in small letters, a stop, a space, a capital.
pub(super) fn stops(stretch: &str) -> impl Iterator<Item = usize> {
    let looked_at = if stretch.len() > LONG { stretch } else { "" };
    looked_at
        .match_indices(' ')
        .map(|(space, _)| space)
        .filter(move |space| {
            let before = stretch[..*space].trim_end_matches(['"', '\'', '”', '’', ')', ']', '»']);
            let word = before.trim_end_matches(['.', '!', '?']);
            let stopped = word.len() < before.len() && !before.ends_with("...");
            let letters = word.chars().rev().take_while(|c| c.is_lowercase()).take(WORD).count();
            let after = stretch[*space + 1..].trim_start_matches(['"', '\'', '“', '‘', '(', '«']);
            let mut next = after.chars();
            let capital =
                next.next().is_some_and(char::is_uppercase) && next.next().is_some_and(char::is_lowercase);
            stopped && letters == WORD && capital && !is_abbreviation(word)
        })
        .map(|space| space + 1)
}

/// Abbreviations of three letters and more that names or numbers follow.
fn is_abbreviation(word: &str) -> bool {
    const KNOWN: [&str; 24] = [
        "mrs", "messrs", "capt", "prof", "hon", "gen", "col", "rev", "sgt", "maj", "cmdr", "adm", "gov",
        "sen", "rep", "pres", "supt", "insp", "vol", "chap", "fig", "esq", "viz", "mlle",
    ];
    let word = word.rsplit(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    KNOWN.iter().any(|known| known.eq_ignore_ascii_case(word))
}
