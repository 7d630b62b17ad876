"""What is known of an engine's dependencies: a JSON file each, so that a build reads them without the engine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rhapsode_speech_server.dependencies.requirements import Requirement

FOLDER = Path(__file__).parent.parent / "dependency_facts"
TIERS = ("critical", "specific", "minimum")


class UnknownFactsError(Exception):
    """There are no facts of an engine, or they cannot be read."""


@dataclass(frozen=True)
class Pin:
    """A version that the engine was built against."""

    requirement: Requirement
    #: One of `TIERS`: a broken minimum is a warning.
    tier: str
    reason: str | None

    def as_json(self) -> dict[str, object]:
        return {"requirement": self.requirement.text, "tier": self.tier, "reason": self.reason}


@dataclass(frozen=True)
class Facts:
    """The facts of an engine."""

    name: str
    #: What is installed by name.
    requested: tuple[str, ...]
    #: `module`, or `module:attribute`, which must not be None.
    imports: tuple[str, ...]
    pins: tuple[Pin, ...]
    #: Packages whose dependants are shown.
    critical_packages: tuple[str, ...]
    #: `cuda` if the engine cannot do without.
    accelerator: str | None

    @classmethod
    def of(cls, engine: str) -> Facts:
        """The facts of an engine, or of a profile of one such as `sesame-legacy`. Raises `UnknownFactsError`."""
        known = sorted(path.stem for path in FOLDER.glob("*.json"))
        if engine not in known:
            raise UnknownFactsError(f"there are no facts of {engine!r}, only of {', '.join(known)}")
        return cls.read(FOLDER / f"{engine}.json")

    @classmethod
    def read(cls, path: Path) -> Facts:
        """Raises `UnknownFactsError`."""
        try:
            facts: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                name=path.stem,
                requested=tuple(facts.get("requested", ())),
                imports=tuple(facts.get("imports", ())),
                pins=tuple(_pin(pin) for pin in facts.get("pins", ())),
                critical_packages=tuple(facts.get("critical_packages", ())),
                accelerator=facts.get("accelerator"),
            )
        except (OSError, ValueError, KeyError, AttributeError, TypeError) as error:
            raise UnknownFactsError(f"failed to read {path}: {error}") from error


def _pin(pin: dict[str, str]) -> Pin:
    if pin["tier"] not in TIERS:
        raise ValueError(f"{pin['tier']!r} is none of {', '.join(TIERS)}")
    return Pin(Requirement.parse(pin["requirement"]), pin["tier"], pin.get("reason"))
