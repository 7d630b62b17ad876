//! Versions, markers and wheel tags, side by side with Python's own `packaging` on thousands of random cases.
//!
//! `packaging` is installed from the package index into the folder of the test's temporaries, in a fixed version: which
//! of two releases is right about a corner is not this test's question.

#![allow(clippy::unwrap_used, reason = "a panic in a test is a verdict")]

use std::{
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
    str::FromStr,
    sync::LazyLock,
};

use pep440_rs::{Version, VersionSpecifiers};
use pep508_rs::{ExtraName, MarkerEnvironment, MarkerEnvironmentBuilder, MarkerTree};
use proptest::{
    prelude::*,
    strategy::{Strategy, ValueTree},
    test_runner::TestRunner,
};
use rhapsode_deps::{Machine, Platform, Tags, Target, applies, satisfies};
use serde_json::{Value, json};

const PACKAGING: &str = "packaging==26.3";

/// Answers each line of its input by one line of JSON; null where `packaging` refuses the case.
const ANSWER: &str = r#"
import json, sys
from packaging import _manylinux, tags
from packaging.markers import Marker
from packaging.specifiers import SpecifierSet
from packaging.version import Version

def platforms(case):
    if case["system"] == "mac":
        return list(tags.mac_platforms(tuple(case["version"]), case["machine"]))
    if case["system"] == "windows":
        return [case["machine"]]
    _manylinux._get_glibc_version = lambda: _manylinux._GLibCVersion(*case["version"])
    _manylinux._have_compatible_abi = lambda *_: True
    return [*_manylinux.platform_tags([case["machine"]]), "linux_" + case["machine"]]

def answer(case):
    if "range" in case:
        return SpecifierSet(case["range"]).contains(Version(case["version"]), prereleases=True)
    if "than" in case:
        a, b = Version(case["version"]), Version(case["than"])
        return (a > b) - (a < b)
    if "marker" in case:
        extras = case["extras"] or [""]
        return any(Marker(case["marker"]).evaluate({**case["environment"], "extra": extra}) for extra in ["", *extras])
    minor, here = case["minor"], platforms(case)
    own = "cp3%d" % minor
    ordered = [*tags.cpython_tags((3, minor), [own], here), *tags.compatible_tags((3, minor), own, here)]
    return [[tag.interpreter, tag.abi, tag.platform] for tag in ordered]

for line in sys.stdin:
    try:
        print(json.dumps(answer(json.loads(line))))
    except Exception as error:
        print("null")
"#;

static PYTHON: LazyLock<PathBuf> = LazyLock::new(|| {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(PACKAGING.replace("==", "-"));
    let python = folder.join("bin/python");
    let ready = |python: &Path| {
        Command::new(python)
            .args(["-c", "import packaging"])
            .output()
            .is_ok_and(|output| output.status.success())
    };
    if !ready(&python) {
        let run = |program: &Path, arguments: &[&str]| {
            let output = Command::new(program).args(arguments).output().unwrap();
            assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        };
        run(Path::new("python3"), &["-m", "venv", folder.to_str().unwrap()]);
        run(&python, &["-m", "pip", "install", "--quiet", PACKAGING]);
    }
    python
});

