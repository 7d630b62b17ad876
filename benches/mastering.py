"""Mastering and encoding an hour of takes on all cores: rhapsode beside ffmpeg, from the same takes in one run.

Rows: rhapsode with FDK-AAC; rhapsode with ffmpeg's AAC; ffmpeg as peers use it (concat, loudnorm twice, one AAC
encode); the best parallel ffmpeg line (chapters side by side, linear gain, `-aac_coder fast` and the default).
"""

import argparse
import json
import os
import pathlib
import shutil
import sys
import tempfile

from measure import Run, median, run, shell

BITRATE = "64k"


def convert(program: str, book: str, folder: pathlib.Path, chapters: str) -> Run:
    """Masters, encodes and publishes from takes that are all in the store."""
    shutil.rmtree(folder / ".rhapsode", ignore_errors=True)
    (folder / "out.m4b").unlink(missing_ok=True)
    return run([program, "convert", book, "-o", str(folder / "out.m4b"), "--chapters", chapters, "--store",
                str(folder / "store"), "--quiet"])


def takes(folder: pathlib.Path) -> list[list[pathlib.Path]]:
    """The takes of each chapter in reading order, as the job selected them."""
    selections = next((folder / ".rhapsode").glob("*/selections.json"))
    chapters = json.loads(selections.read_text(encoding="utf-8"))["chapters"]
    root = folder / "store" / "v1"
    return [[root / take["key"][:2] / f"{take['key']}.wav" for take in chapter["takes"]] for chapter in chapters]


def seconds(release: pathlib.Path) -> float:
    probe = run(["ffprobe", "-v", "error", "-show_entries", "format=duration", "-of", "csv=p=0", str(release)])
    return float(probe.output)


def lists(chapters: list[list[pathlib.Path]], folder: pathlib.Path) -> None:
    """concat lists for ffmpeg: one for the book, one for each chapter."""
    everything = ""
    for number, chapter in enumerate(chapters):
        lines = "".join(f"file '{take}'\n" for take in chapter)
        (folder / f"{number:03}.txt").write_text(lines, encoding="utf-8")
        everything += lines
    (folder / "book.txt").write_text(everything, encoding="utf-8")


def peers(folder: pathlib.Path) -> Run:
    """concat, loudnorm in two passes, ffmpeg's AAC: what peers do, on one thread."""
    quiet = "ffmpeg -nostdin -y -v error"
    measured = shell(
        "ffmpeg -nostdin -y -hide_banner -f concat -safe 0 -i book.txt -af "
        "loudnorm=I=-20:TP=-3:LRA=11:print_format=json -f null - 2>&1 | sed -n '/^{/,/^}/p' >loudness.json", str(folder))
    figures = json.loads((folder / "loudness.json").read_text(encoding="utf-8"))
    encoded = shell(
        f"{quiet} -f concat -safe 0 -i book.txt -af loudnorm=I=-20:TP=-3:LRA=11:linear=true:"
        f"measured_I={figures['input_i']}:measured_TP={figures['input_tp']}:measured_LRA={figures['input_lra']}:"
        f"measured_thresh={figures['input_thresh']}:offset={figures['target_offset']} "
        f"-ar 24000 -c:a aac -b:a {BITRATE} peers.m4a", str(folder))
    return Run(measured.wall + encoded.wall, measured.cpu + encoded.cpu, max(measured.peak_mb, encoded.peak_mb), "")


def parallel(folder: pathlib.Path, chapters: int, coder: str) -> Run:
    """Chapters side by side on all cores: measure, linear gain and limiter, encode; then join without a second
    encode. The best ffmpeg line that we could write."""
    script = (
        "chapter() { i=$(ffmpeg -nostdin -hide_banner -f concat -safe 0 -i $1.txt -af ebur128 -f null - 2>&1 | "
        "sed -n 's/^ *I: *\\(-[0-9.]*\\) LUFS/\\1/p' | tail -n 1); "
        "gain=$(awk \"BEGIN { print -20 - ($i) }\"); "
        "ffmpeg -nostdin -y -v error -threads 1 -f concat -safe 0 -i $1.txt -af volume=${gain}dB,alimiter=limit=0.6 "
        f"-ar 24000 -c:a aac -aac_coder {coder} -b:a {BITRATE} $1.m4a; }}; chapter \"$1\"\n")
    (folder / "chapter.sh").write_text(script, encoding="utf-8")
    (folder / "join.txt").write_text("".join(f"file '{n:03}.m4a'\n" for n in range(chapters)), encoding="utf-8")
    names = " ".join(f"{n:03}" for n in range(chapters))
    return shell(
        f"printf '%s\\n' {names} | xargs -P {os.cpu_count()} -n 1 sh chapter.sh; "
        "ffmpeg -nostdin -y -v error -f concat -safe 0 -i join.txt -c copy parallel.m4a", str(folder))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--fdk", required=True, help="rhapsode with FDK-AAC")
    parser.add_argument("--ffmpeg-aac", required=True, help="rhapsode with ffmpeg's AAC")
    parser.add_argument("--book", required=True)
    parser.add_argument("--chapters", required=True, help="chapters that make about an hour")
    parser.add_argument("--rounds", type=int, default=3, help="of the fast rows; the slow one runs once")
    arguments = parser.parse_args()
    book = os.path.abspath(arguments.book)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        convert(arguments.fdk, book, folder, arguments.chapters)
        chapters = takes(folder)
        length = seconds(folder / "out.m4b")
        lists(chapters, folder)
        rows: dict[str, list[Run]] = {"rhapsode, FDK-AAC": [], "rhapsode, ffmpeg AAC": [],
                                      "ffmpeg in parallel, AAC": [], "ffmpeg in parallel, AAC fast (other encoder)": []}
        for _ in range(arguments.rounds):
            rows["rhapsode, FDK-AAC"].append(convert(arguments.fdk, book, folder, arguments.chapters))
            rows["rhapsode, ffmpeg AAC"].append(convert(arguments.ffmpeg_aac, book, folder, arguments.chapters))
            rows["ffmpeg in parallel, AAC"].append(parallel(folder, len(chapters), "twoloop"))
            rows["ffmpeg in parallel, AAC fast (other encoder)"].append(parallel(folder, len(chapters), "fast"))
        rows["ffmpeg as peers use it (loudnorm twice)"] = [peers(folder)]

    print(f"mastering and encoding {length:.0f} s in {len(chapters)} chapters, {sum(map(len, chapters))} takes, "
          f"on {os.cpu_count()} cores")
    wall = {row: median([r.wall for r in runs]) for row, runs in rows.items()}
    for row, runs in rows.items():
        cpu = median([r.cpu for r in runs])
        print(f"  {row:<46} {wall[row]:8.2f} s wall {cpu:8.2f} s cpu {length / wall[row]:7.0f} x real time "
              f"{max(r.peak_mb for r in runs):6.0f} MB")
    ours = wall["rhapsode, FDK-AAC"]
    print(f"  FDK over peers' ffmpeg: {wall['ffmpeg as peers use it (loudnorm twice)'] / ours:.1f} times (goal 20)")
    print(f"  FDK over the best parallel ffmpeg, fast coder (other encoder): "
          f"{wall['ffmpeg in parallel, AAC fast (other encoder)'] / ours:.2f} times")
    same = wall["ffmpeg in parallel, AAC"] / wall["rhapsode, ffmpeg AAC"]
    print(f"  same encoder, rhapsode over parallel ffmpeg: {same:.2f} times (goal 1.15)")
    return 0


if __name__ == "__main__":
    sys.exit(main())
