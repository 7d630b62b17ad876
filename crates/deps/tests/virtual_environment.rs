//! A real environment, made by `python3 -m venv` and pip, whole and broken in the ways that happen.
//!
//! Its packages are made here as wheels, so that no index is asked: pip installs them all the same, and writes the
//! same files.
#![allow(clippy::unwrap_used, reason = "a panic in a test is its verdict")]

use std::{
    ffi::OsStr,
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::OnceLock,
};

use rhapsode_deps::{
    Distribution, Environment, Packages, Provenance, Question, Rule, Severity, Subject, judge, open,
};
use tempfile::TempDir;

/// Asks no index; the folder of wheels comes after it.
const INSTALL: [&str; 3] = ["install", "--no-index", "--find-links"];

/// An environment with `engine`, which asks for `numbers` and, with its extra, `sound`.
struct Installed {
    folder: TempDir,
}

impl Installed {
    /// A copy of one that is made once: pip takes its time.
    fn new() -> Self {
        static WHOLE: OnceLock<PathBuf> = OnceLock::new();
        let whole = WHOLE.get_or_init(|| {
            let whole = Path::new(env!("CARGO_TARGET_TMPDIR")).join("environment");
            let _ = fs::remove_dir_all(&whole);
            let wheels = whole.join("wheels");
            fs::create_dir_all(&wheels).unwrap();
            wheel(&wheels, "numbers", "1.26.4", &[], None);
            wheel(&wheels, "numbers", "2.2.6", &[], None);
            wheel(&wheels, "sound", "0.3", &["numbers"], None);
            wheel(&wheels, "engine", "0.1.4", &["numbers>=1.24,<2", "sound; extra == 'play'"], None);
            wheel(&wheels, "modern", "9.0", &[], Some(">=3.99"));
            run(Command::new("python3").args(["-m", "venv", "--without-pip"]).arg(whole.join("venv")));
            run(pip(&whole.join("venv")).args(INSTALL).arg(&wheels).arg("engine[play]"));
            whole
        });
        let installed = Self { folder: tempfile::tempdir().unwrap() };
        run(Command::new("cp")
            .arg("-a")
            .args([whole.join("wheels"), whole.join("venv")])
            .arg(installed.folder.path()));
        installed
    }

    fn path(&self) -> PathBuf {
        self.folder.path().join("venv")
    }

    fn wheels(&self) -> PathBuf {
        self.folder.path().join("wheels")
    }

    fn site(&self) -> PathBuf {
        let library = self.path().join("lib");
        let python = fs::read_dir(library).unwrap().next().unwrap().unwrap().path();
        python.join("site-packages")
    }

    fn pip(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) {
        run(pip(&self.path()).args(INSTALL).arg(self.wheels()).args(arguments));
    }

    fn subject(&self) -> Subject {
        open(&self.path()).unwrap()
    }

    fn read(&self) -> Environment {
        match self.subject().packages {
            Packages::Environment(environment) => *environment,
            other => panic!("no environment: {other:?}"),
        }
    }

    /// The errors: rule and subject.
    fn errors(&self) -> Vec<(Rule, String)> {
        let findings = judge(&self.subject(), &Question::default()).into_iter();
        let errors = findings.filter(|finding| finding.severity == Severity::Error);
        errors.map(|finding| (finding.rule, finding.subject)).collect()
    }
}

/// pip, to be run for an environment that has none itself: with one of its own each would take far longer to make.
fn pip(environment: &Path) -> Command {
    static HOME: OnceLock<PathBuf> = OnceLock::new();
    let home = HOME.get_or_init(|| {
        let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("pip");
        if !home.join("bin/pip").is_file() {
            run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&home));
        }
        home
    });
    let mut pip = Command::new(home.join("bin/python"));
    pip.args(["-m", "pip", "--quiet", "--disable-pip-version-check", "--python"]);
    pip.arg(environment.join("bin/python"));
    pip
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", String::from_utf8_lossy(&output.stderr));
}

