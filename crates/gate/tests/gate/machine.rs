//! The checks of this machine, on real files.

use std::{
    path::Path,
    time::{Duration, SystemTime},
};

use rhapsode_gate::{
    Check, CheckId, Clock, DiskNeed, DiskSpace, Encoder, Gate, GateReport, JobLock, OpenFiles, Outcome,
    Policy, Verdict, Writable,
};

use crate::{limits, only};

async fn run(check: impl Check + 'static) -> GateReport {
    Gate::new(Policy::default(), limits()).check(check).run(&|_| {}).await
}

fn need(path: &Path, bytes: u64, what: &str) -> DiskNeed {
    DiskNeed { path: path.to_owned(), bytes, what: what.to_owned() }
}

#[tokio::test]
async fn needs_on_one_file_system_are_added_up() {
    let folder = tempfile::tempdir().unwrap();
    let free = fs4::statvfs(folder.path()).unwrap().available_space();
    let most = free / 10 * 6;
    for path in ["store", "work/deep/down"] {
        let report = run(DiskSpace { needs: vec![need(&folder.path().join(path), most, "takes")] }).await;
        assert_eq!(only(&report, CheckId::Disk).verdict, Verdict::Pass);
    }
    let both = DiskSpace {
        needs: vec![
            need(&folder.path().join("store"), most, "takes"),
            need(&folder.path().join("work/deep/down"), most, "tracks"),
        ],
    };
    let report = run(both).await;
    let outcome = only(&report, CheckId::Disk);
    assert_eq!((outcome.verdict, outcome.subject.as_str()), (Verdict::Fail, "takes, tracks"));
    assert!(outcome.seen.contains("work/deep/down"), "{}", outcome.seen);
    assert!(!folder.path().join("work").exists());
}

#[tokio::test]
async fn room_that_is_only_just_enough_is_a_warning_because_the_need_is_an_estimate() {
    let folder = tempfile::tempdir().unwrap();
    let free = fs4::statvfs(folder.path()).unwrap().available_space();
    let report = run(DiskSpace { needs: vec![need(folder.path(), free / 100 * 95, "takes")] }).await;
    assert_eq!(only(&report, CheckId::Disk).verdict, Verdict::Warn);
}

#[tokio::test]
async fn more_than_any_disk_has_fails_without_an_overflow() {
    let folder = tempfile::tempdir().unwrap();
    let needs = vec![need(folder.path(), u64::MAX, "takes"), need(folder.path(), u64::MAX, "tracks")];
    assert_eq!(only(&run(DiskSpace { needs }).await, CheckId::Disk).verdict, Verdict::Fail);
}

async fn writable(path: &Path) -> Outcome {
    let report = run(Writable { path: path.to_owned(), what: "output".to_owned() }).await;
    only(&report, CheckId::Writable).clone()
}

#[tokio::test]
async fn a_folder_that_can_be_written_to_passes_and_nothing_is_left_in_it() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(writable(folder.path()).await.verdict, Verdict::Pass);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_folder_that_can_be_made_passes_and_is_not_made() {
    let folder = tempfile::tempdir().unwrap();
    let outcome = writable(&folder.path().join("not/yet/there")).await;
    assert_eq!(outcome.verdict, Verdict::Pass);
    assert!(outcome.seen.ends_with("not/yet/there can be made"), "{}", outcome.seen);
    assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_folder_below_a_file_fails() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    for path in [file.clone(), file.join("below")] {
        let outcome = writable(&path).await;
        assert_eq!(outcome.verdict, Verdict::Fail);
        assert!(outcome.seen.ends_with("file is no folder"), "{}", outcome.seen);
    }
}

#[cfg(target_os = "linux")]
#[tokio::test]
async fn a_folder_that_nobody_can_write_to_fails() {
    let outcome = writable(Path::new("/proc")).await;
    assert_eq!(outcome.verdict, Verdict::Fail);
    assert!(outcome.seen.contains("/proc cannot be written to"), "{}", outcome.seen);
}

#[tokio::test]
async fn an_encoder_that_is_there_is_shown_with_its_version_and_one_that_is_not_with_the_reason() {
    let found = |found: Result<String, String>| {
        Encoder::new("mp3", "ffmpeg", "install ffmpeg", move || found.clone())
    };
    let there = run(found(Ok("7.1".to_owned()))).await;
    let there = only(&there, CheckId::Encoder);
    assert_eq!(
        (there.verdict, there.subject.as_str(), there.seen.as_str()),
        (Verdict::Pass, "mp3", "ffmpeg 7.1")
    );
    let absent = run(found(Err("there is no such program".to_owned()))).await;
    let absent = only(&absent, CheckId::Encoder);
    assert_eq!((absent.verdict, absent.remedy.as_str()), (Verdict::Fail, "install ffmpeg"));
    assert!(absent.seen.contains("no such program"), "{}", absent.seen);
}

#[tokio::test]
async fn a_search_that_panics_fails_the_check_and_not_the_gate() {
    let check = Encoder::new("mp3", "ffmpeg", "install ffmpeg", || panic!("as told"));
    assert_eq!(only(&run(check).await, CheckId::Encoder).verdict, Verdict::Fail);
}

#[tokio::test]
async fn the_limit_of_open_files_is_the_systems() {
    let few = run(OpenFiles { needed: 8 }).await;
    assert_eq!(only(&few, CheckId::OpenFiles).verdict, Verdict::Pass);
    #[cfg(target_os = "linux")]
    {
        let many = run(OpenFiles { needed: u64::MAX }).await;
        assert_eq!(only(&many, CheckId::OpenFiles).verdict, Verdict::Fail);
    }
}

#[tokio::test]
async fn a_file_from_tomorrow_is_a_warning_of_the_clock() {
    let newest = Some((SystemTime::now() + Duration::from_secs(86_400), "the newest take".to_owned()));
    assert_eq!(only(&run(Clock { newest }).await, CheckId::Clock).verdict, Verdict::Warn);
    assert_eq!(only(&run(Clock::default()).await, CheckId::Clock).verdict, Verdict::Pass);
}

#[tokio::test]
async fn another_rhapsode_at_the_job_fails_with_its_name() {
    let held = |holder: Result<Option<&'static str>, &'static str>| {
        JobLock::new("Emma", move || holder.map(|who| who.map(str::to_owned)).map_err(str::to_owned))
    };
    for (holder, expected, said) in [
        (Ok(None), Verdict::Pass, "nobody else"),
        (Ok(Some("process 7 on studio")), Verdict::Fail, "process 7 on studio"),
        (Err("permission denied"), Verdict::Warn, "permission denied"),
    ] {
        let report = run(held(holder)).await;
        let outcome = only(&report, CheckId::JobLock);
        assert_eq!(outcome.verdict, expected);
        assert!(outcome.seen.contains(said), "{}", outcome.seen);
    }
}
