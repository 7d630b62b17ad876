"""Looking into a generation from outside: how many steps it took, and whether anybody still waits for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


class AbandonedError(Exception):
    """Whoever asked for the speech has gone."""


@dataclass
class Steps:
    """Forward passes of the watched module so far."""

    taken: int = 0


@contextmanager
def watched(module: Any, abandoned: Callable[[], bool], at_first: Callable[[], None] | None = None) -> Iterator[Steps]:
    """Counts the steps of a torch module that generates token by token, and ends it once it is abandoned.

    `at_first` is called before the first step.

    The engines offer no call for either, but each token is one forward pass of one module, and a hook on that
    module may raise.
    """
    steps = Steps()

    def before(_module: object, _arguments: object) -> None:
        if abandoned():
            raise AbandonedError
        if steps.taken == 0 and at_first is not None:
            at_first()
        steps.taken += 1

    handle = module.register_forward_pre_hook(before)
    try:
        yield steps
    finally:
        handle.remove()
