"""What a build leaves, and what the server tells of itself."""

from __future__ import annotations

import ast
import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from conftest import Start
from driving import PROGRAM
from packaging.markers import Marker, default_environment
from packaging.specifiers import SpecifierSet
from packaging.version import Version as Judge

from rhapsode_speech_server.dependencies import markers, tree
from rhapsode_speech_server.dependencies.distributions import duplicates, installed
from rhapsode_speech_server.dependencies.facts import FOLDER, Facts, Pin, UnknownFactsError
from rhapsode_speech_server.dependencies.imports import Probe, probe_apart, probe_loaded
from rhapsode_speech_server.dependencies.lock import locked
from rhapsode_speech_server.dependencies.requirements import Requirement
from rhapsode_speech_server.dependencies.verification import conflicts, verify
from rhapsode_speech_server.dependencies.versions import NotAVersionError, Version, contains

PACKAGE = PROGRAM.parent / "rhapsode_speech_server"
VERSIONS = [
    "1",
    "1.0",
    "1.0.1",
    "1.1.dev3",
    "1.1a1",
    "1.1a1.dev2",
    "1.1b2",
    "1.1rc1",
    "1.1",
    "1.1.post1",
    "1.1.post1.dev1",
]
VERSIONS += ["1.1+cu121", "1.10", "2.0.0", "2!0.1", "1.1-2", "v1.1c1"]


def test_versions_are_sorted_as_packaging_sorts_them() -> None:
    for one, other in itertools.product(VERSIONS, VERSIONS):
        ours = Version.parse(one).key < Version.parse(other).key
        judged = Judge(Judge(one).public) < Judge(Judge(other).public)
        assert ours == judged, f"{one} < {other}"


def test_ranges_contain_what_packaging_says_they_contain() -> None:
    bounds = ["1.0", "1.1", "1.1a1", "1.1.post1", "1.10", "2.0"]
    ranges = [f"{operator}{bound}" for operator in ("==", "!=", "<", "<=", ">", ">=") for bound in bounds]
    ranges += ["~=1.0", "~=1.1.0", "==1.*", "!=1.1.*", "==1.1+cu121", ">=1.0,<2", "", ">=1.0, !=1.1 ,<1.10"]
    for wanted, version in itertools.product(ranges, VERSIONS):
        judged = SpecifierSet(wanted).contains(Judge(version), prereleases=True)
        assert contains(wanted, version) == judged, f"{version} in {wanted}"


def test_a_local_version_counts_only_where_it_is_asked_for() -> None:
    assert contains("==2.2.0", "2.2.0+cu121")
    assert not contains("==2.2.0+cpu", "2.2.0+cu121")


@pytest.mark.parametrize("text", ["latest", "1.x", ""])
def test_what_is_no_version_is_refused(text: str) -> None:
    with pytest.raises(NotAVersionError):
        Version.parse(text)


@pytest.mark.parametrize(
    "marker",
    [
        'python_version >= "3.10"',
        "python_version < '3.9' or sys_platform == 'linux'",
        "sys_platform == 'win32' or python_version >= '3.8' and platform_machine != 'riscv64'",
        "(os_name == 'nt' or os_name == 'posix') and implementation_name == 'cpython'",
        "platform_machine in 'x86_64 aarch64'",
        "sys_platform not in 'win32 cygwin'",
        "python_full_version ~= '3.10'",
        "extra == 'dev'",
    ],
)
def test_markers_hold_where_packaging_says_so(marker: str) -> None:
    assert {name: str(value) for name, value in default_environment().items()} == markers.values()
    assert markers.holds(marker, {**markers.values(), "extra": ""}) == Marker(marker).evaluate({"extra": ""})


@pytest.mark.parametrize("marker", ["python_version >=", "(os_name == 'nt'", "os_name == 'nt' extra"])
def test_what_is_no_marker_is_refused(marker: str) -> None:
    with pytest.raises(ValueError, match="marker"):
        markers.holds(marker, markers.values())


def install(folder: Path, name: str, version: str, *lines: str, directory: str | None = None) -> None:
    info = folder / (directory or f"{name}-{version}.dist-info")
    info.mkdir(parents=True)
    metadata = ["Metadata-Version: 2.1", f"Name: {name}", f"Version: {version}", *lines]
    (info / "METADATA").write_text("\n".join(metadata) + "\n")


