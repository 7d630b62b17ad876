"""Whether what an engine imports can be imported, and has what the engine uses of it.

In a process of its own: an import may crash, hang, or hold gigabytes.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

#: Seconds that all imports of a child may take.
TIME_OUT = 300.0
#: Begins the lines of a child that are meant for us; what is imported prints, too.
_MARK = "probe "


@dataclass(frozen=True)
class Probe:
    """An import that was tried."""

    module: str
    error: str | None
    version: str | None
    seconds: float | None

    @property
    def ok(self) -> bool:
        return self.error is None

    def as_json(self) -> dict[str, object]:
        return {
            "module": self.module,
            "ok": self.ok,
            "version": self.version,
            "error": self.error,
            "seconds": self.seconds,
        }

    @classmethod
    def from_json(cls, told: Mapping[str, object]) -> Probe:
        error, version, seconds = told.get("error"), told.get("version"), told.get("seconds")
        if not told.get("ok") and error is None:
            error = "it failed"
        return cls(
            module=str(told["module"]),
            error=None if error is None else str(error),
            version=None if version is None else str(version),
            seconds=float(seconds) if isinstance(seconds, (int, float)) else None,
        )


def probe_apart(modules: Sequence[str], time_out: float = TIME_OUT) -> list[Probe]:
    """Probes modules in a child process, and in another one what is left when a module takes the child with it."""
    probes: list[Probe] = []
    while len(probes) < len(modules):
        told, end = _child(modules[len(probes) :], time_out)
        probes += told
        if len(probes) < len(modules):
            probes.append(Probe(modules[len(probes)], end, None, None))
    return probes


def probe_loaded(modules: Sequence[str]) -> dict[str, Probe]:
    """Probes those modules that this process has imported already, which costs nothing. By what was asked."""
    loaded = {module: sys.modules.get(module.partition(":")[0]) for module in modules}
    return {asked: _look(asked, module, None) for asked, module in loaded.items() if module is not None}


def _child(modules: Sequence[str], time_out: float) -> tuple[list[Probe], str]:
    """What a child told of the modules that it came to, and how it ended."""
    command = [sys.executable, "-m", __name__, *modules]
    # The child finds what this process finds, and leaves nothing behind.
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as told, tempfile.TemporaryFile("w+") as said:
        try:
            code = subprocess.run(
                command, stdout=told, stderr=said, timeout=time_out, env=environment, check=False
            ).returncode
            end = f"the import ended its process with {code}"
        except subprocess.TimeoutExpired:
            end = f"the import did not end within {time_out:g} s"
        told.seek(0)
        said.seek(0)
        lines = [line[len(_MARK) :] for line in told if line.startswith(_MARK)]
        last = (said.read().strip().splitlines() or ["nothing was said"])[-1]
    return [Probe.from_json(json.loads(line)) for line in lines], f"{end}: {last}"


def _probe(asked: str) -> Probe:
    began = time.monotonic()
    try:
        module = import_module(asked.partition(":")[0])
    except BaseException as error:
        reason = str(error) or type(error).__name__
        return Probe(asked, reason, None, round(time.monotonic() - began, 3))
    return _look(asked, module, round(time.monotonic() - began, 3))


def _look(asked: str, module: ModuleType, seconds: float | None) -> Probe:
    """Looks for what the module must have: an attribute that is None is a failure that was swallowed."""
    name, _, attribute = asked.partition(":")
    found: object = module
    for part in filter(None, attribute.split(".")):
        found = getattr(found, part, None)
    error = None
    if found is None:
        error = f"{name} has no {attribute}, or it is None"
    root = sys.modules.get(name.partition(".")[0])
    version = getattr(root, "__version__", None)
    return Probe(asked, error, None if version is None else str(version), seconds)


if __name__ == "__main__":
    for wanted in sys.argv[1:]:
        result = _probe(wanted)
        print(f"\n{_MARK}{json.dumps(result.as_json())}", flush=True)