fn wheel(folder: &Path, name: &str, version: &str, requires: &[&str], python: Option<&str>) {
    let file = fs::File::create(folder.join(format!("{name}-{version}-py3-none-any.whl"))).unwrap();
    let mut zip = zip::ZipWriter::new(file);
    let info = format!("{name}-{version}.dist-info");
    let mut metadata = format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n");
    metadata.extend(requires.iter().map(|requirement| format!("Requires-Dist: {requirement}\n")));
    metadata.extend(python.map(|python| format!("Requires-Python: {python}\n")));
    metadata.push_str("Provides-Extra: play\n\nA description that is long enough to be cut off.\n");
    let files = [
        (format!("{name}.py"), format!("VERSION = '{version}'\n")),
        (format!("{info}/METADATA"), metadata),
        (
            format!("{info}/WHEEL"),
            "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n".to_owned(),
        ),
    ];
    let mut record = String::new();
    for (path, content) in &files {
        zip.start_file(path, zip::write::SimpleFileOptions::default()).unwrap();
        zip.write_all(content.as_bytes()).unwrap();
        record.push_str(&format!("{path},,{}\n", content.len()));
    }
    zip.start_file(format!("{info}/RECORD"), zip::write::SimpleFileOptions::default()).unwrap();
    zip.write_all(format!("{record}{info}/RECORD,,\n").as_bytes()).unwrap();
    zip.finish().unwrap();
}

fn named<'a>(environment: &'a Environment, name: &str) -> Vec<&'a Distribution> {
    environment.distributions.iter().filter(|distribution| distribution.name.as_ref() == name).collect()
}

#[test]
fn a_whole_environment_is_read_as_pip_inspect_sees_it() {
    let installed = Installed::new();
    let ours = installed.read();
    assert!(ours.unreadable.is_empty(), "{:?}", ours.unreadable);
    assert_eq!(installed.errors(), []);
    let output = pip(&installed.path()).args(["inspect", "--local"]).output().unwrap();
    let saved = installed.folder.path().join("inspection.json");
    fs::write(&saved, &output.stdout).unwrap();
    let Packages::Environment(theirs) = open(&saved).unwrap().packages else { panic!("no environment") };
    let said = |environment: &Environment| -> Vec<String> {
        let mut said: Vec<String> = environment
            .distributions
            .iter()
            .map(|d| {
                format!("{} {} {:?} {:?} {:?}", d.name, d.version, d.requires, d.extras, d.requires_python)
            })
            .collect();
        said.sort();
        said
    };
    assert_eq!(said(&ours), said(&theirs));
    assert_eq!(ours.requested, theirs.requested);
    for value in ["python_full_version", "python_version", "sys_platform", "platform_machine", "os_name"] {
        let of = |environment: &Environment| {
            serde_json::to_value(&environment.target.markers).unwrap()[value].clone()
        };
        assert_eq!(of(&ours), of(&theirs), "{value}");
    }
}

#[test]
fn a_requirement_that_was_removed_is_gone() {
    let installed = Installed::new();
    for entry in fs::read_dir(installed.site()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("sound-") {
            fs::remove_dir_all(path).unwrap();
        }
    }
    let environment = installed.read();
    assert!(named(&environment, "sound").is_empty());
    assert_eq!(named(&environment, "engine").len(), 1);
    // Nobody but the extra asks for `sound`, and which extras were asked for is written down nowhere.
    assert_eq!(installed.errors(), []);
    for entry in fs::read_dir(installed.site()).unwrap() {
        let path = entry.unwrap().path();
        if path.file_name().unwrap().to_string_lossy().starts_with("numbers-") {
            fs::remove_dir_all(path).unwrap();
        }
    }
    assert_eq!(installed.errors(), [(Rule::Missing, "numbers".to_owned())]);
}

#[test]
fn a_version_that_was_forced_is_the_version() {
    let installed = Installed::new();
    installed.pip(["--no-deps", "numbers==2.2.6"]);
    let environment = installed.read();
    let [numbers] = named(&environment, "numbers")[..] else { panic!("{environment:?}") };
    assert_eq!(numbers.version.to_string(), "2.2.6");
    assert_eq!(installed.errors(), [(Rule::OutsideRange, "numbers".to_owned())]);
}