def test_every_copy_of_a_distribution_is_told(tmp_path: Path) -> None:
    here, system = tmp_path / "here", tmp_path / "system"
    install(here, "numpy", "1.26.4")
    install(here, "NumPy", "2.2.6")
    install(here, "numpy", "1.0", directory="~umpy-1.0.dist-info")
    install(system, "numpy", "1.24.0")
    install(here, "torch", "2.6.0+cu124", "Requires-Dist: numpy>=1.24")
    found = installed([str(here), str(system), str(here)])
    told = [(item.name, item.version, item.shadowed) for item in found if item.key == "numpy"]
    assert sorted(told) == [("NumPy", "2.2.6", False), ("numpy", "1.24.0", True), ("numpy", "1.26.4", False)]
    assert [copy["version"] for copy in duplicates(found)["numpy"]] == ["1.26.4", "2.2.6", "1.24.0"]
    failures = verify(found, [], [], markers.values()).failures
    assert failures == ("numpy is installed twice, 1.26.4 and 2.2.6",)


def test_what_setuptools_brings_for_itself_is_not_installed_twice(tmp_path: Path) -> None:
    install(tmp_path, "zipp", "4.1.2")
    install(tmp_path / "setuptools" / "_vendor", "zipp", "3.23.0")
    found = installed([str(tmp_path), str(tmp_path / "setuptools" / "_vendor")])
    assert [item.version for item in found] == ["4.1.2"]


def test_a_distribution_whose_metadata_is_lost_is_told_without_a_version(tmp_path: Path) -> None:
    install(tmp_path, "torch", "2.6.0")
    (tmp_path / "torch-2.6.0.dist-info" / "METADATA").write_text("")
    install(tmp_path, "numpy", "1.26.4")
    (tmp_path / "numpy-1.26.4.dist-info" / "METADATA").write_bytes(b"\xff\xfe")
    found = installed([str(tmp_path)])
    assert [(item.name, item.version) for item in found] == [("numpy", ""), ("torch", "")]
    failures = verify(found, [pin("torch==2.6.0", "critical")], [], markers.values()).failures
    assert failures == ("torch==2.6.0: '' is no version, a critical pin",)


def test_what_was_installed_in_the_old_way_is_read_too(tmp_path: Path) -> None:
    egg = tmp_path / "engine-1.0.egg-info"
    egg.mkdir()
    (egg / "PKG-INFO").write_text("Metadata-Version: 1.1\nName: engine\nVersion: 1.0\n")
    (egg / "requires.txt").write_text("numpy>=1\n\n[dev]\npytest\n")
    found = installed([str(tmp_path)])
    assert [item.requires_dist[0] for item in found] == ["numpy>=1"]
    assert "extra" in found[0].requires_dist[1]


def pin(text: str, tier: str) -> Pin:
    return Pin(Requirement.parse(text), tier, None)


def test_a_broken_pin_fails_a_build_and_a_broken_minimum_does_not(tmp_path: Path) -> None:
    install(tmp_path, "torch", "2.6.0+cu124")
    install(tmp_path, "accelerate", "0.24")
    pins = [
        pin("torch==2.6.0", "critical"),
        pin("torch==2.2.0", "critical"),
        pin("moshi==0.2.2", "specific"),
        pin("accelerate>=0.25", "minimum"),
        pin("triton==9; sys_platform == 'win32'", "critical"),
    ]
    verification = verify(installed([str(tmp_path)]), pins, [], markers.values())
    assert verification.failures == (
        "torch 2.6.0+cu124 is not torch==2.2.0, a critical pin",
        "moshi==0.2.2 is not installed, a specific pin",
    )
    assert verification.warnings == ("accelerate 0.24 is not accelerate>=0.25, a minimum pin",)


