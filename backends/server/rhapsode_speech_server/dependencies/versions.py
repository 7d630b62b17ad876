"""Versions as PEP 440 has them, as far as pins and markers need it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TypeAlias

_VERSION = re.compile(
    r"""v?(?:(?P<epoch>\d+)!)?(?P<release>\d+(?:\.\d+)*)
    (?:[-_.]?(?P<pre>a|b|c|rc|alpha|beta|pre|preview)[-_.]?(?P<pre_number>\d*))?
    (?P<post>-(?P<implicit_post>\d+)|[-_.]?(?:post|rev|r)[-_.]?(?P<post_number>\d*))?
    (?P<dev>[-_.]?dev[-_.]?(?P<dev_number>\d*))?
    (?:\+(?P<local>[a-z0-9]+(?:[-_.][a-z0-9]+)*))?""",
    re.VERBOSE | re.IGNORECASE,
)
_PRE = {"alpha": "a", "beta": "b", "c": "rc", "pre": "rc", "preview": "rc"}
_CLAUSE = re.compile(r"(===|==|!=|<=|>=|~=|<|>)\s*([^\s,;()]+)")

Key: TypeAlias = tuple[int, tuple[int, ...], tuple[str, int], int, float]


class NotAVersionError(ValueError):
    """A text is no version, or no range of versions."""


@dataclass(frozen=True)
class Version:
    """A version. The local part is kept apart: it counts only where it is asked for."""

    epoch: int
    release: tuple[int, ...]
    pre: tuple[str, int] | None
    post: int | None
    dev: int | None
    local: str | None

    @classmethod
    def parse(cls, text: str) -> Version:
        found = _VERSION.fullmatch(text.strip())
        if found is None:
            raise NotAVersionError(f"{text!r} is no version")
        pre = found["pre"].lower() if found["pre"] else None
        post_number = found["implicit_post"] or found["post_number"]
        return cls(
            epoch=int(found["epoch"] or 0),
            release=tuple(int(part) for part in found["release"].split(".")),
            pre=(_PRE.get(pre, pre), int(found["pre_number"] or 0)) if pre else None,
            post=int(post_number or 0) if found["post"] else None,
            dev=int(found["dev_number"] or 0) if found["dev"] else None,
            local=re.sub("[-_]", ".", found["local"].lower()) if found["local"] else None,
        )

    @property
    def early(self) -> bool:
        """Whether it came before its release."""
        return self.pre is not None or self.dev is not None

    @property
    def key(self) -> Key:
        """What versions are sorted by, the local part aside."""
        release = self.release
        while len(release) > 1 and release[-1] == 0:
            release = release[:-1]
        if self.pre is not None:
            pre = self.pre
        # A development release of a release comes before its pre-releases; everything else after them.
        elif self.post is None and self.dev is not None:
            pre = ("", 0)
        else:
            pre = ("z", 0)
        post = -1 if self.post is None else self.post
        dev = float("inf") if self.dev is None else float(self.dev)
        return (self.epoch, release, pre, post, dev)


def contains(ranges: str, text: str) -> bool:
    """Whether a version is in a range such as `>=1.24,<2`. Raises `NotAVersionError`.

    What is installed may be a pre-release, so pre-releases count as every other version.
    """
    clauses = _CLAUSE.findall(ranges)
    if _CLAUSE.sub("", ranges).strip(" ,()"):
        raise NotAVersionError(f"{ranges!r} is no range of versions")
    return all(_holds(operator, wanted, text) for operator, wanted in clauses)


def _holds(operator: str, wanted: str, text: str) -> bool:
    if operator == "===":
        return text.strip().lower() == wanted.lower()
    version = Version.parse(text)
    if wanted.endswith(".*"):
        return _begins_with(version, Version.parse(wanted[:-2])) == (operator == "==")
    asked = Version.parse(wanted)
    equal = version.key == asked.key and (asked.local is None or version.local == asked.local)
    if operator == "~=":
        series = Version(asked.epoch, asked.release[:-1], None, None, None, None)
        return version.key >= asked.key and _begins_with(version, series)
    same_release = version.key[:2] == asked.key[:2]
    early_bound = same_release and version.post == asked.post and version.early and not asked.early
    late_bound = same_release and version.pre == asked.pre and version.post is not None and asked.post is None
    return {
        "==": equal,
        "!=": not equal,
        "<=": version.key <= asked.key,
        ">=": version.key >= asked.key,
        # A pre-release of the bound is not below it, a post-release of it not above.
        "<": version.key < asked.key and not early_bound,
        ">": version.key > asked.key and not late_bound,
    }[operator]


def _begins_with(version: Version, series: Version) -> bool:
    padded = version.release + (0,) * (len(series.release) - len(version.release))
    return version.epoch == series.epoch and padded[: len(series.release)] == series.release
