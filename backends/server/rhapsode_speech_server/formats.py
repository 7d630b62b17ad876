"""The formats of an answer. libsndfile writes all of them; what it was built without is told before it is asked for."""

from __future__ import annotations

import io
from enum import Enum

import numpy as np
import soundfile

from rhapsode_speech_server.engine import Samples
from rhapsode_speech_server.errors import SpeechFault
from rhapsode_speech_server.sound import at_rate

#: The rate that clients of the API expect of samples alone: nothing in the answer tells another.
PCM_RATE = 24_000
OPUS_RATES = (8_000, 12_000, 16_000, 24_000, 48_000)


class Format(Enum):
    """A format of an answer."""

    MP3 = "mp3"
    OPUS = "opus"
    FLAC = "flac"
    WAV = "wav"
    PCM = "pcm"

    @property
    def content_type(self) -> str:
        return _CONTENT_TYPES[self]

    def available(self) -> bool:
        """Whether this machine's libsndfile has it."""
        container, coding = _CODINGS.get(self, ("WAV", "PCM_16"))
        return coding in soundfile.available_subtypes(container)

    def encode(self, samples: Samples, rate: int) -> bytes:
        """Encodes a sound. Raises `SpeechFault`."""
        if self is Format.PCM:
            return to_16_bit(at_rate(samples, rate, PCM_RATE)).tobytes()
        if not self.available():
            message = f"libsndfile cannot write {self.value} on this machine; ask for another format"
            raise SpeechFault("format_unavailable", message, 400, param="response_format")
        if self is Format.OPUS:
            wanted = min((known for known in OPUS_RATES if known >= rate), default=OPUS_RATES[-1])
            samples, rate = at_rate(samples, rate, wanted), wanted
        container, coding = _CODINGS[self]
        file = io.BytesIO()
        try:
            soundfile.write(file, to_16_bit(samples), rate, coding, format=container)
        except (RuntimeError, ValueError) as error:
            raise SpeechFault.failed(f"failed to encode {self.value}: {error}", "encoding_failed") from error
        return file.getvalue()


#: Container and coding, as libsndfile calls them.
_CODINGS = {
    Format.MP3: ("MP3", "MPEG_LAYER_III"),
    Format.OPUS: ("OGG", "OPUS"),
    Format.FLAC: ("FLAC", "PCM_16"),
    Format.WAV: ("WAV", "PCM_16"),
}

_CONTENT_TYPES = {
    Format.MP3: "audio/mpeg",
    Format.OPUS: "audio/ogg",
    Format.FLAC: "audio/flac",
    Format.WAV: "audio/wav",
    Format.PCM: "audio/pcm",
}


def to_16_bit(samples: Samples) -> np.typing.NDArray[np.int16]:
    """Samples as 16 bit little-endian."""
    rounded: np.typing.NDArray[np.int16] = np.clip(np.rint(samples * 32768.0), -32768, 32767).astype("<i2")
    return rounded
