"""Who asks for what, as pipdeptree tells it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rhapsode_speech_server.dependencies.distributions import Distribution
from rhapsode_speech_server.dependencies.requirements import Requirement


def edges(distributions: Sequence[Distribution], environment: Mapping[str, str]) -> dict[str, list[Requirement]]:
    """The requirements that count here, by the name of who asks."""
    asked: dict[str, list[Requirement]] = {}
    for item in distributions:
        if item.shadowed:
            continue
        asked[item.key] = []
        for text in item.requires_dist:
            try:
                requirement = Requirement.parse(text)
                if requirement.counts(environment):
                    asked[item.key].append(requirement)
            except ValueError:
                # The report has it as it stands, and rhapsode tells that it cannot be read.
                continue
    return asked


def as_json(distributions: Sequence[Distribution], environment: Mapping[str, str]) -> list[dict[str, object]]:
    """The list form of pipdeptree (`--json`)."""
    there = {item.key: item for item in distributions if not item.shadowed}
    return [
        {
            "package": _package(there[name]),
            "dependencies": [
                {**_package(there[requirement.name]), "required_version": requirement.ranges or "Any"}
                for requirement in requirements
                if requirement.name in there
            ],
        }
        for name, requirements in edges(distributions, environment).items()
    ]


def as_text(distributions: Sequence[Distribution], environment: Mapping[str, str]) -> str:
    """A tree for people: from what nobody asks for downwards, everything told once in full."""
    asked = edges(distributions, environment)
    versions = {item.key: item.version for item in distributions if not item.shadowed}
    needed = {requirement.name for requirements in asked.values() for requirement in requirements}
    # Two that ask for each other are asked for by somebody, and must not be lost.
    roots = [name for name in asked if name not in needed]
    told: set[str] = set()
    lines: list[str] = []

    def tell(name: str, line: str, indent: str) -> None:
        again = name in told and bool(asked.get(name))
        lines.append(f"{indent}{line}{' (above)' if again else ''}")
        if name in told:
            return
        told.add(name)
        for requirement in asked.get(name, ()):
            version = versions.get(requirement.name, "missing")
            ranges = f" [asked for: {requirement.ranges}]" if requirement.ranges else ""
            tell(requirement.name, f"{requirement.name} {version}{ranges}", indent + "    ")

    for name in [*roots, *asked]:
        if name not in told:
            tell(name, f"{name} {versions[name]}", "")
    return "\n".join(lines) + "\n"


def dependants(package: str, distributions: Sequence[Distribution], environment: Mapping[str, str]) -> list[str]:
    """Who asks for a package, and for which versions of it."""
    return [
        f"{name} asks for {requirement.name}{requirement.ranges}"
        for name, requirements in edges(distributions, environment).items()
        for requirement in requirements
        if requirement.name == package
    ]


def nobody_asks_for(distributions: Sequence[Distribution], environment: Mapping[str, str]) -> list[Distribution]:
    """What was installed by name, as far as anybody can tell afterwards."""
    asked = edges(distributions, environment)
    needed = {requirement.name for requirements in asked.values() for requirement in requirements}
    return [item for item in distributions if not item.shadowed and item.key not in needed]


def _package(item: Distribution) -> dict[str, object]:
    return {"key": item.key, "package_name": item.name, "installed_version": item.version}
