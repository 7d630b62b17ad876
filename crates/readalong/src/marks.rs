//! Where the marks of phrases go in a document: around runs of text, across inline elements where these lie whole in
//! a phrase, and never across the border of a block.

use std::{cell::Cell, ops::Range};

use rhapsode_book::markup::{Token, TokenKind, characters};

/// Elements that may stand inside of a mark (the phrasing content of HTML, and what HTML 4 had).
const PHRASING: [&str; 48] = [
    "a", "abbr", "acronym", "audio", "b", "bdi", "bdo", "big", "br", "cite", "code", "data", "del", "dfn",
    "em", "font", "i", "img", "ins", "kbd", "label", "map", "mark", "math", "meter", "object", "output",
    "picture", "progress", "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "small", "span", "strike",
    "strong", "sub", "sup", "svg", "time", "tt", "u", "var",
];

/// Elements of other vocabularies: a mark may stand around one, never in one.
const FOREIGN: [&str; 2] = ["svg", "math"];

/// A mark in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// The phrase, by its number in the list that was asked about.
    pub(crate) phrase: usize,
    /// What the mark is put around.
    pub(crate) bytes: Range<usize>,
    /// Prefix that the elements around it have.
    pub(crate) prefix: String,
    /// Letters and digits in it, at least 1: its share of the phrase's time.
    pub(crate) weight: u64,
}

/// A document's tokens with what is needed to walk them.
pub(crate) struct Map<'a> {
    markup: &'a str,
    tokens: &'a [Token],
    /// For each token, characters before it.
    before: Vec<u64>,
    /// For each start tag, its end tag.
    ends: Vec<usize>,
    /// For each start tag, whether a mark may be put around the whole element.
    inline: Vec<bool>,
    /// For each token inside of a foreign element, the start tag of the outermost.
    foreign: Vec<Option<usize>>,
    /// For each token, the start tag around it.
    parents: Vec<Option<usize>>,
    characters: u64,
    /// A token, a character of it and its byte, from which the next place is looked for: phrases come in order, and
    /// a whole book may be one text.
    cursor: Cell<(usize, u64, usize)>,
}

impl<'a> Map<'a> {
    pub(crate) fn of(markup: &'a str, tokens: &'a [Token]) -> Self {
        let count = tokens.len();
        let mut map = Self {
            markup,
            tokens,
            before: Vec::with_capacity(count),
            ends: vec![0; count],
            inline: vec![false; count],
            foreign: vec![None; count],
            parents: Vec::with_capacity(count),
            characters: 0,
            cursor: Cell::new((0, 0, 0)),
        };
        let mut open: Vec<usize> = Vec::new();
        let mut outermost: Option<usize> = None;
        for (number, token) in tokens.iter().enumerate() {
            map.before.push(map.characters);
            map.foreign[number] = outermost;
            map.parents.push(open.last().copied());
            match &token.kind {
                TokenKind::Start(name) => {
                    map.inline[number] = PHRASING.contains(&local(name)) || outermost.is_some();
                    open.push(number);
                    if outermost.is_none() && FOREIGN.contains(&local(name)) {
                        outermost = Some(number);
                    }
                }
                TokenKind::Empty(name) if !PHRASING.contains(&local(name)) && outermost.is_none() => {
                    open.iter().for_each(|&start| map.inline[start] = false);
                }
                TokenKind::End => {
                    let Some(start) = open.pop() else { continue };
                    map.ends[start] = number;
                    if outermost == Some(start) {
                        outermost = None;
                        map.foreign[number] = Some(start);
                    }
                    // An element that holds a block is none that a mark may be put around.
                    if !map.inline[start]
                        && let Some(&outer) = open.last()
                    {
                        map.inline[outer] = false;
                    }
                }
                _ if !open.is_empty() => map.characters += map.length(number),
                _ => {}
            }
        }
        map
    }

    /// Characters of the document.
    pub(crate) fn characters(&self) -> u64 {
        self.characters
    }

    /// The marks for phrases, given by their characters: in order, disjoint.
    pub(crate) fn marks(&self, phrases: &[(usize, Range<u64>)]) -> Vec<Mark> {
        let mut marks: Vec<Mark> = Vec::new();
        for (phrase, range) in phrases {
            let done = marks.last().map_or(0, |mark| mark.bytes.end);
            marks.extend(self.marks_of(*phrase, range).into_iter().filter(|mark| mark.bytes.start >= done));
        }
        marks
    }

    fn marks_of(&self, phrase: usize, range: &Range<u64>) -> Vec<Mark> {
        let mut walk = Walk { map: self, phrase, marks: Vec::new(), open: None };
        let mut at = self.first(range);
        while at < self.tokens.len() && self.before[at] < range.end {
            at = walk.step(at, range);
        }
        walk.close();
        walk.marks
    }

