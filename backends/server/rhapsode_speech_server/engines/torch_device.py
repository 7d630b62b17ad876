"""Where torch computes, and what its errors mean. torch is imported late: the server starts without it."""

from __future__ import annotations

import gc

from rhapsode_speech_server.errors import EngineFault, SpeechFault


def choose(wanted: str) -> str:
    """The device for `auto`, `cpu`, `cuda` or `cuda:N`; one that is not there is a fault."""
    import torch

    if wanted == "auto":
        return "cuda:0" if torch.cuda.is_available() else "cpu"
    if wanted == "cpu":
        return "cpu"
    number = int(wanted.partition(":")[2] or 0)
    if not torch.cuda.is_available():
        raise EngineFault("device", f"{wanted} is asked for, and torch {torch.__version__} finds no CUDA device")
    if number >= torch.cuda.device_count():
        raise EngineFault("device", f"{wanted} is asked for, and there are {torch.cuda.device_count()} CUDA devices")
    return f"cuda:{number}"


def sow(seed: int) -> None:
    """Sets every generator that an engine draws from, on every device."""
    import random

    import numpy as np
    import torch

    torch.manual_seed(seed)
    random.seed(seed)
    np.random.seed(seed % 2**32)


def fault_of(error: Exception) -> SpeechFault:
    """What an exception out of a model means for the request. Raises `EngineFault` where the model is lost with it."""
    import torch

    if isinstance(error, torch.cuda.OutOfMemoryError):
        torch.cuda.empty_cache()
        return SpeechFault.failed("the device has no memory left for this text")
    if isinstance(error, RuntimeError) and "CUDA" in str(error):
        raise EngineFault("generation", "the CUDA device failed") from error
    # The message of a model may repeat what it was given; its kind may not.
    return SpeechFault.failed(f"the model failed with {type(error).__name__}")


def release() -> None:
    """Gives memory back once nothing refers to the model any more."""
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
