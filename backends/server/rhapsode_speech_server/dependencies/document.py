"""The report for people: what holds the environment together, and what does not."""

from __future__ import annotations

from collections.abc import Sequence

from rhapsode_speech_server.dependencies import tree
from rhapsode_speech_server.dependencies.facts import Facts
from rhapsode_speech_server.dependencies.imports import Probe
from rhapsode_speech_server.dependencies.report import Environment
from rhapsode_speech_server.dependencies.verification import Verification, conflicts

#: Machines that wheels of 64 bit ARM are for.
ARM = {"aarch64", "arm64"}


def document(
    environment: Environment,
    facts: Facts,
    probes: Sequence[Probe],
    verification: Verification,
    locked: Sequence[object] | None,
) -> str:
    """The report as Markdown."""
    sections = [
        f"# Dependencies of {facts.name}",
        _reproducibility(environment, facts, locked),
        _arm64(environment),
        _conflicts(environment, facts, verification),
        _performance(environment, probes),
        _documentation(),
    ]
    return "\n\n".join(sections) + "\n"


def _section(title: str, lines: Sequence[str]) -> str:
    return "\n".join([f"## {title}", "", *lines])


def _reproducibility(environment: Environment, facts: Facts, locked: Sequence[object] | None) -> str:
    values = environment.values
    lines = [
        f"- Python {values['python_full_version']} on {values['platform_system']} {values['platform_machine']}",
        f"- {len(environment.distributions)} distributions",
        f"- locked: {len(locked)} distributions, in `requirements.lock.txt`" if locked else "- no lock was given",
        "- installed by name: " + (", ".join(facts.requested) or "not told"),
        "",
        "| pin | tier | reason |",
        "|---|---|---|",
    ]
    lines += [f"| `{pin.requirement.text}` | {pin.tier} | {pin.reason or ''} |" for pin in facts.pins]
    return _section("Reproducibility", lines)


def _arm64(environment: Environment) -> str:
    machine, python = environment.values["platform_machine"], environment.values["python_version"]
    here = "This environment is one." if machine in ARM else f"This environment is for {machine}."
    lines = [
        f"{here} Whether every distribution has a file for another processor stands in the lock alone:",
        "",
        f"    rhapsode deps wheels requirements.lock.txt --platform aarch64 --python {python}",
    ]
    return _section("ARM64", lines)


def _conflicts(environment: Environment, facts: Facts, verification: Verification) -> str:
    unmet = conflicts(environment.distributions, environment.values)
    lines = [f"- {line}" for line in (*verification.failures, *verification.warnings, *unmet)]
    if not lines:
        lines = ["None: every requirement is met, every pin holds, every import works, nothing is there twice."]
    for package in facts.critical_packages:
        asking = tree.dependants(package, environment.distributions, environment.values)
        lines += ["", f"Who asks for {package}:", "", *(f"- {line}" for line in asking or ["nobody"])]
    return _section("Conflicts", lines)


def _performance(environment: Environment, probes: Sequence[Probe]) -> str:
    timed = sorted((probe for probe in probes if probe.seconds), key=lambda probe: -(probe.seconds or 0))
    # A compiled distribution that came as source was built on the machine that made the image.
    lines = ["Imports, the slowest first:", "", "| module | seconds |", "|---|---:|"]
    lines += [f"| `{probe.module}` | {probe.seconds:.1f} |" for probe in timed[:10]]
    direct = [item for item in environment.distributions if item.direct_url]
    lines += ["", "Not from an index: " + (", ".join(f"{item.name} {item.version}" for item in direct) or "nothing")]
    return _section("Performance", lines)


def _documentation() -> str:
    lines = [
        "| file | what it is |",
        "|---|---|",
        "| `dependencies_report.json` | everything here and more, for rhapsode |",
        "| `pip_inspect.json` | the environment as pip tells it, where there is a pip |",
        "| `dependency_tree.txt`, `dependency_tree.json` | who asks for what |",
        "| `frozen_deps.txt` | every version |",
        "| `explicit_deps.txt` | what nothing else asks for |",
        "| `environment.txt` | Python, platform, torch, CUDA |",
        "",
        "    rhapsode deps check dependency_artifacts",
    ]
    return _section("Documentation", lines)