def test_conflicts_and_the_tree_leave_out_what_does_not_count_here(tmp_path: Path) -> None:
    install(tmp_path, "numpy", "2.2.6")
    install(
        tmp_path,
        "engine",
        "1",
        "Requires-Dist: numpy<2",
        "Requires-Dist: winonly; sys_platform == 'win32'",
        "Requires-Dist: pytest; extra == 'dev'",
        "Requires-Dist: absent (>=1)",
    )
    found = installed([str(tmp_path)])
    assert conflicts(found, markers.values()) == [
        "engine 1: numpy 2.2.6 is not numpy<2",
        "engine 1: absent (>=1) is not installed",
    ]
    text = tree.as_text(found, markers.values())
    assert text.splitlines() == [
        "engine 1",
        "    numpy 2.2.6 [asked for: <2]",
        "    absent missing [asked for: >=1]",
    ]
    assert tree.dependants("numpy", found, markers.values()) == ["engine asks for numpy<2"]
    assert [item.name for item in tree.nobody_asks_for(found, markers.values())] == ["engine"]


def test_two_that_ask_for_each_other_are_in_the_tree(tmp_path: Path) -> None:
    install(tmp_path, "a", "1", "Requires-Dist: b")
    install(tmp_path, "b", "1", "Requires-Dist: a")
    lines = tree.as_text(installed([str(tmp_path)]), markers.values()).splitlines()
    assert lines == ["a 1", "    b 1", "        a 1 (above)"]


def test_an_import_that_crashes_takes_no_other_with_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "noisy.py").write_text("print('hello from an import'); thing = None")
    (tmp_path / "crashing.py").write_text("import os; os._exit(139)")
    (tmp_path / "quitting.py").write_text("raise SystemExit('no licence')")
    monkeypatch.syspath_prepend(str(tmp_path))
    modules = [
        "json:dumps",
        "crashing",
        "noisy",
        "noisy:thing",
        "quitting",
        "nowhere",
        "json.decoder:JSONDecoder.decode",
    ]
    probes = {probe.module: probe.error for probe in probe_apart(modules)}
    assert probes == {
        "json:dumps": None,
        "crashing": "the import ended its process with 139: nothing was said",
        "noisy": None,
        "noisy:thing": "noisy has no thing, or it is None",
        "quitting": "no licence",
        "nowhere": "No module named 'nowhere'",
        "json.decoder:JSONDecoder.decode": None,
    }


def test_an_import_that_hangs_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "hanging.py").write_text("import time; time.sleep(600)")
    monkeypatch.syspath_prepend(str(tmp_path))
    probe = probe_apart(["hanging"], time_out=1)[0]
    assert probe.error is not None
    assert probe.error.startswith("the import did not end within 1 s")


def test_what_runs_already_is_looked_at_where_it_is() -> None:
    probes = probe_loaded(["json:dumps", "json:none", "never_imported"])
    assert {module: probe.ok for module, probe in probes.items()} == {"json:dumps": True, "json:none": False}


def test_a_lock_is_read_for_this_machine(tmp_path: Path) -> None:
    path = tmp_path / "requirements.lock.txt"
    path.write_text(
        "# made by a machine\n--extra-index-url https://example.org\n"
        "torch==2.6.0+cu124 \\\n    --hash=sha256:00 \\\n    --hash=sha256:01\n    # via engine\n"
        "colorama==0.4.6 ; sys_platform == 'win32'\nidna>=3\nuvloop==0.22 ; sys_platform != 'win32'  # via uvicorn\n"
    )
    assert locked(path, markers.values()) == [
        {"name": "torch", "version": "2.6.0+cu124"},
        {"name": "uvloop", "version": "0.22"},
    ]
    assert locked(tmp_path / "none", markers.values()) is None


def test_every_file_of_facts_can_be_read() -> None:
    for path in FOLDER.glob("*.json"):
        assert Facts.read(path).imports, path
    with pytest.raises(UnknownFactsError, match="only of"):
        Facts.of("espeak")


def test_the_report_needs_the_standard_library_alone() -> None:
    for path in (PACKAGE / "dependencies").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            for name in names:
                root = name.partition(".")[0]
                # torch is looked at in a child process, if it is there.
                allowed = root in sys.stdlib_module_names or name.startswith("rhapsode_speech_server.dependencies")
                assert allowed or name in {"rhapsode_speech_server", "torch"}, f"{path.name} imports {name}"


