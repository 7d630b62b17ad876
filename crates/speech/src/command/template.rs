//! The arguments of a program with places for what changes from chunk to chunk. Text goes into its place as it is,
//! so nothing in it can become another argument or another place.

use std::{ffi::OsString, path::Path};

/// What stands in `{…}` in an argument.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Placeholder {
    /// The text. If neither it nor `TextFile` is used, the text goes to standard input.
    Text,
    /// Path of a UTF-8 file with the text.
    TextFile,
    /// Path of the file to write. If it is not used, the sound comes from standard output.
    Output,
    /// Name of the voice.
    Voice,
    /// BCP 47 language.
    Language,
    /// Speaking rate, 1 is normal.
    Speed,
    /// Seed of the attempt.
    Seed,
}

const PLACEHOLDERS: [(&str, Placeholder); 7] = [
    ("{text}", Placeholder::Text),
    ("{text-file}", Placeholder::TextFile),
    ("{output}", Placeholder::Output),
    ("{voice}", Placeholder::Voice),
    ("{language}", Placeholder::Language),
    ("{speed}", Placeholder::Speed),
    ("{seed}", Placeholder::Seed),
];

/// What a request puts into the places.
#[derive(Debug, Clone, Copy)]
pub(super) struct Values<'a> {
    pub(super) text: &'a str,
    pub(super) voice: &'a str,
    pub(super) language: &'a str,
    pub(super) speed: f32,
    pub(super) seed: u64,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Literal(String),
    Place(Placeholder),
}

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    program: String,
    /// As they were configured.
    written: Vec<String>,
    arguments: Vec<Vec<Piece>>,
}

impl Template {
    /// Reads a program and its arguments. The program itself has no places.
    pub(super) fn parse(command: &[String]) -> Result<Self, String> {
        let (program, written) = command.split_first().ok_or("its command is empty")?;
        if program.is_empty() {
            return Err("its command is empty".to_owned());
        }
        let arguments = written.iter().map(|argument| pieces(argument)).collect::<Result<_, _>>()?;
        Ok(Self { program: program.clone(), written: written.to_vec(), arguments })
    }

    pub(super) fn program(&self) -> &str {
        &self.program
    }

    /// The program without its folder: the same program is elsewhere on other machines.
    pub(super) fn program_name(&self) -> String {
        let name = Path::new(&self.program).file_stem().map(|name| name.to_string_lossy().into_owned());
        name.unwrap_or_else(|| self.program.clone())
    }

    /// The arguments as they were configured, in one text that no other arguments have.
    pub(super) fn arguments(&self) -> String {
        serde_json::to_string(&self.written).expect("strings are JSON")
    }

    pub(super) fn uses(&self, place: Placeholder) -> bool {
        self.arguments.iter().flatten().any(|piece| *piece == Piece::Place(place))
    }

    /// The arguments of one call, with the files that it reads and writes.
    pub(super) fn fill(&self, values: &Values<'_>, text_file: &Path, output: &Path) -> Vec<OsString> {
        let fill = |argument: &Vec<Piece>| {
            let mut filled = OsString::new();
            for piece in argument {
                match piece {
                    Piece::Literal(text) => filled.push(text),
                    Piece::Place(Placeholder::Text) => filled.push(values.text),
                    Piece::Place(Placeholder::TextFile) => filled.push(text_file),
                    Piece::Place(Placeholder::Output) => filled.push(output),
                    Piece::Place(Placeholder::Voice) => filled.push(values.voice),
                    Piece::Place(Placeholder::Language) => filled.push(values.language),
                    Piece::Place(Placeholder::Speed) => filled.push(values.speed.to_string()),
                    Piece::Place(Placeholder::Seed) => filled.push(values.seed.to_string()),
                }
            }
            filled
        };
        self.arguments.iter().map(fill).collect()
    }
}

fn pieces(argument: &str) -> Result<Vec<Piece>, String> {
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = argument;
    while let Some(first) = rest.chars().next() {
        if let Some((name, place)) = PLACEHOLDERS.iter().find(|(name, _)| rest.starts_with(name)) {
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal)));
            }
            pieces.push(Piece::Place(*place));
            rest = &rest[name.len()..];
        } else if let Some(unknown) = looks_like_a_place(rest) {
            let known: Vec<_> = PLACEHOLDERS.iter().map(|(name, _)| *name).collect();
            return Err(format!("its command has {unknown} in it, known are {}", known.join(" ")));
        } else {
            literal.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    if !literal.is_empty() || pieces.is_empty() {
        pieces.push(Piece::Literal(literal));
    }
    Ok(pieces)
}

/// `{word}` at the beginning: a slip of the pen rather than an argument with braces.
fn looks_like_a_place(text: &str) -> Option<&str> {
    let end = text.strip_prefix('{')?.find('}')? + 2;
    let word = &text[1..end - 1];
    let wordlike =
        !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || b"-_".contains(&byte));
    wordlike.then_some(&text[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn template(command: &[&str]) -> Result<Template, String> {
        Template::parse(&command.iter().map(|&word| word.to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn text_that_looks_like_a_place_or_an_option_stays_text() {
        let template = template(&["say", "--voice={voice}/{language}", "{text}", "", "{ }"]).unwrap();
        let text = "{voice} \"; rm -rf / $(x) {seed}";
        let values = Values { text, voice: "{text}", language: "en", speed: 1.25, seed: 7 };
        let filled = template.fill(&values, Path::new("t"), Path::new("o"));
        assert_eq!(filled, ["--voice={text}/en", text, "", "{ }"]);
    }

    #[test]
    fn a_misspelt_place_is_named_with_the_known_ones() {
        let error = template(&["say", "-o{out-put}"]).unwrap_err();
        assert!(error.contains("{out-put}") && error.contains("{output}"), "{error}");
        assert!(template(&[]).is_err());
    }

    #[test]
    fn the_folder_of_a_program_is_not_its_name() {
        assert_eq!(template(&["/opt/tts/piper.exe"]).unwrap().program_name(), "piper");
    }
}
