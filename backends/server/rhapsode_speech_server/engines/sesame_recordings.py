"""What the codec makes of a recording: once when the voice is prepared, and not for each text that goes on from it.

CSM takes the recordings of a batch as samples alone and has its codec encode each of them, the same one again for every
text. So while it generates, its codec answers from what was encoded before.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch

from rhapsode_speech_server.engine import Samples


@dataclass(frozen=True)
class Encoded:
    """A recording as the model hands it to its codec, and the codes of it."""

    values: torch.Tensor
    #: Named as in the codec's own answer, of which the model reads nothing else.
    audio_codes: torch.Tensor

    def holds(self, values: torch.Tensor) -> bool:
        """Whether these are the samples that were encoded."""
        mine = self.values
        return mine.shape == values.shape and mine.dtype == values.dtype and bool(torch.equal(mine, values))


def encode(model: Any, samples: Samples) -> Encoded:
    """Has the codec of a model encode a recording of its rate."""
    values = torch.from_numpy(samples).to(model.device)[None, None]
    with torch.no_grad():
        return Encoded(values, model.codec_model.encode(values).audio_codes)


@contextmanager
def known_to(codec: Any, recordings: Sequence[Encoded]) -> Iterator[None]:
    """While it lasts, the codec does not encode these recordings again."""
    own = type(codec).encode

    def encode(values: torch.Tensor, *arguments: Any, **settings: Any) -> Any:
        known = next((recording for recording in recordings if recording.holds(values)), None)
        return own(codec, values, *arguments, **settings) if known is None else known

    codec.encode = encode
    try:
        yield
    finally:
        del codec.encode
