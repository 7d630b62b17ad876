"""Where torch computes, and from which seed. torch is imported late: the server starts without it."""

from __future__ import annotations

import gc
import random

import numpy as np

from rhapsode_speech_server.errors import EngineFault


def choose(wanted: str) -> str:
    """The device for `auto`, `cpu`, `cuda` or `cuda:N`; one that is not there is a fault."""
    import torch

    if wanted == "cpu" or (wanted == "auto" and not torch.cuda.is_available()):
        # oneDNN compiles a convolution for each length that it meets, and no two texts have the same.
        torch.backends.mkldnn.enabled = False
        return "cpu"
    if wanted == "auto":
        return "cuda:0"
    number = int(wanted.partition(":")[2] or 0)
    if not torch.cuda.is_available():
        raise EngineFault("device", f"{wanted} is asked for, and torch {torch.__version__} finds no CUDA device")
    if number >= torch.cuda.device_count():
        raise EngineFault("device", f"{wanted} is asked for, and there are {torch.cuda.device_count()} CUDA devices")
    return f"cuda:{number}"


def sow(seed: int) -> None:
    """Sets every generator that an engine draws from, on every device."""
    import torch

    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


def release() -> None:
    """Gives memory back once nothing refers to the model any more."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
