//! `rhapsode stack`: the speech servers in containers, driven through compose. No shell is used, so that it works the same
//! from PowerShell and cmd.

mod compose;
mod containers;
mod file;
mod gate;
mod place;
mod replicas;
mod status;
mod verify;

use std::{io::IsTerminal, process::ExitCode};

use self::{compose::Compose, file::StackFile, place::Place};
use super::Context;
use crate::{
    args::stack::{StackArgs, StackBuildArgs, StackCommand, StackLogsArgs, StackNames},
    failure::{Failure, Kind},
};

/// The stack of a folder.
struct Stack {
    place: Place,
    file: StackFile,
    compose: Compose,
}

pub(super) async fn run(args: StackArgs, context: &Context) -> Result<ExitCode, Failure> {
    let stack = Stack::open(&args, context)?;
    match &args.command {
        StackCommand::Build(args) => stack.build(args),
        StackCommand::Start(names) => stack.start(names),
        StackCommand::Stop(names) => stack.simply("stop", names),
        StackCommand::Restart(names) => stack.simply("restart", names),
        StackCommand::Logs(args) => stack.logs(args),
        StackCommand::Status(args) => status::run(&stack, args, context).await,
        StackCommand::Shell { name } => stack.shell(name),
        StackCommand::Verify(names) => verify::run(&stack, names, context).await,
    }
}

impl Stack {
    fn open(args: &StackArgs, context: &Context) -> Result<Self, Failure> {
        let place = Place::find(args.directory.as_deref(), context)?;
        let file = StackFile::read(&place)?;
        let compose = Compose::find(&place, &file)?;
        Ok(Self { place, file, compose })
    }

    fn build(&self, args: &StackBuildArgs) -> Result<ExitCode, Failure> {
        let services = self.file.select(&args.services.names)?;
        // Replicas run the image of their service.
        let images: Vec<&str> = services.iter().copied().filter(|name| self.file.has_build(name)).collect();
        if let Some(lacking) = images.iter().find(|name| !self.has_sources(name)) {
            let message = format!("failed to build {lacking}: its sources are not in {}", self.place);
            let hint = "build in a checkout of rhapsode, or name it with --directory; an image that was built elsewhere \
                        comes in with `docker load`";
            return Err(Failure::new(Kind::Files, message, Some(hint)));
        }
        let mut arguments = vec!["build".to_owned()];
        arguments.extend(args.no_cache.then(|| "--no-cache".to_owned()));
        for argument in &args.build_arg {
            arguments.extend(["--build-arg".to_owned(), argument.clone()]);
        }
        let what = format!("build {}", images.join(", "));
        arguments.extend(images.into_iter().map(str::to_owned));
        self.compose.run(&what, &arguments)
    }

    fn start(&self, names: &StackNames) -> Result<ExitCode, Failure> {
        let services = self.file.select(&names.names)?;
        // Containers of cards that are no longer in the list go.
        let mut arguments = vec!["up", "-d", "--remove-orphans"];
        if !services.iter().all(|name| self.has_sources(name)) {
            arguments.push("--no-build");
        }
        let what = format!("start {}", services.join(", "));
        arguments.extend(services);
        self.compose.run(&what, &arguments)
    }

    fn simply(&self, command: &str, names: &StackNames) -> Result<ExitCode, Failure> {
        let services = self.file.select(&names.names)?;
        let what = format!("{command} {}", services.join(", "));
        self.compose.run(&what, &[&[command], services.as_slice()].concat())
    }

    fn logs(&self, args: &StackLogsArgs) -> Result<ExitCode, Failure> {
        let tail = format!("--tail={}", args.tail);
        let mut arguments = vec!["logs", &tail];
        arguments.extend(args.follow.then_some("--follow"));
        arguments.extend(self.file.select_or_all(&args.names)?);
        self.compose.run("show the logs", &arguments)
    }

    fn shell(&self, name: &str) -> Result<ExitCode, Failure> {
        let names = [name.to_owned()];
        let services = self.file.select(&names)?;
        let first = services.first().copied().unwrap_or(name);
        let mut arguments = vec!["exec"];
        // Commands may come from a pipe.
        arguments.extend((!std::io::stdin().is_terminal()).then_some("-T"));
        // Small images have no bash.
        arguments.extend([first, "sh", "-c", "command -v bash >/dev/null && exec bash || exec sh"]);
        self.compose.run(&format!("open a shell in {first}"), &arguments)
    }

    fn has_sources(&self, service: &str) -> bool {
        self.file.dockerfile(service).is_none_or(|path| self.place.folder.join(path).is_file())
    }
}
