"""The whole gate on three speech servers of which each reports 150 distributions: how much longer it takes than the slowest
of the sentences that the servers speak as their proof, and how long it takes once these are known.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile
import time

from dispatch import Server, running
from measure import median

DISTRIBUTIONS = 150
RUNS = 5


def report() -> dict:
    """A healthy installation: every distribution asks for up to eight others, some of them elsewhere only."""
    names = [f"distribution-{number}" for number in range(DISTRIBUTIONS)]
    distributions = [
        {
            "name": name,
            "version": f"1.{number}.0",
            "requires_dist": [f"{names[other]}>=1.0,<2" for other in range(max(0, number - 6), number)]
            + ["elsewhere>=3; sys_platform == 'win32'", "testing; extra == 'test'"],
            "requires_python": ">=3.9",
            "installer": "pip",
            "direct_url": None,
            "location": "/venv",
            "shadowed": False,
        }
        for number, name in enumerate(names)
    ]
    environment = {
        "implementation_name": "cpython", "implementation_version": "3.11.7", "os_name": "posix",
        "platform_machine": "x86_64", "platform_release": "6.1", "platform_system": "Linux", "platform_version": "1",
        "platform_python_implementation": "CPython", "python_full_version": "3.11.7", "python_version": "3.11",
        "sys_platform": "linux",
    }
    return {"schema": 1, "environment": environment, "prefix": "/venv", "distributions": distributions,
            "duplicates": {}, "imports": []}


def doctor(program: str, folder: str) -> tuple[float, dict]:
    began = time.monotonic()
    done = subprocess.run([program, "doctor", "--json", "--voice", "siren", "--store", "store"], cwd=folder,
                          capture_output=True, text=True, check=False)
    wall = time.monotonic() - began
    if done.returncode != 0:
        raise SystemExit(f"the gate refuses:\n{done.stdout}{done.stderr}")
    return wall, json.loads(done.stdout)


def slowest(outcome_id: str, found: dict) -> float:
    return max((o["seconds"] for o in found["outcomes"] if o["id"].startswith(outcome_id)), default=0.0)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--server", required=True, help="the tests' speech server")
    arguments = parser.parse_args()
    program = str(pathlib.Path(arguments.program).resolve())
    over, kept = [], []
    with tempfile.TemporaryDirectory() as place:
        file = pathlib.Path(place, "dependencies.json")
        file.write_text(json.dumps(report()), encoding="utf-8")
        # A sentence of 44 characters takes 0.1, 0.2 and 0.4 s.
        servers = [Server(2, pace) for pace in (0.0025, 0.005, 0.01)]
        with running(arguments.server, servers, "--own", "--dependencies", str(file)):
            for _ in range(RUNS):
                with tempfile.TemporaryDirectory() as folder:
                    blocks = [
                        f'[[backend]]\nname = "server-{number}"\nkind = "openai"\nurl = "{server.url}"\n'
                        'identity = "the sirens"\n'
                        for number, server in enumerate(servers)
                    ]
                    pathlib.Path(folder, "rhapsode.toml").write_text("\n".join(blocks), encoding="utf-8")
                    wall, first = doctor(program, folder)
                    over.append(wall - slowest("RHA-SPK", first))
                    wall, again = doctor(program, folder)
                    kept.append(wall)
    print(f"  first run   {median(over):6.3f} s beside the slowest proof of {slowest('RHA-SPK', first):.3f} s (goal 2)")
    print(f"  proofs kept {median(kept):6.3f} s")
    print(f"  {len(again['outcomes'])} checks, {DISTRIBUTIONS} distributions each judged within "
          f"{1000 * slowest('RHA-DEP', first):.1f} ms of the first question (goal 20 for the judgement alone)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
