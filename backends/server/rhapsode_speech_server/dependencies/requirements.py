"""Requirements as PEP 508 has them: a name, extras, a range, and when it counts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from rhapsode_speech_server.dependencies.markers import holds

_REQUIREMENT = re.compile(
    r"\s*(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?:\[(?P<extras>[^\]]*)\])?\s*"
    r"(?:@\s*(?P<url>\S+)|(?P<ranges>[^;@]*))\s*(?:;(?P<marker>.*))?",
    re.DOTALL,
)


def normalised(name: str) -> str:
    """A name as it is compared."""
    return re.sub(r"[-_.]+", "-", name).lower()


@dataclass(frozen=True)
class Requirement:
    """One requirement."""

    text: str
    name: str
    ranges: str
    marker: str | None

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """Raises `ValueError`."""
        found = _REQUIREMENT.fullmatch(text)
        if found is None:
            raise ValueError(f"{text!r} is no requirement")
        ranges = (found["ranges"] or "").strip().strip("()")
        marker = found["marker"].strip() if found["marker"] else None
        return cls(text.strip(), normalised(found["name"]), ranges, marker)

    def counts(self, environment: Mapping[str, str]) -> bool:
        """Whether it is asked for in an environment, without any extra."""
        return self.marker is None or holds(self.marker, {**environment, "extra": ""})
