"""Writes the numbers that the voice is compared with, from the reference package.

    python3 -m venv venv && venv/bin/pip install hibari-tts==0.2.1
    venv/bin/python crates/voice/tests/golden/make.py

reference.json   a phoneme string, its ids, the pitch of every frame, and a grid of values of every plane
spoken.f32       a second of its waveform without noise, 24 kHz, little-endian
vocoder.f32      the waveform of spectra that a formula makes, without noise, little-endian
"""
import json
import pathlib

import numpy as np
from hibari import Hibari, dsp

HERE = pathlib.Path(__file__).parent
PHONEMES = "ðə kwˈɪk bɹˈWn fˈɑks ʤˈʌmps ˌOvəɹ ðə lˈAzi dˈɔɡ."
BIN_STEP, FRAME_STEP = 25, 3
EXCERPT = slice(12_000, 36_000)


class Silence:
    """A generator whose noise is none."""

    def standard_normal(self, shape, dtype):
        return np.zeros(shape, dtype)


def formula(frames):
    """Spectra that need no model: the test makes the same ones."""
    b = np.arange(601, dtype=np.float64)[:, None]
    f = np.arange(frames, dtype=np.float64)[None, :]
    planes = [
        -1.0 + np.sin(0.011 * b + 0.31 * f),
        np.sin(0.017 * b - 0.23 * f),
        np.zeros((601, frames)),
        -3.0 + np.cos(0.013 * b + 0.17 * f),
        4.0 * np.sin(0.037 * b + 0.41 * f),
    ]
    f0 = np.where((f[0] >= 12) & (f[0] < 18), 0.0, 160.0 + 40.0 * np.sin(0.2 * f[0]))
    return [p.astype(np.float32) for p in planes], f0.astype(np.float32)


def main():
    tts = Hibari()
    ids = tts.ids(PHONEMES)
    out = tts.sess.run(None, {"ids": np.asarray([ids], np.int64), "speed": np.asarray([1.0], np.float32)})
    planes, f0 = [o[0] for o in out[:5]], out[5][0]
    wave = dsp.synth(*planes, f0, Silence())
    grid = {
        name: [[round(float(v), 4) for v in row[::FRAME_STEP]] for row in plane[::BIN_STEP]]
        for name, plane in zip(("lh", "theta", "ln", "lr", "phi"), planes)
    }
    reference = {
        "phonemes": PHONEMES, "ids": ids, "frames": len(f0), "bin_step": BIN_STEP, "frame_step": FRAME_STEP,
        "samples": len(wave), "excerpt": EXCERPT.start,
        "f0": [round(float(v), 3) for v in f0], "planes": grid,
    }
    (HERE / "reference.json").write_text(json.dumps(reference, ensure_ascii=False) + "\n", encoding="utf-8")
    wave[EXCERPT].astype("<f4").tofile(HERE / "spoken.f32")
    planes, f0 = formula(40)
    dsp.synth(*planes, f0, Silence()).astype("<f4").tofile(HERE / "vocoder.f32")


main()
