"""The dependency report: see docs/dependency-report.md for what each key says."""

from __future__ import annotations

import platform
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rhapsode_speech_server import __version__
from rhapsode_speech_server.dependencies import markers
from rhapsode_speech_server.dependencies.distributions import Distribution, duplicates, installed
from rhapsode_speech_server.dependencies.facts import Facts
from rhapsode_speech_server.dependencies.imports import Probe
from rhapsode_speech_server.dependencies.verification import Verification

SCHEMA = 1


@dataclass(frozen=True)
class Environment:
    """A Python and what is installed for it."""

    values: Mapping[str, str]
    distributions: Sequence[Distribution]

    @classmethod
    def here(cls) -> Environment:
        return cls(markers.values(), installed())


def report(
    environment: Environment, facts: Facts, probes: Sequence[Probe], accelerator: Mapping[str, object]
) -> dict[str, object]:
    """What this environment is made of. What only a build knows is not in it."""
    return {
        "schema": SCHEMA,
        "program": {"name": "rhapsode-speech-server", "version": __version__, "engine": facts.name},
        "environment": dict(environment.values),
        "python": platform.python_version(),
        "platform": {
            "system": platform.system(),
            "machine": platform.machine(),
            "glibc": platform.libc_ver()[1] or None,
        },
        "prefix": sys.prefix,
        "distributions": [item.as_json() for item in environment.distributions],
        "duplicates": duplicates(environment.distributions),
        "imports": [probe.as_json() for probe in probes],
        "pins": [pin.as_json() for pin in facts.pins],
        "accelerator": dict(accelerator),
        "requested": list(facts.requested),
    }


def with_build(
    told: Mapping[str, object], verification: Verification, locked: Sequence[Mapping[str, str]] | None
) -> dict[str, object]:
    """The report of a build: what it verified, and what it was told to install."""
    return {**told, "verification": verification.as_json(), "locked": list(locked) if locked else None}