    /// The token that a phrase begins with: the one that holds its first character, or the start tag of an inline
    /// element that begins with it and ends before it does.
    fn first(&self, range: &Range<u64>) -> usize {
        let holds = |number: usize| self.after(number) > range.start;
        // Tokens without characters stand before the next that has some.
        let mut at = self.before.partition_point(|&before| before <= range.start).saturating_sub(1);
        while at + 1 < self.tokens.len() && !holds(at) {
            at += 1;
        }
        if let Some(outer) = self.foreign[at] {
            return outer;
        }
        if self.before[at] < range.start {
            return at;
        }
        while let Some(outer) = at.checked_sub(1) {
            let reaches_over = self.inline[outer]
                && self.after(self.ends[outer]) < range.end
                && matches!(self.tokens[outer].kind, TokenKind::Start(_));
            if !reaches_over {
                break;
            }
            at = outer;
        }
        at
    }

    /// Characters before the token after this one.
    fn after(&self, token: usize) -> u64 {
        self.before.get(token + 1).copied().unwrap_or(self.characters)
    }

    /// Characters of a token inside of the root element.
    fn length(&self, token: usize) -> u64 {
        match &self.tokens[token].kind {
            TokenKind::Text => characters(self.text(token)).count() as u64,
            TokenKind::Whole(text) => text.chars().count() as u64,
            _ => 0,
        }
    }

    fn text(&self, token: usize) -> &'a str {
        &self.markup[self.tokens[token].bytes.clone()]
    }

    /// Prefix of the element that a token stands in.
    fn prefix(&self, token: usize) -> &str {
        match self.parents[token].map(|parent| &self.tokens[parent].kind) {
            Some(TokenKind::Start(name)) => name.split_once(':').map_or("", |(prefix, _)| prefix),
            _ => "",
        }
    }

    /// The byte in a text token at which a character of the document stands; the end for one behind it.
    fn place(&self, token: usize, character: u64) -> usize {
        let text = self.text(token);
        let number = character.saturating_sub(self.before[token]);
        let (of, passed, from) = self.cursor.get();
        let (passed, from) = if of == token && passed <= number { (passed, from) } else { (0, 0) };
        // A cursor stands on a character, so that no line end is parted.
        let at = characters(&text[from..]).nth((number - passed) as usize);
        let at = at.map_or(text.len(), |(at, _)| from + at);
        if at < text.len() {
            self.cursor.set((token, number, at));
        }
        at
    }
}

/// The walk through the tokens of one phrase.
struct Walk<'m, 'a> {
    map: &'m Map<'a>,
    phrase: usize,
    marks: Vec<Mark>,
    open: Option<Open>,
}

struct Open {
    token: usize,
    bytes: Range<usize>,
    weight: u64,
}

impl Walk<'_, '_> {
    /// Takes a token in and gives the next.
    fn step(&mut self, at: usize, range: &Range<u64>) -> usize {
        let map = self.map;
        match &map.tokens[at].kind {
            TokenKind::Start(_) if map.inline[at] && map.after(map.ends[at]) <= range.end => {
                let end = map.ends[at];
                let inside = &map.tokens[at..=end];
                let weight = (at..=end).map(|token| weight(&map.spoken(token))).sum();
                let bytes = inside[0].bytes.start..inside[inside.len() - 1].bytes.end;
                // Without a letter it is neither a reason to begin a mark nor to end one.
                if weight > 0 || self.open.is_some() && map.after(end) > map.before[at] {
                    self.take(at, bytes, weight);
                }
                return end + 1;
            }
            TokenKind::Start(_) if map.foreign_root(at) => {
                // A mark cannot end inside of it: it is left out whole.
                self.close();
                return map.ends[at] + 1;
            }
            TokenKind::Start(_) | TokenKind::End => self.close(),
            TokenKind::Empty(name) if !PHRASING.contains(&local(name)) => self.close(),
            TokenKind::Text => {
                let (bytes, text) = map.part(at, range);
                if self.open.is_some() || !text.trim().is_empty() {
                    self.take(at, bytes, weight(text));
                }
            }
            TokenKind::Whole(text) => {
                if self.open.is_some() || !text.trim().is_empty() {
                    self.take(at, map.tokens[at].bytes.clone(), weight(text));
                }
            }
            TokenKind::Empty(_) | TokenKind::DocumentType | TokenKind::Declaration | TokenKind::Other => {}
        }
        at + 1
    }

    fn take(&mut self, token: usize, bytes: Range<usize>, weight: u64) {
        match &mut self.open {
            Some(open) => {
                open.bytes.end = bytes.end;
                open.weight += weight;
            }
            None => self.open = Some(Open { token, bytes, weight }),
        }
    }

    fn close(&mut self) {
        let Some(Open { token, bytes, weight }) = self.open.take() else { return };
        let prefix = self.map.prefix(token).to_owned();
        self.marks.push(Mark { phrase: self.phrase, bytes, prefix, weight: weight.max(1) });
    }
}

