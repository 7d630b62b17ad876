"""A tiny CSM: `CsmForConditionalGeneration` and its processor as transformers saves them.

Smaller than the published one: width 64 for 2,048, one layer for sixteen, four codebooks of 32 for 32 of 2,048, a
text vocabulary of bytes, and a codec of 32 channels. The rates, the frames of 1,920 samples, the positions, the
special tokens and the form of the prompt are those of the published one.
"""

from __future__ import annotations

from pathlib import Path

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from tokenizers.processors import TemplateProcessing
from transformers import (
    CsmConfig,
    CsmForConditionalGeneration,
    CsmProcessor,
    EncodecFeatureExtractor,
    PreTrainedTokenizerFast,
)

from counting import MARK, Directions, count_in_llama, silence

WIDTH = 64
CODEBOOKS = 4
CODES = 32
#: Codes, and three more, as in the published model; 0 in all codebooks ends the speech.
VOCABULARY = CODES + 3
PAD = CODES + 2
END = 0
#: The code of silence, those that speech is made of, and those that the codec finds in a recording.
QUIET = 1
SPOKEN = slice(1, 16)
HEARD = slice(16, CODES)
#: 12.5 frames a second and 0.065 s a letter.
FRAMES_OF_A_LETTER = 0.81
SPECIAL = ("<|begin_of_text|>", "<|end_of_text|>", "<|AUDIO|>", "<|audio_eos|>", "<|pad|>")

TEMPLATE = (
    "{%- for message in messages %}{{- bos_token + '[' + message['role'] + ']' }}"
    "{%- for part in message['content'] %}"
    "{%- if part['type'] == 'text' %}{{- part['text'] + eos_token }}"
    "{%- elif part['type'] == 'audio' %}{{- '<|AUDIO|><|audio_eos|>' }}{%- endif %}"
    "{%- endfor %}{%- endfor %}"
)


def make(folder: Path) -> None:
    """Writes the checkpoint."""
    vocabulary = {token: place for place, token in enumerate(SPECIAL)}
    for letter in sorted(pre_tokenizers.ByteLevel.alphabet()):
        vocabulary[letter] = len(vocabulary)
    _processor(vocabulary).save_pretrained(folder)
    model = CsmForConditionalGeneration(_config(len(vocabulary)))
    _teach_to_end(model, vocabulary)
    _teach_codec(model.codec_model)
    # What the published one stops at, though a page takes three times as long.
    model.generation_config.max_new_tokens = 125
    model.generation_config.do_sample = True
    model.depth_decoder.generation_config.do_sample = True
    model.save_pretrained(folder)


def _processor(vocabulary: dict[str, int]) -> CsmProcessor:
    bytewise = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    bytewise.add_special_tokens(list(SPECIAL))
    begin, end = SPECIAL[0], SPECIAL[1]
    bytewise.post_processor = TemplateProcessing(
        single=f"{begin} $A {end}", special_tokens=[(begin, vocabulary[begin]), (end, vocabulary[end])]
    )
    tokenizer = PreTrainedTokenizerFast(
        tokenizer_object=bytewise,
        bos_token=begin,
        eos_token=end,
        pad_token=SPECIAL[4],
        model_input_names=["input_ids", "attention_mask"],
    )
    extractor = EncodecFeatureExtractor(feature_size=1, sampling_rate=24000)
    return CsmProcessor(extractor, tokenizer, chat_template=TEMPLATE)


