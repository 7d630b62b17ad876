"""A lock as pip-compile and uv write it: what was locked for this environment."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from rhapsode_speech_server.dependencies.requirements import Requirement

_EXACT = re.compile(r"={2,3}\s*([^\s,*]+)")


def locked(path: Path, environment: Mapping[str, str]) -> list[dict[str, str]] | None:
    """Names and versions; None if there is no lock."""
    try:
        text = path.read_text(encoding="utf-8")
    except OSError:
        return None
    found: list[dict[str, str]] = []
    for line in text.replace("\\\n", " ").splitlines():
        plain = re.split(r"\s+(?:#|--)", line.strip(), maxsplit=1)[0]
        if not plain or plain.startswith(("#", "-")):
            continue
        try:
            requirement = Requirement.parse(plain)
            exact = _EXACT.fullmatch(requirement.ranges)
            if exact is not None and requirement.counts(environment):
                found.append({"name": requirement.name, "version": exact[1]})
        except ValueError:
            continue
    return found
