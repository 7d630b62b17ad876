//! An environment on disk, read without its Python.

mod distribution;
mod layout;
mod platform;

use std::{collections::HashSet, path::Path};

use distribution::Found;
use layout::Layout;
use pep508_rs::{PackageName, Requirement};
use platform::Seen;

use super::{file::malformed, folder, markers::MarkerValues};
use crate::{DepsError, model::Environment};

/// Reads an environment; none if the folder is not one.
pub(super) fn open(path: &Path) -> Option<Result<Environment, DepsError>> {
    layout::find(path).map(|layout| read(path, &layout))
}

fn read(path: &Path, layout: &Layout) -> Result<Environment, DepsError> {
    let mut sites: Vec<Vec<Found>> = Vec::new();
    for site in layout.sites.iter().chain(&layout.system) {
        sites.push(folder::list(site)?.iter().filter_map(distribution::read).collect());
    }
    let seen = Seen::of(sites.iter().flatten().map(|found| found.tags.as_slice()));
    let target =
        target(layout, &seen).map_err(|reason| malformed(&path.display().to_string(), None, reason))?;
    let mut environment = Environment::new(target);
    let system = sites.split_off(layout.sites.len());
    for site in sites {
        add(&mut environment, site);
    }
    // An environment covers what its Python has, and means to: those are not doubled.
    let own: HashSet<PackageName> = environment.distributions.iter().map(|d| d.name.clone()).collect();
    for mut site in system {
        site.retain(|found| found.distribution.as_ref().is_some_and(|d| !own.contains(&d.name)));
        site.iter_mut().for_each(|found| found.unreadable = None);
        add(&mut environment, site);
    }
    Ok(environment)
}

/// Adds the distributions of a folder. Of several of one name the first folder's is what imports find, and of
/// several in one folder that with the list of its files, then that of the highest version.
fn add(environment: &mut Environment, mut site: Vec<Found>) {
    site.sort_by(|a, b| {
        let key = |found: &Found| {
            found.distribution.as_ref().map(|d| (d.name.clone(), found.has_record, d.version.clone()))
        };
        match (key(a), key(b)) {
            (Some(a), Some(b)) => a.0.cmp(&b.0).then(b.1.cmp(&a.1)).then(b.2.cmp(&a.2)),
            (a, b) => a.is_none().cmp(&b.is_none()),
        }
    });
    let mut names: HashSet<PackageName> = environment.distributions.iter().map(|d| d.name.clone()).collect();
    for found in site {
        environment.unreadable.extend(found.unreadable);
        let Some(mut distribution) = found.distribution else { continue };
        distribution.shadowed = !names.insert(distribution.name.clone());
        if found.is_requested {
            environment.requested.push(asked_for(distribution.name.clone()));
        }
        environment.distributions.push(distribution);
    }
}

/// A name as a requirement of any version.
fn asked_for(name: PackageName) -> Requirement {
    Requirement {
        name,
        extras: Vec::new(),
        version_or_url: None,
        marker: pep508_rs::MarkerTree::TRUE,
        origin: None,
    }
}

/// For whom the environment is; the error is a reason.
fn target(layout: &Layout, seen: &Seen) -> Result<crate::Target, String> {
    let python = layout.python.as_deref().ok_or("neither pyvenv.cfg nor a folder tells its Python")?;
    // The last number is unknown where only a folder tells the version: the newest release is the best guess.
    let full = match python.split('.').count() {
        0..=2 => format!("{python}.{}", crate::model::NEWEST_RELEASE),
        _ => python.to_owned(),
    };
    let system = if layout.is_windows { "Windows" } else { seen.system.unwrap_or(std::env::consts::OS) };
    let machine = seen.machine.as_deref().unwrap_or(std::env::consts::ARCH);
    let mut values = MarkerValues::of(&full, system, machine);
    if layout.implementation.as_deref().is_some_and(|name| name.eq_ignore_ascii_case("pypy")) {
        values.implementation_name = Some("pypy".to_owned());
        values.platform_python_implementation = Some("PyPy".to_owned());
    }
    let mut target = values.target(None)?;
    target.platform = seen.platform();
    Ok(target)
}
