//! The arguments of a hook's program, with places for what is told. What fills a place stays in its argument: no shell reads it.

use super::{HookError, News};

/// What fills a place.
type Fill = fn(&News) -> String;

/// What stands in `{…}` in an argument, and what fills it.
const PLACES: [(&str, Fill); 9] = [
    ("{event}", |news| news.event.name().to_owned()),
    ("{id}", |news| news.id.clone()),
    ("{book}", |news| news.book.to_string()),
    ("{manuscript}", |news| news.manuscript.display().to_string()),
    ("{title}", |news| news.title.clone().unwrap_or_default()),
    ("{authors}", |news| news.authors.join(", ")),
    ("{folder}", |news| news.folder.as_ref().map(|it| it.display().to_string()).unwrap_or_default()),
    ("{defects}", |news| news.defects.to_string()),
    ("{reason}", |news| news.reason.clone().unwrap_or_default()),
];

/// A program and its arguments.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Template {
    program: String,
    arguments: Vec<String>,
}

impl Template {
    pub(super) fn parse(command: &[String]) -> Result<Self, HookError> {
        let (program, arguments) = command
            .split_first()
            .filter(|(program, _)| !program.is_empty())
            .ok_or_else(|| HookError("its command is empty".to_owned()))?;
        if let Some(unknown) = arguments.iter().flat_map(|argument| places(argument)).find(|it| !is_known(it))
        {
            let known = PLACES.map(|(name, _)| name).join(" ");
            return Err(HookError(format!("its command has {unknown} in it, known are {known}")));
        }
        Ok(Self { program: program.clone(), arguments: arguments.to_vec() })
    }

    pub(super) fn program(&self) -> &str {
        &self.program
    }

    pub(super) fn fill(&self, news: &News) -> Vec<String> {
        self.arguments.iter().map(|argument| fill(argument, news)).collect()
    }
}

/// Fills an argument from left to right, so that no place is seen in what filled one before.
fn fill(argument: &str, news: &News) -> String {
    let mut filled = String::new();
    let mut rest = argument;
    while let Some(next) = rest.chars().next() {
        match PLACES.iter().find(|(name, _)| rest.starts_with(name)) {
            Some((name, value)) => {
                // An argument of a program ends at a NUL.
                filled.push_str(&value(news).replace('\0', ""));
                rest = &rest[name.len()..];
            }
            None => {
                filled.push(next);
                rest = &rest[next.len_utf8()..];
            }
        }
    }
    filled
}

/// Every `{word}` of an argument.
fn places(argument: &str) -> impl Iterator<Item = &str> {
    argument.match_indices('{').filter_map(|(at, _)| {
        let rest = &argument[at..];
        let end = rest.find('}')?;
        let word = &rest[1..end];
        let is_word = !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-');
        is_word.then_some(&rest[..=end])
    })
}

fn is_known(place: &str) -> bool {
    PLACES.iter().any(|(name, _)| *name == place)
}