/// What `packaging` says of each case.
fn ask(cases: &[Value]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let input = folder.path().join("cases");
    let lines: Vec<String> = cases.iter().map(Value::to_string).collect();
    fs::write(&input, lines.join("\n")).unwrap();
    let output =
        Command::new(&*PYTHON).args(["-c", ANSWER]).stdin(File::open(&input).unwrap()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let answers: Vec<Value> =
        String::from_utf8(output.stdout).unwrap().lines().map(|line| line.parse().unwrap()).collect();
    assert_eq!(answers.len(), cases.len());
    answers
}

fn samples<T: std::fmt::Debug>(count: usize, strategy: impl Strategy<Value = T>) -> Vec<T> {
    let mut runner = TestRunner::deterministic();
    (0..count).map(|_| strategy.new_tree(&mut runner).unwrap().current()).collect()
}

/// Asserts that all answers are ours, and that `packaging` understood nearly all cases.
fn agree(cases: &[Value], ours: impl Fn(&Value) -> Value) {
    let answers = ask(cases);
    let refused = answers.iter().filter(|answer| answer.is_null()).count();
    assert!(refused * 10 < cases.len(), "packaging refuses {refused} of {}", cases.len());
    let differing: Vec<String> = cases
        .iter()
        .zip(&answers)
        .filter(|(case, answer)| !answer.is_null() && ours(case) != **answer)
        .map(|(case, answer)| format!("{case}: packaging says {answer}"))
        .collect();
    let first = differing.iter().take(20).cloned().collect::<Vec<_>>().join("\n");
    assert!(differing.is_empty(), "{} of {} differ:\n{first}", differing.len(), cases.len());
}

fn parsed<T: FromStr<Err: std::fmt::Debug>>(value: &Value) -> T {
    value.as_str().unwrap().parse().unwrap()
}

/// Small numbers, so that versions are often equal, neighbours or each other's prefix.
fn release() -> impl Strategy<Value = String> {
    let numbers = prop::collection::vec(0..3_u8, 1..5);
    (prop::bool::weighted(0.1), numbers).prop_map(|(epoch, numbers)| {
        let numbers: Vec<String> = numbers.iter().map(ToString::to_string).collect();
        format!("{}{}", if epoch { "1!" } else { "" }, numbers.join("."))
    })
}

fn public() -> impl Strategy<Value = String> {
    let pre = prop::option::weighted(0.3, (prop::sample::select(vec!["a", "b", "rc"]), 0..3_u8));
    let post = prop::option::weighted(0.2, 0..3_u8);
    let dev = prop::option::weighted(0.2, 0..3_u8);
    (release(), pre, post, dev).prop_map(|(mut version, pre, post, dev)| {
        version.extend(pre.map(|(kind, number)| format!("{kind}{number}")));
        version.extend(post.map(|number| format!(".post{number}")));
        version.extend(dev.map(|number| format!(".dev{number}")));
        version
    })
}

fn local() -> impl Strategy<Value = String> {
    let local = prop::sample::select(vec!["", "", "", "+cu121", "+cu124", "+1", "+1.abc", "+abc.1"]);
    (public(), local).prop_map(|(version, local)| format!("{version}{local}"))
}

fn specifier() -> impl Strategy<Value = String> {
    let ordered = prop::sample::select(vec![">=", "<=", ">", "<"]);
    let equal = || prop::sample::select(vec!["==", "!="]);
    prop_oneof![
        4 => (ordered, public()).prop_map(|(operator, version)| format!("{operator}{version}")),
        3 => (equal(), local()).prop_map(|(operator, version)| format!("{operator}{version}")),
        2 => (equal(), release()).prop_map(|(operator, version)| format!("{operator}{version}.*")),
        2 => public().prop_filter_map("~= takes two numbers", |version| {
            version.parse::<Version>().unwrap().release().get(1).map(|_| format!("~={version}"))
        }),
        1 => local().prop_map(|version| format!("==={version}")),
    ]
}

#[test]
fn a_version_is_in_a_range_where_packaging_says_so() {
    let range = prop::collection::vec(specifier(), 1..3).prop_map(|parts| parts.join(","));
    let cases: Vec<Value> = samples(20_000, (local(), range))
        .into_iter()
        .map(|(version, range)| json!({"version": version, "range": range}))
        .collect();
    agree(&cases, |case| {
        satisfies(&parsed::<Version>(&case["version"]), &parsed::<VersionSpecifiers>(&case["range"])).into()
    });
}

#[test]
fn versions_are_ordered_as_packaging_orders_them() {
    let cases: Vec<Value> = samples(5_000, (local(), local()))
        .into_iter()
        .map(|(version, than)| json!({"version": version, "than": than}))
        .collect();
    agree(&cases, |case| {
        let (a, b): (Version, Version) = (parsed(&case["version"]), parsed(&case["than"]));
        (a.cmp(&b) as i8).into()
    });
}

fn environment() -> impl Strategy<Value = Value> {
    let system = prop::sample::select(vec![
        ("posix", "linux", "Linux", "x86_64"),
        ("posix", "linux", "Linux", "aarch64"),
        ("posix", "darwin", "Darwin", "arm64"),
        ("nt", "win32", "Windows", "AMD64"),
    ]);
    (8..=14_u8, 0..12_u8, system, prop::bool::weighted(0.1)).prop_map(|(minor, patch, system, pypy)| {
        let (os_name, sys_platform, platform_system, platform_machine) = system;
        let full = format!("3.{minor}.{patch}");
        json!({
            "implementation_name": if pypy { "pypy" } else { "cpython" },
            "implementation_version": full,
            "os_name": os_name,
            "platform_machine": platform_machine,
            "platform_python_implementation": if pypy { "PyPy" } else { "CPython" },
            "platform_release": "6.12.0",
            "platform_system": platform_system,
            "platform_version": "#1 SMP",
            "python_full_version": full,
            "python_version": format!("3.{minor}"),
            "sys_platform": sys_platform,
        })
    })
}

/// One comparison. Left out is what `pep508_rs` is known to see otherwise and no distribution is known to use: order
/// of `platform_release` (it compares text) and pre-releases in a marker's version.
fn comparison() -> BoxedStrategy<String> {
    let compare = || prop::sample::select(vec!["==", "!=", "<", "<=", ">", ">="]);
    let equal = || prop::sample::select(vec!["==", "!="]);
    let within = || prop::sample::select(vec!["in", "not in"]);
    let texts = prop::sample::select(vec![
        ("sys_platform", "linux"),
        ("sys_platform", "darwin"),
        ("sys_platform", "win32"),
        ("platform_system", "Linux"),
        ("platform_system", "Windows"),
        ("platform_machine", "x86_64"),
        ("platform_machine", "aarch64"),
        ("os_name", "nt"),
        ("implementation_name", "cpython"),
        ("platform_python_implementation", "PyPy"),
    ]);
    let extra = prop::sample::select(vec!["socks", "all", "Dev_Tools"]);
    prop_oneof![
        (compare(), 7..=15_u8).prop_map(|(operator, minor)| format!("python_version {operator} '3.{minor}'")),
        (compare(), 7..=15_u8).prop_map(|(operator, minor)| format!("'3.{minor}' {operator} python_version")),
        (equal(), 7..=15_u8).prop_map(|(operator, minor)| format!("python_version {operator} '3.{minor}.*'")),
        (7..=15_u8).prop_map(|minor| format!("python_version ~= '3.{minor}'")),
        (within(), 8..=13_u8)
            .prop_map(|(operator, minor)| format!("python_version {operator} '3.{minor} 3.{}'", minor + 1)),
        (compare(), 8..=14_u8, 0..12_u8).prop_map(|(operator, minor, patch)| format!(
            "python_full_version {operator} '3.{minor}.{patch}'"
        )),
        (compare(), 8..=14_u8)
            .prop_map(|(operator, minor)| format!("implementation_version {operator} '3.{minor}'")),
        (equal(), texts.clone()).prop_map(|(operator, (key, value))| format!("{key} {operator} '{value}'")),
        (equal(), texts.clone()).prop_map(|(operator, (key, value))| format!("'{value}' {operator} {key}")),
        (within(), texts.clone())
            .prop_map(|(operator, (key, value))| format!("{key} {operator} '{value} cygwin'")),
        (within(), texts)
            .prop_map(|(operator, (key, value))| format!("'{}' {operator} {key}", &value[..value.len() - 1])),
        extra.prop_map(|extra| format!("extra == '{extra}'")),
    ]
    .boxed()
}

fn marker() -> impl Strategy<Value = String> {
    comparison().prop_recursive(3, 8, 3, |inner| {
        let joined = (prop::collection::vec(inner, 2..4), prop::sample::select(vec![" and ", " or "]));
        joined.prop_map(|(parts, word)| format!("({})", parts.join(word)))
    })
}

fn text(environment: &Value, key: &str) -> String {
    environment[key].as_str().unwrap().to_owned()
}

fn target(environment: &Value) -> Target {
    let of = |key| text(environment, key);
    let markers = MarkerEnvironment::try_from(MarkerEnvironmentBuilder {
        implementation_name: &of("implementation_name"),
        implementation_version: &of("implementation_version"),
        os_name: &of("os_name"),
        platform_machine: &of("platform_machine"),
        platform_python_implementation: &of("platform_python_implementation"),
        platform_release: &of("platform_release"),
        platform_system: &of("platform_system"),
        platform_version: &of("platform_version"),
        python_full_version: &of("python_full_version"),
        python_version: &of("python_version"),
        sys_platform: &of("sys_platform"),
    });
    Target { markers: markers.unwrap(), platform: None }
}

#[test]
fn a_marker_applies_where_packaging_says_so() {
    let extras = prop::sample::subsequence(vec!["socks", "dev-tools", "all"], 0..3);
    let cases: Vec<Value> = samples(10_000, (marker(), environment(), extras))
        .into_iter()
        .map(|(marker, environment, extras)| {
            json!({"marker": marker, "environment": environment, "extras": extras})
        })
        .collect();
    agree(&cases, |case| {
        let extras: Vec<ExtraName> = case["extras"].as_array().unwrap().iter().map(parsed).collect();
        applies(&parsed::<MarkerTree>(&case["marker"]), &target(&case["environment"]), &extras).into()
    });
}

#[test]
fn wheel_tags_fit_in_the_order_of_packaging() {
    let linux = |machine, glibc| Platform::Linux { machine, glibc };
    let targets = [
        (
            11,
            linux(Machine::X86_64, (2, 36)),
            json!({"system": "linux", "version": [2, 36], "machine": "x86_64"}),
        ),
        (
            8,
            linux(Machine::X86_64, (2, 5)),
            json!({"system": "linux", "version": [2, 5], "machine": "x86_64"}),
        ),
        (
            12,
            linux(Machine::Aarch64, (2, 31)),
            json!({"system": "linux", "version": [2, 31], "machine": "aarch64"}),
        ),
        (
            13,
            Platform::MacOs { machine: Machine::Aarch64, version: (14, 2) },
            json!({"system": "mac", "version": [14, 2], "machine": "arm64"}),
        ),
        (
            10,
            Platform::MacOs { machine: Machine::X86_64, version: (12, 0) },
            json!({"system": "mac", "version": [12, 0], "machine": "x86_64"}),
        ),
        (
            9,
            Platform::MacOs { machine: Machine::X86_64, version: (10, 9) },
            json!({"system": "mac", "version": [10, 9], "machine": "x86_64"}),
        ),
        (
            11,
            Platform::Windows { machine: Machine::X86_64 },
            json!({"system": "windows", "machine": "win_amd64"}),
        ),
    ];
    let cases: Vec<Value> = targets
        .iter()
        .map(|(minor, _, case)| {
            let mut case = case.clone();
            case["minor"] = json!(minor);
            case
        })
        .collect();
    let answers = ask(&cases);
    let every: Vec<(String, String, String)> = answers
        .iter()
        .flat_map(|answer| serde_json::from_value::<Vec<(String, String, String)>>(answer.clone()).unwrap())
        .collect();
    for ((minor, platform, case), answer) in targets.iter().zip(&answers) {
        let tags = Tags::of(&Target::cpython(&Version::new([3, *minor]), *platform)).unwrap();
        let theirs: Vec<(String, String, String)> = serde_json::from_value(answer.clone()).unwrap();
        let ranks: Vec<_> = theirs
            .iter()
            .map(|(python, abi, platform)| {
                let rank = tags.rank_tag(python, abi, platform);
                rank.unwrap_or_else(|| panic!("{case}: {python}-{abi}-{platform} fits"))
            })
            .collect();
        assert!(ranks.is_sorted_by(|a, b| a < b), "{case}: the order differs");
        for tag in &every {
            let fits = tags.rank_tag(&tag.0, &tag.1, &tag.2).is_some();
            assert_eq!(fits, theirs.contains(tag), "{case}: {tag:?}");
        }
    }
}
