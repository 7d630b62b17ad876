"""Runs a command and says how long it took, how much processor time and how much memory."""

import dataclasses
import os
import resource
import subprocess
import time


@dataclasses.dataclass
class Run:
    """Wall and processor time in seconds, peak resident memory of the largest process in MB."""

    wall: float
    cpu: float
    peak_mb: float
    output: str


def run(command: list[str], **options) -> Run:
    """Runs a command to its end; a failure ends the bench with everything that the command said."""
    began = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, **options)
    output = process.stdout.read()
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - began
    if process.returncode != 0:
        raise SystemExit(f"{command} failed with {process.returncode}:\n{output}")
    return Run(wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, output)


def shell(script: str, folder: str) -> Run:
    """Runs a shell script; its processor time counts all its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    began = time.monotonic()
    done = subprocess.run(["sh", "-euc", script], cwd=folder, capture_output=True, text=True, check=False)
    wall = time.monotonic() - began
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode != 0:
        raise SystemExit(f"{script} failed with {done.returncode}:\n{done.stdout}{done.stderr}")
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Run(wall, cpu, after.ru_maxrss / 1024, done.stdout + done.stderr)


def median(values: list[float]) -> float:
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
