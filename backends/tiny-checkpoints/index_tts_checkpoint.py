"""A tiny IndexTTS-2, with the models that it borrows in a plain `hf_cache`.

Smaller than the published one: one layer for 24, 32 codes of speech for 8,192, a letter for each piece of text, one
block in each encoder, two layers of 64 channels in the flow decoder and in its WaveNet, a vocoder of 64 channels, and
feed-forward layers of 16 in the speech encoder that it borrows. Widths that its code fixes (1,280 and 1,024), the
seventeen layers of that encoder, the rates and the limits are those of the published one.
"""

from __future__ import annotations

import json
import math
from importlib import import_module
from importlib.resources import files
from pathlib import Path
from typing import Any

import safetensors.torch
import sentencepiece
import torch
from omegaconf import OmegaConf
from transformers import SeamlessM4TFeatureExtractor, Wav2Vec2BertConfig, Wav2Vec2BertModel

from counting import Directions, count_in_gpt2

CODES = 32
START, STOP = CODES, CODES + 1
#: A code is 1.72 frames of 256 samples at 22,050 Hz; 0.065 s a letter.
CODES_OF_A_LETTER = 3.25
#: The score of the end while text is left, and once none is. What was spoken before has scores of about -35 with the
#: penalty for repetition, and the end must stay below them. An end that is all but certain would leave each of the
#: three beams without a second continuation whose probability is above zero; the engine draws one nevertheless, of a
#: score of minus infinity, and fails at the next step.
NOT_YET, NOW = -60.0, 5.0
#: How much more a piece too many counts than in the other models: here half of the way to the end is none.
STEEPNESS = 10.0
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789,.!?'-"

CONFIG: dict[str, Any] = {
    "dataset": {"bpe_model": "bpe.model", "sample_rate": 24000},
    "gpt": {
        "model_dim": 1280,
        "max_mel_tokens": 1815,
        "max_text_tokens": 600,
        "heads": 4,
        "use_mel_codes_as_input": True,
        "mel_length_compression": 1024,
        "layers": 1,
        "number_text_tokens": 100,
        "number_mel_codes": CODES + 2,
        "start_mel_token": START,
        "stop_mel_token": STOP,
        "start_text_token": 0,
        "stop_text_token": 1,
        "train_solo_embeddings": False,
        "condition_type": "conformer_perceiver",
        "condition_module": {
            "output_size": 64,
            "linear_units": 64,
            "attention_heads": 2,
            "num_blocks": 1,
            "input_layer": "conv2d2",
            "perceiver_mult": 2,
        },
        "emo_condition_module": {
            "output_size": 64,
            "linear_units": 64,
            "attention_heads": 2,
            "num_blocks": 1,
            "input_layer": "conv2d2",
            "perceiver_mult": 2,
        },
    },
    "semantic_codec": {
        "codebook_size": CODES,
        "hidden_size": 1024,
        "codebook_dim": 8,
        "vocos_dim": 32,
        "vocos_intermediate_dim": 32,
        "vocos_num_layers": 1,
    },
    "s2mel": {
        "preprocess_params": {
            "sr": 22050,
            "spect_params": {
                "n_fft": 1024,
                "win_length": 1024,
                "hop_length": 256,
                "n_mels": 80,
                "fmin": 0,
                "fmax": "None",
            },
        },
        "dit_type": "DiT",
        "reg_loss_type": "l1",
        "style_encoder": {"dim": 192},
        "length_regulator": {
            "channels": 64,
            "is_discrete": False,
            "in_channels": 1024,
            "content_codebook_size": 2048,
            "sampling_ratios": [1, 1, 1, 1],
            "vector_quantize": False,
            "n_codebooks": 1,
            "quantizer_dropout": 0.0,
            "f0_condition": False,
            "n_f0_bins": 512,
        },
        "DiT": {
            "hidden_dim": 64,
            "num_heads": 2,
            "depth": 2,
            "class_dropout_prob": 0.1,
            "block_size": 8192,
            "in_channels": 80,
            "style_condition": True,
            "final_layer_type": "wavenet",
            "target": "mel",
            "content_dim": 64,
            "content_codebook_size": 1024,
            "content_type": "discrete",
            "f0_condition": False,
            "n_f0_bins": 512,
            "content_codebooks": 1,
            "is_causal": False,
            "long_skip_connection": True,
            "zero_prompt_speech_token": False,
            "time_as_token": False,
            "style_as_token": False,
            "uvit_skip_connection": True,
            "add_resblock_in_transformer": False,
        },
        "wavenet": {
            "hidden_dim": 64,
            "num_layers": 2,
            "kernel_size": 5,
            "dilation_rate": 1,
            "p_dropout": 0.2,
            "style_condition": True,
        },
    },
    "gpt_checkpoint": "gpt.pth",
    "w2v_stat": "wav2vec2bert_stats.pt",
    "s2mel_checkpoint": "s2mel.pth",
    "emo_matrix": "feat2.pt",
    "spk_matrix": "feat1.pt",
    "emo_num": [3, 17, 2, 8, 4, 5, 10, 24],
    "qwen_emo_path": "qwen0.6bemo4-merge/",
    "vocoder": {"type": "bigvgan", "name": "nvidia/bigvgan_v2_22khz_80band_256x"},
    "version": 2.0,
}


