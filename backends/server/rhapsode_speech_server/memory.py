"""How much memory the server holds."""

from __future__ import annotations

import os
import sys
from pathlib import Path

GIB = float(1 << 30)


def held_gib() -> float:
    """The larger of the process's resident memory and what it holds on the accelerator, in GiB."""
    return max(_resident(), _reserved()) / GIB


def _resident() -> float:
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except (OSError, ValueError, IndexError):
        return 0.0
    return float(pages * os.sysconf("SC_PAGE_SIZE"))


def _reserved() -> float:
    # Whoever has not imported torch holds nothing on the accelerator.
    torch = sys.modules.get("torch")
    try:
        if torch is None or not torch.cuda.is_initialized():
            return 0.0
        return float(sum(torch.cuda.memory_reserved(index) for index in range(torch.cuda.device_count())))
    except AttributeError:
        # It is being imported at this moment.
        return 0.0
