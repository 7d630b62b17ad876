//! `rhapsode store`: how much the take store holds, whether it is whole, and making room.

use std::{process::ExitCode, time::Duration};

use rhapsode_engine::store::{PruneMode, PruneOptions, TakeStore};

use super::{Context, print};
use crate::{
    args::StoreCommand,
    failure::{Failure, Kind},
    report::bytes,
    settings,
};

const DAY: Duration = Duration::from_secs(24 * 60 * 60);
const MIB: u64 = 1 << 20;

pub(super) fn run(command: &StoreCommand, context: &Context) -> Result<ExitCode, Failure> {
    let folder = settings::store_folder(&context.layers(None)?.config()?);
    let store = TakeStore::open(&folder)?;
    match command {
        StoreCommand::Status => {
            let status = store.status()?;
            print(&format!(
                "{} takes, {}, {} corrupt files moved aside, in {}",
                status.takes,
                bytes(status.bytes),
                status.quarantined,
                folder.display()
            ))
        }
        StoreCommand::Verify => verify(&store),
        StoreCommand::Prune { older_than, max, dry_run } => {
            let report = store.prune(&PruneOptions {
                older_than: older_than.map(|days| DAY * days),
                max_bytes: max.map(|mib| mib * MIB),
                mode: if *dry_run { PruneMode::DryRun } else { PruneMode::Delete },
            })?;
            let verb = if *dry_run { "would delete" } else { "deleted" };
            print(&format!(
                "{verb} {} takes, {}; {} takes are pinned by jobs",
                report.removed,
                bytes(report.removed_bytes),
                report.pinned
            ))
        }
    }
}

fn verify(store: &TakeStore) -> Result<ExitCode, Failure> {
    let report = store.verify(&mut |_| {})?;
    for take in &report.corrupt {
        print(&format!("corrupt: {}: {}", take.quarantined.display(), take.reason))?;
    }
    print(&format!("{} takes are whole, {} were corrupt", report.whole, report.corrupt.len()))?;
    if report.corrupt.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    Ok(Kind::Files.into())
}
