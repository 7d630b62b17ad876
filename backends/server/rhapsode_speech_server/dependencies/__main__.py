"""`python -m rhapsode_speech_server.dependencies`: writes what a build leaves, and says whether the build is right."""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from rhapsode_speech_server.dependencies import artifacts
from rhapsode_speech_server.dependencies.accelerator import accelerator_apart
from rhapsode_speech_server.dependencies.document import document
from rhapsode_speech_server.dependencies.facts import Facts, UnknownFactsError
from rhapsode_speech_server.dependencies.imports import TIME_OUT, probe_apart
from rhapsode_speech_server.dependencies.lock import locked
from rhapsode_speech_server.dependencies.report import Environment, report, with_build
from rhapsode_speech_server.dependencies.verification import verify

#: Exit codes: something is wrong with the environment, with the arguments.
WRONG, USAGE = 1, 2


def main() -> int:
    """The program; its exit code."""
    options = _arguments().parse_args()
    if options.write is None and not options.verify:
        sys.stderr.write("error: nothing to do: give --write DIR, --verify, or both\n")
        return USAGE
    try:
        facts = Facts.read(options.facts) if options.facts else Facts.of(options.engine)
    except UnknownFactsError as error:
        sys.stderr.write(f"error: {error}\n")
        return USAGE
    environment = Environment.here()
    probes = probe_apart(facts.imports, options.time_out)
    verification = verify(environment.distributions, facts.pins, probes, environment.values)
    if options.write is not None:
        fixed = locked(options.lock, environment.values) if options.lock else None
        told = report(environment, facts, probes, accelerator_apart(facts.accelerator))
        told = with_build(told, verification, fixed)
        folders = artifacts.Folders(options.write, options.environment or options.write)
        text = document(environment, facts, probes, verification, fixed)
        artifacts.write(folders, environment, told, text, options.lock)
        sys.stderr.write(f"wrote {folders.artifacts}\n")
    for line in verification.warnings:
        sys.stderr.write(f"warning: {line}\n")
    for line in verification.failures:
        sys.stderr.write(f"error: {line}\n")
    if options.verify and verification.ok:
        sys.stderr.write(f"{facts.name}: {len(facts.pins)} pins hold, {len(probes)} imports work\n")
    return WRONG if options.verify and not verification.ok else 0


def _arguments() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m rhapsode_speech_server.dependencies", description=__doc__)
    parser.add_argument("--write", type=Path, metavar="DIR", help="write the artifacts into this folder")
    parser.add_argument(
        "--environment", type=Path, metavar="DIR", help="another folder for environment.txt and the lists of versions"
    )
    parser.add_argument("--verify", action="store_true", help="end with 1 if a pin or an import is wrong")
    parser.add_argument(
        "--engine",
        default=os.environ.get("RHAPSODE_DEPENDENCY_FACTS") or os.environ.get("RHAPSODE_ENGINE", "stand-in"),
        help="whose facts count: an engine, or a profile of one; that of the environment by default",
    )
    parser.add_argument("--facts", type=Path, metavar="FILE", help="facts of a file instead")
    parser.add_argument("--lock", type=Path, metavar="FILE", help="what was locked; a copy joins the artifacts")
    parser.add_argument("--time-out", type=float, default=TIME_OUT, metavar="SECONDS", help="for all imports together")
    return parser


if __name__ == "__main__":
    sys.exit(main())
