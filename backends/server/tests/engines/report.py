"""Runs rhapsode's own programs against a real server of each engine and prints what came of it, for docs/engines.md.

    report.py --rhapsode PROGRAM --protocol-suite PROGRAM

Exit code 1 if an engine did not do what it must.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from serving import ENGINES, FOLDER, Engine, Server, add_voices

PACKAGES = ("torch", "transformers", "numpy", "chatterbox-tts", "indextts2-inference", "fastapi", "uvicorn")
BOOK = """# The lamp on the hill

The lamp was lit, and the reading began. Nobody in the village remembered who had lit it first.

The wind came up from the sea, and the old man put his book away. He looked at the water for a while.

# The morning after

In the morning the lamp was out. The children found it in the grass, and carried it home between them.
"""
#: Chunks short enough that a slow machine sees several of them in each server.
MAX_CHARS = 60
#: "Done, but some chunks have a defect": untrained weights make no speech, and the take checks say so.
DONE, DONE_WITH_DEFECTS = 0, 7


@dataclass(frozen=True)
class Outcome:
    """What came of one program on one engine."""

    engine: str
    what: str
    good: bool
    told: str
    seconds: float


@dataclass(frozen=True)
class Programs:
    """Rhapsode's own."""

    rhapsode: Path
    protocol_suite: Path


#: What it is called, whether it was as it must be, and what was told.
Step: TypeAlias = Callable[[Server, Path, Programs], tuple[str, bool, str]]


