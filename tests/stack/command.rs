//! The stack as `rhapsode stack` drives it, in a folder without sources.

use std::fs;

use rhapsode_tests::Outcome;
use serde_json::{Value, json};

use crate::{
    container::Container,
    project::{Port, Stack, name},
};

fn rhapsode(stack: &Stack, arguments: &[&str]) -> Outcome {
    let folder = stack.world.path("");
    let mut command = stack.world.command([&["stack"], arguments].concat());
    let settings = fs::read_to_string(stack.world.path(".env")).unwrap();
    for setting in settings.lines().filter_map(|line| line.split('=').next()) {
        command.env_remove(setting);
    }
    let command = command.arg("--directory").arg(folder).env("COMPOSE_PROJECT_NAME", name(&stack.world));
    command.env("NO_PROXY", "127.0.0.1").output().unwrap().into()
}

#[test]
fn the_built_in_voice_is_started_shown_verified_and_stopped() {
    let stack = Stack::new(Port::Any);
    fs::remove_file(stack.world.path("Dockerfile")).unwrap();
    let before = rhapsode(&stack, &["status", "builtin"]);
    assert_eq!(before.code, Some(10), "{}", before.stderr);
    assert!(before.stdout.contains("not created"), "{}", before.stdout);
    rhapsode(&stack, &["start", "builtin"]).success();
    stack.containers("builtin").iter().for_each(Container::wait_until_healthy);
    let status: Value =
        serde_json::from_str(&rhapsode(&stack, &["status", "builtin", "--json"]).success().stdout).unwrap();
    let service = &status["services"][0];
    assert_eq!(service["container"]["state"], "running", "{service}");
    assert_eq!(service["container"]["health"], "healthy", "{service}");
    assert_eq!((&service["ready"], &service["gate"]["verdict"]), (&json!("it is ready"), &json!("pass")));
    let verified = rhapsode(&stack, &["verify", "builtin"]).success().stdout;
    assert!(verified.contains("  pass  speech"), "{verified}");
    let said = rhapsode(&stack, &["logs", "builtin"]).success().stdout;
    assert!(said.contains("speech (probe)"), "{said}");
    rhapsode(&stack, &["stop", "all"]).success();
    let after = rhapsode(&stack, &["status", "builtin"]);
    assert_eq!(after.code, Some(10), "{}", after.stderr);
    assert!(after.stdout.contains("exited"), "{}", after.stdout);
}

#[test]
fn compose_knows_a_service_for_each_card_of_a_list() {
    let stack = Stack::new(Port::Any);
    let settings = fs::read_to_string(stack.world.path(".env")).unwrap();
    stack.world.write(".env", settings + "SESAME_GPUS=4,7\n");
    let status = rhapsode(&stack, &["status", "sesame"]);
    let lines: Vec<&str> = status.stdout.lines().skip(1).collect();
    assert_eq!(lines, ["sesame    not created", "sesame-2  not created"], "{}", status.stderr);
    let told = stack.run(&[
        "-f",
        "docker-compose.yml",
        "-f",
        ".rhapsode/stack-cards.yml",
        "--profile",
        "sesame",
        "config",
    ]);
    let config: Value = serde_saphyr::from_str(&told).unwrap();
    let second = &config["services"]["sesame-2"];
    let device = &second["deploy"]["resources"]["reservations"]["devices"][0];
    assert_eq!((&device["device_ids"], &device["capabilities"]), (&json!(["7"]), &json!(["gpu"])));
    assert_eq!(second["networks"]["speech"]["aliases"], json!(["sesame"]));
    assert_eq!(second["ports"], Value::Null);
    assert_eq!((&second["read_only"], &second["user"]), (&json!(true), &json!("4711:4712")));
}
