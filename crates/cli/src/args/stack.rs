//! The arguments of `rhapsode stack`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

/// The arguments of `rhapsode stack`.
#[derive(Debug, Args)]
pub(crate) struct StackArgs {
    /// Folder of the compose file and its `.env`. Without it the nearest folder above this one that has the stack's
    /// `docker-compose.yml`, or else one of rhapsode's own, where the file is written.
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) directory: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: StackCommand,
}

/// The subcommands of `rhapsode stack`.
#[derive(Debug, Subcommand)]
pub(crate) enum StackCommand {
    /// Build the images of services, from a checkout of rhapsode.
    Build(StackBuildArgs),
    /// Start services, one container for each graphics card that `.env` gives them.
    Start(StackNames),
    /// Stop services; what is spoken is finished first.
    Stop(StackNames),
    /// Stop services and start them again.
    Restart(StackNames),
    /// Show what services say.
    Logs(StackLogsArgs),
    /// Show each service with the state of its container, whether it is ready, and the gate's verdict.
    Status(StackStatusArgs),
    /// Open a shell in the container of a service.
    Shell {
        /// The service.
        name: String,
    },
    /// Check running services as after a build: versions, accelerator, health, and a sentence that is really spoken.
    Verify(StackNames),
}

/// Which services.
#[derive(Debug, Args)]
pub(crate) struct StackNames {
    /// Services: `builtin`, `index-tts`, `chatterbox`, `sesame`, or `all`.
    #[arg(required = true, value_name = "NAME")]
    pub(crate) names: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct StackBuildArgs {
    #[command(flatten)]
    pub(crate) services: StackNames,
    /// Build every layer anew.
    #[arg(long)]
    pub(crate) no_cache: bool,
    /// Argument of the build, such as `TORCH_INDEX=…`; repeatable.
    #[arg(long, value_name = "NAME=VALUE")]
    pub(crate) build_arg: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct StackLogsArgs {
    /// Services, or `all`; all of them without a name.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Go on with what they say from now on.
    #[arg(long, short)]
    pub(crate) follow: bool,
    /// Lines of each service, from the end.
    #[arg(long, value_name = "N", default_value_t = 200)]
    pub(crate) tail: u32,
}

#[derive(Debug, Args)]
pub(crate) struct StackStatusArgs {
    /// Services, or `all`; all that have a container without a name.
    #[arg(value_name = "NAME")]
    pub(crate) names: Vec<String>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}