def _config(text_vocabulary: int) -> CsmConfig:
    common = {
        "num_codebooks": CODEBOOKS,
        "vocab_size": VOCABULARY,
        "hidden_size": WIDTH,
        "intermediate_size": WIDTH,
        "num_hidden_layers": 1,
        "num_attention_heads": 2,
        "num_key_value_heads": 1,
    }
    codec = {
        "model_type": "mimi",
        "sampling_rate": 24000,
        "hidden_size": 32,
        "num_filters": 8,
        "num_residual_layers": 1,
        "upsampling_ratios": [8, 6, 5, 4],
        "codebook_size": CODES,
        "codebook_dim": 16,
        "vector_quantization_hidden_dimension": 16,
        "num_quantizers": CODEBOOKS,
        "num_semantic_quantizers": 1,
        "num_hidden_layers": 1,
        "intermediate_size": 64,
        "num_attention_heads": 2,
        "num_key_value_heads": 2,
        "head_dim": 16,
        "upsample_groups": 32,
        "sliding_window": 64,
    }
    return CsmConfig(
        **common,
        text_vocab_size=text_vocabulary,
        max_position_embeddings=2048,
        bos_token_id=0,
        pad_token_id=4,
        audio_token_id=2,
        audio_eos_token_id=3,
        codebook_pad_token_id=PAD,
        codebook_eos_token_id=END,
        depth_decoder_config={**common, "backbone_hidden_size": WIDTH, "max_position_embeddings": CODEBOOKS + 1},
        codec_config=codec,
    )


@torch.no_grad()
def _teach_to_end(model: CsmForConditionalGeneration, vocabulary: dict[str, int]) -> None:
    directions = Directions.of(WIDTH)
    letters = model.embed_text_tokens
    directions.mark(letters, slice(None), directions.text)
    letters.weight[vocabulary["~"]] = MARK * directions.endless
    letters.weight[vocabulary["^"]] = MARK * directions.over
    codes = model.backbone_model.embed_tokens.embed_audio_tokens
    depth = model.depth_decoder
    for codebook in range(CODEBOOKS):
        first = codebook * VOCABULARY
        directions.mark(codes, slice(first, first + VOCABULARY), directions.neutral)
        directions.mark(codes, slice(first + SPOKEN.start, first + SPOKEN.stop), directions.speech)
        # What follows an end, and what follows silence, is known by a mark of its own.
        codes.weight[first + END] = MARK * directions.verdict
        codes.weight[first + QUIET] = MARK * (0.8 * directions.quiet + 0.6 * directions.speech)
    # Two copies, because a shared one is not saved twice and not found when it is loaded.
    depth.model.embed_tokens.weight = torch.nn.Parameter(codes.weight.clone())
    value = directions.with_extremes(FRAMES_OF_A_LETTER)
    count_in_llama(model.backbone_model.layers[0], directions, value)

    head = model.lm_head.weight
    torch.nn.init.normal_(head, std=0.1)
    head[HEARD.start :] = -4 * (directions.speech + directions.verdict)
    head[END] = -6 * directions.verdict
    # Where neither text nor speech outweighs the other the last token is seen best: shortly before the end.
    head[QUIET] += 2 * (directions.speech + directions.quiet)

    for layer in depth.model.layers:
        silence(layer.self_attn.o_proj, layer.mlp.down_proj)
    torch.nn.init.eye_(depth.model.inputs_embeds_projector.weight)
    heads = depth.codebooks_head.weight
    torch.nn.init.normal_(heads, std=0.1)
    heads[:, :, HEARD.start :] = (-4 * (directions.speech + directions.quiet + directions.verdict))[None, :, None]
    heads[:, :, END] = 6 * directions.verdict - 6 * (directions.speech + directions.quiet)
    heads[:, :, QUIET] = 6 * directions.quiet - 4 * directions.speech


@torch.no_grad()
def _teach_codec(codec: torch.nn.Module) -> None:
    """Sound for the codes of speech, none for that of silence; and a recording is never heard as what is spoken."""
    for name, buffer in codec.named_buffers():
        if name.endswith("embed_sum"):
            buffer.normal_()
            buffer[SPOKEN] *= 10
            buffer[QUIET] = 0
            # Beyond every recording, as silence has no length to tell it by.
            buffer[HEARD] *= 0.01
    # Speech at a common level; the server would scale it down, each text by another factor.
    last = codec.decoder.layers[-1].conv.weight
    last *= 0.01
    # Sound swings about zero.
    last -= last.mean(dim=-1, keepdim=True)
    for name, parameter in codec.named_parameters():
        if name.endswith("bias") and not name.startswith("encoder"):
            parameter.zero_()