#[test]
fn a_second_copy_is_a_second_distribution_and_shadowed() {
    let installed = Installed::new();
    let second = installed.site().join("numbers-2.2.6.dist-info");
    fs::create_dir(&second).unwrap();
    fs::write(second.join("METADATA"), "Metadata-Version: 2.1\nName: numbers\nVersion: 2.2.6\n").unwrap();
    let environment = installed.read();
    let copies: Vec<(String, bool)> =
        named(&environment, "numbers").iter().map(|d| (d.version.to_string(), d.shadowed)).collect();
    // The one without the list of its files is the one that is not what imports find.
    assert_eq!(copies, [("1.26.4".to_owned(), false), ("2.2.6".to_owned(), true)]);
    assert_eq!(installed.errors(), [(Rule::InstalledTwice, "numbers".to_owned())]);
}

#[test]
fn metadata_that_lost_its_end_or_all_of_it_is_told() {
    let installed = Installed::new();
    let metadata = installed.site().join("engine-0.1.4.dist-info/METADATA");
    let whole = fs::read_to_string(&metadata).unwrap();
    fs::write(&metadata, &whole[..whole.find("Requires-Dist").unwrap()]).unwrap();
    let environment = installed.read();
    let [(name, reason)] = environment.unreadable.as_slice() else { panic!("{:?}", environment.unreadable) };
    assert_eq!(name, "engine");
    assert!(reason.contains("bytes that were installed"), "{reason}");

    let rules: Vec<Rule> = judge(&installed.subject(), &Question::default()).iter().map(|f| f.rule).collect();
    assert_eq!(rules, [Rule::Unreadable]);

    fs::write(&metadata, "").unwrap();
    let environment = installed.read();
    assert!(environment.unreadable[0].1.contains("name or its version"), "{:?}", environment.unreadable);
    assert_eq!(
        named(&environment, "engine")[0].version.to_string(),
        "0.1.4",
        "its folder is called after it"
    );

    fs::remove_file(&metadata).unwrap();
    assert!(installed.read().unreadable[0].1.contains("no METADATA"));
}

#[test]
fn the_python_that_a_distribution_asks_for_is_kept() {
    let installed = Installed::new();
    installed.pip(["--ignore-requires-python", "modern"]);
    let environment = installed.read();
    let [modern] = named(&environment, "modern")[..] else { panic!("{environment:?}") };
    let python = environment.target.markers.python_full_version();
    assert!(!modern.requires_python.as_ref().unwrap().contains(python));
    assert_eq!(installed.errors(), [(Rule::PythonTooOld, "modern".to_owned())]);
}

#[test]
fn what_did_not_come_from_an_index_says_where_it_came_from() {
    let installed = Installed::new();
    installed.pip([
        installed.wheels().join("modern-9.0-py3-none-any.whl").as_os_str(),
        "--ignore-requires-python".as_ref(),
    ]);
    let environment = installed.read();
    let [modern] = named(&environment, "modern")[..] else { panic!("{environment:?}") };
    let Provenance::Direct(from) = &modern.provenance else { panic!("{:?}", modern.provenance) };
    assert!(from.starts_with("file://") && from.ends_with("modern-9.0-py3-none-any.whl"), "{from}");
}

#[test]
fn environments_of_windows_eggs_and_leftovers_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let site = folder.path().join("Lib/site-packages");
    let write = |path: &str, text: &str| {
        let path = site.join(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    };
    fs::create_dir_all(&site).unwrap();
    fs::write(folder.path().join("pyvenv.cfg"), "home = C:\\Python\nversion_info = 3.12.1.final.0\n")
        .unwrap();
    write("old-1.0-py3.12.egg-info/PKG-INFO", "Metadata-Version: 1.0\nName: old\nVersion: 1.0\n");
    write("old-1.0-py3.12.egg-info/requires.txt", "numbers>=1\n\n[play]\nsound\n");
    write("older-0.9.egg-info", "Metadata-Version: 1.0\nName: older\nVersion: 0.9\n");
    write("~umbers-1.0.dist-info/METADATA", "Name: numbers\nVersion: 1.0\n");
    write("fast-1.0.dist-info/METADATA", "Name: fast\nVersion: 1.0\n");
    write("fast-1.0.dist-info/WHEEL", "Tag: cp312-cp312-win_arm64\n");
    let Packages::Environment(environment) = open(folder.path()).unwrap().packages else {
        panic!("no environment")
    };
    let names: Vec<&str> = environment.distributions.iter().map(|d| d.name.as_ref()).collect();
    assert_eq!(names, ["fast", "old", "older"]);
    let requires: Vec<String> =
        environment.distributions[1].requires.iter().map(ToString::to_string).collect();
    assert_eq!(requires, ["numbers>=1", "sound ; extra == 'play'"]);
    let markers = &environment.target.markers;
    assert_eq!((markers.sys_platform(), markers.platform_machine()), ("win32", "ARM64"));
    assert_eq!(markers.python_full_version().to_string(), "3.12.1");
}

