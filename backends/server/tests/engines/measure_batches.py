"""Seconds of speech that an engine makes in a second, for batches of several sizes: `measure_batches.py ENGINE`.

Prints a row of a table for each size. Of tiny checkpoints it shows whether batches help, not how fast an engine is.
"""

from __future__ import annotations

import statistics
import sys
import time

from serving import FOLDER, recording

from rhapsode_speech_server.engine import Sound, Utterance, Voice
from rhapsode_speech_server.engines import open_engine
from rhapsode_speech_server.settings import EngineName, Settings

SIZES = (1, 2, 4, 8)
ROUNDS = 5
TEXT = "The lamp was lit, and the reading began."


def main(name: str) -> None:
    """Measures one engine."""
    settings = Settings(
        engine=EngineName(name), model_dir=FOLDER / "models" / name, cache_dir=FOLDER / "cache", device="cpu"
    )
    engine = open_engine(settings)
    engine.load()
    description = engine.describe()
    built_in = engine.voices()
    voice = built_in[0] if built_in else Voice("measured", recording(FOLDER / "measured.wav"), "measured", 4.0)
    prepared = engine.prepare(voice)
    parameters = {
        name: default
        for name, parameter in description.parameters.items()
        if (default := getattr(parameter, "default", None)) is not None
    }

    def speak(size: int, seed: int) -> float:
        batch = [Utterance(TEXT, voice, "en", 1.0, seed + place, parameters, prepared) for place in range(size)]
        began = time.perf_counter()
        sounds = engine.synthesize(batch)
        taken = time.perf_counter() - began
        spoken = [sound for sound in sounds if isinstance(sound, Sound)]
        return sum(len(sound.samples) / sound.sample_rate for sound in spoken) / taken

    speak(1, 0)
    for size in SIZES:
        if size > description.max_batch:
            print(f"| {name} | {size} | - |")
            continue
        speak(size, 100)
        rates = [speak(size, 1000 * number) for number in range(ROUNDS)]
        print(f"| {name} | {size} | {statistics.median(rates):.1f} |")


if __name__ == "__main__":
    main(sys.argv[1])
