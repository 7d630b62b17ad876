"""Chatterbox, by Resemble AI: the plain, the multilingual and the turbo model of `chatterbox-tts`.

What a caller of the package must know, and is seen to here: a model has one slot for the conditionals of a voice, so
each utterance gets its own copy; generation stops without a word after 1,000 tokens, which are 40 seconds;
`cfg_weight` 0 is an error of tensor sizes; an empty text is spoken as another one; and the watermarker is missing,
without any error, where setuptools is too new.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from rhapsode_speech_server.engine import (
    Description,
    Need,
    Numbers,
    Parameter,
    Range,
    Reference,
    Samples,
    Sound,
    Utterance,
    Voice,
)
from rhapsode_speech_server.engines import model_files, quiet, special_tokens, torch_device
from rhapsode_speech_server.engines.speaking_time import seconds_of
from rhapsode_speech_server.engines.watching import AbandonedError, watched
from rhapsode_speech_server.errors import EngineFault, SpeechFault
from rhapsode_speech_server.settings import Settings

#: Beyond it words go missing, long before the package stops by itself.
MAX_CHARACTERS = 300
#: The package generates so many tokens and no more, 25 of them a second.
MAX_TOKENS = 1000
MAX_SECONDS = MAX_TOKENS / 25
#: Stands for a `cfg_weight` of 0, which leaves the package with half of the batch that it expects.
LEAST_GUIDANCE = 1e-4
#: The voice that comes with the weights.
BUILT_IN = "default"


class Variant(Enum):
    """The models of the package."""

    PLAIN = "plain"
    MULTILINGUAL = "multilingual"
    TURBO = "turbo"


@dataclass(frozen=True)
class Model:
    """Where a variant is found and what it takes."""

    module: str
    name: str
    files: tuple[str, ...]
    parameters: Mapping[str, Parameter]
    #: The least that a recording must have; turbo refuses less itself.
    reference_seconds: float


_GUIDED: Mapping[str, Parameter] = {
    "exaggeration": Range(0.0, 2.0, 0.5),
    "cfg_weight": Range(0.0, 1.0, 0.5),
    "temperature": Range(0.05, 5.0, 0.8),
    "repetition_penalty": Range(1.0, 2.0, 1.2),
    "min_p": Range(0.0, 1.0, 0.05),
    "top_p": Range(0.01, 1.0, 1.0),
}

#: In the order in which they are looked for: the hub keeps plain and multilingual in one folder.
MODELS = {
    Variant.PLAIN: Model(
        "chatterbox.tts",
        "ChatterboxTTS",
        ("ve.safetensors", "t3_cfg.safetensors", "s3gen.safetensors", "tokenizer.json"),
        _GUIDED,
        3.0,
    ),
    Variant.MULTILINGUAL: Model(
        "chatterbox.mtl_tts",
        "ChatterboxMultilingualTTS",
        ("ve.pt", "t3_mtl23ls_v2.safetensors", "s3gen.pt", "grapheme_mtl_merged_expanded_v1.json"),
        {**_GUIDED, "repetition_penalty": Range(1.0, 3.0, 2.0)},
        3.0,
    ),
    Variant.TURBO: Model(
        "chatterbox.tts_turbo",
        "ChatterboxTurboTTS",
        ("ve.safetensors", "t3_turbo_v1.safetensors", "s3gen_meanflow.safetensors", "tokenizer_config.json"),
        {
            "temperature": Range(0.05, 5.0, 0.8),
            "repetition_penalty": Range(1.0, 2.0, 1.2),
            "top_p": Range(0.01, 1.0, 0.95),
            "top_k": Range(1, 6561, 1000, Numbers.WHOLE),
        },
        5.1,
    ),
}

_LANGUAGES_OF_ENGLISH_MODELS = ("en",)
#: The tokenizer's own words; with `[ja]` and the like the multilingual model is told its language.
_TOKENS = r"\[(?:START|STOP|UNK|SPACE|PAD|SEP|CLS|MASK|start|stop|unk|space|pad|sep|cls|mask)\]"


class Chatterbox:
    """The engine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: Any = None
        self._built_in: Any = None

    def load(self) -> None:
        folder = model_files.given(self._settings.model_dir)
        self._variant = _variant_wanted(self._settings.options.get("variant")) or _variant_of(folder)
        described = MODELS[self._variant]
        model_files.require(folder, described.files, "chatterbox")
        quiet.hush("chatterbox", "diffusers")
        self._device = torch_device.choose(self._settings.device)
        _require_watermarker()
        try:
            model_class = getattr(import_module(described.module), described.name)
        except (ImportError, AttributeError) as error:
            raise EngineFault("imports", f"{described.module} cannot be imported: {error}") from error
        _read_spelling_from(folder)
        try:
            self._model = model_class.from_local(folder, self._device)
        except Exception as error:
            raise model_files.unloadable(folder, error) from error
        self._built_in = self._model.conds
        self._languages = self._languages_spoken(model_class)
        self._tokens = self._tokens_of_variant()
        self._revision = model_files.revision_of(folder)

    def describe(self) -> Description:
        model = MODELS[self._variant]
        return Description(
            engine="chatterbox",
            model=f"chatterbox-{self._variant.value}",
            revision=self._revision,
            sample_rate=int(self._model.sr),
            max_characters=MAX_CHARACTERS,
            languages=self._languages,
            parameters=model.parameters,
            reference=Reference(
                model.reference_seconds, None, Need.REQUIRED if self._built_in is None else Need.OPTIONAL
            ),
            # The conditionals are a property of the model, and its generation is written for one text.
            max_batch=1,
            device=self._device,
        )

    def voices(self) -> Sequence[Voice]:
        return () if self._built_in is None else (Voice(BUILT_IN),)

    def prepare(self, voice: Voice) -> object:
        if voice.audio is None:
            if self._built_in is None:
                raise SpeechFault.unusable_voice("the model has no voice of its own, it needs a recording of one")
            return self._built_in
        try:
            self._model.prepare_conditionals(str(voice.audio))
        except AssertionError as error:
            raise SpeechFault.unusable_voice(f"the recording of {voice.name} cannot be used: {error}") from error
        return self._model.conds

    def synthesize(self, batch: Sequence[Utterance]) -> Sequence[Sound | SpeechFault]:
        return [self._speak(utterance) for utterance in batch]

    def close(self) -> None:
        self._model = self._built_in = None
        torch_device.release()

    def _speak(self, utterance: Utterance) -> Sound | SpeechFault:
        text, dropped = special_tokens.without(self._tokens, utterance.text)
        if not text.strip():
            # The package would say that it needs some text to talk.
            return SpeechFault.unspeakable("the text has nothing to speak")
        if seconds_of(text) > MAX_SECONDS:
            return SpeechFault.too_long(f"the speech would be longer than the engine's {MAX_SECONDS:.0f} s, split it")
        if utterance.prepared is None:
            return SpeechFault.unusable_voice("the model has no voice of its own, it needs a recording of one")
        # The package replaces the conditionals inside of what it is given where `exaggeration` differs.
        self._model.conds = copy.copy(utterance.prepared)
        torch_device.sow(utterance.seed)
        try:
            with watched(self._model.t3.tfmr, utterance.abandoned) as steps:
                samples = self._generate(text, utterance)
        except AbandonedError:
            return SpeechFault.failed("nobody waits for the speech any more")
        finally:
            self._forget_alignment()
        if steps.taken > MAX_TOKENS:
            return SpeechFault.failed(f"the speech had not come to its end after {MAX_SECONDS:.0f} s")
        return Sound(samples, int(self._model.sr), dropped)

    def _generate(self, text: str, utterance: Utterance) -> Samples:
        settings: dict[str, Any] = dict(utterance.parameters)
        if "cfg_weight" in settings:
            settings["cfg_weight"] = max(float(settings["cfg_weight"]), LEAST_GUIDANCE)
        if self._variant is Variant.MULTILINGUAL:
            settings["language_id"] = utterance.language or "en"
        sound = self._model.generate(text, **settings)
        return np.ascontiguousarray(sound.squeeze(0).numpy(), dtype=np.float32)

    def _forget_alignment(self) -> None:
        """The multilingual model hooks three layers anew for each text and never lets go of them."""
        if self._variant is Variant.MULTILINGUAL:
            for layer in self._model.t3.tfmr.layers:
                layer.self_attn._forward_hooks.clear()

    def _languages_spoken(self, model_class: Any) -> tuple[str, ...]:
        if self._variant is not Variant.MULTILINGUAL:
            return _LANGUAGES_OF_ENGLISH_MODELS
        languages = tuple(sorted(model_class.get_supported_languages()))
        # Chinese is spelt by a table; without it the characters are lost.
        if not self._model.tokenizer.cangjie_converter.word2cj:
            languages = tuple(language for language in languages if language != "zh")
        return languages

    def _tokens_of_variant(self) -> re.Pattern[str]:
        kinds = [special_tokens.PIPED]
        if self._variant is not Variant.TURBO:
            kinds.append(_TOKENS)
        if self._variant is Variant.MULTILINGUAL:
            kinds.append(rf"\[(?:{'|'.join(self._languages)}|cj_[^\]\n]{{1,8}})\]")
        return re.compile("|".join(kinds))


