//! Sentences inside quotes and brackets. A segmenter for text keeps “I know. It is late.” together; a voice
//! speaks it better in two.

/// Marks that open and close. Straight and single marks are also apostrophes and inches: their neighbours decide.
const PAIRS: [(char, char); 9] = [
    ('“', '”'),
    ('"', '"'),
    ('‘', '’'),
    ('\'', '\''),
    ('«', '»'),
    ('„', '“'),
    ('(', ')'),
    ('[', ']'),
    ('「', '」'),
];

/// Marks without a partner after which a sentence is left as it is.
const STRAY: usize = 8;

/// Stops inside the enclosed parts of a sentence, as offsets into it, in order and without its own end.
pub(super) fn stops(sentence: &str, language: &str) -> Vec<usize> {
    let mut stops = Vec::new();
    if !sentence.contains(|c| PAIRS.iter().any(|(open, _)| *open == c)) {
        return stops;
    }
    let (mut at, mut stray) = (0, 0);
    while let Some((open, open_at)) = next_opening(sentence, at) {
        let inside = open_at + open.len_utf8();
        let Some(close_at) = closing(sentence, inside, open) else {
            at = inside;
            stray += 1;
            if stray == STRAY {
                break;
            }
            continue;
        };
        let mut end = inside;
        for part in sentencex::segment(language, &sentence[inside..close_at]) {
            end += part.len();
            if end < close_at {
                stops.push(end);
            }
        }
        let after = close_at + sentence[close_at..].chars().next().map_or(0, char::len_utf8);
        if let Some(stop) = stop_after(sentence, close_at, after) {
            stops.push(stop);
        }
        at = after;
    }
    stops
}

/// The next mark that opens a quotation or a bracket.
fn next_opening(sentence: &str, from: usize) -> Option<(char, usize)> {
    let mut before = sentence[..from].chars().next_back();
    for (at, c) in sentence[from..].char_indices() {
        let outside = before.is_none_or(|b| b.is_whitespace() || "—–-([“‘\"".contains(b));
        if PAIRS.iter().any(|(open, _)| *open == c) && (outside || !matches!(c, '"' | '\'' | '‘')) {
            return Some((c, from + at));
        }
        before = Some(c);
    }
    None
}

/// Where the part that `open` opened before `inside` closes.
fn closing(sentence: &str, inside: usize, open: char) -> Option<usize> {
    let close = PAIRS.iter().find(|(o, _)| *o == open)?.1;
    let single = matches!(close, '’' | '\'');
    let mut depth = 0_usize;
    let mut before = None;
    for (at, c) in sentence[inside..].char_indices() {
        if c == close {
            // An apostrophe follows a letter, the end of speech a stop or a comma.
            let closes = !single || before.is_some_and(|b| ".,!?…—;:".contains(b));
            if closes && depth == 0 {
                return Some(inside + at);
            }
            depth = depth.saturating_sub(usize::from(closes));
        } else if c == open && !single {
            depth += 1;
        }
        before = Some(c);
    }
    None
}

/// Brackets that hold whole sentences end with their stop: `(He was wrong.) She smiled.`
fn stop_after(sentence: &str, close_at: usize, after: usize) -> Option<usize> {
    let bracket = sentence[close_at..].starts_with([')', ']']);
    let stopped = sentence[..close_at].ends_with(['.', '!', '?', '…']);
    let rest = &sentence[after..];
    let next = rest.trim_start();
    let begins = next.trim_start_matches(['“', '"', '‘', '\'', '(']).starts_with(char::is_uppercase);
    (bracket && stopped && begins && next.len() < rest.len()).then(|| sentence.len() - next.len())
}
