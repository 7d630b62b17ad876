//! The containers of services, as the Docker Engine sees them.

use std::{collections::BTreeMap, net::IpAddr};

use serde::Deserialize;

use super::{Stack, compose::docker};
use crate::failure::{Failure, Kind};

/// The label by which compose knows its own.
const SERVICE: &str = "com.docker.compose.service";

/// A container of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Container {
    pub(super) service: String,
    pub(super) name: String,
    pub(super) image: String,
    /// `running`, `exited`, `restarting` …
    pub(super) state: String,
    /// What its health check says, if it has one.
    pub(super) health: Option<String>,
    pub(super) restarts: u64,
    pub(super) exit_code: i64,
    /// Where this machine reaches it.
    pub(super) url: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    name: String,
    restart_count: u64,
    state: State,
    config: Config,
    network_settings: NetworkSettings,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct State {
    status: String,
    exit_code: i64,
    health: Option<Health>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Health {
    status: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Config {
    image: String,
    labels: BTreeMap<String, String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct NetworkSettings {
    #[serde(default)]
    ports: BTreeMap<String, Option<Vec<Binding>>>,
    #[serde(default)]
    networks: BTreeMap<String, Network>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Binding {
    host_ip: String,
    host_port: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Network {
    #[serde(rename = "IPAddress", default)]
    address: String,
}

impl Container {
    pub(super) fn is_running(&self) -> bool {
        self.state == "running"
    }
}

/// The containers of services, in the order of the services; those that ended too.
pub(super) fn of(stack: &Stack, services: &[&str]) -> Result<Vec<Container>, Failure> {
    let mut arguments = vec!["ps", "-a", "-q"];
    arguments.extend(services);
    let told = stack.compose.told(&arguments)?;
    let ids: Vec<&str> = told.split_whitespace().collect();
    if ids.is_empty() {
        return Ok(Vec::new());
    }
    let told = docker(&[&["inspect", "--type", "container"], ids.as_slice()].concat())?;
    let mut containers = parse(&told, |service| stack.file.port(service))?;
    containers.sort_by_key(|container| {
        let place = services.iter().position(|service| *service == container.service);
        (place, container.name.clone())
    });
    Ok(containers)
}

fn parse(text: &str, port: impl Fn(&str) -> Option<u16>) -> Result<Vec<Container>, Failure> {
    let inspected: Vec<Inspected> = serde_json::from_str(text).map_err(|error| {
        Failure::new(Kind::Voice, format!("failed to read what docker says of the containers: {error}"), None)
    })?;
    let container = |inspected: Inspected| {
        let Inspected { name, restart_count, state, config, network_settings } = inspected;
        let service = config.labels.get(SERVICE).cloned().unwrap_or_default();
        Container {
            url: url(&network_settings, port(&service)),
            name: name.trim_start_matches('/').to_owned(),
            image: config.image,
            state: state.status,
            health: state.health.map(|health| health.status),
            restarts: restart_count,
            exit_code: state.exit_code,
            service,
        }
    };
    Ok(inspected.into_iter().map(container).collect())
}

/// The published port, else the container's own address, which Linux reaches.
fn url(network: &NetworkSettings, port: Option<u16>) -> Option<String> {
    let port = port?;
    let published = network.ports.get(&format!("{port}/tcp")).and_then(Option::as_ref);
    if let Some(binding) = published.and_then(|bindings| bindings.first()) {
        let anywhere = binding.host_ip.parse::<IpAddr>().is_ok_and(|ip| ip.is_unspecified());
        let host = if anywhere || binding.host_ip.is_empty() { "127.0.0.1" } else { &binding.host_ip };
        let host = if host.contains(':') { format!("[{host}]") } else { host.to_owned() };
        return Some(format!("http://{host}:{}", binding.host_port));
    }
    let mut addresses = network.networks.values().map(|network| network.address.as_str());
    let address = addresses.find(|address| !address.is_empty())?;
    cfg!(target_os = "linux").then(|| format!("http://{address}:{port}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const INSPECTED: &str = r#"[
        {"Name": "/stack_builtin_1", "RestartCount": 2,
         "State": {"Status": "running", "ExitCode": 0, "Health": {"Status": "healthy", "FailingStreak": 0}},
         "Config": {"Image": "rhapsode:latest", "Labels": {"com.docker.compose.service": "builtin"}},
         "NetworkSettings": {"Ports": {"5123/tcp": [{"HostIp": "0.0.0.0", "HostPort": "49153"}]},
                             "Networks": {"stack_speech": {"IPAddress": "172.18.0.2"}}}},
        {"Name": "/stack_builtin-2_1", "RestartCount": 0, "State": {"Status": "exited", "ExitCode": 137},
         "Config": {"Image": "rhapsode:latest", "Labels": {"com.docker.compose.service": "builtin-2"}},
         "NetworkSettings": {"Ports": {"5123/tcp": null}, "Networks": {"stack_speech": {"IPAddress": "172.18.0.3"}}}},
        {"Name": "/stack_sesame_1", "RestartCount": 0, "State": {"Status": "created", "ExitCode": 0, "Health": null},
         "Config": {"Image": "rhapsode-sesame:latest", "Labels": {"com.docker.compose.service": "sesame"}},
         "NetworkSettings": {"Ports": {}, "Networks": {"stack_speech": {"IPAddress": ""}}}}
    ]"#;

    #[test]
    fn containers_are_reached_at_their_published_port_or_at_their_own_address() {
        let containers = parse(INSPECTED, |_| Some(5123)).unwrap();
        let [first, second, third] = containers.as_slice() else { panic!("{containers:?}") };
        assert_eq!(first.url.as_deref(), Some("http://127.0.0.1:49153"));
        assert_eq!((first.health.as_deref(), first.restarts), (Some("healthy"), 2));
        let own = cfg!(target_os = "linux").then_some("http://172.18.0.3:5123");
        assert_eq!(second.url.as_deref(), own);
        assert_eq!((second.state.as_str(), second.exit_code, &second.health), ("exited", 137, &None));
        assert_eq!((third.url.as_deref(), third.is_running()), (None, false));
    }
}
