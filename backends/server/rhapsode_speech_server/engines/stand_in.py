"""An engine of tones for tests: seeded, shaped like speech, of a length that follows the text, and able to fail.

It stands in for a model where the server is tested; no torch, no weights. Its sound passes the take checks of
rhapsode. What it does wrong is chosen by words in the text, so that a test asks for a fault as it asks for speech:

    [empty]       no sound            [nan]         a sample that is no number
    [loud]        peaks up to 3       [pcm-range]   floats in the range of 16 bit integers
    [fault]       an exception        [dead]        the model is beyond use
    [exit]        ends the process

Options: RHAPSODE_STAND_IN_SECONDS_PER_CHARACTER (time that it takes), …_BATCH, …_SEEDS, …_REFERENCE,
…_RATE, …_MAX_CHARACTERS, …_GATE (a file: while it is there, nothing is spoken), …_FAIL_LOADS (loads that fail first),
…_BAD_SENTENCES (sentences that come out without a sound first), …_LOAD_SECONDS, …_LEAK_MIB (memory that each request
leaks).
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from rhapsode_speech_server.engine import (
    Description,
    Need,
    Numbers,
    Phrase,
    Range,
    Reference,
    Samples,
    Seeds,
    Sound,
    Utterance,
    Voice,
)
from rhapsode_speech_server.errors import EngineFault, SpeechFault
from rhapsode_speech_server.settings import Settings

#: Tones of the syllables, in Hz.
TONES = np.arange(16) * 100.0 + 500.0
SYLLABLE = 0.05
#: Silence before and after, in seconds.
BEFORE, AFTER = 0.08, 0.12
#: Seconds of sound for a character.
PACE = 0.06
#: Rise and fall of a syllable: a tone that begins at once clicks.
RISE = 0.006
LOUDEST = 0.16
#: Amplitude of the noise under everything, as a quiet room has it.
ROOM = 0.0003
#: Seconds between two looks at whether to go on.
STEP = 0.005


@dataclass(frozen=True)
class Behaviour:
    """What the options say."""

    seconds_per_character: float
    batch: int
    seeds: Seeds
    reference: Reference | None
    rate: int
    max_characters: int
    gate: Path | None
    fail_loads: int
    bad_sentences: int
    load_seconds: float
    leak_mib: int

    @classmethod
    def of(cls, settings: Settings) -> Behaviour:
        options = settings.options
        gate = options.get("gate")
        references = {
            "none": None,
            "optional": Reference(1.0, 30.0, Need.OPTIONAL),
            "required": Reference(1.0, 30.0, Need.REQUIRED),
        }
        return cls(
            seconds_per_character=float(options.get("seconds_per_character", "0")),
            batch=int(options.get("batch", "4")),
            seeds=Seeds(options.get("seeds", Seeds.ANY_BATCH.value)),
            reference=references[options.get("reference", "optional")],
            rate=int(options.get("rate", "24000")),
            max_characters=int(options.get("max_characters", "300")),
            gate=Path(gate) if gate else None,
            fail_loads=int(options.get("fail_loads", "0")),
            bad_sentences=int(options.get("bad_sentences", "0")),
            load_seconds=float(options.get("load_seconds", "0")),
            leak_mib=int(options.get("leak_mib", "0")),
        )


class StandIn:
    """The engine."""

    def __init__(self, behaviour: Behaviour) -> None:
        self._behaviour = behaviour
        self._loads = 0
        self._sentences = 0
        self._leaked: list[bytearray] = []

    def load(self) -> None:
        self._loads += 1
        time.sleep(self._behaviour.load_seconds)
        if self._loads <= self._behaviour.fail_loads:
            raise EngineFault("loading", f"the weights are not there, load {self._loads}")

    def describe(self) -> Description:
        behaviour = self._behaviour
        return Description(
            engine="stand-in",
            model="tones",
            revision="1",
            sample_rate=behaviour.rate,
            max_characters=behaviour.max_characters,
            languages=("en", "de"),
            parameters={
                "pitch": Range(0.5, 2.0, 1.0),
                "voices": Range(1, 4, 1, Numbers.WHOLE),
                "mood": Phrase(40),
            },
            reference=behaviour.reference,
            max_batch=behaviour.batch,
            seeds=behaviour.seeds,
            speed=Range(0.5, 2.0, 1.0),
        )

    def voices(self) -> Sequence[Voice]:
        reference = self._behaviour.reference
        if reference is not None and reference.need is Need.REQUIRED:
            return ()
        return (Voice("alto"), Voice("bass"))

    def prepare(self, voice: Voice) -> object:
        return voice.sha256 or voice.name

    def synthesize(self, batch: Sequence[Utterance]) -> Sequence[Sound | SpeechFault]:
        text = " ".join(utterance.text for utterance in batch)
        if "[dead]" in text:
            raise EngineFault("speaking", f"the device is lost at {text!r}")
        if "[exit]" in text:
            raise SystemExit("the stand-in was told to end")
        if "[fault]" in text:
            raise RuntimeError(f"the stand-in was told to fail by {text}")
        self._leaked.append(bytearray(self._behaviour.leak_mib << 20))
        self._take_time(batch)
        return [self._speak(utterance) for utterance in batch]

    def close(self) -> None:
        self._leaked.clear()

    def _take_time(self, batch: Sequence[Utterance]) -> None:
        """As a model does: as long as the longest of the batch, and no longer than somebody waits for it."""
        longest = max(len(utterance.text) for utterance in batch)
        end = time.monotonic() + longest * self._behaviour.seconds_per_character
        gate = self._behaviour.gate
        while time.monotonic() < end or (gate is not None and gate.exists()):
            if all(utterance.abandoned() for utterance in batch):
                return
            time.sleep(STEP)

    def _speak(self, utterance: Utterance) -> Sound | SpeechFault:
        rate = self._behaviour.rate
        self._sentences += 1
        samples = song(utterance, rate)
        dropped = None
        if "[empty]" in utterance.text or self._sentences <= self._behaviour.bad_sentences:
            samples = samples[:0]
        if "[nan]" in utterance.text:
            samples[len(samples) // 2] = np.nan
        if "[loud]" in utterance.text:
            samples *= 3.0 / np.abs(samples).max()
        if "[pcm-range]" in utterance.text:
            samples *= 32767.0
        if "<|eos|>" in utterance.text:
            dropped = "<|eos|>"
        return Sound(samples, rate, dropped)


def song(utterance: Utterance, rate: int) -> Samples:
    """The sound of an utterance: the same for the same request, and another for every other."""
    key = (utterance.text, utterance.prepared, utterance.language, utterance.seed, sorted(utterance.parameters.items()))
    seed = int.from_bytes(hashlib.sha256(repr(key).encode()).digest()[:8], "little")
    dice = np.random.default_rng(seed)
    haste = dice.uniform(0.9, 1.1) / utterance.speed
    syllables = max(4, round((0.45 + haste * PACE * len(utterance.text)) / SYLLABLE))
    pitch = float(utterance.parameters.get("pitch", 1.0))  # type: ignore[arg-type]
    length = round(SYLLABLE * rate)
    moments = np.arange(length) / rate
    edge = np.minimum(moments, moments[::-1]) / RISE
    envelope = np.where(edge < 1, 0.5 - 0.5 * np.cos(np.pi * np.clip(edge, 0, 1)), 1.0)
    pieces = [np.zeros(round(BEFORE * rate))]
    until_rest = 6
    for place in range(syllables):
        # A rest every few syllables, as between words; never the last, so that the end is heard.
        if until_rest == 0 and place + 1 < syllables:
            pieces.append(np.zeros(length))
            until_rest = int(dice.integers(5, 11))
            continue
        level = LOUDEST * dice.uniform(0.63, 1.0)
        pieces.append(level * envelope * np.sin(2 * np.pi * pitch * dice.choice(TONES) * moments))
        until_rest -= 1
    pieces.append(np.zeros(round(AFTER * rate)))
    samples = np.concatenate(pieces)
    samples += ROOM * dice.uniform(-1, 1, len(samples))
    return samples.astype(np.float32)


def open_engine(settings: Settings) -> StandIn:
    """The row in the table of engines."""
    return StandIn(Behaviour.of(settings))