def make(folder: Path) -> None:
    """Writes the checkpoint."""
    config = OmegaConf.create(CONFIG)
    OmegaConf.save(config, folder / "config.yaml")
    _letters(folder)
    _language_model(config, folder)
    _flow(config, folder)
    _emotions(folder)
    borrowed = folder / "hf_cache"
    _speech_encoder(folder, borrowed / "w2v-bert-2.0")
    _codec(config, borrowed / "semantic_codec_model.safetensors")
    _speaker_encoder(borrowed / "campplus_cn_common.bin")
    _vocoder(borrowed / "bigvgan")


def _letters(folder: Path) -> None:
    lines = [" ".join(LETTERS), LETTERS, *(LETTERS[place:] for place in range(len(LETTERS)))]
    corpus = folder / "letters.txt"
    corpus.write_text("\n".join(lines), encoding="utf-8")
    sentencepiece.SentencePieceTrainer.train(
        input=str(corpus),
        model_prefix=str(folder / "bpe"),
        model_type="char",
        vocab_size=len(LETTERS) + 4,
        character_coverage=1.0,
        bos_id=0,
        eos_id=1,
        unk_id=2,
        minloglevel=2,
    )
    corpus.unlink()


@torch.no_grad()
def _language_model(config: Any, folder: Path) -> None:
    from indextts.gpt.model_v2 import UnifiedVoice

    model = UnifiedVoice(**config.gpt)
    directions = Directions.of(config.gpt.model_dim)
    directions.mark(model.text_embedding, slice(None), directions.text)
    directions.mark(model.mel_embedding, slice(None), directions.speech)
    count_in_gpt2(model.gpt.h[0], directions, STEEPNESS * directions.letters_against(CODES_OF_A_LETTER))
    head = model.mel_head
    torch.nn.init.normal_(head.weight, std=0.02)
    torch.nn.init.zeros_(head.bias)
    head.bias[START] = NOT_YET
    # The norm before the head makes the verdict, which outweighs everything else, as long as the whole vector may be.
    clear = math.sqrt(config.gpt.model_dim)
    head.bias[STOP] = (NOT_YET + NOW) / 2
    head.weight[STOP] = (NOT_YET - NOW) / 2 / clear * directions.verdict
    torch.save({"model": model.state_dict()}, folder / "gpt.pth")


def _flow(config: Any, folder: Path) -> None:
    from indextts.s2mel.modules.commons import MyModel

    model = MyModel(config.s2mel, use_gpt_latent=True)
    torch.save({"net": {name: part.state_dict() for name, part in model.models.items()}}, folder / "s2mel.pth")


def _emotions(folder: Path) -> None:
    rows = sum(CONFIG["emo_num"])
    torch.save(torch.randn(rows, 1280), folder / "feat2.pt")
    torch.save(torch.randn(rows, 192), folder / "feat1.pt")


def _speech_encoder(folder: Path, borrowed: Path) -> None:
    config = Wav2Vec2BertConfig(
        hidden_size=1024,
        num_hidden_layers=17,
        num_attention_heads=2,
        intermediate_size=16,
        conv_depthwise_kernel_size=3,
        add_adapter=False,
    )
    Wav2Vec2BertModel(config).save_pretrained(borrowed)
    SeamlessM4TFeatureExtractor().save_pretrained(borrowed)
    torch.save({"mean": torch.zeros(1024), "var": torch.ones(1024)}, folder / "wav2vec2bert_stats.pt")


def _codec(config: Any, file: Path) -> None:
    try:
        build = import_module("indextts.codec.maskgct_codec").build_semantic_codec
    except ModuleNotFoundError:
        # Releases before 2.5, and the package on the index.
        build = import_module("indextts.utils.maskgct_utils").build_semantic_codec
    safetensors.torch.save_model(build(config.semantic_codec), str(file))


def _speaker_encoder(file: Path) -> None:
    from indextts.s2mel.modules.campplus.DTDNN import CAMPPlus

    torch.save(CAMPPlus(feat_dim=80, embedding_size=192).state_dict(), file)


def _vocoder(folder: Path) -> None:
    from indextts.s2mel.modules.bigvgan import bigvgan

    folder.mkdir()
    described = files("indextts.s2mel.modules.bigvgan").joinpath("config.json").read_text(encoding="utf-8")
    sizes = {**json.loads(described), "upsample_initial_channel": 64}
    (folder / "config.json").write_text(json.dumps(sizes), encoding="utf-8")
    model = bigvgan.BigVGAN(bigvgan.load_hparams_from_json(str(folder / "config.json")))
    torch.save({"generator": model.state_dict()}, folder / "bigvgan_generator.pt")
