"""The files of a model: whether they are there, and which revision of it they are."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

from rhapsode_speech_server.errors import EngineFault

_COMMIT = re.compile(r"[0-9a-f]{40}")
#: Read from both ends of a large file: the head of a safetensors file names and places every tensor.
_EDGE = 64 * 1024
#: Characters of an error that are told.
_LONGEST_REASON = 300


def given(folder: Path | None) -> Path:
    """The folder that the settings name."""
    if folder is None:
        raise EngineFault("settings", "RHAPSODE_MODEL_DIR is not set; it names the folder with the weights")
    return folder


def require(folder: Path, names: Iterable[str], engine: str) -> None:
    """Raises a fault that names what is missing. Weights are never fetched by a running server."""
    missing = [name for name in names if not (folder / name).exists()]
    if missing:
        raise EngineFault(
            "files",
            f"there is no {', '.join(missing)} in {folder}; "
            f"backends/{engine}/README.md tells how to get the weights of {engine}",
        )


def unloadable(folder: Path, error: Exception) -> EngineFault:
    """The fault of weights that do not load. torch names every tensor that does not fit; the first ones will do."""
    told = " ".join(str(error).split())
    reason = told if len(told) <= _LONGEST_REASON else f"{told[:_LONGEST_REASON]}…"
    return EngineFault("weights", f"the model in {folder} does not load: {type(error).__name__}: {reason}")


def revision_of(folder: Path) -> str:
    """The commit on the model hub if the folder tells it, else a hash of what its files are."""
    return _commit_of_snapshot(folder) or _commit_of_download(folder) or _fingerprint(folder)


def _commit_of_snapshot(folder: Path) -> str | None:
    """The hub's cache keeps each commit in a folder of its own, `snapshots/<commit>`."""
    folder = folder.resolve()
    if folder.parent.name == "snapshots" and _COMMIT.fullmatch(folder.name):
        return folder.name
    return None


def _commit_of_download(folder: Path) -> str | None:
    """A download into a plain folder leaves the commit of each file in the first line of its metadata."""
    notes = (folder / ".cache" / "huggingface" / "download").glob("**/*.metadata")
    commits = {note.read_text(encoding="utf-8", errors="replace").split("\n", 1)[0].strip() for note in notes}
    if len(commits) != 1:
        return None
    commit = commits.pop()
    return commit if _COMMIT.fullmatch(commit) else None


def _fingerprint(folder: Path) -> str:
    """Name, size and both ends of every file: cheap for gigabytes, and other weights have another one."""
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*")):
        relative = file.relative_to(folder)
        if not file.is_file() or any(part.startswith(".") for part in relative.parts):
            continue
        size = file.stat().st_size
        digest.update(f"{relative.as_posix()}\0{size}\0".encode())
        with file.open("rb") as opened:
            digest.update(opened.read(_EDGE))
            opened.seek(max(size - _EDGE, 0))
            digest.update(opened.read(_EDGE))
    return f"sha256:{digest.hexdigest()[:16]}"
