"""What the adapters of the engines do before they need the engines: texts, files, and reasons."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from conftest import Start

from rhapsode_speech_server.engines import index_tts_files, model_files, special_tokens
from rhapsode_speech_server.engines.sesame_text import speakable
from rhapsode_speech_server.engines.speaking_time import longest_seconds_of, seconds_of
from rhapsode_speech_server.errors import EngineFault

COMMIT = "0123456789abcdef0123456789abcdef01234567"


def test_a_token_whose_halves_stand_around_another_one_is_taken_out_too() -> None:
    piped = re.compile(special_tokens.PIPED)
    text, taken = special_tokens.without(piped, "He <|AUDIO|> said <|<|b|>c|> so.")
    assert text == "He said so."
    assert taken == "<|AUDIO|> <|b|> <| c|>"


def test_a_text_without_tokens_stays_as_it_is() -> None:
    piped = re.compile(special_tokens.PIPED)
    assert special_tokens.without(piped, "a  b <c> | d") == ("a  b <c> | d", None)


def test_a_speakers_number_is_dropped_before_a_text_and_kept_within_it() -> None:
    assert speakable("[3] [4] See note [5].") == ("See note [5].", "[3] [4]")
    assert speakable("<|AUDIO|>") == ("", "<|AUDIO|>")


def test_a_syllable_takes_as_long_as_several_letters() -> None:
    assert seconds_of("日本語") > 3 * seconds_of("abc")
    assert longest_seconds_of("abc") > seconds_of("abc")


def test_what_is_missing_of_a_model_is_named(tmp_path: Path) -> None:
    (tmp_path / "config.json").touch()
    with pytest.raises(EngineFault, match=r"no tokenizer\.json in .*backends/sesame/README\.md"):
        model_files.require(tmp_path, ("config.json", "tokenizer.json"), "sesame")


def test_the_revision_is_the_commit_where_the_folder_tells_it(tmp_path: Path) -> None:
    snapshot = tmp_path / "models--sesame--csm-1b" / "snapshots" / COMMIT
    snapshot.mkdir(parents=True)
    assert model_files.revision_of(snapshot) == COMMIT
    notes = tmp_path / "plain" / ".cache" / "huggingface" / "download"
    notes.mkdir(parents=True)
    (notes / "config.json.metadata").write_text(f"{COMMIT}\netag\n1.0\n", encoding="utf-8")
    assert model_files.revision_of(tmp_path / "plain") == COMMIT


def test_other_weights_have_another_revision_and_the_same_ones_the_same(tmp_path: Path) -> None:
    for name, end in (("one", b"a"), ("same", b"a"), ("other", b"b")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "weights.safetensors").write_bytes(bytes(300_000) + end)
    one, same, other = (model_files.revision_of(tmp_path / name) for name in ("one", "same", "other"))
    assert one == same != other
    assert one.startswith("sha256:")


@pytest.mark.parametrize("form", ["plain", "hub"])
def test_borrowed_models_are_found_in_either_form_and_linked_as_the_hub_has_them(tmp_path: Path, form: str) -> None:
    cache = tmp_path / "hf_cache"
    for model in index_tts_files.BORROWED:
        if form == "plain":
            place = cache / model.plain
        else:
            name = "models--" + model.repository.replace("/", "--")
            place = cache / name / "snapshots" / COMMIT / (model.file or "")
        file = place / "config.json" if model.file is None else place
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(model.key, encoding="utf-8")
    paths = index_tts_files.borrowed_paths(tmp_path)
    hub = tmp_path / "hub"
    for _ in range(2):
        index_tts_files.link_as_hub(paths, hub)
    linked = hub / "models--amphion--MaskGCT"
    commit = (linked / "refs" / "main").read_text(encoding="ascii")
    codec = linked / "snapshots" / commit / "semantic_codec" / "model.safetensors"
    assert codec.read_text(encoding="utf-8") == "semantic_codec"


def test_borrowed_models_that_are_nowhere_are_named(tmp_path: Path) -> None:
    with pytest.raises(EngineFault, match=r"facebook/w2v-bert-2\.0"):
        index_tts_files.borrowed_paths(tmp_path)


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"engine": "sesame"}, "RHAPSODE_MODEL_DIR is not set"),
        ({"engine": "chatterbox", "chatterbox_variant": "huge", "model_dir": "."}, "plain, multilingual, turbo"),
        ({"engine": "chatterbox", "model_dir": "."}, "t3_cfg.safetensors"),
        ({"engine": "index-tts", "model_dir": "."}, "gpt.pth"),
    ],
)
def test_a_server_that_cannot_load_says_why(start: Start, settings: dict[str, str], reason: str) -> None:
    server = start(**settings)
    server.until(lambda: server.client.get("/ready").json()["error"]["phase"] == "failed")
    answer = server.client.get("/ready")
    assert answer.status_code == 503
    assert reason in answer.json()["error"]["message"]


def test_the_reason_of_weights_that_do_not_load_is_short(tmp_path: Path) -> None:
    fault = model_files.unloadable(tmp_path, RuntimeError("missing:\n" + "tensor, " * 10_000))
    assert "RuntimeError: missing: tensor," in fault.reason
    assert len(fault.reason) < 1_000
