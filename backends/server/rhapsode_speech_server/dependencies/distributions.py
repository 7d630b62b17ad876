"""What is installed, every copy of it: pip tells of the first copy alone."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from dataclasses import dataclass
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
        kept = [distribution for distribution in here if distribution is not None]
        earlier.update(distribution.key for distribution in kept)
        found += kept
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
    real = [os.path.realpath(folder or ".") for folder in folders]
    return [folder for folder in dict.fromkeys(real) if Path(folder).is_dir()]


def _left_behind(distribution: Installed) -> bool:
    """Whether it is what pip left half removed: `~umpy`, which imports pass over."""
    path = getattr(distribution, "_path", None)
    return path is not None and Path(str(path)).name.startswith("~")


def _read(distribution: Installed, folder: str, earlier: set[str]) -> Distribution | None:
    metadata = distribution.metadata
    name = metadata["Name"]
    if not name:
        return None
    direct_url = distribution.read_text("direct_url.json")
    return Distribution(
        name=name,
        version=metadata["Version"] or "",
        requires_dist=tuple(distribution.requires or ()),
        requires_python=metadata["Requires-Python"],
        provides_extra=tuple(metadata.get_all("Provides-Extra") or ()),
        installer=(distribution.read_text("INSTALLER") or "").strip() or None,
        direct_url=_json(direct_url),
        location=folder,
        shadowed=normalised(name) in earlier,
    )


def _json(text: str | None) -> object:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return None
