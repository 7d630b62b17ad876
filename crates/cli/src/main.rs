//! The command line: arguments, progress, messages, exit codes. Everything a person sees.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "this crate is the one that talks to the terminal"
)]

mod args;
mod commands;
mod config;
mod environment;
mod failure;
mod interrupt;
mod json_events;
mod layers;
mod manuscripts;
mod progress;
mod report;
mod settings;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::{args::Cli, commands::Context, failure::Failure};

fn main() -> ExitCode {
    match run(Cli::parse()) {
        Ok(code) => code,
        Err(failure) => failure.report(),
    }
}

fn run(cli: Cli) -> Result<ExitCode, Failure> {
    let Some(command) = cli.command else {
        if cli.version {
            return commands::print(&version::long());
        }
        Cli::command().print_help()?;
        return Ok(failure::Kind::Usage.into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(commands::run(command, Context::new(cli.config, cli.events, cli.quiet)));
    // Threads that still speak or encode after a second Ctrl-C are not waited for: nothing of theirs is lost.
    runtime.shutdown_background();
    code
}
