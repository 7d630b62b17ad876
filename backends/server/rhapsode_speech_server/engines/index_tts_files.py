"""The models that IndexTTS-2 borrows, wherever they lie in the model folder, in the form each release wants them.

Releases from 2.5 on take the paths; those before, and the package on the index, ask the model hub by name, and find
there what the hub's cache holds. `hf_cache` in the model folder may have either form, so that one mounted folder serves
every release, and nothing is written to it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from rhapsode_speech_server.errors import EngineFault

#: The folder of a commit in the hub's cache, where nobody knows the commit.
_UNKNOWN_COMMIT = "0" * 40


@dataclass(frozen=True)
class Borrowed:
    """A model of others: its name on the hub, where it lies in a plain `hf_cache`, and the file that is used of it."""

    #: What releases from 2.5 on call it.
    key: str
    repository: str
    plain: str
    #: None: the whole folder is used.
    file: str | None


BORROWED = (
    Borrowed("w2v_bert", "facebook/w2v-bert-2.0", "w2v-bert-2.0", None),
    Borrowed(
        "semantic_codec",
        "amphion/MaskGCT",
        "semantic_codec_model.safetensors",
        "semantic_codec/model.safetensors",
    ),
    Borrowed("campplus", "funasr/campplus", "campplus_cn_common.bin", "campplus_cn_common.bin"),
    Borrowed("bigvgan", "nvidia/bigvgan_v2_22khz_80band_256x", "bigvgan", None),
)

OWN_FILES = ("config.yaml", "bpe.model", "gpt.pth", "s2mel.pth", "feat1.pt", "feat2.pt", "wav2vec2bert_stats.pt")


def borrowed_paths(model_dir: Path) -> dict[str, Path]:
    """Where each borrowed model is. Raises a fault that names those that are nowhere."""
    cache = model_dir / "hf_cache"
    found = {model.key: path for model in BORROWED if (path := _find(cache, model)) is not None}
    missing = [model.repository for model in BORROWED if model.key not in found]
    if missing:
        raise EngineFault(
            "files",
            f"there is no {', '.join(missing)} in {cache}; "
            "backends/index-tts/README.md tells how to get the weights of index-tts",
        )
    return found


def _find(cache: Path, model: Borrowed) -> Path | None:
    plain = cache / model.plain
    if plain.exists():
        return plain
    for snapshot in sorted((cache / _folder_of(model) / "snapshots").glob("*")):
        path = snapshot / model.file if model.file else snapshot
        if path.exists():
            return path
    return None


def link_as_hub(paths: Mapping[str, Path], hub: Path) -> None:
    """Makes a cache of the hub at `hub` whose files are links to the borrowed models."""
    for model in BORROWED:
        folder = hub / _folder_of(model)
        (folder / "refs").mkdir(parents=True, exist_ok=True)
        (folder / "refs" / "main").write_text(_UNKNOWN_COMMIT, encoding="ascii")
        snapshot = folder / "snapshots" / _UNKNOWN_COMMIT
        source = paths[model.key]
        if model.file is not None:
            _link(source, snapshot / model.file)
            continue
        for file in source.iterdir():
            _link(file, snapshot / file.name)


def _link(target: Path, link: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    # The model folder may lie elsewhere than when the link was made.
    link.unlink(missing_ok=True)
    link.symlink_to(target.resolve())


def _folder_of(model: Borrowed) -> str:
    return "models--" + model.repository.replace("/", "--")
