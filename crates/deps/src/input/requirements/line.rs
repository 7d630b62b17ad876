//! Logical lines of a requirements file: continuations joined, comments apart, as pip does it.

/// A line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Where it starts, counted from 1.
    pub(super) number: usize,
    /// What it says, without comments.
    pub(super) text: String,
    /// Indented comments after it, and the one on it: who asks for it.
    pub(super) comments: Vec<String>,
}

/// A file in lines.
#[derive(Debug, Default)]
pub(super) struct Lines {
    /// Comments before the first line.
    pub(super) header: Vec<String>,
    /// The lines.
    pub(super) lines: Vec<Line>,
}

/// Splits a file into its logical lines.
pub(super) fn lines(text: &str) -> Lines {
    let mut found = Lines::default();
    let mut open: Option<Line> = None;
    for (index, physical) in text.lines().enumerate() {
        let (said, comment) = split_comment(physical);
        if said.trim().is_empty() {
            // A comment or an empty line ends what a backslash left open.
            found.close(open.take());
            if let Some(comment) = comment {
                found.comment(comment, physical.starts_with([' ', '\t']));
            }
            continue;
        }
        let goes_on = comment.is_none() && said.ends_with('\\');
        let said = if goes_on { &said[..said.len() - 1] } else { said };
        let line =
            open.get_or_insert_with(|| Line { number: index + 1, text: String::new(), comments: Vec::new() });
        line.text.push_str(said);
        line.comments.extend(comment.map(str::to_owned));
        if !goes_on {
            found.close(open.take());
        }
    }
    found.close(open);
    found
}

impl Lines {
    fn close(&mut self, line: Option<Line>) {
        let Some(mut line) = line else { return };
        line.text = line.text.trim().to_owned();
        if !line.text.is_empty() {
            self.lines.push(line);
        }
    }

    fn comment(&mut self, comment: &str, is_indented: bool) {
        match self.lines.last_mut() {
            None => self.header.push(comment.to_owned()),
            Some(line) if is_indented => line.comments.push(comment.to_owned()),
            Some(_) => {}
        }
    }
}

/// A comment starts with `#` at the start of the line or after a space: in an address it may stand for itself.
fn split_comment(line: &str) -> (&str, Option<&str>) {
    let start = line
        .char_indices()
        .find(|(at, c)| *c == '#' && (*at == 0 || line[..*at].ends_with(char::is_whitespace)))
        .map(|(at, _)| at);
    match start {
        Some(at) => (line[..at].trim_end(), Some(&line[at + 1..])),
        None => (line.trim_end(), None),
    }
}

/// Who asks for a line, from its comments: `# via torch`, or `# via` with a name a line after it.
pub(super) fn via(comments: &[String]) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_open = false;
    for comment in comments {
        let text = comment.trim();
        if let Some(first) = text.strip_prefix("via").filter(|rest| rest.is_empty() || rest.starts_with(' '))
        {
            is_open = true;
            // Tools that write one line separate by commas.
            names.extend(first.split(',').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned));
        } else if is_open && comment.starts_with("  ") && !text.is_empty() {
            names.push(text.to_owned());
        } else {
            is_open = false;
        }
    }
    names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn continuations_comments_and_their_lines_are_kept_apart() {
        let text = "# by a tool\n\nfoo==1.0 \\\n    --hash=sha256:a \\\n    --hash=sha256:b\n    # via\n    #   bar\n    #   -r in.txt\nbar==2 # via baz, -r in.txt\n-e git+https://x/y#egg=z\nlast \\";
        let found = lines(text);
        assert_eq!(found.header, [" by a tool"]);
        let said: Vec<(usize, &str)> = found.lines.iter().map(|l| (l.number, l.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (3, "foo==1.0     --hash=sha256:a     --hash=sha256:b"),
                (9, "bar==2"),
                (10, "-e git+https://x/y#egg=z"),
                (11, "last"),
            ]
        );
        assert_eq!(via(&found.lines[0].comments), ["bar", "-r in.txt"]);
        assert_eq!(via(&found.lines[1].comments), ["baz", "-r in.txt"]);
    }
}
