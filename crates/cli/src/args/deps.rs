//! The arguments of `rhapsode deps`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};

/// The subcommands of `rhapsode deps`.
#[derive(Debug, Subcommand)]
pub(crate) enum DepsCommand {
    /// Judge environments and locks by every rule.
    Check(DepsCheckArgs),
    /// Show who asks for what.
    Tree(DepsTreeArgs),
    /// Show what a lock cannot get as a wheel: what must be built from source, and what cannot be had.
    Wheels(DepsWheelsArgs),
    /// Explain a package: who asks for it, which constraint is the strictest, and what to pin.
    Explain(DepsExplainArgs),
    /// Show what changed from one environment or lock to another.
    Diff(DepsDiffArgs),
}

/// For whom requirements are evaluated, where that is not who the input is for.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Target")]
pub(crate) struct DepsTargetArgs {
    /// Platform to judge a lock for, such as `x86_64`, `linux-aarch64`, `macos-arm64`, `windows-x86_64`, or a
    /// wheel's tag; this machine's by default.
    #[arg(long)]
    pub(crate) platform: Option<String>,
    /// Python to judge a lock for, such as `3.11`; needed with `--platform`.
    #[arg(long, value_name = "VERSION")]
    pub(crate) python: Option<String>,
}

/// Where the files of packages are looked up.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Index")]
pub(crate) struct DepsIndexArgs {
    /// Package index to ask (PEP 503 or PEP 691), by its URL; repeat it for several. `wheels` asks those that the lock
    /// names, or that `pip` or `uv` is configured with, where none is named here.
    #[arg(long = "index", value_name = "URL", conflicts_with = "pages")]
    pub(crate) indexes: Vec<String>,
    /// Folder with saved pages of an index, one for each package (`numpy.json`, `numpy.html` or
    /// `numpy/index.html`), instead of an index.
    #[arg(long, value_name = "DIR")]
    pub(crate) pages: Option<PathBuf>,
}

/// How findings are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum FindingsFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
    /// For code-scanning pages: SARIF 2.1.0.
    Sarif,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum AnswerFormat {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Args)]
pub(crate) struct DepsCheckArgs {
    /// What to judge: a virtual environment, `pip inspect` JSON, a dependency report, a folder of build artifacts, a
    /// lock (`requirements.lock.txt`, `pylock.toml`, `uv.lock`), a folder of wheels, or the address of a speech server.
    #[arg(required = true, value_name = "PATH|URL")]
    pub(crate) inputs: Vec<String>,
    #[command(flatten)]
    pub(crate) target: DepsTargetArgs,
    /// How the findings are written.
    #[arg(long, value_enum, default_value_t = FindingsFormat::Text)]
    pub(crate) format: FindingsFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DepsTreeArgs {
    /// An environment or a lock, as `check` takes it; the active or the nearest one by default.
    #[arg(value_name = "PATH|URL")]
    pub(crate) input: Option<String>,
    /// Show instead who asks for these packages, separated by commas: `torch,numpy`.
    #[arg(long, value_delimiter = ',', value_name = "LIST")]
    pub(crate) critical: Vec<String>,
    #[command(flatten)]
    pub(crate) target: DepsTargetArgs,
    /// How the tree is written.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DepsWheelsArgs {
    /// The lock.
    #[arg(value_name = "LOCK")]
    pub(crate) lock: PathBuf,
    /// Platform, such as `aarch64` or `macos-arm64`; this machine's by default. Repeat it for several.
    #[arg(long = "platform", value_name = "PLATFORM")]
    pub(crate) platforms: Vec<String>,
    /// Python, such as `3.11`; repeat it for several.
    #[arg(long = "python", value_name = "VERSION", required = true)]
    pub(crate) pythons: Vec<String>,
    #[command(flatten)]
    pub(crate) index: DepsIndexArgs,
    /// How the answer is written.
    #[arg(long, value_enum, default_value_t = FindingsFormat::Text)]
    pub(crate) format: FindingsFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DepsExplainArgs {
    /// The package.
    #[arg(value_name = "PACKAGE")]
    pub(crate) package: String,
    /// An environment or a lock, as `check` takes it; the active or the nearest one by default.
    #[arg(value_name = "PATH|URL")]
    pub(crate) input: Option<String>,
    #[command(flatten)]
    pub(crate) target: DepsTargetArgs,
    #[command(flatten)]
    pub(crate) index: DepsIndexArgs,
    /// How the explanation is written.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}

#[derive(Debug, Args)]
pub(crate) struct DepsDiffArgs {
    /// The environment or lock before, as `check` takes it.
    #[arg(value_name = "BEFORE")]
    pub(crate) before: String,
    /// The environment or lock after.
    #[arg(value_name = "AFTER")]
    pub(crate) after: String,
    #[command(flatten)]
    pub(crate) target: DepsTargetArgs,
    /// How the differences are written.
    #[arg(long, value_enum, default_value_t = AnswerFormat::Text)]
    pub(crate) format: AnswerFormat,
}
