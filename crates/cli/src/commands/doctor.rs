//! `rhapsode doctor`: the gate alone.

use std::{path::Path, process::ExitCode, sync::Arc};

use rhapsode_engine::{
    Ensembles, Redo,
    gate::{GateMode, GateReport, junit},
};

use super::{Context, convert, print};
use crate::{
    args::{DoctorArgs, GateArgs},
    failure::{Failure, Kind},
    findings,
};

pub(super) async fn run(args: DoctorArgs, context: &Context) -> Result<ExitCode, Failure> {
    let DoctorArgs { book, json, junit, job } = args;
    let output = convert::output(&job);
    let settings =
        convert::job_settings(&job, &GateArgs::default(), &Redo::default(), context, book.as_deref())?;
    let ensemble = Ensembles::default().find(&settings, Arc::clone(&context.listener())).await?;
    let job = book.as_deref().map(|book| (book, &output));
    let report = rhapsode_engine::doctor(job, &settings, &ensemble).await?;
    if let Some(path) = &junit {
        write_junit(path, &report)?;
    }
    let text = if json {
        serde_json::to_string_pretty(&report).map_err(std::io::Error::from)?
    } else {
        findings::table(&report)
    };
    let printed = print(&text)?;
    // Whoever lets failures pass is told of them all the same: the doctor's word counts as if nothing were let pass.
    Ok(if GateMode::Enforce.refuses(&report) { Kind::Gate.into() } else { printed })
}

fn write_junit(path: &Path, report: &GateReport) -> Result<(), Failure> {
    std::fs::write(path, junit(report)).map_err(|error| {
        let hint = Some("name a file in a folder that is there and may be written to");
        Failure::new(Kind::Files, format!("failed to write {}: {error}", path.display()), hint)
    })
}
