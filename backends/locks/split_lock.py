"""Splits a hashed lock into the parts that an image installs one after the other.

    python split_lock.py requirements.lock.txt OUT --group numpy=numpy --group torch=torch,torchvision \
        --rest wheels --also torch-index.hashes.txt

Each part is a lock of its own, `OUT/<group>.txt`, so that pip can check its hashes; `OUT/<group>.pinned.txt` is the
same without hashes, for wheels that were built from what was checked. `OUT/pinned.txt` has all entries without hashes:
a constraint that keeps later steps from moving anything.

Why one lock and not several: whatever is resolved apart can contradict. Why parts: torch comes from another index than
the rest, and numpy has to be there before anything is built against it.

An index of torch may serve the same versions in files of its own. Their hashes stand in the file given with `--also`
and are added to the entries of the lock.
"""

from __future__ import annotations

import argparse
import fnmatch
import re
import sys
from dataclasses import dataclass
from pathlib import Path

HASH = re.compile(r"\s*--hash=(\S+)")
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class LockError(Exception):
    """The lock is not one that an image can be built from."""


@dataclass(frozen=True)
class Entry:
    """One requirement of a lock, such as `numpy==1.26.4 ; python_version < "3.13"`, with its hashes."""

    requirement: str
    hashes: tuple[str, ...]

    @property
    def name(self) -> str:
        """The name as PEP 503 normalises it, since `--group` and a lock may spell it differently."""
        match = NAME.match(self.requirement)
        if match is None:
            raise LockError(f"no name in `{self.requirement}`")
        return re.sub(r"[-_.]+", "-", match.group()).lower()

    def text(self) -> str:
        return " \\\n    ".join([self.requirement, *(f"--hash={value}" for value in self.hashes)])


def read(path: Path) -> list[Entry]:
    """The entries of a lock. Refused are options, which are of the machine that made it, and entries without a hash."""
    lines = (line.split(" #", 1)[0].strip() for line in path.read_text(encoding="utf-8").splitlines())
    logical = "\n".join(line for line in lines if line and not line.startswith("#")).replace("\\\n", " ")
    entries = []
    for line in logical.splitlines():
        if line.startswith("-"):
            raise LockError(f"{path} carries an option: {line}")
        requirement = HASH.sub("", line).strip()
        hashes = tuple(HASH.findall(line))
        if not hashes:
            raise LockError(f"no hash for {requirement}")
        entries.append(Entry(requirement, hashes))
    return entries


def with_hashes_of(entries: list[Entry], more: list[Entry]) -> list[Entry]:
    """Adds the hashes that another index has for the same name and version."""

    def pinned(entry: Entry) -> str:
        return entry.requirement.split(";", 1)[0].replace(" ", "").lower()

    added: dict[str, tuple[str, ...]] = {}
    for entry in more:
        added[pinned(entry)] = added.get(pinned(entry), ()) + entry.hashes
    unknown = added.keys() - {pinned(entry) for entry in entries}
    if unknown:
        raise LockError(f"hashes for what the lock does not have: {', '.join(sorted(unknown))}")
    return [Entry(entry.requirement, entry.hashes + added.get(pinned(entry), ())) for entry in entries]


def split(entries: list[Entry], groups: dict[str, list[str]], rest: str) -> dict[str, list[Entry]]:
    """Each entry in exactly one part: that of the first group with a pattern for its name, or the rest."""
    parts: dict[str, list[Entry]] = {group: [] for group in [*groups, rest]}
    for entry in entries:
        group = next(
            (g for g, patterns in groups.items() if any(fnmatch.fnmatch(entry.name, p) for p in patterns)), rest
        )
        parts[group].append(entry)
    return parts


def write(parts: dict[str, list[Entry]], out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    for group, entries in parts.items():
        _lines(out / f"{group}.txt", [entry.text() for entry in entries])
        _lines(out / f"{group}.pinned.txt", [entry.requirement for entry in entries])
    _lines(out / "pinned.txt", [entry.requirement for entries in parts.values() for entry in entries])


def _lines(path: Path, lines: list[str]) -> None:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lock", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--group", action="append", default=[], metavar="GROUP=NAME,…", help="names may have a *")
    parser.add_argument("--rest", default="wheels", help="the part for everything else")
    parser.add_argument("--also", type=Path, help="hashes of the same versions on another index")
    arguments = parser.parse_args()
    groups = {group: names.split(",") for group, _, names in (option.partition("=") for option in arguments.group)}
    try:
        entries = read(arguments.lock)
        if arguments.also is not None and arguments.also.exists():
            entries = with_hashes_of(entries, read(arguments.also))
        parts = split(entries, groups, arguments.rest)
    except LockError as error:
        sys.stderr.write(f"error: {error}\n")
        return 1
    write(parts, arguments.out)
    for group, part in parts.items():
        sys.stdout.write(f"{group}: {len(part)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
