"""A whole novel on speech servers whose service time is known: how near the job comes to the bound that they set, which
is the time of all requests over all slots. Wall time is that to the finished M4B. Beside it, on the same servers, a peer.

The sound is quick (speed 2, half as long as speech), because mastering must not be what is measured on a small machine.
"""

import argparse
import contextlib
import dataclasses
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import urllib.request

from measure import Run, run

PACE = 0.035
SPEED = 2.0


@dataclasses.dataclass
class Server:
    slots: int
    seconds_per_char: float
    url: str = ""


@contextlib.contextmanager
def running(program: str, servers: list[Server], *more: str):
    """Starts servers with fresh counts; `more` are arguments for each."""
    processes = []
    try:
        for server in servers:
            command = [program, "--slots", str(server.slots), "--seconds-per-char", str(server.seconds_per_char),
                       "--pace", str(PACE), *more]
            processes.append(subprocess.Popen(command, stdout=subprocess.PIPE, text=True))
            server.url = processes[-1].stdout.readline().strip()
        yield
    finally:
        for process in processes:
            process.terminate()
            process.wait()


def counts(server: Server) -> dict:
    with urllib.request.urlopen(f"{server.url}/counts") as answer:
        return json.load(answer)


def requests(servers: list[Server]) -> int:
    """Requests of every kind, probes among them."""
    return sum(counts(server)["requests"] for server in servers)


def rhapsode(program: str, book: str, servers: list[Server]) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        blocks = [
            f'[[backend]]\nname = "server-{number}"\nkind = "openai"\nurl = "{server.url}"\nmodel = "songs"\n'
            f'voices = ["siren"]\nformats = ["wav"]\nmax-concurrency = {server.slots}\nmax-chars = 400\n'
            'identity = "the sirens"\n'
            for number, server in enumerate(servers)
        ]
        pathlib.Path(folder, "rhapsode.toml").write_text("\n".join(blocks), encoding="utf-8")
        command = [program, "convert", book, "-o", "out.m4b", "--store", "store", "--voice", "siren", "--speed",
                   str(SPEED), "--quiet"]
        first = run(command, cwd=folder)
        before = requests(servers)
        again = run(command, cwd=folder)
        print(f"  a second run: {again.wall:.2f} s, {requests(servers) - before} requests (goal under 3 s, none)")
        return first


def peer(program: str, book: str, servers: list[Server]) -> Run:
    with tempfile.TemporaryDirectory() as folder:
        local = pathlib.Path(folder, "book.epub")
        local.write_bytes(pathlib.Path(book).read_bytes())
        listed = " ".join(f"{server.url}={server.slots}" for server in servers)
        jobs = str(sum(server.slots for server in servers))
        return run([program, "make", str(local), "--engine", "speech", "-j", jobs, "-o", "out.m4b", "--force"], cwd=folder,
                   env={**os.environ, "SPEECH_SERVERS": listed, "SPEECH_SPEED": str(SPEED)})


def measure(name: str, work, server_program: str, servers: list[Server]) -> float:
    """Wall time over the bound for the characters that were asked for."""
    with running(server_program, servers):
        done = work(servers)
        seen = [counts(server) for server in servers]
    slots = sum(server.slots for server in servers)
    characters = sum(count["characters"] for count in seen)
    bound = characters / sum(server.slots / server.seconds_per_char for server in servers)
    busy = sum(count["busy_seconds"] for count in seen)
    print(f"  {name:<14} {done.wall:7.1f} s   bound {bound:6.1f} s   ratio {done.wall / bound:6.3f}   "
          f"slot use {busy / (slots * done.wall):6.1%}   cpu {done.cpu:6.1f} s   memory {done.peak_mb:5.0f} MB   "
          f"{sum(count['speech'] for count in seen)} requests")
    return done.wall / bound


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--server", required=True, help="the tests' speech server")
    parser.add_argument("--peer", help="audiobooker of a virtual environment that has benches/audiobooker_speech")
    parser.add_argument("--book", required=True)
    parser.add_argument("--seconds-per-char", type=float, default=0.0008, help="of one slot of the even servers")
    arguments = parser.parse_args()
    book = os.path.abspath(arguments.book)
    program = os.path.abspath(arguments.program)
    pace = arguments.seconds_per_char
    # 15 shares of speed over two slots each, together as quick as the four even slots.
    slow = 15 * 2 * pace / 4
    pools = {
        "one server of 4 slots": [Server(4, pace)],
        "four servers of 2 slots, 1:2:4:8": [Server(2, slow / speed) for speed in (1, 2, 4, 8)],
    }
    for name, servers in pools.items():
        print(f"{name} (goal 1.03)")
        measure("rhapsode", lambda servers: rhapsode(program, book, servers), arguments.server, servers)
        if arguments.peer and len(servers) == 1:
            path = os.path.abspath(arguments.peer)
            measure("audiobooker", lambda servers: peer(path, book, servers), arguments.server, servers)
    return 0


if __name__ == "__main__":
    sys.exit(main())
