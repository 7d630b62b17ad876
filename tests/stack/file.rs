//! The compose file itself, as compose understands it: what holds for the service that runs without a graphics card holds
//! for the others too.

use std::{collections::BTreeSet, fs};

use rhapsode_tests::workspace;
use serde_json::{Value, json};

use crate::project::{Port, Stack};

/// Every service, with all that compose fills in.
fn services(stack: &Stack) -> serde_json::Map<String, Value> {
    let told = stack.run(&["--profile", "engines", "--profile", "rhapsode", "config"]);
    let config: Value = serde_saphyr::from_str(&told).unwrap();
    config["services"].as_object().unwrap().clone()
}

#[test]
fn every_service_is_contained() {
    let stack = Stack::new(Port::Any);
    let services = services(&stack);
    let names: Vec<&str> = services.keys().map(String::as_str).collect();
    assert_eq!(names, ["builtin", "chatterbox", "index-tts", "rhapsode", "sesame", "watch"]);
    for (name, service) in &services {
        assert_eq!(service["read_only"], true, "{name}");
        assert_eq!(service["cap_drop"], json!(["ALL"]), "{name}");
        assert_eq!(service["security_opt"], json!(["no-new-privileges:true"]), "{name}");
        assert_eq!(service["user"], "4711:4712", "{name}");
        for wrong in ["privileged", "cap_add", "network_mode", "pid", "ipc", "devices"] {
            assert_eq!(service[wrong], Value::Null, "{name}");
        }
        for limit in ["mem_limit", "cpus", "pids_limit", "stop_grace_period", "logging", "tmpfs"] {
            assert_ne!(service[limit], Value::Null, "{name} has no {limit}");
        }
        let network = service["networks"].as_object().unwrap().keys().collect::<Vec<_>>();
        assert_eq!(network, ["speech"], "{name}");
        let restart = if name == "rhapsode" { "no" } else { "unless-stopped" };
        assert_eq!(service["restart"], restart, "{name}");
        assert_ne!(service["healthcheck"], Value::Null, "{name}");
        let published = service["ports"].as_array().map_or(0, Vec::len);
        assert_eq!(published, usize::from(name != "rhapsode"), "{name}");
        for port in service["ports"].as_array().into_iter().flatten() {
            // Compose v2 has fields where docker-compose has a text.
            let loopback = port["host_ip"] == "127.0.0.1" || port.to_string().starts_with("\"127.0.0.1:");
            assert!(loopback, "{name}: {port}");
        }
    }
}

#[test]
fn every_engine_asks_for_the_graphics_card_that_it_was_given() {
    let stack = Stack::new(Port::Any);
    let settings = fs::read_to_string(stack.world.path(".env")).unwrap();
    stack.world.write(".env", settings + "CHATTERBOX_GPUS=1\nSESAME_GPUS=GPU-6a96ba33\n");
    let services = services(&stack);
    for (name, device) in [("index-tts", "0"), ("chatterbox", "1"), ("sesame", "GPU-6a96ba33")] {
        let devices = &services[name]["deploy"]["resources"]["reservations"]["devices"];
        assert_eq!(devices[0]["driver"], "nvidia", "{name}");
        assert_eq!(devices[0]["device_ids"], json!([device]), "{name}");
        assert_eq!(devices[0]["capabilities"], json!(["gpu"]), "{name}");
    }
    for name in ["builtin", "rhapsode", "watch"] {
        assert_eq!(services[name]["deploy"], Value::Null, "{name}");
    }
}

/// The services of engines without a card.
const WITHOUT_CARDS: &str = "docker-compose.cpu.yml";

#[test]
fn an_engine_without_a_card_is_the_engine_but_for_the_card() {
    let stack = Stack::new(Port::Any);
    fs::copy(workspace().join(WITHOUT_CARDS), stack.world.path(WITHOUT_CARDS)).unwrap();
    let files = ["-f", "docker-compose.yml", "-f", WITHOUT_CARDS];
    let told =
        stack.run(&[&files[..], &["--profile", "engines", "--profile", "engines-cpu", "config"]].concat());
    let mut config: Value = serde_saphyr::from_str(&told).unwrap();
    for engine in ["index-tts", "chatterbox", "sesame"] {
        let name = format!("{engine}-cpu");
        let (mut with, mut without) = (config["services"][engine].take(), config["services"][&name].take());
        // Compose 1.29 sorts what it merges.
        let profiles: BTreeSet<&str> =
            without["profiles"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
        assert_eq!(profiles, BTreeSet::from([name.as_str(), "engines-cpu"]));
        assert_eq!(without["networks"], json!({ "speech": { "aliases": [engine] } }));
        assert_eq!(without["deploy"], Value::Null, "{engine}");
        assert_ne!(with["deploy"].take(), Value::Null, "{engine}");
        with["environment"]["RHAPSODE_DEVICE"] = json!("cpu");
        for service in [&mut with, &mut without] {
            let fields = service.as_object_mut().unwrap();
            // An image is built for the service with the card, and both run it.
            fields.retain(|field, value| {
                !value.is_null() && !["build", "networks", "profiles"].contains(&field.as_str())
            });
        }
        assert_eq!(without, with);
    }
}

#[test]
fn every_engine_has_a_profile_of_its_own_and_what_needs_no_card_has_none() {
    let stack = Stack::new(Port::Any);
    for (name, service) in services(&stack) {
        let profiles = match &*name {
            "builtin" | "watch" => Value::Null,
            "rhapsode" => json!(["rhapsode"]),
            engine => json!([engine, "engines"]),
        };
        assert_eq!(service["profiles"], profiles, "{name}");
    }
}

#[test]
fn the_example_of_settings_has_every_variable_with_its_default() {
    let compose = fs::read_to_string(workspace().join("docker-compose.yml")).unwrap();
    let example = fs::read_to_string(workspace().join(".env.example")).unwrap();
    let mut used = BTreeSet::new();
    for (start, _) in compose.match_indices("${") {
        let variable = compose[start + 2..].split('}').next().unwrap();
        let (name, default) = variable.split_once('-').unwrap();
        used.insert((name.trim_end_matches(':'), default));
    }
    let lines = example.lines().filter_map(|line| line.trim_start_matches('#').split_once('='));
    let told: BTreeSet<(&str, &str)> = lines.collect();
    assert_eq!(told, used);
}
