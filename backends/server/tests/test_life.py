"""How a server comes up, falls over, gets up again and ends."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest
from conftest import SENTENCE, Server, Start, error, recording
from driving import PROGRAM, decoded


def test_health_is_answered_while_a_long_text_is_spoken(start: Start) -> None:
    server = start().ready()
    with ThreadPoolExecutor(1) as pool:
        server.shut()
        speaking = pool.submit(server.ask)
        server.until_figures(in_flight=1)
        for _ in range(20):
            assert server.client.get("/health").json() == {"status": "ok"}
        assert not speaking.done()
        server.open()
        assert speaking.result().status_code == 200


def until_ready(server: Server) -> list[httpx.Response]:
    """What `/ready` answered until the server was."""
    seen: list[httpx.Response] = []

    def ready() -> bool:
        seen.append(server.client.get("/ready"))
        return seen[-1].status_code == 200

    server.until(ready)
    return seen


def test_it_is_ready_only_after_a_good_load_and_says_why_not_before(start: Start) -> None:
    seen = until_ready(start(stand_in_fail_loads=1))
    failed = next(answer for answer in seen if answer.status_code == 503 and error(answer)["phase"] == "failed")
    told = error(failed)
    assert (told["code"], told["retryable"]) == ("not_ready", True)
    assert "the weights are not there, load 1" in told["message"]
    assert int(failed.headers["retry-after"]) >= 1


def test_a_request_before_it_is_ready_is_told_to_come_back(start: Start) -> None:
    server = start(stand_in_fail_loads=1000)
    server.event("not ready")
    answer = server.ask()
    assert (answer.status_code, error(answer)["code"]) == (503, "not_ready")
    assert server.client.get("/health").status_code == 200


def test_it_is_not_ready_before_the_first_sentence_is_spoken(start: Start, tmp_path: Path) -> None:
    (tmp_path / "gate").touch()
    server = start()
    server.until(lambda: server.client.get("/ready").json()["error"]["phase"] == "warming-up")
    server.open()
    server.ready()


def test_the_first_sentence_must_be_good(start: Start) -> None:
    server = start(stand_in_bad_sentences=1)
    seen = until_ready(server)
    bad = next(answer for answer in seen if "the engine gave no sound" in answer.text)
    assert (bad.status_code, error(bad)["code"], error(bad)["phase"]) == (503, "not_ready", "warming-up")
    assert int(bad.headers["retry-after"]) >= 1
    reasons = [event["reason"] for event in server.events() if event["event"] == "not ready"]
    assert reasons == ["the engine gave no sound"]
    # It was the sentence that was bad, and not the model.
    server.event("ready")
    assert server.figures()["rhapsode_model_loads_total"] == 1


def test_an_engine_that_needs_a_recording_becomes_ready_when_there_is_one(start: Start, tmp_path: Path) -> None:
    server = start(stand_in_reference="required")
    reason = server.event("not ready", phase="warming-up")["reason"]
    assert "put a recording into the folder of voices" in reason
    recording(tmp_path / "voices" / "ann.wav", 3)
    server.ready()
    assert server.client.get("/v1/capabilities").json()["voices"] == ["ann"]


def hammer(server: Server, clients: int, each: int) -> list[int]:
    """Asks as rhapsode does: whoever is told to come back comes back. How often each was told so."""

    def client(number: int) -> int:
        told = 0
        for turn in range(each):
            while True:
                answer = server.ask(f"Text {number} of round {turn}.")
                if answer.status_code == 200:
                    break
                assert answer.status_code in {429, 503}, answer.text
                assert error(answer)["retryable"]
                assert "retry-after" in answer.headers
                told += 1
        return told

    with ThreadPoolExecutor(clients) as pool:
        return list(pool.map(client, range(clients)))


def test_the_model_is_loaded_anew_after_so_many_requests_and_none_is_lost(start: Start) -> None:
    server = start(restart_after_requests=20, stand_in_load_seconds=0.05, max_batch=2).ready()
    hammer(server, clients=8, each=15)
    server.ready()
    restarts = [event for event in server.events() if event["event"] == "restarting the model"]
    assert len(restarts) >= 3
    assert all(20 <= event["spoken"] < 22 for event in restarts)
    figures = server.figures()
    # Whoever had a place in the queue was answered: nothing failed, nothing was abandoned.
    assert figures['rhapsode_requests_total{call="speech",status="200"}'] == 8 * 15
    outcomes = {event["outcome"] for event in server.events() if event.get("call") == "speech"}
    assert outcomes <= {"200", "429", "503"}
    assert figures["rhapsode_model_loads_total"] == len(restarts) + 1


def test_those_who_wait_are_spoken_by_the_model_that_comes_next(start: Start) -> None:
    server = start(restart_after_requests=1, max_batch=1, stand_in_load_seconds=0.5).ready()
    with ThreadPoolExecutor(2) as pool:
        server.shut()
        first = pool.submit(server.ask)
        server.until_figures(in_flight=1)
        second = pool.submit(server.ask)
        server.until_figures(queue=1)
        server.open()
        assert first.result().status_code == 200
        server.until(lambda: server.client.get("/ready").status_code == 503)
        assert error(server.client.get("/ready"))["phase"] in {"restarting", "warming-up"}
        assert second.result().status_code == 200


def test_the_model_is_loaded_anew_when_it_holds_too_much_memory(start: Start) -> None:
    server = start(restart_above_gib=0.2, stand_in_leak_mib=50).ready()
    hammer(server, clients=1, each=12)
    reasons = [event["reason"] for event in server.events() if event["event"] == "restarting the model"]
    assert reasons and all("GiB are held" in reason for reason in reasons)


def test_a_limit_below_what_the_model_needs_does_not_restart_it_for_ever(start: Start) -> None:
    server = start(restart_above_gib=0.001).ready()
    hammer(server, clients=1, each=5)
    assert not [event for event in server.events() if event["event"] == "restarting the model"]


@pytest.mark.parametrize("fault", ["[dead]", "[exit]"])
def test_a_model_that_is_beyond_use_is_loaded_anew(start: Start, fault: str) -> None:
    server = start().ready()
    answer = server.ask(f"A word {fault}.")
    assert (answer.status_code, error(answer)["retryable"]) == (500, True)
    server.ready()
    assert server.ask().status_code == 200
    assert server.figures()["rhapsode_model_loads_total"] == 2


def test_it_finishes_what_is_spoken_refuses_the_rest_and_ends_well(start: Start) -> None:
    server = start(max_batch=1).ready()
    with ThreadPoolExecutor(3) as pool:
        server.shut()
        speaking = pool.submit(server.ask)
        server.until_figures(in_flight=1)
        waiting = pool.submit(server.ask)
        server.until_figures(queue=1)
        server.process.terminate()
        refused = waiting.result()
        assert (refused.status_code, error(refused)["phase"]) == (503, "stopping")
        assert error(server.ask())["phase"] == "stopping"
        assert server.client.get("/health").status_code == 200
        server.open()
        assert speaking.result().status_code == 200
    assert server.process.wait(60) == 0


def test_it_ends_at_once_while_a_model_loads(start: Start) -> None:
    server = start(stand_in_load_seconds=3600)
    assert server.stop() == 0


def test_a_second_signal_stops_it_at_once(start: Start) -> None:
    server = start().ready()
    with ThreadPoolExecutor(1) as pool:
        server.shut()
        speaking = pool.submit(server.ask)
        server.until_figures(in_flight=1)
        server.process.terminate()
        server.event("draining")
        server.process.terminate()
        server.process.wait(60)
        with pytest.raises(httpx.TransportError):
            speaking.result()


def test_the_log_never_has_a_text(start: Start) -> None:
    server = start().ready()
    secret = "Xylophone"
    server.ask(f"{secret} one.")
    server.ask(f"{secret} [fault].")
    server.ask(f'{secret}\'s "[dead]".')
    server.ready()
    server.ask(f"{secret} " * 60)
    server.ask(f"{secret}.", voice="nobody")
    server.ask(f"{secret}.", params={"mood": secret})
    assert server.stop() == 0
    server.close()
    assert secret not in "\n".join(server.lines)
    spoken = [event for event in server.events() if event.get("characters")]
    assert {event["characters"] for event in spoken} == {len(secret) + 5, len(secret) + 1}


def test_it_writes_nowhere_but_into_its_cache(tmp_path: Path, start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    # What root may not write is known by looking for what was written.
    monkeypatch.delenv("PYTHONDONTWRITEBYTECODE", raising=False)
    source = tmp_path / "app"
    shutil.copytree(PROGRAM.parent, source, ignore=shutil.ignore_patterns("__pycache__", "tests", ".*"))
    recording(tmp_path / "voices" / "ann.wav", 3)
    for path in [*source.rglob("*"), source]:
        path.chmod(0o555 if path.is_dir() else 0o444)
    before = {path for path in tmp_path.rglob("*") if "cache" not in path.parts}
    server = start(program=source / "server.py", host="127.0.0.1").ready()
    assert decoded(server.ask(voice="ann").content)[0].size
    assert server.client.get("/v1/dependencies").status_code == 200
    assert server.stop() == 0
    assert {path for path in tmp_path.rglob("*") if "cache" not in path.parts} == before
    for path in [source, *source.rglob("*")]:
        path.chmod(0o755)


def run_to_its_end(**settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("RHAPSODE_")}
    command = [sys.executable, str(PROGRAM)]
    return subprocess.run(
        command, env={**environment, **settings}, capture_output=True, text=True, timeout=60, check=False
    )


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({}, "RHAPSODE_ENGINE is not set; it must be one of chatterbox, index-tts, sesame, stand-in"),
        ({"RHAPSODE_ENGINE": "espeak"}, "RHAPSODE_ENGINE is 'espeak'; it must be one of chatterbox"),
        ({"RHAPSODE_ENGINE": "stand-in", "RHAPSODE_PORT": "http"}, "RHAPSODE_PORT is 'http'"),
        (
            {"RHAPSODE_ENGINE": "stand-in", "RHAPSODE_DEVICE": "gpu"},
            "RHAPSODE_DEVICE is 'gpu'; it must be auto, cpu, cuda or cuda:N",
        ),
        ({"RHAPSODE_ENGINE": "stand-in", "RHAPSODE_TOKEN_FILE": "/none"}, "RHAPSODE_TOKEN_FILE is '/none'"),
    ],
)
def test_a_wrong_setting_is_told_before_anything_is_loaded(settings: dict[str, str], said: str) -> None:
    done = run_to_its_end(**settings)
    assert done.returncode == 2
    assert done.stderr.startswith(f"error: {said}")
    assert "Traceback" not in done.stderr


def test_a_port_that_is_taken_is_told(server: Server) -> None:
    port = server.address.rpartition(":")[2]
    done = run_to_its_end(RHAPSODE_ENGINE="stand-in", RHAPSODE_PORT=port)
    assert done.returncode == 1
    assert "cannot listen" in done.stderr


def test_without_a_home_it_speaks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, start: Start) -> None:
    monkeypatch.delenv("HOME", raising=False)
    assert start().ready().ask(SENTENCE).status_code == 200
