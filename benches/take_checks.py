"""Speaks a thousand sentences of a novel, plants faults in the takes and counts what the checks of a take catch."""

import argparse
import html
import json
import os
import pathlib
import re
import sys
import tempfile
import zipfile

from measure import run

SENTENCES = 1100


def sentences(book: str) -> list[str]:
    """Sentences of one chunk each, evenly over the book: no figures, no headings, nothing that is read otherwise than
    it is written."""
    found: dict[str, None] = {}
    with zipfile.ZipFile(book) as epub:
        for name in sorted(name for name in epub.namelist() if "chapter" in name and name.endswith("html")):
            for paragraph in re.findall(r"<p\b[^>]*>(.*?)</p>", epub.read(name).decode("utf-8"), re.DOTALL):
                text = " ".join(html.unescape(re.sub(r"<[^>]+>", "", paragraph)).split())
                for sentence in re.split(r"(?<=[.!?])\s+(?=[A-Z])", text):
                    plain = re.fullmatch(r"[A-Z][A-Za-z ,;:'’-]*[.!?]", sentence)
                    if plain and 12 <= len(sentence) <= 230 and sentence.upper() != sentence:
                        found[sentence] = None
    return list(found)[:: max(1, len(found) // SENTENCES)][:SENTENCES]


def takes(program: str, texts: list[str], folder: pathlib.Path) -> list[pathlib.Path]:
    """The take of each text, spoken by the built-in voice."""
    (folder / "book.txt").write_text("\n\n".join(texts) + "\n", encoding="utf-8")
    run([program, "convert", str(folder / "book.txt"), "-o", str(folder / "book.m4b"), "--store", str(folder / "store"),
         "--quiet"])
    selections = next((folder / ".rhapsode").glob("*/selections.json"))
    keys = [take["key"] for chapter in json.loads(selections.read_text(encoding="utf-8"))["chapters"]
            for take in chapter["takes"]]
    if len(keys) != len(texts):
        raise SystemExit(f"{len(texts)} sentences became {len(keys)} chunks")
    return [folder / "store" / "v1" / key[:2] / f"{key}.wav" for key in keys]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="rhapsode")
    parser.add_argument("--plant", required=True, help="the example plant_faults of the crate rhapsode-audio")
    parser.add_argument("--book", required=True)
    parser.add_argument("--write", help="leave takes with wrong words in this folder")
    arguments = parser.parse_args()
    texts = sentences(os.path.abspath(arguments.book))
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        lines = [json.dumps({"file": str(file), "text": text})
                 for file, text in zip(takes(arguments.program, texts, folder), texts, strict=True)]
        (folder / "takes.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
        more = ["--write", arguments.write] if arguments.write else []
        print(run([arguments.plant, str(folder / "takes.jsonl"), *more]).output, end="")
    return 0


if __name__ == "__main__":
    sys.exit(main())
