//! `pip inspect`: an environment as pip sees it, in JSON.

use serde::Deserialize;

use super::{declared::Declared, file, markers::MarkerValues, requirement};
use crate::{
    DepsError,
    model::{Environment, Provenance},
};

#[derive(Deserialize)]
struct Inspection {
    installed: Vec<Installed>,
    environment: MarkerValues,
}

#[derive(Deserialize)]
struct Installed {
    metadata: Metadata,
    metadata_location: Option<String>,
    direct_url: Option<DirectUrl>,
    #[serde(default)]
    requested: bool,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    version: String,
    requires_python: Option<String>,
    #[serde(default)]
    requires_dist: Vec<String>,
    #[serde(default)]
    provides_extra: Vec<String>,
}

/// The `direct_url.json` of a distribution, by PEP 610.
#[derive(Deserialize)]
pub(super) struct DirectUrl {
    url: String,
}

impl DirectUrl {
    pub(super) fn provenance(url: Option<Self>) -> Provenance {
        url.map_or(Provenance::Index, |direct| Provenance::Direct(direct.url))
    }
}

/// Reads what `pip inspect` wrote.
pub(super) fn read(input: &str, bytes: &[u8]) -> Result<Environment, DepsError> {
    let text = file::text(input, bytes)?;
    let inspection: Inspection =
        serde_json::from_str(text).map_err(|error| file::json_error(input, &error))?;
    let target =
        inspection.environment.target(None).map_err(|reason| file::malformed(input, None, reason))?;
    let mut environment = Environment::new(target);
    for installed in inspection.installed {
        let Installed { metadata, metadata_location, direct_url, requested } = installed;
        if requested && let Ok(requirement) = requirement::requirement(&metadata.name) {
            environment.requested.push(requirement);
        }
        let declared = Declared {
            name: metadata.name,
            version: metadata.version,
            requires: metadata.requires_dist,
            requires_python: metadata.requires_python,
            extras: metadata.provides_extra,
            provenance: DirectUrl::provenance(direct_url),
            metadata_path: metadata_location.map(Into::into),
            shadowed: false,
        };
        match declared.parse() {
            Ok(distribution) => environment.distributions.push(distribution),
            Err(unreadable) => environment.unreadable.push(unreadable),
        }
    }
    Ok(environment)
}
