//! The command line: arguments, progress, messages, exit codes. Everything a person sees.

mod address;
mod args;
mod backends;
mod batch;
mod commands;
mod config;
mod environment;
mod failure;
mod findings;
mod interrupt;
mod json_events;
mod layers;
mod metrics;
mod numbers;
mod progress;
mod report;
mod settings;
mod sidecar;
mod version;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::{
    args::{Cli, Command},
    commands::Context,
    failure::Failure,
};

fn main() -> ExitCode {
    share_freed_memory();
    let cli = Cli::parse();
    let context = Context::new(cli.config, cli.events, cli.quiet);
    run(cli.command, cli.version, &context).unwrap_or_else(|failure| {
        context.fail(&failure);
        failure.kind.into()
    })
}

/// Buffers of this size and above go back to the system as soon as they are freed, in bytes.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const GIVE_BACK: i32 = 1 << 20;

/// Takes are spoken on one thread, checked on a second and encoded on a third. The C library would keep what each of
/// them frees for that thread alone, and the large buffers of long sentences for good, so that memory would grow with
/// the book: measured, by a half over eight chapters, and by a quarter over a whole novel.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "the allocator's parameters have no safe interface")]
fn share_freed_memory() {
    let arenas = i32::try_from(environment::cores()).unwrap_or(i32::MAX).max(2);
    let parameters = [
        (libc::M_ARENA_MAX, arenas),
        (libc::M_MMAP_THRESHOLD, GIVE_BACK),
        (libc::M_TRIM_THRESHOLD, GIVE_BACK),
    ];
    for (parameter, value) in parameters {
        // SAFETY: this sets a parameter of the allocator, before any other thread is there. It returns whether it was
        // taken; if not, nothing but memory is lost.
        let _ = unsafe { libc::mallopt(parameter, value) };
    }
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
fn share_freed_memory() {}

fn run(command: Option<Command>, show_version: bool, context: &Context) -> Result<ExitCode, Failure> {
    let Some(command) = command else {
        if show_version {
            return commands::print(&version::long());
        }
        // Nobody asked for help: it is a message and no data.
        commands::say(Cli::command().render_help().to_string().trim_end());
        return Ok(failure::Kind::Usage.into());
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
    let code = runtime.block_on(commands::run(command, context));
    // Threads that still speak or encode after a second Ctrl-C are not waited for: nothing of theirs is lost.
    runtime.shutdown_background();
    code
}
