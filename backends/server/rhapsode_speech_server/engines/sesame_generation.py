"""One forward pass of CSM for several texts, each with its own end and its own seed.

`generate` stops a batch when all of it has stopped, and draws the tokens of all rows from one generator, so that a
text would sound otherwise in other company. Here each row has its limit and its own noise: the largest of scores plus
Gumbel noise is a sample of their distribution, so `generate` only has to take the largest.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from transformers import LogitsProcessor, LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper
from transformers.generation.stopping_criteria import MaxLengthCriteria, StoppingCriteriaList

from rhapsode_speech_server.engines.watching import AbandonedError


@dataclass(frozen=True)
class Row:
    """What one text of a batch asks for."""

    max_frames: int
    seed: int
    abandoned: Callable[[], bool]


@dataclass(frozen=True)
class Sampling:
    """How tokens are drawn; it holds for a whole batch."""

    temperature: float
    top_k: int
    depth_temperature: float
    depth_top_k: int


class _RowLimits(MaxLengthCriteria):  # type: ignore[misc]
    """Stops each row at its own number of frames. CSM ignores every criterion that is no maximum of length."""

    def __init__(self, rows: Sequence[Row], device: str) -> None:
        super().__init__(max_length=max(row.max_frames for row in rows))
        self._rows = rows
        self._limits = torch.tensor([row.max_frames for row in rows], device=device)

    def __call__(self, input_ids: torch.Tensor, _scores: object, **_: object) -> torch.Tensor:
        if all(row.abandoned() for row in self._rows):
            raise AbandonedError
        frames = torch.full_like(self._limits, input_ids.shape[1])
        return frames >= self._limits


class _Noise(LogitsProcessor):  # type: ignore[misc]
    """Adds to the scores of each row Gumbel noise from that row's own generator."""

    def __init__(self, generators: Sequence[torch.Generator]) -> None:
        self._generators = generators

    def __call__(self, _input_ids: object, scores: torch.Tensor) -> torch.Tensor:
        noise = torch.empty_like(scores)
        for row, generator in zip(noise, self._generators, strict=True):
            # The logarithm of an exponential variable, negated, is a Gumbel variable.
            row.exponential_(generator=generator).log_().neg_()
        return scores + noise


def generate(model: Any, inputs: Any, rows: Sequence[Row], sampling: Sampling) -> list[torch.Tensor | None]:
    """The codes of each row, frames by codebooks; None for a row that came to its limit without an end."""
    device = str(model.device)
    generators = [torch.Generator(device).manual_seed(row.seed) for row in rows]
    with _depth_sampled_with(
        model.depth_decoder, _processors(generators, sampling.depth_temperature, sampling.depth_top_k)
    ):
        codes = model.generate(
            **inputs,
            output_audio=False,
            max_new_tokens=max(row.max_frames for row in rows),
            do_sample=False,
            depth_decoder_do_sample=False,
            logits_processor=_processors(generators, sampling.temperature, sampling.top_k),
            stopping_criteria=StoppingCriteriaList([_RowLimits(rows, device)]),
        )
    return [_until_end(row_codes, row.max_frames, model.config) for row_codes, row in zip(codes, rows, strict=True)]


def _processors(generators: Sequence[torch.Generator], temperature: float, top_k: int) -> LogitsProcessorList:
    return LogitsProcessorList([TemperatureLogitsWarper(temperature), TopKLogitsWarper(top_k), _Noise(generators)])


@contextmanager
def _depth_sampled_with(depth_decoder: Any, processors: LogitsProcessorList) -> Iterator[None]:
    """The backbone calls `generate` of the depth decoder for each frame and hands nothing through to it."""
    own = type(depth_decoder).generate
    depth_decoder.generate = functools.partial(own, depth_decoder, logits_processor=processors)
    try:
        yield
    finally:
        del depth_decoder.generate


def _until_end(codes: torch.Tensor, max_frames: int, config: Any) -> torch.Tensor | None:
    """The frames before the one that says that the speech is over. CSM compares all codebooks but the last."""
    codes = codes[:max_frames]
    ends = (codes[:, :-1] == config.codebook_eos_token_id).all(dim=-1).nonzero()
    if ends.numel() == 0:
        return None
    return codes[: int(ends.min())]