def main() -> int:
    """Asks all engines, one after the other."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--rhapsode", type=Path, required=True)
    parser.add_argument("--protocol-suite", type=Path, required=True)
    parser.add_argument("--engine", choices=ENGINES, action="append", help="all by default")
    parser.add_argument("--step", choices=STEPS, action="append", help="all by default")
    arguments = parser.parse_args()
    steps = [STEPS[name] for name in arguments.step or STEPS]
    programs = Programs(arguments.rhapsode.resolve(), arguments.protocol_suite.resolve())
    outcomes: list[Outcome] = []
    for engine in (ENGINES[name] for name in arguments.engine or ENGINES):
        with tempfile.TemporaryDirectory() as folder:
            outcomes += _ask(engine, Path(folder), programs, steps)
    print(_table(outcomes))
    return 0 if all(outcome.good for outcome in outcomes) else 1


def _ask(engine: Engine, folder: Path, programs: Programs, steps: Sequence[Step]) -> list[Outcome]:
    began = time.monotonic()
    server = Server(engine, folder)
    try:
        add_voices(server.voices)
        # Clients that choose no voice take the first of the list.
        (server.voices / "hardly.wav").unlink()
        server.ready()
        loaded = Outcome(engine.name, "ready", True, "loaded, and one sentence spoken", time.monotonic() - began)
        return [loaded, *(_timed(engine, step, server, folder, programs) for step in steps)]
    finally:
        server.close()


def _timed(engine: Engine, step: Step, server: Server, folder: Path, programs: Programs) -> Outcome:
    began = time.monotonic()
    try:
        what, good, told = step(server, folder, programs)
    except (OSError, ValueError, LookupError, StopIteration) as error:
        # One program that answers in another shape must not cost the rest of a long run.
        what, good, told = step.__name__.strip("_"), False, f"{type(error).__name__}: {error}"
    outcome = Outcome(engine.name, what, good, told, time.monotonic() - began)
    print(f"{engine.name}: {what}: {told} ({outcome.seconds:.0f} s)", file=sys.stderr, flush=True)
    return outcome


def _protocol(server: Server, folder: Path, programs: Programs) -> tuple[str, bool, str]:
    arguments = [server.url, "--own", "--any-sound", "--json", "--voice", server.engine.voice, "--patience", "900"]
    answer = _run([programs.protocol_suite, *arguments], folder)
    (FOLDER / f"protocol-{server.engine.name}.json").write_text(answer.stdout, encoding="utf-8")
    checks = json.loads(answer.stdout)["outcomes"]
    verdicts = Counter(check["verdict"] for check in checks)
    failed = [f"{check['check']}: {check['seen']}" for check in checks if check["verdict"] == "fail"]
    counts = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
    return "protocol suite", answer.returncode == 0, "; ".join([counts, *failed])


def _dependencies(server: Server, folder: Path, programs: Programs) -> tuple[str, bool, str]:
    answer = _run([programs.rhapsode, "deps", "check", server.url, "--format", "json"], folder)
    judged = json.loads(answer.stdout)["inputs"][0]
    told = f"{judged['packages']} packages, {judged['errors']} errors, {judged['warnings']} warnings"
    return "`rhapsode deps check`", answer.returncode == 0, told


def _doctor(server: Server, folder: Path, programs: Programs) -> tuple[str, bool, str]:
    _configure(server, folder)
    answer = _run([programs.rhapsode, "doctor", "--json"], folder)
    checks = json.loads(answer.stdout)["outcomes"]
    verdicts = Counter(check["verdict"] for check in checks)
    # Of several attempts at a sentence the first tells enough.
    failed = [f"`{check['id']}` {check['seen'].split('; ')[0]}" for check in checks if check["verdict"] == "fail"]
    # The proof of speech judges a sentence like a take of a book, and this is none.
    good = all(check["id"] == "RHA-SPK-001" for check in checks if check["verdict"] == "fail")
    counts = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
    return "`rhapsode doctor`", good, "; ".join([counts, *failed])


def _book(server: Server, folder: Path, programs: Programs) -> tuple[str, bool, str]:
    _configure(server, folder)
    (folder / "book.md").write_text(BOOK, encoding="utf-8")
    arguments = ["convert", "book.md", "-o", "book.m4b", "--gate", "warn", "--voice", server.engine.voice]
    answer = _run([programs.rhapsode, *arguments], folder)
    made = folder / "book.m4b"
    good = answer.returncode in {DONE, DONE_WITH_DEFECTS} and made.exists()
    last = (answer.stderr.strip().splitlines() or [""])[-1]
    size = f"{made.stat().st_size >> 10} KiB" if made.exists() else "no file"
    return "a book", good, f"exit code {answer.returncode}, {size}; {_defects(folder) if good else last}"


def _defects(folder: Path) -> str:
    """What the take checks said, from the report of the job."""
    told = json.loads(next(folder.glob(".rhapsode/*/report.json")).read_text(encoding="utf-8"))
    report = told["summary"]
    named = Counter(name for chunk in report["defects"] for name in chunk["defects"])
    counts = ", ".join(f"{name} {number}" for name, number in named.most_common())
    return f"{report['chunks']} chunks, {len(report['defects'])} with a defect: {counts or 'none'}"


def _configure(server: Server, folder: Path) -> None:
    backend = f'name = "{server.engine.name}"\nkind = "openai"\nurl = "{server.url}"\nmax-chars = {MAX_CHARS}'
    lines = f'[speech]\nattempts = 1\n\n[storage]\ntakes = "takes"\n\n[[backend]]\n{backend}\ntime-out = 600\n'
    (folder / "rhapsode.toml").write_text(lines, encoding="utf-8")


def _run(arguments: list[Any], folder: Path) -> subprocess.CompletedProcess[str]:
    words = [str(argument) for argument in arguments]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def _table(outcomes: list[Outcome]) -> str:
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in PACKAGES)
    rows = [
        f"| {outcome.engine} | {outcome.what} | {'yes' if outcome.good else '**no**'} | {outcome.told} "
        f"| {outcome.seconds:.0f} s |"
        for outcome in outcomes
    ]
    head = ["| engine | what | as it must be | told | took |", "|---|---|---|---|---|"]
    return "\n".join([f"Python {platform.python_version()}, {versions}.", "", *head, *rows])


#: In the order in which they run.
STEPS: Mapping[str, Step] = {"protocol": _protocol, "deps": _dependencies, "doctor": _doctor, "book": _book}


if __name__ == "__main__":
    sys.exit(main())
