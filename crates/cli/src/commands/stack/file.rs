//! The compose file as far as the stack goes by it: services, their profiles, their graphics cards. Compose itself reads
//! the rest.

use std::{collections::BTreeMap, fs};

use serde_json::{Map, Value};

use super::{
    place::{COMPOSE_FILE, Place},
    replicas::{self, Replica},
};
use crate::{
    environment,
    failure::{Failure, Kind},
};

/// The service that every stack has.
const BUILTIN: &str = "builtin";

/// Stands for every service that runs until it is stopped.
const ALL: &str = "all";

/// A stack's compose file, with its replicas.
#[derive(Debug, Default)]
pub(super) struct StackFile {
    /// The file, `${…}` as they stand in it.
    services: Map<String, Value>,
    volumes: Map<String, Value>,
    /// Containers beside the first one of a service, one for each further card.
    pub(super) replicas: Vec<Replica>,
    /// What compose is told in place of lists of cards: the first of each.
    pub(super) first_cards: BTreeMap<String, String>,
}

/// Whether a compose file is that of the stack.
pub(super) fn is_the_stacks(text: &str) -> bool {
    let file: Option<Value> = serde_saphyr::from_str(text).ok();
    file.is_some_and(|file| file["services"][BUILTIN].is_object())
}

impl StackFile {
    /// Reads the file of a stack and the cards that its settings give.
    pub(super) fn read(place: &Place) -> Result<Self, Failure> {
        let path = place.file(COMPOSE_FILE);
        let text = fs::read_to_string(&path).map_err(|error| refused(&path, &error.to_string()))?;
        let settings = settings(place)?;
        Self::parse(&text, |name| environment::compose_variable(name).or_else(|| settings.get(name).cloned()))
            .map_err(|reason| refused(&path, &reason))
    }

    fn parse(text: &str, variable: impl Fn(&str) -> Option<String>) -> Result<Self, String> {
        let mut file: Value = serde_saphyr::from_str(text).map_err(|error| error.to_string())?;
        let mut take = |key: &str| match file[key].take() {
            Value::Object(map) => map,
            _ => Map::new(),
        };
        let (services, volumes) = (take("services"), take("volumes"));
        if !services.contains_key(BUILTIN) {
            return Err(format!("it has no service {BUILTIN:?}"));
        }
        let mut stack = Self { services, volumes, ..Self::default() };
        for (name, service) in &stack.services {
            let Some(setting) = replicas::cards_setting(service) else { continue };
            let list = variable(&setting).unwrap_or_default();
            let mut cards = list.split(',').map(str::trim).filter(|card| !card.is_empty());
            let (Some(first), Some(second)) = (cards.next(), cards.next()) else { continue };
            stack.first_cards.insert(setting, first.to_owned());
            let further = [second].into_iter().chain(cards).zip(2..);
            stack.replicas.extend(further.map(|(card, number)| Replica::new(name, number, card)));
        }
        Ok(stack)
    }

    /// What compose is told of the replicas, as a second file; none if there are none.
    pub(super) fn overlay(&self) -> Option<Value> {
        (!self.replicas.is_empty()).then(|| replicas::overlay(&self.replicas, &self.services, &self.volumes))
    }

    /// The services that names stand for, each with its replicas.
    pub(super) fn select(&self, names: &[String]) -> Result<Vec<&str>, Failure> {
        let mut selected = Vec::new();
        for name in names {
            let meant: Vec<&str> = match name.as_str() {
                ALL => self.those_that_stay().collect(),
                name => vec![self.service(name)?],
            };
            for service in meant {
                let replicas = self.replicas.iter().filter(|replica| replica.of == service);
                selected.extend([service].into_iter().chain(replicas.map(|replica| replica.name.as_str())));
            }
        }
        let mut seen = std::collections::BTreeSet::new();
        selected.retain(|name| seen.insert(*name));
        Ok(selected)
    }

    /// The same, where no name stands for all.
    pub(super) fn select_or_all(&self, names: &[String]) -> Result<Vec<&str>, Failure> {
        if names.is_empty() { self.select(&[ALL.to_owned()]) } else { self.select(names) }
    }

    /// Services that run until they are stopped. Others run one command and end.
    fn those_that_stay(&self) -> impl Iterator<Item = &str> {
        let stays = |(_, service): &(&String, &Value)| service["restart"] != "no";
        self.services.iter().filter(stays).map(|(name, _)| name.as_str())
    }

    fn service(&self, name: &str) -> Result<&str, Failure> {
        let replica = self.replicas.iter().map(|replica| &replica.name).find(|known| *known == name);
        let known = self.services.get_key_value(name).map(|(name, _)| name).or(replica);
        known.map(String::as_str).ok_or_else(|| {
            let known: Vec<&str> = self.services.keys().map(String::as_str).chain([ALL]).collect();
            let message = format!("failed to find the service {name:?}: there are {}", known.join(", "));
            Failure::new(Kind::Usage, message, None)
        })
    }

