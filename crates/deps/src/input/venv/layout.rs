//! Where an environment on disk keeps its distributions, and which Python it is.

use std::path::{Path, PathBuf};

use crate::input::{file, folder};

/// Files and folders of an environment.
#[derive(Debug, Default)]
pub(super) struct Layout {
    /// `site-packages` folders in the order of the path that imports follow.
    pub(super) sites: Vec<PathBuf>,
    /// Those of the Python that it was made with, where it sees them.
    pub(super) system: Vec<PathBuf>,
    /// Version of Python: two or three numbers.
    pub(super) python: Option<String>,
    /// `CPython`, `PyPy`, where it says so.
    pub(super) implementation: Option<String>,
    /// Whether it is laid out as on Windows.
    pub(super) is_windows: bool,
}

/// The layout of a folder, if it is an environment.
pub(super) fn find(path: &Path) -> Option<Layout> {
    let settings = Settings::read(path);
    let mut layout = Layout {
        python: settings.as_ref().and_then(Settings::python),
        implementation: settings.as_ref().and_then(|settings| settings.get("implementation")),
        ..Layout::default()
    };
    let short = layout.python.as_deref().map(two_numbers);
    let (sites, found) = unix_sites(path, short.as_deref());
    layout.sites = sites;
    layout.python = layout.python.or_else(|| conda_python(path)).or(found);
    if layout.sites.is_empty() {
        let windows = path.join("Lib").join("site-packages");
        layout.is_windows = windows.is_dir();
        layout.sites.extend(Some(windows).filter(|site| site.is_dir()));
    }
    if layout.sites.is_empty() && is_site(path) {
        // The folder itself: `…/lib/python3.11/site-packages`.
        let parent = path.parent().and_then(Path::file_name).unwrap_or_default().to_string_lossy();
        layout.python = layout.python.or_else(|| version_of_folder(&parent));
        layout.is_windows = parent == "Lib";
        layout.sites.push(path.to_owned());
    }
    if let Some(settings) = settings.as_ref().filter(|settings| settings.sees_system()) {
        layout.system = settings.system_sites(layout.python.as_deref());
    }
    (settings.is_some() || !layout.sites.is_empty()).then_some(layout)
}

/// Whether a folder holds distributions itself.
fn is_site(path: &Path) -> bool {
    let is_named = path.file_name().is_some_and(|name| name == "site-packages" || name == "dist-packages");
    is_named
        || folder::list(path)
            .is_ok_and(|entries| entries.iter().any(|entry| entry.name.ends_with(".dist-info")))
}

/// The folders below `lib` and `lib64` for a Python, or for the newest that is there, and its version.
fn unix_sites(path: &Path, python: Option<&str>) -> (Vec<PathBuf>, Option<String>) {
    let mut found: Vec<(String, PathBuf)> = Vec::new();
    for library in ["lib", "lib64"] {
        for entry in folder::list(&path.join(library)).unwrap_or_default() {
            let Some(version) = version_of_folder(&entry.name).filter(|_| entry.is_folder) else { continue };
            for site in ["site-packages", "dist-packages"] {
                let site = entry.path.join(site);
                // `lib64` is most often a link to `lib`.
                let canonical = site.canonicalize();
                let is_new = |known: &(String, PathBuf)| {
                    known.1.canonicalize().ok() != canonical.as_ref().ok().cloned()
                };
                if site.is_dir() && found.iter().all(is_new) {
                    found.push((version.clone(), site));
                }
            }
        }
    }
    let number =
        |version: &str| -> u32 { version.split('.').nth(1).and_then(|n| n.parse().ok()).unwrap_or(0) };
    let newest = found.iter().map(|(version, _)| version.clone()).max_by_key(|version| number(version));
    let wanted = python.map(str::to_owned).or(newest);
    found.retain(|(version, _)| Some(version) == wanted.as_ref());
    (found.into_iter().map(|(_, site)| site).collect(), wanted)
}

/// `3.11` of `python3.11` and `pypy3.11`.
fn version_of_folder(name: &str) -> Option<String> {
    let version = name.strip_prefix("python").or_else(|| name.strip_prefix("pypy"))?.trim_end_matches('t');
    let is_version = version.contains('.') && version.split('.').all(|n| n.parse::<u32>().is_ok());
    is_version.then(|| version.to_owned())
}

/// The Python of a conda environment: its record is called after it.
fn conda_python(path: &Path) -> Option<String> {
    folder::list(&path.join("conda-meta")).ok()?.into_iter().find_map(|entry| {
        let version =
            entry.name.strip_prefix("python-")?.strip_suffix(".json")?.split('-').next()?.to_owned();
        version.starts_with(|c: char| c.is_ascii_digit()).then_some(version)
    })
}

fn two_numbers(version: &str) -> String {
    version.split('.').take(2).collect::<Vec<_>>().join(".")
}

/// `pyvenv.cfg`
struct Settings(Vec<(String, String)>);

impl Settings {
    fn read(path: &Path) -> Option<Self> {
        let bytes = file::bytes(&path.join("pyvenv.cfg")).ok()?;
        let text = String::from_utf8_lossy(&bytes);
        let pairs = text.lines().filter_map(|line| line.split_once('='));
        Some(Self(pairs.map(|(key, value)| (key.trim().to_lowercase(), value.trim().to_owned())).collect()))
    }

    fn get(&self, key: &str) -> Option<String> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone())
    }

    /// Its Python: `3.11.7`, or `3.11.7.final.0`.
    fn python(&self) -> Option<String> {
        let version = self.get("version_info").or_else(|| self.get("version"))?;
        let numbers: Vec<&str> =
            version.split('.').take(3).take_while(|n| n.parse::<u32>().is_ok()).collect();
        (numbers.len() >= 2).then(|| numbers.join("."))
    }

    fn sees_system(&self) -> bool {
        self.get("include-system-site-packages").is_some_and(|value| value.eq_ignore_ascii_case("true"))
    }

    /// The folders of the Python that the environment was made with.
    fn system_sites(&self, python: Option<&str>) -> Vec<PathBuf> {
        let Some(prefix) = self.get("home").and_then(|home| Path::new(&home).parent().map(Path::to_owned))
        else {
            return Vec::new();
        };
        let versioned = python.map(two_numbers).unwrap_or_default();
        let library = |prefix: &Path, folder: &str, site: &str| prefix.join("lib").join(folder).join(site);
        let python = format!("python{versioned}");
        // Debian keeps what its packages install apart from what pip does.
        let places = [
            library(&prefix.join("local"), &python, "dist-packages"),
            library(&prefix, &python, "site-packages"),
            library(&prefix, "python3", "dist-packages"),
            prefix.join("Lib").join("site-packages"),
        ];
        places.into_iter().filter(|place| place.is_dir()).collect()
    }
}
