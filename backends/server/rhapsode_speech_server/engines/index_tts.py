"""IndexTTS-2, by Bilibili: the class `IndexTTS2` of the repository and of the package `indextts2-inference`.

What a caller of it must know, and is seen to here: importing it points the model hub's cache to a folder below the
working directory; it builds grammars into its own package, which cannot be written to in a container; it prints and
logs the text; it keeps one voice at a time; it says in a warning alone that speech was cut off; and its samples are
16-bit integers, or floats of their range.
"""

from __future__ import annotations

import inspect
import os
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any

from rhapsode_speech_server.engine import (
    Description,
    Need,
    Numbers,
    Parameter,
    Range,
    Reference,
    Sound,
    Utterance,
    Vector,
    Voice,
)
from rhapsode_speech_server.engines import index_tts_files, model_files, quiet, torch_device
from rhapsode_speech_server.engines.watching import AbandonedError, watched
from rhapsode_speech_server.errors import EngineFault, SpeechFault
from rhapsode_speech_server.settings import Settings
from rhapsode_speech_server.sound import as_fractions

SAMPLE_RATE = 22050
#: It cuts a text into segments by itself; this bounds what is lost when one of them fails.
MAX_CHARACTERS = 400
#: The loggers of the grammars, each with an output of its own.
GRAMMARS = ("wetext-zh_normalizer", "wetext-en_normalizer")
#: What the tokenizer writes for the space before a word.
WORD_BOUNDARY = "▁"

PARAMETERS: Mapping[str, Parameter] = {
    #: Happy, angry, sad, afraid, disgusted, melancholic, surprised, calm.
    "emo_vector": Vector(8, 0.0, 1.0),
    "emo_alpha": Range(0.0, 1.0, 1.0),
    "interval_silence": Range(0, 2000, 200, Numbers.WHOLE),
    "max_text_tokens_per_segment": Range(20, 600, 120, Numbers.WHOLE),
    "temperature": Range(0.05, 2.0, 0.8),
    "top_p": Range(0.01, 1.0, 0.8),
    "top_k": Range(1, 100, 30, Numbers.WHOLE),
    "num_beams": Range(1, 10, 3, Numbers.WHOLE),
    "repetition_penalty": Range(1.0, 20.0, 10.0),
    "length_penalty": Range(-2.0, 2.0, 0.0),
    "max_mel_tokens": Range(50, 1815, 1500, Numbers.WHOLE),
}


@dataclass
class VoiceState:
    """What the model derived from a recording: its `cache_…` attributes, once it has spoken with that voice."""

    recording: Path
    derived: dict[str, Any] = field(default_factory=dict)