    pub(super) fn has_build(&self, service: &str) -> bool {
        self.services.get(service).is_some_and(|service| service["build"].is_object())
    }

    /// Where the Dockerfile of a service is, from the stack's folder; none if it is not built.
    pub(super) fn dockerfile(&self, service: &str) -> Option<String> {
        let of = self.replicas.iter().find(|replica| replica.name == service);
        let build = &self.services.get(of.map_or(service, |replica| replica.of.as_str()))?["build"];
        let context = build["context"].as_str().or_else(|| build.as_str())?;
        Some(format!("{context}/{}", build["dockerfile"].as_str().unwrap_or("Dockerfile")))
    }

    /// The port at which a service speaks in its container. What speaks has a health check; another port is that of a page.
    pub(super) fn port(&self, service: &str) -> Option<u16> {
        let of = self.replicas.iter().find(|replica| replica.name == service);
        let service = self.services.get(of.map_or(service, |replica| replica.of.as_str()))?;
        if service["healthcheck"]["disable"] == true {
            return None;
        }
        service["ports"].as_array()?.first()?.as_str()?.rsplit(':').next()?.parse().ok()
    }

    /// Every profile that a service has: compose leaves services alone whose profile is not asked for, and here they are
    /// asked for by name.
    pub(super) fn profiles(&self) -> String {
        let profiles = self.services.values().filter_map(|service| service["profiles"].as_array()).flatten();
        let profiles: std::collections::BTreeSet<&str> = profiles.filter_map(Value::as_str).collect();
        profiles.into_iter().collect::<Vec<_>>().join(",")
    }
}

/// What `.env` sets.
fn settings(place: &Place) -> Result<BTreeMap<String, String>, Failure> {
    let path = place.file(".env");
    if !path.is_file() {
        return Ok(BTreeMap::new());
    }
    let lines = dotenvy::from_path_iter(&path).and_then(Iterator::collect::<Result<_, _>>);
    lines.map_err(|error| refused(&path, &error.to_string()))
}

fn refused(path: &std::path::Path, reason: &str) -> Failure {
    let message = format!("failed to use {}: {}", path.display(), reason.trim_end());
    Failure::new(
        Kind::Configuration,
        message,
        Some("docs/stack.md describes the compose file and its settings"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = include_str!("../../../../../docker-compose.yml");

    fn file(settings: &[(&str, &str)]) -> StackFile {
        let value = |wanted: &str| {
            settings.iter().find(|(name, _)| *name == wanted).map(|(_, value)| (*value).to_owned())
        };
        StackFile::parse(FILE, value).unwrap()
    }

    fn selected(file: &StackFile, names: &[&str]) -> Vec<String> {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        file.select(&names).unwrap().into_iter().map(str::to_owned).collect()
    }

    #[test]
    fn all_are_those_that_stay_and_none_that_runs_one_command() {
        assert_eq!(selected(&file(&[]), &["all"]), ["builtin", "chatterbox", "index-tts", "sesame", "watch"]);
        assert_eq!(selected(&file(&[]), &["rhapsode", "builtin", "rhapsode"]), ["rhapsode", "builtin"]);
    }

    #[test]
    fn a_service_stands_for_a_container_on_each_of_its_cards() {
        let file = file(&[("CHATTERBOX_GPUS", "0, 3,GPU-6a96ba33"), ("SESAME_GPUS", "1")]);
        assert_eq!(selected(&file, &["chatterbox"]), ["chatterbox", "chatterbox-2", "chatterbox-3"]);
        assert_eq!(selected(&file, &["sesame", "chatterbox-3"]), ["sesame", "chatterbox-3"]);
        let first = BTreeMap::from([("CHATTERBOX_GPUS".to_owned(), "0".to_owned())]);
        assert_eq!(file.first_cards, first, "a list of one is compose's own affair");
        assert_eq!(file.port("chatterbox-3"), Some(5125));
        assert_eq!(file.port("watch"), None);
    }

    #[test]
    fn a_service_that_is_not_there_is_refused_with_those_that_are() {
        let refused = file(&[]).select(&["kokoro".to_owned()]).unwrap_err();
        assert_eq!(refused.kind, Kind::Usage);
        assert!(
            refused.message.contains("builtin, chatterbox, index-tts, rhapsode, sesame, watch, all"),
            "{refused}"
        );
    }

    #[test]
    fn every_profile_is_asked_for_and_every_dockerfile_is_known() {
        let file = file(&[]);
        assert_eq!(file.profiles(), "chatterbox,engines,index-tts,rhapsode,sesame");
        assert_eq!(file.dockerfile("index-tts").as_deref(), Some("./backends/index-tts/Dockerfile"));
        assert_eq!(file.dockerfile("builtin").as_deref(), Some("./Dockerfile"));
    }
}
