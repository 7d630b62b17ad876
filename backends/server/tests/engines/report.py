"""Runs rhapsode's own programs against a server of each engine and prints what came of it, for docs/engines.md.

    report.py --rhapsode PROGRAM --protocol-suite PROGRAM

Exit code 1 if an engine did not do what it must.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import json
import platform
import re
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeAlias

from serving import ENGINES, FOLDER, REAL, Engine, Server, add_voices

PACKAGES = ("torch", "transformers", "numpy", "chatterbox-tts", "indextts2-inference", "fastapi", "uvicorn")
BOOK = """# The lamp on the hill

The lamp was lit, and the reading began. Nobody in the village remembered who had lit it first.

The wind came up from the sea, and the old man put his book away. He looked at the water for a while.

# The morning after

In the morning the lamp was out. The children found it in the grass, and carried it home between them.
"""
#: Chunks short enough that a slow machine sees several of them in each server.
MAX_CHARS = 60
#: What takes long enough to be asked for something else meanwhile.
PASSAGE = "The wind came up from the sea, and the old man put his book away. He looked at the water for a while."
#: Answers of `/health` that are timed, if so many come while the passage is spoken so often.
TIMED, TIMES = 200, 20
#: Seconds between two of them.
PAUSE = 0.01
#: Exit codes. Untrained weights make no speech, and where the take checks say so every chunk has a defect and the gate,
#: which judges a sentence like a take, refuses the server.
DONE, DONE_WITH_DEFECTS, REFUSED = 0, 7, 10
#: The gate's proof of speech. It also covers a server that does not speak at all, so what it saw counts.
PROOF = "RHA-SPK-001"
DEFECTIVE = "its sentence does not pass: "
#: Checks of the protocol suite for which a server would need a token, or be asked while it loads.
SKIPPED = {"ready.loading", "token", "token.watching"}


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
    parser.add_argument("--engine", choices=ENGINES, action="append", help="all real ones by default")
    parser.add_argument("--step", choices=STEPS, action="append", help="all by default")
    arguments = parser.parse_args()
    steps = [STEPS[name] for name in arguments.step or STEPS]
    programs = Programs(arguments.rhapsode.resolve(), arguments.protocol_suite.resolve())
    outcomes: list[Outcome] = []
    for engine in (ENGINES[name] for name in arguments.engine or REAL):
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
    skipped = {check["check"] for check in checks if check["verdict"] == "skipped"}
    counts = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
    unasked = [f"not asked: {name}" for name in sorted(skipped - SKIPPED)]
    return "protocol suite", answer.returncode == 0 and not unasked, "; ".join([counts, *failed, *unasked])


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
    failed = [check for check in checks if check["verdict"] == "fail"]
    proof = next(check for check in checks if check["id"] == PROOF)
    if server.engine.defects:
        good = answer.returncode == REFUSED and failed == [proof] and _is_noise(proof["seen"], server.engine)
    else:
        good = answer.returncode == DONE and not failed and proof["verdict"] == "pass"
    counts = ", ".join(f"{number} {verdict}" for verdict, number in verdicts.most_common())
    # Of several attempts at a sentence the first tells enough where all is as it must be.
    told = [f"`{check['id']}` {check['seen'].split('; ')[0] if good else check['seen']}" for check in failed]
    return "`rhapsode doctor`", good, "; ".join([f"exit code {answer.returncode}, {counts}", *told])


def _is_noise(seen: str, engine: Engine) -> bool:
    """Whether every attempt at the sentence was spoken, and had the defects of the engine's noise and no other."""
    attempts = seen.split("; ")
    spoken = all(attempt.startswith(DEFECTIVE) for attempt in attempts)
    return spoken and all(set(re.findall(r"([a-z-]+) \(", attempt)) <= engine.defects for attempt in attempts)


