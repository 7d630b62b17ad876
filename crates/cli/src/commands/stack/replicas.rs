//! One container for each graphics card of a service. A static compose file cannot say that, so what it lacks is written
//! into a second one: for each further card a service like the first, reached by the same name on the stack's network.
//! rhapsode takes each address of that name for a server of its own. Only the first has a port on the host.

use serde_json::{Map, Value, json};

/// A container on a further card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Replica {
    /// Its own name, such as `chatterbox-2`.
    pub(super) name: String,
    /// The service that it is one of.
    pub(super) of: String,
    number: usize,
    card: String,
}

impl Replica {
    pub(super) fn new(of: &str, number: usize, card: &str) -> Self {
        Self { name: format!("{of}-{number}"), of: of.to_owned(), number, card: card.to_owned() }
    }

    fn service(&self, first: &Value, volumes: &Map<String, Value>) -> Value {
        let mut service = first.clone();
        if let Some(fields) = service.as_object_mut() {
            // The image is that of the first, and so is the port on the host.
            ["ports", "build", "container_name"].into_iter().for_each(|field| drop(fields.remove(field)));
        }
        if let Some(devices) = service.pointer_mut(DEVICES).and_then(Value::as_array_mut) {
            devices.iter_mut().for_each(|device| device["device_ids"] = json!([self.card]));
        }
        service["networks"] = networks(&first["networks"], &self.of);
        if let Some(mounts) = service["volumes"].as_array_mut() {
            mounts.iter_mut().for_each(|mount| self.take_own(mount, volumes));
        }
        service
    }

    /// What engines write into is not shared: they do not lock it.
    fn take_own(&self, mount: &mut Value, volumes: &Map<String, Value>) {
        let Some((source, target)) = mount.as_str().and_then(|text| text.split_once(':')) else { return };
        if volumes.contains_key(source) && !target.ends_with(":ro") {
            *mount = json!(format!("{source}-{}:{target}", self.number));
        }
    }
}

const DEVICES: &str = "/deploy/resources/reservations/devices";

/// The setting that gives a service its cards: `CHATTERBOX_GPUS` of `${CHATTERBOX_GPUS:-0}`.
pub(super) fn cards_setting(service: &Value) -> Option<String> {
    let text = service.pointer(DEVICES)?.get(0)?["device_ids"].get(0)?.as_str()?;
    let name = text.strip_prefix("${")?.strip_suffix('}')?;
    let end = name.find([':', '-']).unwrap_or(name.len());
    Some(name[..end].to_owned())
}

/// The second file.
pub(super) fn overlay(
    replicas: &[Replica],
    services: &Map<String, Value>,
    volumes: &Map<String, Value>,
) -> Value {
    let mut added = Map::new();
    let mut own = Map::new();
    for replica in replicas {
        let service = replica.service(&services[&replica.of], volumes);
        for mount in service["volumes"].as_array().into_iter().flatten().filter_map(Value::as_str) {
            let source = mount.split(':').next().unwrap_or_default();
            let first = source.strip_suffix(&format!("-{}", replica.number));
            if let Some(settings) = first.and_then(|first| volumes.get(first)) {
                own.insert(source.to_owned(), settings.clone());
            }
        }
        added.insert(replica.name.clone(), service);
    }
    json!({ "services": added, "volumes": own })
}

/// The networks of the first, where this one answers to its name too.
fn networks(first: &Value, name: &str) -> Value {
    let names: Vec<&str> = match first {
        Value::Array(names) => names.iter().filter_map(Value::as_str).collect(),
        Value::Object(networks) => networks.keys().map(String::as_str).collect(),
        _ => vec!["default"],
    };
    names.into_iter().map(|network| (network.to_owned(), json!({ "aliases": [name] }))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stack() -> Value {
        let text = include_str!("../../../../../docker-compose.yml");
        serde_saphyr::from_str(text).unwrap()
    }

    #[test]
    fn a_replica_is_like_the_first_but_for_its_card_its_port_its_name_and_what_it_writes() {
        let stack = stack();
        let (services, volumes) =
            (stack["services"].as_object().unwrap(), stack["volumes"].as_object().unwrap());
        let overlay = overlay(&[Replica::new("sesame", 2, "5")], services, volumes);
        let (first, second) = (&services["sesame"], &overlay["services"]["sesame-2"]);
        for same in
            ["image", "environment", "user", "read_only", "cap_drop", "profiles", "healthcheck", "mem_limit"]
        {
            assert_eq!(first[same], second[same], "{same}");
            assert_ne!(second[same], Value::Null, "{same}");
        }
        assert_eq!(second.pointer(DEVICES).unwrap()[0]["device_ids"], json!(["5"]));
        assert_eq!(second["networks"], json!({ "speech": { "aliases": ["sesame"] } }));
        assert_eq!((&second["ports"], &second["build"]), (&Value::Null, &Value::Null));
        let mounts = second["volumes"].as_array().unwrap();
        assert!(mounts.contains(&json!("sesame-cache-2:/cache")), "{mounts:?}");
        assert_eq!(mounts[0], first["volumes"][0], "weights are read by all");
        assert_eq!(overlay["volumes"], json!({ "sesame-cache-2": {} }));
    }

    #[test]
    fn the_setting_of_the_cards_is_known_by_how_the_file_uses_it() {
        let stack = stack();
        let setting = |name: &str| cards_setting(&stack["services"][name]);
        assert_eq!(setting("index-tts").as_deref(), Some("INDEX_TTS_GPUS"));
        assert_eq!(setting("builtin"), None);
    }
}
