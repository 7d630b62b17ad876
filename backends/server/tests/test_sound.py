"""Sound on its way out."""

from __future__ import annotations

import numpy as np
import pytest

from rhapsode_speech_server.engine import Samples, Sound
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.formats import PCM_RATE, Format
from rhapsode_speech_server.sound import as_fractions, at_rate, check


def tone(frequency: float, rate: int, seconds: float = 1.0) -> Samples:
    moments = np.arange(round(rate * seconds)) / rate
    return (0.5 * np.sin(2 * np.pi * frequency * moments)).astype(np.float32)


@pytest.mark.parametrize(
    ("kind", "samples"), [("int16", [-16384, 8192]), ("int32", [-(2**30), 2**29]), ("float32", [-16384, 8192])]
)
def test_the_type_and_the_range_tell_what_samples_mean(kind: str, samples: list[int]) -> None:
    assert as_fractions(np.array(samples, dtype=kind)).tolist() == [-0.5, 0.25]


def test_a_row_in_either_direction_is_one_channel() -> None:
    assert as_fractions(np.array([[0.1, 0.2]])).shape == (2,)
    assert as_fractions(np.array([[1], [2]], dtype=np.int16)).shape == (2,)


def test_a_peak_over_full_scale_is_scaled_and_told_and_its_shape_is_kept() -> None:
    checked = check(Sound(3 * tone(440, 24_000), 24_000))
    assert 0.9 < np.abs(checked.samples).max() < 1
    assert np.allclose(checked.samples / checked.scaled, 3 * tone(440, 24_000), atol=1e-5)
    assert check(Sound(tone(440, 24_000), 24_000)).scaled == 1.0


@pytest.mark.parametrize("samples", [[], [0.0, 0.0], [0.1, float("nan")], [float("inf")]])
def test_what_cannot_be_mended_may_be_tried_again(samples: list[float]) -> None:
    with pytest.raises(SpeechFault) as fault:
        check(Sound(np.array(samples, dtype=np.float32), 24_000))
    assert fault.value.retryable


@pytest.mark.parametrize(("rate", "wanted"), [(22_050, 24_000), (44_100, 48_000), (48_000, 24_000), (16_000, 24_000)])
def test_a_tone_is_the_same_tone_at_another_rate(rate: int, wanted: int) -> None:
    resampled = at_rate(tone(1_000, rate), rate, wanted)
    assert len(resampled) == wanted
    # Its first and last moments ring, as a tone does that begins at once.
    edge = wanted // 20
    assert np.abs(resampled - tone(1_000, wanted))[edge:-edge].max() < 1e-3


def test_what_is_above_the_lower_rate_is_gone() -> None:
    resampled = at_rate(tone(15_000, 48_000), 48_000, 24_000)
    assert np.abs(resampled[1_200:-1_200]).max() < 1e-3


def test_no_sample_wraps_around() -> None:
    full = np.array([1.0, -1.0, 0.5], dtype=np.float32)
    assert np.frombuffer(Format.PCM.encode(full, PCM_RATE), dtype="<i2").tolist() == [32767, -32768, 16384]
