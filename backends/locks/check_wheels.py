"""Clears and checks a folder of wheels before an image installs from it with `--no-index --find-links`.

    python check_wheels.py /wheels --drop numpy,torch,torchvision,torchaudio

What is dropped comes from a step of its own: building other packages may drag it along in another version, and pip
would take whichever is newer. Of everything else there may be one wheel a name; two are an error.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import defaultdict
from pathlib import Path


def name_of(wheel: Path) -> str:
    """The distribution's name, normalised; the first field of a wheel's file name."""
    return re.sub(r"[-_.]+", "-", wheel.name.split("-", 1)[0]).lower()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--drop", default="", metavar="NAME,…")
    arguments = parser.parse_args()
    dropped = set(filter(None, arguments.drop.split(",")))

    wheels: dict[str, list[Path]] = defaultdict(list)
    for wheel in sorted(arguments.folder.glob("*.whl")):
        if name_of(wheel) in dropped:
            wheel.unlink()
            sys.stdout.write(f"dropped {wheel.name}\n")
        else:
            wheels[name_of(wheel)].append(wheel)
    doubled = {name: found for name, found in wheels.items() if len(found) > 1}
    for name, found in doubled.items():
        sys.stderr.write(f"error: {name} has {len(found)} wheels: {', '.join(wheel.name for wheel in found)}\n")
    sys.stdout.write(f"{len(wheels)} wheels, one a name\n" if not doubled else "")
    return 1 if doubled else 0


if __name__ == "__main__":
    sys.exit(main())
