"""A whole novel from nothing: where the time goes, how much memory it takes, how well the cores are used."""

import argparse
import json
import os
import pathlib
import sys
import tempfile

from measure import Run, run


def convert(program: str, book: str, folder: pathlib.Path, more: list[str]) -> tuple[Run, dict]:
    whole = run([program, "convert", book, "-o", str(folder / "out.m4b"), "--store", str(folder / "store"), "--quiet",
                 *more])
    report = next((folder / ".rhapsode").glob("*/report.json"))
    return whole, json.loads(report.read_text(encoding="utf-8"))["summary"]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True)
    parser.add_argument("--book", required=True)
    parser.add_argument("--first", default="1-10", help="the chapters whose memory the whole book's is compared with")
    arguments = parser.parse_args()
    book = os.path.abspath(arguments.book)
    with tempfile.TemporaryDirectory() as one, tempfile.TemporaryDirectory() as other:
        first, _ = convert(arguments.program, book, pathlib.Path(one), ["--chapters", arguments.first])
        whole, summary = convert(arguments.program, book, pathlib.Path(other), [])
    times, cores = summary["times"], os.cpu_count()
    scripted = times["read"] + times["script"]
    print(f"{summary['title']}: {summary['seconds'] / 3600:.2f} h of audio, {summary['chunks']} chunks, {cores} cores")
    print(f"  whole job                {whole.wall:8.1f} s  {summary['seconds'] / whole.wall:6.1f} x real time")
    print(f"  processor time / cores   {whole.cpu / cores:8.1f} s  {summary['seconds'] / (whole.cpu / cores):6.1f} x "
          f"real time: overlap {whole.cpu / cores / whole.wall:.1%} (goal 90%)")
    print(f"  speech, sum of workers   {times['speech']:8.1f} s")
    print(f"  mastering, sum           {times['mastering']:8.1f} s")
    print(f"  reading and scripting    {scripted:8.3f} s  {scripted / whole.wall:.2%} of the job (goal under 1%)")
    print(f"  after the last take      {times['after_last_take']:8.2f} s  (goal at most 3)")
    print(f"  peak memory              {whole.peak_mb:8.0f} MB (goal below 400), "
          f"{whole.peak_mb / first.peak_mb:.2f} times that of chapters {arguments.first}: {first.peak_mb:.0f} MB (goal 1.2)")
    print(f"  defects                  {len(summary['defects']):8}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
