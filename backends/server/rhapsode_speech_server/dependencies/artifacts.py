"""What a build leaves beside the server, and what the server reads of it again."""

from __future__ import annotations

import json
import platform
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from rhapsode_speech_server.dependencies import tree
from rhapsode_speech_server.dependencies.distributions import Distribution
from rhapsode_speech_server.dependencies.report import Environment

REPORT = "dependencies_report.json"
#: Seconds that pip may take to look at the environment.
PIP_TIME_OUT = 120.0


@dataclass(frozen=True)
class Folders:
    """Where the artifacts lie: the report and the tree, and what tells of the environment."""

    artifacts: Path
    environment: Path


def write(
    folders: Folders, environment: Environment, told: Mapping[str, object], document: str, lock: Path | None
) -> None:
    """Writes all of them. Raises `OSError`."""
    for folder in (folders.artifacts, folders.environment):
        folder.mkdir(parents=True, exist_ok=True)
    there = [item for item in environment.distributions if not item.shadowed]
    values = environment.values
    _write_json(folders.artifacts / REPORT, told)
    _write_json(folders.artifacts / "dependency_tree.json", tree.as_json(environment.distributions, values))
    (folders.artifacts / "dependency_tree.txt").write_text(tree.as_text(environment.distributions, values))
    (folders.artifacts / "dependency_report.md").write_text(document, encoding="utf-8")
    inspected = pip_inspect()
    if inspected is not None:
        (folders.artifacts / "pip_inspect.json").write_text(inspected, encoding="utf-8")
    if lock is not None:
        shutil.copyfile(lock, folders.artifacts / "requirements.lock.txt")
    explicit = tree.nobody_asks_for(environment.distributions, values)
    (folders.environment / "frozen_deps.txt").write_text(_list(there), encoding="utf-8")
    (folders.environment / "explicit_deps.txt").write_text(_list(explicit), encoding="utf-8")
    (folders.environment / "environment.txt").write_text(_environment(told), encoding="utf-8")


def read_report(folder: Path) -> Mapping[str, object] | None:
    """The report of the build; None if there is none that can be read."""
    try:
        told = json.loads((folder / REPORT).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return told if isinstance(told, dict) else None


def pip_inspect() -> str | None:
    """What pip says of the environment; None where there is no pip, as in those that uv makes."""
    command = [sys.executable, "-m", "pip", "inspect", "--disable-pip-version-check"]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=PIP_TIME_OUT, check=False)
        json.loads(done.stdout)
    except (OSError, subprocess.TimeoutExpired, ValueError):
        return None
    return done.stdout if done.returncode == 0 else None


def _write_json(path: Path, told: object) -> None:
    path.write_text(json.dumps(told, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _list(distributions: Sequence[Distribution]) -> str:
    return "".join(f"{item.name}=={item.version}\n" for item in distributions)


def _environment(told: Mapping[str, object]) -> str:
    accelerator = told.get("accelerator")
    seen: Mapping[str, object] = accelerator if isinstance(accelerator, dict) else {}
    lines = {
        "Python": platform.python_version(),
        "Platform": platform.platform(),
        "Executable": sys.executable,
        "torch": seen.get("torch"),
        "CUDA": seen.get("cuda"),
        "Architectures": " ".join(str(item) for item in seen.get("architectures") or ()),  # type: ignore[attr-defined]
    }
    return "".join(f"{name}: {value}\n" for name, value in lines.items() if value)
