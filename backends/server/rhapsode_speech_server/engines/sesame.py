"""Sesame's CSM, as transformers has it: `CsmForConditionalGeneration` with its processor.

What a caller of it must know, and is seen to here: control tokens in a text break its prompt; the generation settings
of the published weights stop after 10 seconds; beyond 2,048 positions it speaks nonsense without an error; a speech
that ends at once fails inside the codec; and peaks pass full scale, which the server mends.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import soundfile

from rhapsode_speech_server.engine import (
    Description,
    Need,
    Numbers,
    Parameter,
    Range,
    Reference,
    Samples,
    Seeds,
    Sound,
    Utterance,
    Value,
    Voice,
)
from rhapsode_speech_server.engines import model_files, quiet, torch_device
from rhapsode_speech_server.engines.sesame_text import speakable
from rhapsode_speech_server.engines.speaking_time import longest_seconds_of
from rhapsode_speech_server.engines.watching import AbandonedError
from rhapsode_speech_server.errors import EngineFault, SpeechFault
from rhapsode_speech_server.settings import Settings

if TYPE_CHECKING:
    from rhapsode_speech_server.engines.sesame_generation import Row
    from rhapsode_speech_server.engines.sesame_recordings import Encoded

#: A conversation: who says what, or said it.
Turns: TypeAlias = list[dict[str, Any]]

SAMPLE_RATE = 24000
FRAME = 1920
FRAMES_PER_SECOND = SAMPLE_RATE / FRAME
#: Prompt and speech of so many letters fit into the positions twice over.
MAX_CHARACTERS = 400
MAX_BATCH = 8
SPEAKER = "speaker-"
SPEAKERS = 10

PARAMETERS: Mapping[str, Parameter] = {
    "temperature": Range(0.05, 2.0, 0.9),
    "top_k": Range(1, 2048, 50, Numbers.WHOLE),
    "depth_decoder_temperature": Range(0.05, 2.0, 0.9),
    "depth_decoder_top_k": Range(1, 2048, 50, Numbers.WHOLE),
}


@dataclass(frozen=True)
class Speaker:
    """One of the numbers that the model gives to speakers."""

    role: str


@dataclass(frozen=True)
class Context:
    """Something that was said before, which the model goes on from in the same voice."""

    samples: Samples
    transcript: str | None
    encoded: Encoded


class Sesame:
    """The engine."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._model: Any = None
        self._processor: Any = None

    def load(self) -> None:
        folder = model_files.given(self._settings.model_dir)
        model_files.require(folder, ("config.json", "tokenizer_config.json"), "sesame")
        quiet.hush()
        self._device = torch_device.choose(self._settings.device)
        try:
            transformers: Any = import_module("transformers")
            model_class = transformers.CsmForConditionalGeneration
            processor_class = transformers.AutoProcessor
        except (ImportError, AttributeError) as error:
            raise EngineFault("imports", f"transformers has no CSM, which needs 4.52 or later: {error}") from error
        _tell_whether_it_compiles()
        try:
            self._processor = processor_class.from_pretrained(folder)
            self._model = model_class.from_pretrained(folder).to(self._device).eval()
        except Exception as error:
            raise model_files.unloadable(folder, error) from error
        self._positions = int(self._model.config.max_position_embeddings)
        self._revision = model_files.revision_of(folder)

    def describe(self) -> Description:
        return Description(
            engine="sesame",
            model="csm-1b",
            revision=self._revision,
            sample_rate=SAMPLE_RATE,
            max_characters=MAX_CHARACTERS,
            languages=("en",),
            parameters=PARAMETERS,
            # A context of 30 s takes a fifth of the positions.
            reference=Reference(1.0, 30.0, Need.OPTIONAL),
            max_batch=MAX_BATCH,
            device=self._device,
            seeds=self._seeds(),
        )

    def voices(self) -> Sequence[Voice]:
        return tuple(Voice(f"{SPEAKER}{number}") for number in range(SPEAKERS))

    def prepare(self, voice: Voice) -> object:
        from rhapsode_speech_server.engines import sesame_recordings as recordings

        if voice.audio is None:
            return Speaker(voice.name.removeprefix(SPEAKER))
        samples, rate = soundfile.read(voice.audio, dtype="float32")
        if rate != SAMPLE_RATE:
            samples = _resampled(samples, rate)
        transcript = speakable(voice.transcript)[0] if voice.transcript else None
        return Context(samples, transcript or None, recordings.encode(self._model, samples))

    def synthesize(self, batch: Sequence[Utterance]) -> Sequence[Sound | SpeechFault]:
        answers: dict[int, Sound | SpeechFault] = {}
        # The processor cannot mix prompts with and without sound.
        passes: dict[bool, dict[int, tuple[Utterance, Prompt]]] = {False: {}, True: {}}
        for place, utterance in enumerate(batch):
            prompt = self._prompt(utterance)
            if isinstance(prompt, SpeechFault):
                answers[place] = prompt
            else:
                passes[isinstance(utterance.prepared, Context)][place] = (utterance, prompt)
        for members in passes.values():
            if members:
                answers.update(zip(members, self._speak(list(members.values())), strict=True))
        return [answers[place] for place in range(len(batch))]

    def close(self) -> None:
        self._model = self._processor = None
        torch_device.release()

    def _seeds(self) -> Seeds:
        """Every text draws from its own generator, and what it draws from is the same in any batch up to rounding.

        The processor's arithmetic rounds so finely that no token changes; a GPU's may not.
        """
        return Seeds.ANY_BATCH if self._device == "cpu" else Seeds.ALONE

    def _prompt(self, utterance: Utterance) -> Prompt | SpeechFault:
        text, dropped = speakable(utterance.text)
        if not text:
            return SpeechFault.unspeakable("the text has nothing to speak")
        frames = math.ceil(longest_seconds_of(text) * FRAMES_PER_SECOND)
        turn = {"role": _role(utterance.prepared), "content": [{"type": "text", "text": text}]}
        prompt = Prompt([*_said_before(utterance.prepared), turn], frames, dropped)
        tokens = self._inputs([prompt.turns])
        positions = int(tokens["input_ids"].shape[1]) + frames
        if positions > self._positions:
            return SpeechFault.too_long(
                f"the text and its speech may need {positions} positions, and the model has {self._positions}; split it"
            )
        return prompt

    def _speak(self, members: Sequence[tuple[Utterance, Prompt]]) -> Sequence[Sound | SpeechFault]:
        from rhapsode_speech_server.engines import sesame_generation as generation
        from rhapsode_speech_server.engines import sesame_recordings as recordings

        rows = [generation.Row(prompt.frames, utterance.seed, utterance.abandoned) for utterance, prompt in members]
        settings: Mapping[str, Any] = members[0][0].parameters
        sampling = generation.Sampling(
            temperature=_number(settings, "temperature"),
            top_k=int(_number(settings, "top_k")),
            depth_temperature=_number(settings, "depth_decoder_temperature"),
            depth_top_k=int(_number(settings, "depth_decoder_top_k")),
        )
        inputs = self._inputs([prompt.turns for _, prompt in members])
        contexts = (utterance.prepared for utterance, _ in members)
        encoded = [context.encoded for context in contexts if isinstance(context, Context)]
        try:
            with recordings.known_to(self._model.codec_model, encoded):
                codes = generation.generate(self._model, inputs.to(self._device), rows, sampling)
        except AbandonedError:
            return [SpeechFault.failed("nobody waits for the speech any more")] * len(members)
        return [
            self._sound(row_codes, row, prompt)
            for row_codes, row, (_, prompt) in zip(codes, rows, members, strict=True)
        ]

    def _inputs(self, conversations: Sequence[Turns]) -> Any:
        """The prompts as the model takes them.

        `apply_chat_template` does it in one, but before transformers 5 it asks for librosa if there is a recording,
        even one that was read and resampled here.
        """
        contents = (part for turns in conversations for turn in turns for part in turn["content"])
        recordings = [part["path"] for part in contents if part["type"] == "audio"]
        prompts = self._processor.apply_chat_template(conversations, tokenize=False)
        return self._processor(text=prompts, audio=recordings or None, return_tensors="pt")

    def _sound(self, codes: Any, row: Row, prompt: Prompt) -> Sound | SpeechFault:
        import torch

        if codes is None:
            seconds = row.max_frames / FRAMES_PER_SECOND
            return SpeechFault.failed(
                f"the speech had not come to its end after {seconds:.0f} s, too long for the text"
            )
        if len(codes) == 0:
            return SpeechFault.failed("the speech ended before it began", code="empty_audio")
        with torch.inference_mode():
            values = self._model.codec_model.decode(codes.transpose(0, 1).unsqueeze(0)).audio_values
        samples = values[0, 0].float().cpu().numpy()
        return Sound(np.ascontiguousarray(samples, dtype=np.float32), SAMPLE_RATE, prompt.dropped)


