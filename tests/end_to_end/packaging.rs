//! What distributions install beside the program.

use std::{fs, process::Command};

use rhapsode_tests::{program, workspace};

/// The highest exposure that the unit may have, in tenths, as `systemd-analyze security` counts it: a bare one has 96.
const EXPOSURE: &str = "15";

#[test]
fn the_unit_of_the_watch_folder_is_sound_and_hardened() {
    if Command::new("systemd-analyze").arg("--version").output().is_err() {
        println!("skipped: systemd-analyze is not installed");
        return;
    }
    let unit = fs::read_to_string(workspace().join("packaging/systemd/rhapsode-watch.service")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("rhapsode-watch.service");
    // The program is not installed where the unit looks for it.
    assert!(unit.contains("ExecStart=/usr/bin/rhapsode "));
    fs::write(&path, unit.replace("/usr/bin/rhapsode", &program().display().to_string())).unwrap();
    let verified = Command::new("systemd-analyze").args(["verify", "--man=no"]).arg(&path).output().unwrap();
    let said = String::from_utf8_lossy(&verified.stderr).into_owned();
    let ours: Vec<&str> = said.lines().filter(|line| line.contains("rhapsode-watch")).collect();
    assert!(verified.status.success() && ours.is_empty(), "{said}");
    let analysed = Command::new("systemd-analyze")
        .args(["security", "--no-pager", "--offline=yes", &format!("--threshold={EXPOSURE}")])
        .arg(&path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&analysed.stdout);
    let verdict = said.lines().last().unwrap_or_default();
    println!("{verdict}");
    assert!(analysed.status.success(), "{said}{}", String::from_utf8_lossy(&analysed.stderr));
}
