//! Shell completions and man pages, as the build script wrote them.

use std::process::ExitCode;

use super::print;
use crate::{
    args::CompletionShell,
    failure::{Failure, Kind},
};

include!(concat!(env!("OUT_DIR"), "/assets.rs"));

pub(super) fn completions(shell: CompletionShell) -> Result<ExitCode, Failure> {
    let wanted = match shell {
        CompletionShell::Bash => "bash",
        CompletionShell::Elvish => "elvish",
        CompletionShell::Fish => "fish",
        CompletionShell::Powershell => "powershell",
        CompletionShell::Zsh => "zsh",
    };
    let (_, text) = COMPLETIONS
        .iter()
        .find(|(name, _)| *name == wanted)
        .expect("the build script writes the completions of every shell that the arguments name");
    print(text)
}

pub(super) fn man(command: Option<&str>) -> Result<ExitCode, Failure> {
    let page = command.map_or_else(|| "rhapsode".to_owned(), |command| format!("rhapsode-{command}"));
    match MAN_PAGES.iter().find(|(name, _)| *name == page) {
        Some((_, text)) => print(text),
        None => Err(Failure::new(
            Kind::Usage,
            format!("failed to find the man page of {}", command.unwrap_or_default()),
            Some("`rhapsode --help` lists the commands"),
        )),
    }
}
