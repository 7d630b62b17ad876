"""Every release format from the same takes: rhapsode, the best parallel ffmpeg line, and m4b-tool's way.

Both others get each chapter's takes joined in one WAV beforehand, which is not in their times. ffmpeg in parallel: chapters
side by side on all cores, loudness measured, linear gain and limiter, its quickest encoder of the kind, joined without a
second encode where the release is one file. m4b-tool's way: one chapter after the other is encoded as it is, and the encoded
files are joined; it neither measures nor masters.
"""

import argparse
import os
import pathlib
import shutil
import sys
import tempfile

from mastering import lists, seconds, takes
from measure import Run, median, run, shell

# Our format, ffmpeg's arguments, the extension, whether the release is one file.
FORMATS = {
    "m4b": ("-ar 24000 -c:a aac -aac_coder fast -b:a 64k", "m4a", True),
    "mp3": ("-ar 44100 -c:a libmp3lame -b:a 96k", "mp3", False),
    "opus": ("-ar 24000 -c:a libopus -b:a 32k", "opus", True),
    "flac": ("-ar 24000 -c:a flac", "flac", False),
    "wav": ("-ar 24000 -c:a pcm_s16le", "wav", False),
}


def ours(program: str, book: str, folder: pathlib.Path, chapters: str, name: str) -> Run:
    """Masters, encodes and publishes from takes that are all in the store."""
    shutil.rmtree(folder / ".rhapsode", ignore_errors=True)
    shutil.rmtree(folder / "out", ignore_errors=True)
    return run([program, "convert", book, "-o", str(folder / "out"), "--chapters", chapters, "--store",
                str(folder / "store"), "--work", str(folder), "--format", name, "--quiet"])


def joined(chapters: list[list[pathlib.Path]], folder: pathlib.Path) -> None:
    """Each chapter's takes as one WAV."""
    lists(chapters, folder)
    for number in range(len(chapters)):
        run(["ffmpeg", "-nostdin", "-y", "-v", "error", "-f", "concat", "-safe", "0", "-i", str(folder / f"{number:03}.txt"),
             "-c", "copy", str(folder / f"chapter-{number:03}.wav")])


def by_ffmpeg(folder: pathlib.Path, count: int, name: str) -> Run:
    """All chapters side by side."""
    encoder, extension, _ = FORMATS[name]
    script = (
        "i=$(ffmpeg -nostdin -hide_banner -i chapter-$1.wav -af ebur128 -f null - 2>&1 | "
        "sed -n 's/^ *I: *\\(-[0-9.]*\\) LUFS/\\1/p' | tail -n 1); "
        "gain=$(awk \"BEGIN { print -20 - ($i) }\"); "
        "ffmpeg -nostdin -y -v error -threads 1 -i chapter-$1.wav -af volume=${gain}dB,alimiter=limit=0.6 "
        f"{encoder} $1.{extension}\n")
    return encoded(folder, count, name, script, os.cpu_count() or 1)


def by_m4b_tool(folder: pathlib.Path, count: int, name: str) -> Run:
    """One chapter after the other."""
    encoder, extension, _ = FORMATS[name]
    return encoded(folder, count, name, f"ffmpeg -nostdin -y -v error -i chapter-$1.wav {encoder} $1.{extension}\n", 1)


def encoded(folder: pathlib.Path, count: int, name: str, script: str, jobs: int) -> Run:
    """Runs a script for each chapter, so many at the same time, and joins what came of it."""
    _, extension, one_file = FORMATS[name]
    (folder / "chapter.sh").write_text(script, encoding="utf-8")
    (folder / "join.txt").write_text("".join(f"file '{n:03}.{extension}'\n" for n in range(count)), encoding="utf-8")
    names = " ".join(f"{n:03}" for n in range(count))
    join = f"; ffmpeg -nostdin -y -v error -f concat -safe 0 -i join.txt -c copy joined.{extension}"
    return shell(f"printf '%s\\n' {names} | xargs -P {jobs} -n 1 sh chapter.sh{join if one_file else ''}", str(folder))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="rhapsode")
    parser.add_argument("--share", required=True, help="the example master_takes, which tells the encoder's share")
    parser.add_argument("--book", required=True)
    parser.add_argument("--chapters", required=True, help="chapters that make about an hour")
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    book = os.path.abspath(arguments.book)

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        ours(arguments.program, book, folder, arguments.chapters, "m4b")
        chapters = takes(folder)
        length = seconds(next((folder / "out").glob("*.m4b")))
        joined(chapters, folder)
        plain = folder / "plain"
        plain.mkdir()
        for number, take in enumerate(take for chapter in chapters for take in chapter):
            shutil.copy(take, plain / f"{number:05}.wav")
        print(f"{length:.0f} s in {len(chapters)} chapters, {sum(map(len, chapters))} takes, on {os.cpu_count()} cores; "
              "hours of audio a minute")
        for kind in FORMATS:
            rows: dict[str, list[float]] = {"rhapsode": [], "ffmpeg in parallel": [], "m4b-tool's way": []}
            for _ in range(arguments.rounds):
                rows["rhapsode"].append(ours(arguments.program, book, folder, arguments.chapters, kind).wall)
                rows["ffmpeg in parallel"].append(by_ffmpeg(folder, len(chapters), kind).wall)
                rows["m4b-tool's way"].append(by_m4b_tool(folder, len(chapters), kind).wall)
            share = run([arguments.share, str(plain), "600", kind]).output.rsplit(", ", 1)[1].split(" %")[0]
            speeds = ", ".join(f"{row} {length / 60 / median(walls):.2f}" for row, walls in rows.items())
            print(f"  {kind:<5} {speeds}; the encoder is {share} % of mastering", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
