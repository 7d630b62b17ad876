"""Shrinks what chatterbox has written into its code, so that a tiny checkpoint fits it.

Its classes take no sizes: layers and channels are constants of its modules. Python imports this file at its start
where this folder is on PYTHONPATH, and it does nothing unless RHAPSODE_TINY_CHATTERBOX is set, which only tests do.
Modules are shrunk when they are imported; nothing is imported for it.
"""

from __future__ import annotations

import functools
import importlib.abc
import importlib.machinery
import importlib.util
import os
import sys
from collections.abc import Sequence
from types import ModuleType
from typing import Any


def _shrink_llama(module: Any) -> None:
    # The multilingual model reads its alignment off three heads of the layers 9, 12 and 13.
    layers = 14 if os.environ["RHAPSODE_TINY_CHATTERBOX"] == "multilingual" else 1
    heads = 16 if layers > 1 else 2
    module.LLAMA_CONFIGS["Llama_520M"].update(
        num_hidden_layers=layers,
        intermediate_size=64,
        num_attention_heads=heads,
        num_key_value_heads=heads,
        head_dim=8,
    )
    # Turbo's, which 0.1.4 has not.
    if "GPT2_medium" in module.LLAMA_CONFIGS:
        module.LLAMA_CONFIGS["GPT2_medium"].update(n_layer=1, n_head=2, n_inner=64)


def _shrink_s3gen(module: Any) -> None:
    _limit(module, "UpsampleConformerEncoder", num_blocks=1, linear_units=64)
    _limit(module, "ConditionalDecoder", n_blocks=1, num_mid_blocks=1, num_heads=1, channels=[64])
    _limit(module, "HiFTGenerator", base_channels=32)


def _shrink_s3tokenizer(module: Any) -> None:
    # One configuration is the default of every instance.
    configuration = module.S3TokenizerV2.__init__.__defaults__[0]
    configuration.n_audio_layer, configuration.n_audio_state, configuration.n_audio_head = 1, 128, 2


def _limit(module: Any, name: str, **sizes: Any) -> None:
    """Replaces a class in a module by one that is always made with these sizes."""
    whole = getattr(module, name)

    @functools.wraps(whole, updated=())
    def small(*arguments: Any, **named: Any) -> Any:
        return whole(*arguments, **{**named, **sizes})

    setattr(module, name, small)


SHRUNK = {
    "chatterbox.models.t3.llama_configs": _shrink_llama,
    "chatterbox.models.s3gen.s3gen": _shrink_s3gen,
    "s3tokenizer.model_v2": _shrink_s3tokenizer,
}


class _Shrinking(importlib.abc.MetaPathFinder):
    """Finds the modules of the table as everybody else does, and shrinks them once they have run."""

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        shrink = SHRUNK.get(fullname)
        if shrink is None:
            return None
        spec = importlib.machinery.PathFinder.find_spec(fullname, path, target)
        if spec is None or spec.loader is None:
            return None
        run = spec.loader.exec_module

        def run_and_shrink(module: ModuleType) -> None:
            run(module)
            shrink(module)

        spec.loader.exec_module = run_and_shrink  # type: ignore[method-assign]
        return spec


if os.environ.get("RHAPSODE_TINY_CHATTERBOX"):
    sys.meta_path.insert(0, _Shrinking())