class IndexTts:
    """The engine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._cache = settings.cache_dir / "index-tts"
        self._model: Any = None

    def load(self) -> None:
        folder = model_files.given(self._settings.model_dir)
        model_files.require(folder, index_tts_files.OWN_FILES, "index-tts")
        borrowed = index_tts_files.borrowed_paths(folder)
        quiet.hush("indextts", "modelscope", "tn", "wetext", *GRAMMARS, "NeMo-text-processing")
        self._device = torch_device.choose(self._settings.device)
        module = self._import(borrowed)
        try:
            self._model = module.IndexTTS2(**self._arguments(module, folder, borrowed))
        except Exception as error:
            raise model_files.unloadable(folder, error) from error
        self._revision = model_files.revision_of(folder)

    def describe(self) -> Description:
        return Description(
            engine="index-tts",
            model="IndexTTS-2",
            revision=self._revision,
            sample_rate=SAMPLE_RATE,
            max_characters=MAX_CHARACTERS,
            languages=("en", "zh"),
            parameters=PARAMETERS,
            # It uses the first 15 s and cuts the rest by itself.
            reference=Reference(1.0, None, Need.REQUIRED),
            # Voice and text are properties of the model while it speaks.
            max_batch=1,
            device=self._device,
        )

    def voices(self) -> Sequence[Voice]:
        return ()

    def prepare(self, voice: Voice) -> object:
        if voice.audio is None:
            raise SpeechFault.unusable_voice("the model has no voice of its own, it needs a recording of one")
        return VoiceState(voice.audio)

    def synthesize(self, batch: Sequence[Utterance]) -> Sequence[Sound | SpeechFault]:
        return [self._speak(utterance) for utterance in batch]

    def close(self) -> None:
        self._model = None
        torch_device.release()

    def _import(self, borrowed: Mapping[str, Path]) -> Any:
        hub = self._cache / "hub"
        index_tts_files.link_as_hub(borrowed, hub)
        # The hub's client reads the variable once, when it is imported; the engine sets it to a relative path later.
        os.environ["HF_HUB_CACHE"] = str(hub)
        try:
            import_module("huggingface_hub.constants")
            front: Any = import_module("indextts.utils.front")
            module = import_module("indextts.infer_v2")
        except ImportError as error:
            raise EngineFault("imports", f"indextts.infer_v2 cannot be imported: {error}") from error
        finally:
            os.environ["HF_HUB_CACHE"] = str(hub)
        # The grammars are built beside the file that the module believes to be.
        front.__file__ = str(self._cache / "grammars" / Path(front.__file__).name)
        (self._cache / "grammars").mkdir(parents=True, exist_ok=True)
        return module

    def _arguments(self, module: Any, folder: Path, borrowed: Mapping[str, Path]) -> dict[str, Any]:
        taken = inspect.signature(module.IndexTTS2).parameters
        arguments: dict[str, Any] = {
            "cfg_path": str(folder / "config.yaml"),
            "model_dir": str(folder),
            "device": self._device,
            # The kernel is compiled on the spot by a compiler that no runtime image has.
            "use_cuda_kernel": False,
        }
        if "aux_paths" in taken:
            arguments["aux_paths"] = {key: str(path) for key, path in borrowed.items()}
        if "use_qwen_emo" in taken:
            arguments["use_qwen_emo"] = False
        else:
            # A second language model that guesses emotions from text, which is never asked for here.
            module.QwenEmotion = _NoEmotions
        return arguments

    def _speak(self, utterance: Utterance) -> Sound | SpeechFault:
        state = utterance.prepared
        if not isinstance(state, VoiceState):
            return SpeechFault.unusable_voice("the model has no voice of its own, it needs a recording of one")
        self._recall(state)
        # What the model derives from a recording it has not heard yet takes random numbers too.
        sow = partial(torch_device.sow, utterance.seed)
        try:
            with warnings.catch_warnings(record=True) as told:
                warnings.simplefilter("always")
                unknown = self._unknown_to_model(utterance.text)
                if unknown is None:
                    return SpeechFault.unspeakable("the text has nothing to speak")
                with watched(self._model.gpt.gpt, utterance.abandoned, sow):
                    answer = self._generate(utterance, state)
        except AbandonedError:
            return SpeechFault.failed("nobody waits for the speech any more")
        if answer is None:
            return SpeechFault.unspeakable("the text has nothing to speak")
        if any("max_mel_tokens" in str(warning.message) for warning in told):
            return SpeechFault.failed("the speech had not come to its end at the engine's limit")
        self._remember(state)
        rate, samples = answer
        return Sound(as_fractions(samples), int(rate), unknown or None)

    def _generate(self, utterance: Utterance, state: VoiceState) -> Any:
        settings: dict[str, Any] = dict(utterance.parameters)
        emotions = settings.pop("emo_vector", None)
        if emotions is not None:
            # It makes sure that the voice remains itself: all emotions together at most 0.8.
            settings["emo_vector"] = self._model.normalize_emo_vec(list(emotions))
        else:
            settings.pop("emo_alpha", None)
        return self._model.infer(str(state.recording), utterance.text, None, **settings)

    def _unknown_to_model(self, text: str) -> str | None:
        """What the tokenizer has no word for; None if nothing is left of the text."""
        tokenizer = self._model.tokenizer
        pieces = [piece for piece in tokenizer.tokenize(text) if piece != WORD_BOUNDARY]
        unknown = [piece for piece in pieces if tokenizer.convert_tokens_to_ids(piece) == [tokenizer.unk_token_id]]
        if len(unknown) == len(pieces):
            return None
        return " ".join(piece.lstrip(WORD_BOUNDARY) for piece in unknown)

    def _recall(self, state: VoiceState) -> None:
        """Puts back what the model derived from a recording, or clears what it holds of another."""
        for name in self._derived_names():
            setattr(self._model, name, state.derived.get(name))

    def _remember(self, state: VoiceState) -> None:
        state.derived = {name: getattr(self._model, name) for name in self._derived_names()}

    def _derived_names(self) -> list[str]:
        return [name for name in vars(self._model) if name.startswith("cache_")]


class _NoEmotions:
    """Stands where the engine keeps its model of emotions."""

    def __init__(self, *_: object, **__: object) -> None:
        pass


def open_engine(settings: Settings) -> IndexTts:
    """The row in the table of engines."""
    return IndexTts(settings)
