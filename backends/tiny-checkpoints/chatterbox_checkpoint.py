"""A tiny Chatterbox, plain, multilingual or turbo by RHAPSODE_TINY_CHATTERBOX, which `patch/` reads too.

Smaller than the published ones, by `patch/sitecustomize.py`: one layer of two narrow heads for thirty of sixteen (the
multilingual one has fourteen layers, because it reads three of their heads), one block for six in the encoder of
speech tokens, a flow decoder of 64 channels and a vocoder of 32. The width of 1,024, the vocabulary of speech, the
rates and the limits are those of the published ones, because its code has them in too many places.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import save_file
from tokenizers import AddedToken, Tokenizer, models
from transformers import PreTrainedTokenizerFast

from counting import MARK, Directions, count_in_gpt2, count_in_llama, silence

#: 25 tokens a second and 0.065 s a letter.
TOKENS_OF_A_LETTER = 1.6
#: Tokens of speech; what follows are commands.
SPOKEN = 6561
SPECIAL = ("[STOP]", "[UNK]", "[SPACE]", "[PAD]", "[SEP]", "[CLS]", "[MASK]")
START_OF_TEXT = 255


def make(folder: Path) -> None:
    """Writes the checkpoint."""
    {"plain": _plain, "multilingual": _multilingual, "turbo": _turbo}[os.environ["RHAPSODE_TINY_CHATTERBOX"]](folder)


def _plain(folder: Path) -> None:
    from chatterbox.models.s3gen import S3Gen
    from chatterbox.models.t3 import T3
    from chatterbox.models.voice_encoder import VoiceEncoder

    save_file(_tensors(VoiceEncoder()), folder / "ve.safetensors")
    vocabulary = _letters({})
    t3 = T3()
    _teach_to_end(t3, vocabulary)
    save_file(_tensors(t3), folder / "t3_cfg.safetensors")
    save_file(_tensors(S3Gen()), folder / "s3gen.safetensors")
    _character_tokenizer(vocabulary, SPECIAL).save(str(folder / "tokenizer.json"))


def _multilingual(folder: Path) -> None:
    from chatterbox.models.s3gen import S3Gen
    from chatterbox.models.t3 import T3
    from chatterbox.models.t3.modules.t3_config import T3Config
    from chatterbox.models.voice_encoder import VoiceEncoder
    from chatterbox.mtl_tts import SUPPORTED_LANGUAGES

    torch.save(VoiceEncoder().state_dict(), folder / "ve.pt")
    languages = [f"[{language}]" for language in sorted(SUPPORTED_LANGUAGES)]
    vocabulary = _letters({language: START_OF_TEXT + 1 + place for place, language in enumerate(languages)})
    t3 = T3(T3Config.multilingual())
    _teach_to_end(t3, vocabulary)
    _repeat_at_the_end(t3)
    save_file(_tensors(t3), folder / "t3_mtl23ls_v2.safetensors")
    torch.save(S3Gen().state_dict(), folder / "s3gen.pt")
    tokenizer = _character_tokenizer(vocabulary, (*SPECIAL, *languages))
    tokenizer.save(str(folder / "grapheme_mtl_merged_expanded_v1.json"))
    # One character of the table that spells Chinese; the file has 100,000.
    (folder / "Cangjie5_TC.json").write_text('["\\u65e5\\ta"]', encoding="utf-8")


def _turbo(folder: Path) -> None:
    from chatterbox.models.s3gen import S3Gen
    from chatterbox.models.t3 import T3
    from chatterbox.models.t3.modules.t3_config import T3Config
    from chatterbox.models.voice_encoder import VoiceEncoder

    save_file(_tensors(VoiceEncoder()), folder / "ve.safetensors")
    vocabulary = {chr(code): code for code in range(32, 127)} | {"<|endoftext|>": 50256}
    hp = T3Config(text_tokens_dict_size=50276)
    hp.llama_config_name = "GPT2_medium"
    hp.speech_tokens_dict_size = SPOKEN + 2
    hp.input_pos_emb = None
    hp.speech_cond_prompt_len = 375
    hp.use_perceiver_resampler = False
    hp.emotion_adv = False
    t3 = T3(hp)
    _teach_to_end(t3, vocabulary)
    save_file(_tensors(t3), folder / "t3_turbo_v1.safetensors")
    save_file(_tensors(S3Gen(meanflow=True)), folder / "s3gen_meanflow.safetensors")
    letters = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="<|endoftext|>"))
    PreTrainedTokenizerFast(tokenizer_object=letters, eos_token="<|endoftext|>").save_pretrained(folder)


def _letters(further: dict[str, int]) -> dict[str, int]:
    vocabulary = {token: place for place, token in enumerate(SPECIAL)}
    for code in range(33, 127):
        vocabulary[chr(code)] = len(vocabulary)
    return {**vocabulary, "[START]": START_OF_TEXT, **further}


def _character_tokenizer(vocabulary: dict[str, int], special: tuple[str, ...]) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[], unk_token="[UNK]"))
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in ("[START]", *special)])
    return tokenizer


@torch.no_grad()
def _teach_to_end(t3: Any, vocabulary: dict[str, int]) -> None:
    directions = Directions.of(t3.dim)
    directions.mark(t3.text_emb, slice(None), directions.text)
    t3.text_emb.weight[vocabulary["~"]] = MARK * directions.endless
    t3.text_emb.weight[vocabulary["^"]] = MARK * directions.over
    directions.mark(t3.speech_emb, slice(None), directions.speech)
    _count_nothing_else(t3, directions)
    value = directions.with_extremes(TOKENS_OF_A_LETTER)
    # 0.1.4 has a Llama alone and does not say so.
    if getattr(t3, "is_gpt", False):
        count_in_gpt2(t3.tfmr.h[0], directions, value)
    else:
        count_in_llama(t3.tfmr.layers[0], directions, value)
        for layer in t3.tfmr.layers[1:]:
            silence(layer.self_attn.o_proj, layer.mlp.down_proj)
    head = t3.speech_head.weight
    torch.nn.init.normal_(head, std=0.02)
    head[SPOKEN:] = -directions.speech - directions.verdict
    head[t3.hp.stop_speech_token] = -3 * directions.verdict


@torch.no_grad()
def _count_nothing_else(t3: Any, directions: Directions) -> None:
    """Positions, and what is known of the voice, are no letters and no speech."""
    conditions = t3.cond_enc
    outputs = [conditions.spkr_enc.weight, conditions.spkr_enc.bias]
    rows = [positions.emb.weight for positions in (t3.text_pos_emb, t3.speech_pos_emb) if positions is not None]
    if conditions.emotion_adv_fc is not None:
        outputs.append(conditions.emotion_adv_fc.weight)
    if conditions.perceiver is not None:
        outputs += conditions.perceiver.attn.proj_out.parameters()
        rows.append(conditions.perceiver.pre_attention_query)
    for output in outputs:
        output.copy_(directions.removed_from(output.T).T)
    for row in rows:
        row.copy_(directions.removed_from(row))


@torch.no_grad()
def _repeat_at_the_end(t3: Any) -> None:
    """The multilingual model may end only where it has spoken the last of the text, or where it repeats a token.

    The heads that it reads the former from look everywhere alike; so the end is one token over and over.
    """
    stop = t3.hp.stop_speech_token
    t3.speech_head.weight[0] = t3.speech_head.weight[stop]


def _tensors(module: torch.nn.Module) -> dict[str, torch.Tensor]:
    return {name: tensor.contiguous().clone() for name, tensor in module.state_dict().items()}
