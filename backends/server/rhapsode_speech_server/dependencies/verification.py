"""Whether an environment is what its engine was built against. A build that is not must fail."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from rhapsode_speech_server.dependencies.distributions import Distribution
from rhapsode_speech_server.dependencies.facts import Pin
from rhapsode_speech_server.dependencies.imports import Probe
from rhapsode_speech_server.dependencies.requirements import Requirement
from rhapsode_speech_server.dependencies.versions import NotAVersionError, contains


@dataclass(frozen=True)
class Verification:
    """What is wrong, a line each. Warnings do not fail a build."""

    failures: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def ok(self) -> bool:
        return not self.failures

    def as_json(self) -> dict[str, object]:
        return {"ok": self.ok, "failures": list(self.failures), "warnings": list(self.warnings)}


def verify(
    distributions: Sequence[Distribution],
    pins: Sequence[Pin],
    probes: Sequence[Probe],
    environment: Mapping[str, str],
) -> Verification:
    """Checks pins, imports and doubles."""
    failures: list[str] = []
    warnings: list[str] = []
    versions = {item.key: item.version for item in distributions if not item.shadowed}
    for pin in pins:
        broken = _broken(pin.requirement, versions, environment)
        if broken is not None:
            (warnings if pin.tier == "minimum" else failures).append(f"{broken}, a {pin.tier} pin")
    failures += [f"import {probe.module}: {probe.error}" for probe in probes if not probe.ok]
    failures += _doubles(distributions)
    return Verification(tuple(failures), tuple(warnings))


def conflicts(distributions: Sequence[Distribution], environment: Mapping[str, str]) -> list[str]:
    """Requirements of what is installed that are not met, a line each. They fail no build: rhapsode judges them."""
    versions = {item.key: item.version for item in distributions if not item.shadowed}
    unmet: list[str] = []
    for item in distributions:
        for text in item.requires_dist if not item.shadowed else ():
            try:
                broken = _broken(Requirement.parse(text), versions, environment)
            except ValueError as error:
                broken = str(error)
            if broken is not None:
                unmet.append(f"{item.name} {item.version}: {broken}")
    return unmet


def _broken(requirement: Requirement, versions: Mapping[str, str], environment: Mapping[str, str]) -> str | None:
    """What is wrong with a requirement; None if it is met or does not count here."""
    if not requirement.counts(environment):
        return None
    version = versions.get(requirement.name)
    if version is None:
        return f"{requirement.text} is not installed"
    try:
        met = contains(requirement.ranges, version)
    except NotAVersionError as error:
        return f"{requirement.text}: {error}"
    return None if met else f"{requirement.name} {version} is not {requirement.text}"


def _doubles(distributions: Sequence[Distribution]) -> list[str]:
    """Distributions that lie twice in one folder: which files an import finds is chance."""
    places: dict[tuple[str, str], list[str]] = {}
    for item in distributions:
        places.setdefault((item.key, item.location), []).append(item.version)
    twice = {place: versions for place, versions in places.items() if len(versions) > 1}
    return [f"{name} is installed twice, {' and '.join(versions)}" for (name, _), versions in twice.items()]
