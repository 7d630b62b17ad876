"""The accelerator, as torch sees it. In a process of its own at a build, in the server's where torch is loaded."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

TIME_OUT = 120.0


def accelerator_apart(required: str | None) -> dict[str, object]:
    """What a child process sees."""
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path), "PYTHONDONTWRITEBYTECODE": "1"}
    try:
        done = subprocess.run(
            [sys.executable, "-m", __name__],
            capture_output=True,
            text=True,
            timeout=TIME_OUT,
            env=environment,
            check=False,
        )
        seen: dict[str, object] = json.loads(done.stdout.strip().splitlines()[-1])
    except (subprocess.TimeoutExpired, IndexError, ValueError):
        seen = _nothing()
    return {**seen, "required": required}


def accelerator_here(required: str | None, device: str) -> dict[str, object]:
    """What this process sees, if it has torch; `device` is what the engine says that it runs on."""
    torch = sys.modules.get("torch")
    seen = _nothing() if torch is None else _seen(torch)
    return {**seen, "device": device.partition(":")[0], "required": required}


def _nothing() -> dict[str, object]:
    return {
        "device": "cpu",
        "name": None,
        "capability": None,
        "architectures": [],
        "cuda": None,
        "torch": None,
        "driver": _driver(),
        "driver_cuda": None,
    }


def _seen(torch: Any) -> dict[str, object]:
    seen = _nothing()
    seen["torch"] = str(torch.__version__)
    seen["cuda"] = torch.version.cuda
    try:
        number = int(torch._C._cuda_getDriverVersion())
        seen["driver_cuda"] = f"{number // 1000}.{number % 1000 // 10}" if number else None
    except (AttributeError, RuntimeError):
        pass
    try:
        if torch.cuda.is_available():
            major, minor = torch.cuda.get_device_capability()
            seen |= {
                "device": "cuda",
                "name": torch.cuda.get_device_name(),
                "capability": f"{major}.{minor}",
                "architectures": list(torch.cuda.get_arch_list()),
            }
    except RuntimeError as error:
        seen["error"] = str(error).splitlines()[0]
    return seen


def _driver() -> str | None:
    try:
        text = Path("/proc/driver/nvidia/version").read_text(encoding="ascii", errors="replace")
    except OSError:
        return None
    found = re.search(r"\b(\d{3,}\.\d+(?:\.\d+)?)\b", text)
    return found[1] if found else None


if __name__ == "__main__":
    try:
        import torch as _torch  # type: ignore[import-not-found,unused-ignore]
    except Exception:
        told = _nothing()
    else:
        told = _seen(_torch)
    print("\n" + json.dumps(told))
