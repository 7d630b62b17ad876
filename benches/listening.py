"""Plants faults in real speech of the built-in voice and counts which of them the listening check finds.

Each text is spoken as it stands, with a fifth of its words missing, and with a fifth of them said twice, at a random
place; and the speech of a text is set against its neighbour's. A recogniser hears all of it: one that is started
here, or the server at --url. Prints a table; --keep writes every case.
"""

import argparse
import collections
import html
import json
import pathlib
import random
import re
import subprocess
import sys
import zipfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
FAULTS = {"clean": "the text itself", "missing": "20 % missing", "repeated": "20 % repeated",
          "wrong": "the neighbour's text"}
GOALS = {"clean": ("at most", 0.05), "missing": ("at least", 0.85), "repeated": ("at least", 0.85),
         "wrong": ("at least", 1.0)}
PART = 5
CHUNK_CHARS = (80, 300)


def chunks(book: pathlib.Path) -> list[str]:
    """Sentences of an EPUB, short ones together, as chunks are. Only words and marks: digits are for the script."""
    found = []
    with zipfile.ZipFile(book) as archive:
        for name in sorted(archive.namelist()):
            if not name.endswith((".xhtml", ".html", ".htm")):
                continue
            page = archive.read(name).decode("utf-8", "replace")
            for paragraph in re.findall(r"<p[^>]*>(.*?)</p>", page, re.S):
                paragraph = " ".join(html.unescape(re.sub(r"<[^>]+>", " ", paragraph)).split())
                if re.search(r"[^A-Za-z ,.;:!?'’“”\"—-]", paragraph):
                    continue
                chunk = ""
                for sentence in re.split(r"(?<=[.!?])[\"”’]?\s+", paragraph):
                    if len(chunk) + len(sentence) > CHUNK_CHARS[1]:
                        found.append(chunk)
                        chunk = ""
                    chunk = f"{chunk} {sentence}".strip()
                    if len(chunk) > CHUNK_CHARS[0]:
                        found.append(chunk)
                        chunk = ""
                found.append(chunk)
    return [chunk for chunk in found if len(chunk.split()) >= PART and len(chunk) <= CHUNK_CHARS[1]]


def plant(text: str, fault: str, chance: random.Random) -> str:
    words = text.split()
    length = -(-len(words) // PART)
    place = chance.randrange(len(words) - length + 1)
    if fault == "missing":
        return " ".join(words[:place] + words[place + length:])
    return " ".join(words[:place + length] + words[place:])


def cases(texts: list[str], chance: random.Random):
    """What is spoken, and the faults that it is for each text that it is checked against."""
    for number, text in enumerate(texts):
        neighbour = texts[number - 1]
        yield {"spoken": text, "texts": [text, neighbour], "faults": ["clean", "wrong"], "seed": number}
        for fault in ("missing", "repeated"):
            yield {"spoken": plant(text, fault, chance), "texts": [text], "faults": [fault], "seed": number}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the example `listen`")
    parser.add_argument("--pack", required=True, help="folder of the voice")
    parser.add_argument("--book", required=True, type=pathlib.Path, help="an EPUB with the texts")
    parser.add_argument("--texts", type=int, default=300)
    parser.add_argument("--seed", type=int, default=3, help="of the choice of texts and places")
    parser.add_argument("--url", help="a transcription server; one of ours is started without it")
    parser.add_argument("--keep", type=pathlib.Path, help="a file for every case, one JSON object a line")
    arguments = parser.parse_args()

    chance = random.Random(arguments.seed)
    found = chunks(arguments.book)
    texts = chance.sample(found, arguments.texts)
    work = list(cases(texts, chance))
    server = None
    if not arguments.url:
        server = subprocess.Popen([ROOT / "scripts/recogniser"], stdout=subprocess.PIPE, text=True)
        arguments.url = server.stdout.readline().strip()
    try:
        done = subprocess.run([arguments.program, arguments.pack, arguments.url], stdout=subprocess.PIPE, check=True,
                              input="".join(json.dumps(case) + "\n" for case in work), text=True)
    finally:
        if server:
            server.terminate()

    results = [case | json.loads(line) for case, line in zip(work, done.stdout.splitlines(), strict=True)]
    if arguments.keep:
        arguments.keep.write_text("".join(json.dumps(result) + "\n" for result in results), encoding="utf-8")
    verdicts = collections.defaultdict(collections.Counter)
    for result in results:
        for fault, check in zip(result["faults"], result["checks"], strict=True):
            verdicts[fault][check["verdict"]] += 1
    seconds = sum(result["seconds"] for result in results)
    print(f"{len(texts)} texts of {arguments.book.name}, {len(results)} takes, {seconds:.0f} s of speech")
    print("| planted | checked | rejected | | inconclusive | goal |\n|---|---|---|---|---|---|")
    missed = False
    for fault, name in FAULTS.items():
        counts, (relation, goal) = verdicts[fault], GOALS[fault]
        checked, rejected = counts.total(), counts["otherwise"]
        share = rejected / checked
        missed |= share > goal if relation == "at most" else share < goal
        print(f"| {name} | {checked} | {rejected} | {share:.1%} | {counts['inconclusive']} | {relation} {goal:.0%} |")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