def _book(server: Server, folder: Path, programs: Programs) -> tuple[str, bool, str]:
    _configure(server, folder)
    (folder / "book.md").write_text(BOOK, encoding="utf-8")
    arguments = ["convert", "book.md", "-o", "book.m4b", "--gate", "warn", "--voice", server.engine.voice]
    answer = _run([programs.rhapsode, *arguments], folder)
    made = folder / "book.m4b"
    size = f"{made.stat().st_size >> 10} KiB" if made.exists() else "no file"
    done = f"exit code {answer.returncode}, {size}"
    expected = DONE_WITH_DEFECTS if server.engine.defects else DONE
    if answer.returncode not in {DONE, DONE_WITH_DEFECTS} or not made.exists():
        return "a book", False, f"{done}; {(answer.stderr.strip().splitlines() or [''])[-1]}"
    chunks, named = _defects(folder)
    good = answer.returncode == expected and named == dict.fromkeys(server.engine.defects, chunks)
    counts = ", ".join(f"{name} {number}" for name, number in named.most_common())
    return "a book", good, f"{done}; {chunks} chunks; defects: {counts or 'none'}"


def _defects(folder: Path) -> tuple[int, Counter[str]]:
    """The chunks of the book, and how many have each defect, from the report of the job."""
    told = json.loads(next(folder.glob(".rhapsode/*/report.json")).read_text(encoding="utf-8"))
    report = told["summary"]
    named = Counter(name for chunk in report["defects"] for name in chunk["defects"])
    return report["chunks"], named


def _health(server: Server, _folder: Path, _programs: Programs) -> tuple[str, bool, str]:
    """How long `/health` takes while a text is spoken."""
    seconds: list[float] = []
    meanwhile = 0
    with ThreadPoolExecutor(1) as pool:
        for seed in range(TIMES):
            if meanwhile == TIMED:
                break
            speaking = pool.submit(server.ask, PASSAGE, seed=seed)
            server.until(lambda speaking=speaking: server.figure("in_flight") == 1 or speaking.done())
            while meanwhile < TIMED and not speaking.done():
                began = time.perf_counter()
                if server.client.get("/health").status_code != 200:
                    return "`/health` while it speaks", False, "it did not answer 200"
                seconds.append(time.perf_counter() - began)
                # One that came only when all was spoken was held up by it.
                meanwhile += not speaking.done()
                time.sleep(PAUSE)
    points = statistics.quantiles(seconds, n=100)
    told = [f"{name} {1000 * value:.1f} ms" for name, value in (("p50", points[49]), ("p99", points[98]))]
    told.append(f"at most {1000 * max(seconds):.1f} ms")
    return "`/health` while it speaks", meanwhile == TIMED, f"{meanwhile} answers: {', '.join(told)}"


def _configure(server: Server, folder: Path) -> None:
    backend = f'name = "{server.engine.name}"\nkind = "openai"\nurl = "{server.url}"\nmax-chars = {MAX_CHARS}'
    lines = f'[speech]\nattempts = 1\n\n[storage]\ntakes = "takes"\n\n[[backend]]\n{backend}\ntime-out = 600\n'
    (folder / "rhapsode.toml").write_text(lines, encoding="utf-8")


def _run(arguments: list[Any], folder: Path) -> subprocess.CompletedProcess[str]:
    words = [str(argument) for argument in arguments]
    return subprocess.run(words, cwd=folder, capture_output=True, text=True, check=False)


def _table(outcomes: list[Outcome]) -> str:
    installed = {distribution.name.lower() for distribution in importlib.metadata.distributions()}
    there = [name for name in PACKAGES if name in installed]
    versions = ", ".join(f"{name} {importlib.metadata.version(name)}" for name in there)
    rows = [
        f"| {outcome.engine} | {outcome.what} | {'yes' if outcome.good else '**no**'} | {outcome.told} "
        f"| {outcome.seconds:.0f} s |"
        for outcome in outcomes
    ]
    head = ["| engine | what | as it must be | told | took |", "|---|---|---|---|---|"]
    return "\n".join([f"Python {platform.python_version()}, {versions}.", "", *head, *rows])


#: In the order in which they run.
STEPS: Mapping[str, Step] = {
    "health": _health,
    "protocol": _protocol,
    "deps": _dependencies,
    "doctor": _doctor,
    "book": _book,
}


if __name__ == "__main__":
    sys.exit(main())
