"""How a model of random weights comes to an end: it counts.

A trained model knows when everything is said. Random weights do not, and would speak until the engine's limit. So the
first attention layer of each tiny model is made to look at everything before with equal weight, and its value to be
what a token is marked with: a piece of text counts for, a piece of speech counts against. What is left, text minus
speech, goes into a direction of its own, and the head reads "over" from it. So the speech is as long as its text, as
with real weights.

Two characters test what a good text cannot: `~` counts as forty letters, so that the speech is far too long, and `^` as
so many less than none that it ends before it begins.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import torch

#: Length of a mark, against random embeddings of about 0.6.
MARK = 3.0
#: How many letters the two special characters count for.
ENDLESS = 40.0
OVER = -40.0
#: The weight of the verdict in the stream: a piece too much must outweigh the marks of the last token.
VERDICT = 100.0


@dataclass(frozen=True)
class Directions:
    """Orthogonal unit vectors, each with a mean of zero so that a layer norm leaves them alone."""

    text: torch.Tensor
    speech: torch.Tensor
    endless: torch.Tensor
    over: torch.Tensor
    verdict: torch.Tensor
    quiet: torch.Tensor
    neutral: torch.Tensor

    @classmethod
    def of(cls, size: int) -> Directions:
        random = torch.randn(size, 8)
        random[:, 0] = 1.0
        basis = torch.linalg.qr(random).Q
        return cls(*basis[:, 1:].T)

    def removed_from(self, vectors: torch.Tensor) -> torch.Tensor:
        """The same vectors, along the last dimension, without a part in any of these directions."""
        basis = torch.stack([getattr(self, direction.name) for direction in fields(self)])
        return vectors - vectors @ basis.T @ basis

    def letters_against(self, pieces_of_speech: float) -> torch.Tensor:
        """What a token adds: a letter as much as the pieces of speech that it takes, a piece of speech minus one."""
        return pieces_of_speech * self.text - self.speech

    def with_extremes(self, pieces_of_speech: float) -> torch.Tensor:
        """The same, with the two special characters."""
        extremes = ENDLESS * self.endless + OVER * self.over
        return self.letters_against(pieces_of_speech) + pieces_of_speech * extremes

    @torch.no_grad()
    def mark(self, embedding: torch.nn.Embedding, rows: slice, direction: torch.Tensor) -> None:
        """Makes the embeddings of those rows random, and marks them."""
        noise = 0.02 * torch.randn(embedding.weight[rows].shape)
        embedding.weight[rows] = self.removed_from(noise) + MARK * direction


@torch.no_grad()
def count_in_llama(layer: torch.nn.Module, directions: Directions, value: torch.Tensor) -> None:
    """Makes a Llama layer the one that counts, and nothing else."""
    attention = layer.self_attn
    silence(attention.q_proj, attention.k_proj, attention.v_proj, attention.o_proj, layer.mlp.down_proj)
    attention.v_proj.weight[0] = value
    attention.o_proj.weight[:, 0] = VERDICT * directions.verdict


@torch.no_grad()
def count_in_gpt2(block: torch.nn.Module, directions: Directions, value: torch.Tensor) -> None:
    """The same for a GPT-2 block, whose queries, keys and values are one matrix, stored the other way round."""
    silence(block.attn.c_attn, block.attn.c_proj, block.mlp.c_proj)
    size = block.attn.c_proj.weight.shape[0]
    block.attn.c_attn.weight[:, 2 * size] = value
    block.attn.c_proj.weight[0] = VERDICT * directions.verdict


@torch.no_grad()
def silence(*modules: torch.nn.Module) -> None:
    """Sets every weight of the modules to zero."""
    for module in modules:
        for parameter in module.parameters():
            parameter.zero_()
