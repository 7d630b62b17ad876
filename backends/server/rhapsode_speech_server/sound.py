"""Sound on its way out. Engines give what they give; what leaves is finite, mono, and between -1 and 1."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from rhapsode_speech_server.engine import Samples, Sound
from rhapsode_speech_server.errors import SpeechFault

#: Above this no engine means a fraction of full scale: it gives floats in the range of 16 bit integers.
SURELY_INTEGERS = 64.0
FULL_SCALE_16 = 32768.0
#: Sound that is scaled down stays below full scale, where clipping would begin.
HEADROOM = 0.98


@dataclass(frozen=True)
class CheckedSound:
    """Sound that may leave."""

    samples: Samples
    sample_rate: int
    text_dropped: str | None
    #: What the samples were multiplied by, because their peak was over full scale; 1 otherwise.
    scaled: float

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.sample_rate


def check(sound: Sound) -> CheckedSound:
    """Checks and mends what an engine gave. Raises a retryable `SpeechFault` where there is nothing to mend."""
    samples = as_fractions(sound.samples)
    if samples.size == 0:
        raise SpeechFault.failed("the engine gave no sound")
    if not np.isfinite(samples).all():
        raise SpeechFault.failed("the engine gave samples that are no numbers")
    peak = float(np.abs(samples).max())
    if peak == 0.0:
        raise SpeechFault.failed("the engine gave nothing but silence")
    scaled = 1.0
    # Scaled as a whole: a limiter would change what the voice sounds like.
    if peak > 1.0:
        scaled = HEADROOM / peak
        samples = (samples * np.float32(scaled)).astype(np.float32)
    return CheckedSound(samples, sound.sample_rate, sound.text_dropped, scaled)


def as_fractions(samples: np.typing.NDArray[np.generic]) -> Samples:
    """Samples of any type as one row of fractions of full scale. The type and the range tell what they mean."""
    row = np.asarray(samples).reshape(-1)
    if np.issubdtype(row.dtype, np.integer):
        return (row / -float(np.iinfo(row.dtype).min)).astype(np.float32)
    fractions: Samples = row.astype(np.float32)
    finite = fractions[np.isfinite(fractions)]
    if finite.size and float(np.abs(finite).max()) > SURELY_INTEGERS:
        fractions = fractions / np.float32(FULL_SCALE_16)
    return fractions


def at_rate(samples: Samples, rate: int, wanted: int) -> Samples:
    """The same sound at another rate: its spectrum with more or fewer bands, which nothing is more exact than."""
    if rate == wanted:
        return samples
    common = int(np.gcd(rate, wanted))
    up, down = wanted // common, rate // common
    length = -(-len(samples) * up // down)
    # Silence around it, so that its end does not ring into its beginning, to a length that both rates can have.
    margin = rate // 10
    blocks = -(-(len(samples) + 2 * margin) // down)
    padded = np.zeros(blocks * down)
    padded[margin : margin + len(samples)] = samples
    spectrum = np.fft.rfft(padded)
    there = np.zeros(blocks * up // 2 + 1, dtype=complex)
    bands = min(len(spectrum), len(there))
    there[:bands] = spectrum[:bands]
    resampled = np.fft.irfft(there, blocks * up) * (up / down)
    begin = round(margin * up / down)
    return np.clip(resampled[begin : begin + length], -1.0, 1.0).astype(np.float32)
