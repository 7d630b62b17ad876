"""Compares the speed of the built-in voice with that of the reference package. Run by scripts/bench-voice.

Both speak the sentences of the samples, one at a time, on one thread that is bound to one core; a first pass warms
up, a second one is measured; and they take turns, so that a busy moment of the machine hits both. Compared is
processor time, in which other programs do not count. The weights are those in the package: the pack that the
program speaks with is made from its files.
"""
import argparse
import hashlib
import json
import os
import pathlib
import re
import statistics
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
SAMPLES = ["the-tide-clerk.md", "the-orchard-at-number-nine.txt", "source"]
SENTENCES = 100


def sentences():
    """Sentences of words and marks alone, which both sides read alike."""
    found = []
    for sample in SAMPLES:
        path = ROOT / "books/samples" / sample
        for file in sorted(path.glob("**/*")) if path.is_dir() else [path]:
            if file.suffix not in (".md", ".txt", ".xhtml", ".html"):
                continue
            text = re.sub(r"<[^>]*>", " ", re.sub(r"</(p|h\d|title)>", "\n\n", file.read_text(encoding="utf-8")))
            for paragraph in re.split(r"\n\s*\n", text):
                for sentence in re.split(r"(?<=[.!?])[\"”’]?\s+", " ".join(paragraph.split())):
                    if 4 <= len(sentence.split()) <= 60 and not re.search(r"[^A-Za-z ,.;:!?'’“”\"—-]", sentence):
                        found.append(sentence)
    return list(dict.fromkeys(found))[:SENTENCES]


def reference(text):
    """Speaks a file with the reference package; prints the same line as the example `speed`."""
    from hibari import Hibari

    tts = Hibari(threads=1)
    lines = pathlib.Path(text).read_text(encoding="utf-8").splitlines()
    for line in lines:
        tts(line, seed=0)
    clock, processor = time.perf_counter(), time.process_time()
    samples = sum(len(tts(line, seed=0)) for line in lines)
    figures = {"speech": samples / 24_000, "clock": time.perf_counter() - clock, "processor": time.process_time() - processor}
    print(json.dumps(figures))


def make_pack(folder):
    """A voice pack of the package's own files."""
    import hibari

    assets = pathlib.Path(hibari.__file__).parent / "assets"
    names = {"graph": "hibari.onnx", "vocabulary": "vocab.json", "speller": "oov.onnx", "speller-alphabet": "oov.json"}
    folder.mkdir(exist_ok=True)
    files = {}
    for role, name in names.items():
        content = (assets / name).read_bytes()
        (folder / name).write_bytes(content)
        files[role] = {"name": name, "bytes": len(content), "sha256": hashlib.sha256(content).hexdigest()}
    manifest = {
        "schema": 1, "name": "hibari", "engine": "hibari", "language": "en-US", "licence": "Apache-2.0",
        "provenance": {"origin": "hibari", "source": "the reference package"}, "files": files,
    }
    (folder / "voice.json").write_text(json.dumps(manifest))
    return folder


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--program", help="the example `speed`")
    parser.add_argument("--work", type=pathlib.Path, help="folder for the text and the pack")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--reference", metavar="TEXT", help="speak this file with the reference package, and no more")
    options = parser.parse_args()
    if options.reference:
        return reference(options.reference)

    text = options.work / "sentences.txt"
    lines = sentences()
    text.write_text("\n".join(lines) + "\n", encoding="utf-8")
    pack = make_pack(options.work / "pack")
    environment = dict(os.environ, OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
    core = str(max(os.sched_getaffinity(0)))
    sides = {
        "rhapsode": [options.program, pack, text],
        "reference": [sys.executable, __file__, "--reference", text],
    }
    figures = {side: [] for side in sides}
    for _ in range(options.rounds):
        for side, command in sides.items():
            command = ["taskset", "-c", core, *map(str, command)]
            done = subprocess.run(command, env=environment, stdout=subprocess.PIPE, check=True)
            figures[side].append(json.loads(done.stdout))

    print(f"{len(lines)} sentences, one thread, {options.rounds} rounds in turns; times real time, median and range")
    medians = {}
    for side, rounds in figures.items():
        speeds = sorted(r["speech"] / r["processor"] for r in rounds)
        clock = statistics.median(r["speech"] / r["clock"] for r in rounds)
        medians[side] = statistics.median(speeds)
        print(f"  {side:10} {medians[side]:6.1f}  ({speeds[0]:.1f} to {speeds[-1]:.1f}; by the clock {clock:.1f}; "
              f"{rounds[0]['speech']:.1f} s of speech)")
    print(f"  ratio      {medians['rhapsode'] / medians['reference']:6.2f}")
    return None


if __name__ == "__main__":
    main()
