"""What is installed, every copy of it: pip tells of the first copy alone."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib.metadata import Distribution as Installed
from importlib.metadata import DistributionFinder, MetadataPathFinder
from pathlib import Path

from rhapsode_speech_server.dependencies.requirements import normalised


@dataclass(frozen=True)
class Distribution:
    """An installed distribution."""

    name: str
    version: str
    requires_dist: tuple[str, ...]
    requires_python: str | None
    provides_extra: tuple[str, ...]
    installer: str | None
    direct_url: object
    location: str
    #: Another copy, in a folder that is searched earlier, is what an import finds.
    shadowed: bool

    @property
    def key(self) -> str:
        return normalised(self.name)

    def as_json(self) -> dict[str, object]:
        return {
            "name": self.name,
            "version": self.version,
            "requires_dist": list(self.requires_dist),
            "requires_python": self.requires_python,
            "provides_extra": list(self.provides_extra),
            "installer": self.installer,
            "direct_url": self.direct_url,
            "location": self.location,
            "shadowed": self.shadowed,
        }


def installed(folders: Sequence[str] | None = None) -> list[Distribution]:
    """Everything in the folders that imports are searched in, sorted by name."""
    found: list[Distribution] = []
    earlier: set[str] = set()
    for folder in _distinct(sys.path if folders is None else folders):
        here = [
            _read(distribution, folder, earlier)
            for distribution in MetadataPathFinder.find_distributions(DistributionFinder.Context(path=[folder]))
            if not _left_behind(distribution)
        ]
        earlier.update(distribution.key for distribution in here)
        found += here
    return sorted(found, key=lambda distribution: (distribution.key, distribution.shadowed, distribution.version))


def duplicates(distributions: Sequence[Distribution]) -> dict[str, list[dict[str, str]]]:
    """By name, all copies of what is there more than once."""
    copies: dict[str, list[dict[str, str]]] = {}
    for distribution in distributions:
        copy = {"version": distribution.version, "location": distribution.location}
        copies.setdefault(distribution.key, []).append(copy)
    return {name: several for name, several in copies.items() if len(several) > 1}


def _distinct(folders: Sequence[str]) -> list[str]:
    """The folders, each once: a path that comes twice is not two copies."""
    real = dict.fromkeys(Path(folder or ".").resolve() for folder in folders)
    # setuptools appends what it brings for itself alone.
    return [str(folder) for folder in real if folder.is_dir() and folder.name != "_vendor"]


def _folder_name(distribution: Installed) -> str:
    """The name of its `.dist-info`; empty where it has none, as in a zip."""
    return Path(str(getattr(distribution, "_path", ""))).name


def _left_behind(distribution: Installed) -> bool:
    """Whether it is what pip left half removed: `~umpy`, which imports pass over."""
    return _folder_name(distribution).startswith("~")


def _read(distribution: Installed, folder: str, earlier: set[str]) -> Distribution:
    fields = _fields(distribution)
    # Metadata that is lost must be told: it may be the one whose requirement is broken. Without a version, rhapsode
    # knows that there is something that nobody can read.
    name = _one(fields, "Name") or _folder_name(distribution).partition("-")[0]
    return Distribution(
        name=name,
        version=_one(fields, "Version") or "",
        requires_dist=tuple(fields.get("Requires-Dist") or _of_egg(distribution)),
        requires_python=_one(fields, "Requires-Python"),
        provides_extra=tuple(fields.get("Provides-Extra", ())),
        installer=_text(distribution, "INSTALLER").strip() or None,
        direct_url=_json(_text(distribution, "direct_url.json")),
        location=folder,
        shadowed=normalised(name) in earlier,
    )


def _fields(distribution: Installed) -> dict[str, list[str]]:
    """The metadata, read here: `importlib.metadata` fails in other ways in each version where it is broken."""
    text = _text(distribution, "METADATA") or _text(distribution, "PKG-INFO")
    fields: dict[str, list[str]] = {}
    # What follows the headers is the README of the distribution, by far the most of it.
    for name, value in HeaderParser().parsestr(text).items():
        fields.setdefault(name.title(), []).append(" ".join(str(value).split()))
    return fields


def _of_egg(distribution: Installed) -> list[str]:
    """The requirements of what was installed in the old way, which stand in a file of their own."""
    return (distribution.requires or []) if _text(distribution, "requires.txt") else []


def _one(fields: dict[str, list[str]], name: str) -> str | None:
    return fields[name][0] if name in fields else None


def _text(distribution: Installed, name: str) -> str:
    try:
        return distribution.read_text(name) or ""
    except (OSError, ValueError):
        return ""


def _json(text: str) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