def _variant_wanted(name: str | None) -> Variant | None:
    try:
        return Variant(name) if name else None
    except ValueError as error:
        names = ", ".join(member.value for member in Variant)
        raise EngineFault("settings", f"RHAPSODE_CHATTERBOX_VARIANT is {name!r}; it must be one of {names}") from error


def _variant_of(folder: Path) -> Variant:
    # The second file is the one that no other variant has.
    for variant, model in MODELS.items():
        if (folder / model.files[1]).exists():
            return variant
    names = ", ".join(model.files[1] for model in MODELS.values())
    raise EngineFault(
        "files", f"{folder} has none of {names}; backends/chatterbox/README.md tells how to get the weights"
    )


def _read_spelling_from(folder: Path) -> None:
    """The package looks for its table of Chinese characters on the hub alone, though it lies beside the weights."""

    def beside_the_weights(*, filename: str, **_: object) -> str:
        return str(folder / filename)

    tokenizer: Any = import_module("chatterbox.models.tokenizers.tokenizer")
    tokenizer.hf_hub_download = beside_the_weights


def _require_watermarker() -> None:
    """`perth` swallows the error of its own import and leaves None, which fails late and darkly."""
    try:
        perth = import_module("perth")
    except ImportError as error:
        raise EngineFault("imports", f"perth cannot be imported: {error}") from error
    if getattr(perth, "PerthImplicitWatermarker", None) is None:
        raise EngineFault(
            "imports",
            "perth has no PerthImplicitWatermarker, because pkg_resources is missing: install setuptools<82",
        )


def open_engine(settings: Settings) -> Chatterbox:
    """The row in the table of engines. RHAPSODE_CHATTERBOX_VARIANT chooses where a folder holds several models."""
    return Chatterbox(settings)
