//! Text to paragraphs. Three customs are known: blank lines between paragraphs, an indent at the start of
//! each, and one long line for each.

/// How a file sets its paragraphs apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Layout {
    /// By blank lines; the lines between are joined.
    Blank,
    /// By an indent of the first line; the other lines are joined to it.
    Indent,
    /// Every line is one.
    Line,
}

/// A stretch of the text; all stretches in order are the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Piece<'a> {
    /// White space between paragraphs.
    Gap(&'a str),
    /// A paragraph with its inner line ends, without the last.
    Paragraph(&'a str),
}

/// The lines that the habits of a file are judged by.
const SAMPLE_LINES: usize = 5000;

impl Layout {
    /// Judges the habits of the first lines.
    pub(super) fn of(text: &str) -> Self {
        let (mut lines, mut long) = (0usize, 0usize);
        // Lines inside of a block of lines: those that begin a paragraph, if indents do that, and the others.
        let (mut indented, mut flush, mut first_indented, mut blocks) = (0usize, 0usize, 0usize, 0usize);
        let mut inside = false;
        for line in self::lines(text).take(SAMPLE_LINES) {
            if line.trim().is_empty() {
                inside = false;
                continue;
            }
            lines += 1;
            long += usize::from(line.chars().count() > 160);
            match (inside, is_indented(line)) {
                (true, true) => indented += 1,
                (true, false) => flush += 1,
                (false, starts) => {
                    blocks += 1;
                    first_indented += usize::from(starts);
                }
            }
            inside = true;
        }
        if long * 10 > lines {
            Self::Line
        } else if indented > 0
            && indented * 30 > flush
            && flush * 4 > indented
            && first_indented * 2 >= blocks
        {
            Self::Indent
        } else {
            Self::Blank
        }
    }
}

/// The paragraphs of a text and the gaps between them.
#[derive(Debug, Clone)]
pub(super) struct Pieces<'a> {
    rest: &'a str,
    layout: Layout,
}

impl<'a> Pieces<'a> {
    pub(super) fn new(text: &'a str, layout: Layout) -> Self {
        Self { rest: text, layout }
    }

    fn take(&mut self, length: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(length);
        self.rest = rest;
        taken
    }
}

impl<'a> Iterator for Pieces<'a> {
    type Item = Piece<'a>;

    fn next(&mut self) -> Option<Piece<'a>> {
        let gap: usize = lines(self.rest).take_while(|l| l.trim().is_empty()).map(str::len).sum();
        if gap > 0 {
            return Some(Piece::Gap(self.take(gap)));
        }
        let mut length = 0;
        for line in lines(self.rest) {
            let begins_next = match self.layout {
                Layout::Blank => false,
                Layout::Indent => is_indented(line),
                Layout::Line => true,
            };
            if length > 0 && (begins_next || line.trim().is_empty() || is_rule(line)) {
                break;
            }
            length += line.len();
            if is_rule(line) {
                break;
            }
        }
        let end = self.rest[..length].trim_end_matches(['\n', '\r']).len();
        (end > 0).then(|| Piece::Paragraph(self.take(end)))
    }
}

/// Lines with their ends: `\n`, `\r\n` or `\r`.
pub(super) fn lines(text: &str) -> impl Iterator<Item = &str> + Clone {
    let mut rest = text;
    std::iter::from_fn(move || {
        let at = rest.bytes().position(|b| b == b'\n' || b == b'\r').unwrap_or(rest.len());
        let end = match &rest.as_bytes()[at..] {
            [b'\r', b'\n', ..] => at + 2,
            [_, ..] => at + 1,
            [] => at,
        };
        let (line, after) = rest.split_at(end);
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}

fn is_indented(line: &str) -> bool {
    line.starts_with("  ") || line.starts_with('\t') || line.starts_with('\u{3000}')
}

/// Whether a line is a drawn rule or a row of ornaments, which ends a paragraph even without a blank line.
fn is_rule(line: &str) -> bool {
    let mut marks = line.chars().filter(|c| !c.is_whitespace());
    let count = marks.clone().count();
    (3..=60).contains(&count) && marks.all(|c| "*-–—_=#~•·⁂❦".contains(c))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraphs(text: &str) -> Vec<&str> {
        let pieces: Vec<_> = Pieces::new(text, Layout::of(text)).collect();
        let text_of = |piece: &Piece<'_>| match piece {
            Piece::Gap(text) | Piece::Paragraph(text) => (*text).to_owned(),
        };
        let whole: String = pieces.iter().map(text_of).collect();
        assert_eq!(whole, text);
        pieces.into_iter().filter_map(|p| if let Piece::Paragraph(t) = p { Some(t) } else { None }).collect()
    }

    #[test]
    fn blank_lines_part_paragraphs_whatever_ends_the_lines() {
        assert_eq!(paragraphs("one\nmore\n\n \ntwo\n"), ["one\nmore", "two"]);
        assert_eq!(paragraphs("one\r\nmore\r\n\r\ntwo"), ["one\r\nmore", "two"]);
        assert_eq!(paragraphs("one\rmore\r\rtwo\r"), ["one\rmore", "two"]);
        assert_eq!(paragraphs("\n\n"), [""; 0]);
    }

    #[test]
    fn indents_part_paragraphs_where_blank_lines_do_not() {
        let text = "   It was late and the\nlamps were lit.\n   He waited by the\ndoor, as always.\n";
        assert_eq!(paragraphs(text).len(), 2);
    }

    #[test]
    fn long_lines_are_paragraphs_each() {
        let long = "word ".repeat(60);
        let text = format!("{long}\nShort answer.\n{long}\n");
        assert_eq!(paragraphs(&text).len(), 3);
    }

    #[test]
    fn a_rule_ends_a_paragraph_without_a_blank_line() {
        assert_eq!(paragraphs("before\n* * *\nafter\n"), ["before", "* * *", "after"]);
    }
}
