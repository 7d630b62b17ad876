//! `rhapsode redo`: a conversion that makes some takes again although they are there.

use std::process::ExitCode;

use rhapsode_engine::{DefectPolicy, Redo};

use super::{Context, convert};
use crate::{
    args::{ConvertArgs, RedoArgs},
    failure::{Failure, Kind},
    numbers,
};

pub(super) async fn run(args: RedoArgs, context: &Context) -> Result<ExitCode, Failure> {
    let RedoArgs { book, chunk, chapter, defects, job, gate, watching } = args;
    let list = |flag: &str, list: Option<String>| {
        numbers::parse(list.as_deref().unwrap_or_default()).map_err(|message| {
            Failure::new(Kind::Usage, format!("failed to understand --{flag}: {message}"), None)
        })
    };
    let redo = Redo {
        chunks: list("chunk", chunk)?,
        chapters: list("chapter", chapter)?,
        defects: if defects { DefectPolicy::Retry } else { DefectPolicy::Keep },
    };
    convert::run(&ConvertArgs { books: vec![book], manifest: None, job, gate, watching }, redo, context).await
}
