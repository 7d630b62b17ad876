"""Makes a tiny checkpoint on which the real code of an engine loads and speaks, on a CPU and within a second.

    python make.py chatterbox|index-tts|sesame FOLDER [--seed N]

It needs the packages of the engine. The same seed makes the same weights.
"""

from __future__ import annotations

import argparse
from importlib import import_module
from pathlib import Path

import torch

MODULES = {
    "chatterbox": "chatterbox_checkpoint",
    "index-tts": "index_tts_checkpoint",
    "sesame": "sesame_checkpoint",
}


def main() -> None:
    """Reads the arguments and makes the checkpoint."""
    parser = argparse.ArgumentParser(description="make a tiny checkpoint")
    parser.add_argument("engine", choices=MODULES)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(arguments.seed)
    import_module(MODULES[arguments.engine]).make(arguments.folder)


if __name__ == "__main__":
    main()