def run(*arguments: str, isolated: bool = False) -> subprocess.CompletedProcess[str]:
    # -S: as if nothing were installed at all.
    python = [sys.executable, *(["-S"] if isolated else []), "-m", "rhapsode_speech_server.dependencies"]
    return subprocess.run(
        [*python, *arguments], cwd=PROGRAM.parent, capture_output=True, text=True, timeout=120, check=False
    )


def test_a_build_is_verified_and_leaves_its_artifacts(tmp_path: Path) -> None:
    lock = tmp_path / "lock.txt"
    lock.write_text("numpy==1.0\n")
    info = tmp_path / "info"
    done = run("--verify", "--write", str(tmp_path / "a"), "--environment", str(info), "--lock", str(lock))
    assert done.returncode == 0, done.stderr
    assert sorted(path.name for path in (tmp_path / "a").iterdir()) == [
        "dependencies_report.json",
        "dependency_report.md",
        "dependency_tree.json",
        "dependency_tree.txt",
        "pip_inspect.json",
        "requirements.lock.txt",
    ]
    assert sorted(path.name for path in info.iterdir()) == ["environment.txt", "explicit_deps.txt", "frozen_deps.txt"]
    told = json.loads((tmp_path / "a" / "dependencies_report.json").read_text())
    assert told["verification"] == {"ok": True, "failures": [], "warnings": []}
    assert told["locked"] == [{"name": "numpy", "version": "1.0"}]
    document = (tmp_path / "a" / "dependency_report.md").read_text()
    for section in ("Reproducibility", "ARM64", "Conflicts", "Performance", "Documentation"):
        assert f"## {section}\n" in document


def test_where_nothing_is_installed_the_build_fails_and_says_why(tmp_path: Path) -> None:
    done = run("--verify", "--write", str(tmp_path), isolated=True)
    assert done.returncode == 1
    assert "error: numpy>=1.24 is not installed, a critical pin" in done.stderr
    told = json.loads((tmp_path / "dependencies_report.json").read_text())
    assert not told["verification"]["ok"]
    assert told["distributions"] == []


def test_without_anything_to_do_it_says_what_there_is_to_do() -> None:
    done = run()
    assert (done.returncode, done.stderr) == (2, "error: nothing to do: give --write DIR, --verify, or both\n")
    assert run("--verify", "--engine", "espeak").returncode == 2


def test_the_server_tells_what_runs_beside_what_was_built(start: Start, tmp_path: Path) -> None:
    assert run("--write", str(tmp_path / "artifacts")).returncode == 0
    path = tmp_path / "artifacts" / "dependencies_report.json"
    built = json.loads(path.read_text())
    built["distributions"].append({"name": "gone", "version": "1.0", "shadowed": False})
    # What the build saw of a module that this process uses does not count any more.
    built["imports"] = [{"module": module, "ok": False, "error": "broken"} for module in ("numpy:ndarray", "absent")]
    path.write_text(json.dumps(built))
    told = start().ready().client.get("/v1/dependencies").json()
    assert told["schema"] == 1
    assert {"name": "gone", "version": "1.0"} in told["built"]
    assert "gone" not in {item["name"] for item in told["distributions"]}
    assert told["verification"]["ok"]
    assert [probe["module"] for probe in told["imports"]] == list(Facts.of("stand-in").imports)
    assert all(probe["ok"] for probe in told["imports"])
    assert told["accelerator"]["device"] == "cpu"
    assert {item["format"]: item["available"] for item in told["encoders"]}["opus"]


def test_while_the_model_loads_the_server_tells_what_is_installed(start: Start) -> None:
    told = start(stand_in_load_seconds=3600).client.get("/v1/dependencies").json()
    assert "numpy" in {item["name"] for item in told["distributions"]}
    assert told["imports"] == []


def test_what_is_installed_is_looked_at_before_anybody_asks(
    start: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    server = start(stand_in_load_seconds=3600)
    server.event("looked at what is installed")
    install(tmp_path, "late", "1.0")
    names = {item["name"] for item in server.client.get("/v1/dependencies").json()["distributions"]}
    assert "numpy" in names and "late" not in names


def test_a_report_survives_its_way_through_json() -> None:
    probe = Probe("json:dumps", None, "2.0", 0.5)
    assert Probe.from_json(json.loads(json.dumps(probe.as_json()))) == probe