@dataclass(frozen=True)
class Prompt:
    """What the model is asked: the turns of a conversation, and the frames that the answer may have."""

    turns: Turns
    frames: int
    dropped: str | None


def _number(parameters: Mapping[str, Value], name: str) -> float:
    value = parameters[name]
    # Checked at the border: it is a range, and has a default.
    return float(value) if isinstance(value, (int, float)) else math.nan


def _role(prepared: object) -> str:
    return prepared.role if isinstance(prepared, Speaker) else "0"


def _said_before(prepared: object) -> Turns:
    if not isinstance(prepared, Context):
        return []
    content: list[dict[str, Any]] = [{"type": "audio", "path": prepared.samples}]
    if prepared.transcript:
        content.insert(0, {"type": "text", "text": prepared.transcript})
    return [{"role": "0", "content": content}]


def _tell_whether_it_compiles() -> None:
    """Gives torch 2.2 the name under which the model asks whether it is being compiled; later releases have it."""
    compiler: Any = import_module("torch.compiler")
    if not hasattr(compiler, "is_compiling"):
        compiler.is_compiling = import_module("torch._dynamo").is_compiling


def _resampled(samples: Samples, rate: int) -> Samples:
    import torch

    functional: Any = import_module("torchaudio.functional")
    resampled = functional.resample(torch.from_numpy(samples), rate, SAMPLE_RATE)
    return np.ascontiguousarray(resampled.numpy(), dtype=np.float32)


def open_engine(settings: Settings) -> Sesame:
    """The row in the table of engines."""
    return Sesame(settings)
