"""Environment markers: the values of this Python, and whether a marker holds for them."""

from __future__ import annotations

import os
import platform
import re
import sys
from collections.abc import Mapping

from rhapsode_speech_server.dependencies.versions import NotAVersionError, contains

_TOKEN = re.compile(r"\s*(?:(\(|\)|===|==|!=|<=|>=|~=|<|>)|'([^']*)'|\"([^\"]*)\"|([a-z_.]+))\s*")
#: Variables that hold a version; the others are compared as text.
_VERSIONS = {"python_version", "python_full_version", "implementation_version"}


def values() -> dict[str, str]:
    """The values of the markers, as `packaging.markers.default_environment()` gives them."""
    implementation = sys.implementation.version
    level = implementation.releaselevel
    suffix = "" if level == "final" else f"{level[0]}{implementation.serial}"
    return {
        "implementation_name": sys.implementation.name,
        "implementation_version": f"{implementation.major}.{implementation.minor}.{implementation.micro}{suffix}",
        "os_name": os.name,
        "platform_machine": platform.machine(),
        "platform_python_implementation": platform.python_implementation(),
        "platform_release": platform.release(),
        "platform_system": platform.system(),
        "platform_version": platform.version(),
        "python_full_version": platform.python_version(),
        "python_version": f"{sys.version_info.major}.{sys.version_info.minor}",
        "sys_platform": sys.platform,
    }


def holds(marker: str, environment: Mapping[str, str]) -> bool:
    """Whether a marker holds. Raises `ValueError` if it is none."""
    reader = _Reader(marker)
    result = reader.either(environment)
    if reader.tokens:
        raise ValueError(f"{marker!r} is no marker")
    return result


class _Reader:
    """Reads a marker from left to right: `or` of `and` of comparisons and parentheses."""

    def __init__(self, marker: str) -> None:
        self.tokens: list[tuple[str, str]] = []
        at = 0
        while at < len(marker):
            found = _TOKEN.match(marker, at)
            if found is None:
                raise ValueError(f"{marker!r} is no marker")
            sign, single, double, word = found.groups()
            kind = "sign" if sign else "word" if word else "text"
            self.tokens.append((kind, sign or word or single or double or ""))
            at = found.end()

    def either(self, environment: Mapping[str, str]) -> bool:
        result = self._all(environment)
        while self._skip("or"):
            result = self._all(environment) or result
        return result

    def _all(self, environment: Mapping[str, str]) -> bool:
        result = self._one(environment)
        while self._skip("and"):
            result = self._one(environment) and result
        return result

    def _one(self, environment: Mapping[str, str]) -> bool:
        if self._skip("("):
            result = self.either(environment)
            if not self._skip(")"):
                raise ValueError("a parenthesis of a marker is not closed")
            return result
        left = self._next()
        operator = self._next()[1]
        if operator == "not":
            operator = f"not {self._next()[1]}"
        return _compare(left, operator, self._next(), environment)

    def _next(self) -> tuple[str, str]:
        if not self.tokens:
            raise ValueError("a marker ends too early")
        return self.tokens.pop(0)

    def _skip(self, token: str) -> bool:
        if self.tokens and self.tokens[0] in {("word", token), ("sign", token)}:
            self.tokens.pop(0)
            return True
        return False


def _compare(left: tuple[str, str], operator: str, right: tuple[str, str], environment: Mapping[str, str]) -> bool:
    one, other = (environment.get(value, "") if kind == "word" else value for kind, value in (left, right))
    if operator == "in":
        return one in other
    if operator == "not in":
        return one not in other
    if left[1] in _VERSIONS or right[1] in _VERSIONS:
        try:
            return contains(f"{operator}{other}", one)
        except NotAVersionError:
            pass
    if operator in {"==", "==="}:
        return one == other
    if operator == "!=":
        return one != other
    return {"<": one < other, ">": one > other, "<=": one <= other, ">=": one >= other}.get(operator, False)
