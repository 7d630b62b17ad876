//! What a container of the stack may do.

use serde_json::{Value, json};

use crate::{
    image::USER,
    project::{Port, Stack},
};

/// A line of `/proc/<pid>/status`.
fn status(text: &str, name: &str) -> Vec<String> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'));
    line.unwrap().split_whitespace().map(str::to_owned).collect()
}

#[test]
fn no_container_runs_as_root_or_may_do_more_than_it_needs() {
    let stack = Stack::up(Port::Any);
    let builtin = stack.builtin();
    let (user, group) = USER;

    // What the kernel says of the first process counts, not what was asked for.
    let process = builtin.exec(&["cat", "/proc/1/status"]).success().stdout;
    assert_eq!(status(&process, "Uid"), vec![user.to_string(); 4]);
    assert_eq!(status(&process, "Gid"), vec![group.to_string(); 4]);
    assert_eq!(status(&process, "Name"), ["rhapsode"]);
    for capabilities in ["CapPrm", "CapEff", "CapBnd"] {
        assert_eq!(status(&process, capabilities), ["0000000000000000"], "{capabilities}");
    }
    assert_eq!(status(&process, "NoNewPrivs"), ["1"]);

    for folder in ["/", "/usr/local/bin", "/etc"] {
        let outcome = builtin.exec(&["touch", &format!("{folder}/mark")]);
        assert!(outcome.stderr.contains("Read-only file system"), "{folder}: {}", outcome.stderr);
    }
    let _ = builtin.exec(&["touch", "/tmp/mark"]).success();

    let about = builtin.inspect();
    let host = &about["HostConfig"];
    assert_eq!(host["Privileged"], false);
    assert_eq!(host["CapAdd"], Value::Null);
    assert_eq!(host["Memory"], 2_147_483_648_u64);
    assert_eq!(host["PidsLimit"], 256);
    assert_eq!(host["RestartPolicy"]["Name"], "unless-stopped");
    assert!(["", "private"].map(Value::from).contains(&host["PidMode"]), "{}", host["PidMode"]);
    let mounts = about["Mounts"].as_array().unwrap().iter();
    let mounts: Vec<&Value> = mounts.map(|mount| &mount["Destination"]).collect();
    assert_eq!(mounts, ["/data/voices"]);
    assert_eq!(about["NetworkSettings"]["Networks"].as_object().unwrap().len(), 1);
    for bindings in about["NetworkSettings"]["Ports"].as_object().unwrap().values() {
        for binding in bindings.as_array().unwrap() {
            assert_eq!(binding["HostIp"], json!("127.0.0.1"));
        }
    }
}