impl<'a> Map<'a> {
    /// The part of a text token that lies in a range, without white space at its ends that a mark need not hold.
    fn part(&self, token: usize, range: &Range<u64>) -> (Range<usize>, &'a str) {
        let text = self.text(token);
        let base = self.tokens[token].bytes.start;
        let (start, end) = (self.place(token, range.start), self.place(token, range.end));
        let part = &text[start..end];
        let lead = part.len() - part.trim_start().len();
        let start = if lead < part.len() { start + lead } else { start };
        (base + start..base + end, &text[start..end])
    }

    fn spoken(&self, token: usize) -> std::borrow::Cow<'_, str> {
        match &self.tokens[token].kind {
            TokenKind::Text => self.text(token).into(),
            TokenKind::Whole(text) => text.as_str().into(),
            _ => "".into(),
        }
    }

    fn foreign_root(&self, token: usize) -> bool {
        matches!(&self.tokens[token].kind, TokenKind::Start(name) if FOREIGN.contains(&local(name)))
    }
}

fn weight(text: &str) -> u64 {
    text.chars().filter(|character| character.is_alphanumeric()).count() as u64
}

/// The name of an element without its prefix.
pub(crate) fn local(name: &str) -> &str {
    name.rsplit_once(':').map_or(name, |(_, local)| local)
}

#[cfg(test)]
mod tests {
    use rhapsode_book::markup::tokens;

    use super::*;

    /// The document with `[` and `]` for the marks of phrases that are given by their words.
    fn marked(markup: &str, phrases: &[&str]) -> String {
        let tokens = tokens(markup).unwrap();
        let map = Map::of(markup, &tokens);
        let text: String = tokens
            .iter()
            .map(|token| match &token.kind {
                TokenKind::Text => characters(&markup[token.bytes.clone()]).map(|(_, c)| c).collect(),
                TokenKind::Whole(text) => text.clone(),
                _ => String::new(),
            })
            .collect();
        let mut from = 0;
        let mut ranges = Vec::new();
        for (number, phrase) in phrases.iter().enumerate() {
            let at = from + text[from..].find(phrase).unwrap();
            from = at + phrase.len();
            let characters = |bytes: usize| text[..bytes].chars().count() as u64;
            ranges.push((number, characters(at)..characters(from)));
        }
        let mut out = String::new();
        let mut at = 0;
        for mark in map.marks(&ranges) {
            out.push_str(&markup[at..mark.bytes.start]);
            out.push('[');
            out.push_str(&markup[mark.bytes.clone()]);
            out.push(']');
            at = mark.bytes.end;
        }
        out + &markup[at..]
    }

    #[test]
    fn sentences_of_a_paragraph_have_a_mark_each() {
        assert_eq!(
            marked("<p>One. Two &amp; three.</p>", &["One.", "Two & three."]),
            "<p>[One.] [Two &amp; three.]</p>"
        );
    }

    #[test]
    fn a_mark_goes_around_inline_elements_that_lie_in_its_phrase() {
        assert_eq!(
            marked("<p>It was <em>very</em> good. No.</p>", &["It was very good.", "No."]),
            "<p>[It was <em>very</em> good.] [No.]</p>"
        );
        assert_eq!(marked("<p><b>Call</b> me.</p>", &["Call me."]), "<p>[<b>Call</b> me.]</p>");
        assert_eq!(marked("<p><b>Call me.</b></p>", &["Call me."]), "<p><b>[Call me.]</b></p>");
    }

    #[test]
    fn a_phrase_that_ends_inside_of_an_element_has_two_marks() {
        assert_eq!(
            marked("<p>It <em>was. Not</em> so.</p>", &["It was.", "Not so."]),
            "<p>[It ]<em>[was.] [Not]</em>[ so.]</p>".replace("</em>[ so.]", "</em> [so.]")
        );
    }

    #[test]
    fn blocks_and_cells_end_a_mark() {
        assert_eq!(
            marked("<tr><td>One</td> <td>two</td></tr>", &["One two"]),
            "<tr><td>[One]</td> <td>[two]</td></tr>"
        );
        assert_eq!(marked("<div>a<p>b</p>c</div>", &["abc"]), "<div>[a]<p>[b]</p>[c]</div>");
        assert_eq!(marked("<p>a<br/>b<img src='x'/></p>", &["ab"]), "<p>[a<br/>b]<img src='x'/></p>");
    }

    #[test]
    fn nothing_is_put_into_other_vocabularies() {
        assert_eq!(
            marked("<p>So <math><mi>x</mi></math> is.</p>", &["So x is."]),
            "<p>[So <math><mi>x</mi></math> is.]</p>"
        );
    }

    #[test]
    fn line_ends_and_references_count_as_the_reader_counts_them() {
        assert_eq!(
            marked("<p>a\r\n&#8212;\r\nb c</p>", &["b"]),
            "<p>a\r\n&#8212;\r\nb c</p>".replace("b c", "[b] c")
        );
    }
}
