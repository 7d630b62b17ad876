//! What the containers of the stack may do.

use serde_json::{Value, json};

use crate::{
    container::Container,
    image::USER,
    project::{Port, Stack},
};

/// A line of `/proc/<pid>/status`.
fn status(text: &str, name: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap().split_whitespace().map(str::to_owned).collect()
}

/// What a container may do, as the kernel and Docker see it.
fn assert_contained(service: &str, container: &Container) {
    let (user, group) = USER;
    // What the kernel says of the first process counts, not what was asked for.
    let process = container.exec(&["cat", "/proc/1/status"]).success().stdout;
    assert_eq!(status(&process, "Uid"), vec![user.to_string(); 4], "{service}");
    assert_eq!(status(&process, "Gid"), vec![group.to_string(); 4], "{service}");
    assert_eq!(status(&process, "Name"), ["rhapsode"], "{service}");
    for capabilities in ["CapPrm", "CapEff", "CapBnd"] {
        assert_eq!(status(&process, capabilities), ["0000000000000000"], "{service}: {capabilities}");
    }
    assert_eq!(status(&process, "NoNewPrivs"), ["1"], "{service}");

    for folder in ["/", "/usr/local/bin", "/etc"] {
        let outcome = container.exec(&["touch", &format!("{folder}/mark")]);
        assert!(outcome.stderr.contains("Read-only file system"), "{service}: {folder}: {}", outcome.stderr);
    }
    let _ = container.exec(&["touch", "/tmp/mark"]).success();

    let about = container.inspect();
    let host = &about["HostConfig"];
    assert_eq!(host["Privileged"], false, "{service}");
    assert_eq!(host["CapAdd"], Value::Null, "{service}");
    assert_eq!(host["PidsLimit"], 256, "{service}");
    assert_eq!(host["RestartPolicy"]["Name"], "unless-stopped", "{service}");
    assert!(["", "private"].map(Value::from).contains(&host["PidMode"]), "{service}: {}", host["PidMode"]);
    assert_eq!(about["NetworkSettings"]["Networks"].as_object().unwrap().len(), 1, "{service}");
    // A port of the image that is not published has no binding.
    for bindings in about["NetworkSettings"]["Ports"].as_object().unwrap().values() {
        for binding in bindings.as_array().into_iter().flatten() {
            assert_eq!(binding["HostIp"], json!("127.0.0.1"), "{service}");
        }
    }
}

/// The memory that a container may take, in GiB, and the folders that it has from outside.
fn given(container: &Container) -> (u64, Vec<String>) {
    let about = container.inspect();
    let mounts = about["Mounts"].as_array().unwrap().iter();
    let mut mounts: Vec<String> =
        mounts.map(|mount| mount["Destination"].as_str().unwrap().to_owned()).collect();
    mounts.sort_unstable();
    (about["HostConfig"]["Memory"].as_u64().unwrap() >> 30, mounts)
}

#[test]
fn no_container_runs_as_root_or_may_do_more_than_it_needs() {
    let stack = Stack::up(Port::Any);
    let running = stack.running();
    let services: Vec<&str> = running.keys().map(String::as_str).collect();
    assert_eq!(services, ["builtin", "watch"]);
    for (service, container) in &running {
        assert_contained(service, container);
    }
    let folders = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect::<Vec<_>>();
    assert_eq!(given(&running["builtin"]), (2, folders(&["/data/voices"])));
    let of_watch = folders(&["/books", "/data/state", "/data/takes", "/data/voices"]);
    assert_eq!(given(&running["watch"]), (4, of_watch));
}
