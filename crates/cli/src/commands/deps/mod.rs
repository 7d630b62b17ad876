//! `rhapsode deps`: the dependency analysis by hand. What is judged and how is the library's; here inputs are
//! gathered, an index is asked, and answers are written for people and programs.

mod check;
mod diff;
mod explain;
mod index;
mod input;
mod judged;
mod sarif;
mod target;
mod tree;
mod wheels;

use std::process::ExitCode;

use pep508_rs::PackageName;
use serde::Serialize;

use super::Context;
use crate::{
    args::deps::DepsCommand,
    failure::{Failure, Kind},
};

pub(super) async fn run(command: &DepsCommand, context: &Context) -> Result<ExitCode, Failure> {
    match command {
        DepsCommand::Check(args) => check::run(args, context).await,
        DepsCommand::Tree(args) => tree::run(args, context).await,
        DepsCommand::Wheels(args) => wheels::run(args).await,
        DepsCommand::Explain(args) => explain::run(args, context).await,
        DepsCommand::Diff(args) => diff::run(args, context).await,
    }
}

/// The name of a package, in any of its spellings.
fn package(name: &str) -> Result<PackageName, Failure> {
    name.trim().parse().map_err(|_| {
        let message = format!("failed to read the package {name:?}: it is no name of one");
        Failure::new(Kind::Usage, message, Some("a package is named without its version, such as `numpy`"))
    })
}

fn json(value: &impl Serialize) -> Result<String, Failure> {
    Ok(serde_json::to_string_pretty(value).map_err(std::io::Error::from)?)
}
