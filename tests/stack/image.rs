//! The image that the stacks of the tests run: made by compose from this checkout's Dockerfile, with the program that
//! lies beside the tests and the user's voice, so that nothing is compiled twice and nothing is fetched.

use std::{fs, path::Path, process::Command, sync::OnceLock};

use rhapsode_tests::{World, program, voices_folder, workspace};

use crate::{container::docker, project};

/// The user of the containers: one that the machine does not have, so that nothing works by chance.
pub(crate) const USER: (u32, u32) = (4711, 4712);
/// What their files are like.
pub(crate) const UMASK: u32 = 0o027;
const BASE: &str = "debian:bookworm-slim";

/// Settings of every stack, for its `.env`.
pub(crate) fn settings() -> String {
    let (user, group) = USER;
    format!(
        "TAG=test\nPROGRAM=given\nVOICE=given\nPACKAGES=\nDEBIAN_IMAGE={BASE}\n\
         PUID={user}\nPGID={group}\nUMASK={UMASK:03o}\n"
    )
}

/// Makes the image, once for all tests.
pub(crate) fn build() {
    static BUILT: OnceLock<()> = OnceLock::new();
    BUILT.get_or_init(|| {
        base();
        let world = World::new();
        project::lay_out(&world, &settings());
        fs::create_dir(world.path("dist")).unwrap();
        fs::copy(program(), world.path("dist/rhapsode")).unwrap();
        copy_folder(&voices_folder(), &world.path("dist/voices"));
        let output = project::compose(&world).args(["build", "builtin"]).output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{}{said}", String::from_utf8_lossy(&output.stdout));
    });
}

/// Makes the base image from Debian's packages where it is not there.
fn base() {
    let told = docker(["version", "--format", "{{.Server.Version}}"]);
    assert_eq!(
        told.code,
        Some(0),
        "no Docker Engine answers, scripts/docker-engine starts one: {}",
        told.stderr
    );
    if docker(["image", "inspect", BASE]).code == Some(0) {
        return;
    }
    let made = Command::new(workspace().join("scripts/build-base-images")).arg(BASE).output().unwrap();
    let said = String::from_utf8_lossy(&made.stderr);
    assert!(made.status.success(), "{BASE} cannot be made: {said}");
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}
