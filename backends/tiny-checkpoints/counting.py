"""How a model of random weights comes to an end: it counts.

A trained model knows when everything is said. Random weights do not, and would speak until the engine's limit. So the
first attention layer of each tiny model is made to look at everything before with equal weight, and its value to be what
a token is marked with: a piece of text counts for, a piece of speech counts against. What is left, text minus speech, goes
into a direction of its own, and the head reads "over" from it. So the speech is as long as its text, as with real weights.

Two characters test what a good text cannot: `~` counts as forty letters, so that the speech is far too long, and `^` as
so many less than none that it ends before it begins.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

#: Length of a mark, against random embeddings of about 0.6.
MARK = 3.0
#: How many letters the two special characters count for.
ENDLESS = 40.0
OVER = -400.0
#: The weight of the verdict in the stream: a piece too much must outweigh the marks of the last token.
VERDICT = 10.0


@dataclass(frozen=True)
class Directions:
    """Orthogonal unit vectors, each with a mean of zero so that a layer norm leaves them alone."""

    text: torch.Tensor
    speech: torch.Tensor
    endless: torch.Tensor
    over: torch.Tensor
    verdict: torch.Tensor
    nothing: torch.Tensor

    @classmethod
    def of(cls, size: int) -> Directions:
        random = torch.randn(size, 7)
        random[:, 0] = 1.0
        basis = torch.linalg.qr(random).Q
        return cls(*basis[:, 1:].T)

    def value(self, speech_for_a_letter: float) -> torch.Tensor:
        """What a token adds: a letter as much as the pieces of speech that it takes, a piece of speech minus one."""
        letters = self.text + ENDLESS * self.endless + OVER * self.over
        return speech_for_a_letter * letters - self.speech


@torch.no_grad()
def mark(embedding: torch.nn.Embedding, rows: slice, direction: torch.Tensor, noise: float = 0.02) -> None:
    """Makes the embeddings of those rows random, and marks them."""
    size = embedding.weight[rows].shape
    embedding.weight[rows] = noise * torch.randn(size) + MARK * direction


@torch.no_grad()
def count_in_llama(layer: torch.nn.Module, directions: Directions, speech_for_a_letter: float) -> None:
    """Makes a Llama layer the one that counts, and nothing else."""
    attention = layer.self_attn
    silence(attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj, layer.mlp.down_proj)
    attention.v_proj.weight[0] = directions.value(speech_for_a_letter)
    attention.o_proj.weight[:, 0] = VERDICT * directions.verdict


@torch.no_grad()
def count_in_gpt2(block: torch.nn.Module, directions: Directions, speech_for_a_letter: float) -> None:
    """The same for a GPT-2 block, whose queries, keys and values are one matrix, stored the other way round."""
    silence(block.attn.c_attn, block.attn.c_proj, block.mlp.c_proj)
    size = block.attn.c_proj.weight.shape[0]
    block.attn.c_attn.weight[:, 2 * size] = directions.value(speech_for_a_letter)
    block.attn.c_proj.weight[0] = VERDICT * directions.verdict


@torch.no_grad()
def silence(*modules: torch.nn.Module) -> None:
    """Sets every weight of the modules to zero."""
    for module in modules:
        for parameter in module.parameters():
            parameter.zero_()