/// Makes a `site-packages` folder with these distributions.
fn site(folder: &Path, distributions: &[(&str, &str)]) {
    for (name, version) in distributions {
        let info = folder.join(format!("{name}-{version}.dist-info"));
        fs::create_dir_all(&info).unwrap();
        fs::write(
            info.join("METADATA"),
            format!("Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"),
        )
        .unwrap();
    }
}

fn distributions(path: &Path) -> Vec<(String, bool)> {
    let Packages::Environment(environment) = open(path).unwrap().packages else { panic!("no environment") };
    environment.distributions.iter().map(|d| (format!("{} {}", d.name, d.version), d.shadowed)).collect()
}

#[test]
fn what_an_environment_covers_of_its_python_is_not_there_twice() {
    let folder = tempfile::tempdir().unwrap();
    let system = folder.path().join("usr");
    site(&system.join("lib/python3.11/site-packages"), &[("numbers", "1.0"), ("sound", "0.3")]);
    let environment = folder.path().join("venv");
    site(&environment.join("lib/python3.11/site-packages"), &[("numbers", "2.0")]);
    let settings = |sees: &str| {
        let home = system.join("bin");
        let text =
            format!("home = {}\ninclude-system-site-packages = {sees}\nversion = 3.11.7\n", home.display());
        fs::write(environment.join("pyvenv.cfg"), text).unwrap();
    };
    settings("false");
    assert_eq!(distributions(&environment), [("numbers 2.0".to_owned(), false)]);
    settings("true");
    assert_eq!(
        distributions(&environment),
        [("numbers 2.0".to_owned(), false), ("sound 0.3".to_owned(), false)]
    );
}

#[test]
fn of_two_folders_the_first_on_the_path_shadows_the_other_and_a_link_is_no_second() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("pyvenv.cfg"), "version = 3.11.7\n").unwrap();
    site(&folder.path().join("lib/python3.11/site-packages"), &[("numbers", "2.0")]);
    // Left behind by the Python that the environment had before.
    site(&folder.path().join("lib/python3.10/site-packages"), &[("numbers", "0.9")]);
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink("lib", folder.path().join("lib64")).unwrap();
        assert_eq!(distributions(folder.path()), [("numbers 2.0".to_owned(), false)]);
        fs::remove_file(folder.path().join("lib64")).unwrap();
    }
    site(&folder.path().join("lib64/python3.11/site-packages"), &[("numbers", "1.0")]);
    assert_eq!(
        distributions(folder.path()),
        [("numbers 2.0".to_owned(), false), ("numbers 1.0".to_owned(), true)]
    );
}

#[test]
fn a_folder_of_packages_is_an_environment_of_the_newest_release_of_its_python() {
    let folder = tempfile::tempdir().unwrap();
    let packages = folder.path().join("lib/python3.11/site-packages");
    site(&packages, &[("numbers", "2.0")]);
    for path in [folder.path(), &packages] {
        let Packages::Environment(environment) = open(path).unwrap().packages else {
            panic!("no environment")
        };
        let markers = &environment.target.markers;
        assert_eq!(markers.python_version().to_string(), "3.11");
        assert!(markers.python_full_version().version > "3.11.20".parse().unwrap());
    }
    fs::create_dir(folder.path().join("conda-meta")).unwrap();
    fs::write(folder.path().join("conda-meta/python-3.11.4-hab1_0.json"), "{}").unwrap();
    let Packages::Environment(environment) = open(folder.path()).unwrap().packages else {
        panic!("no environment")
    };
    assert_eq!(environment.target.markers.python_full_version().to_string(), "3.11.4");
}
