"""Who speaks when: batches, seeds, the queue, and clients that go away."""

from __future__ import annotations

import json
import socket
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from typing import Any

import httpx
import numpy as np
from conftest import PATIENCE, SENTENCE, Server, Start, error
from driving import decoded

from rhapsode_speech_server.engine import Voice
from rhapsode_speech_server.waiting import Company, Ticket, WaitingRoom


def ask_all(server: Server, pool: ThreadPoolExecutor, *bodies: dict[str, Any]) -> list[Future[httpx.Response]]:
    """Sends requests that wait in the queue in this order."""
    waiting: list[Future[httpx.Response]] = []
    for body in bodies:
        there = present(server)
        waiting.append(pool.submit(partial(server.ask, **body)))
        server.until(partial(present_are, server, there + 1))
    return waiting


def present(server: Server) -> float:
    figures = server.figures()
    return figures["rhapsode_queue"] + figures["rhapsode_in_flight"]


def present_are(server: Server, number: float) -> bool:
    return present(server) == number


def batch_of(answer: httpx.Response) -> int:
    assert answer.status_code == 200, answer.text
    return int(answer.headers["x-rhapsode-batch"])


def test_requests_that_wait_share_a_forward_pass(start: Start) -> None:
    server = start().ready()
    with ThreadPoolExecutor(8) as pool:
        server.shut()
        texts = [f"Sentence number {number} of several." for number in range(6)]
        waiting = ask_all(server, pool, *({"text": text} for text in texts))
        server.open()
        answers = [future.result() for future in waiting]
    # The first was alone in the engine when the others came; of them, four fit into a batch.
    assert [batch_of(answer) for answer in answers] == [1, 4, 4, 4, 4, 1]
    for text, answer in zip(texts, answers, strict=True):
        assert np.array_equal(decoded(answer.content)[0], server.speak(text)), "the answers are mixed up"


def test_only_what_agrees_shares_a_forward_pass(start: Start) -> None:
    server = start().ready()
    with ThreadPoolExecutor(8) as pool:
        server.shut()
        waiting = ask_all(
            server,
            pool,
            {},
            {"voice": "bass"},
            {"language": "de"},
            {"params": {"pitch": 1.5}},
            {"voice": "alto", "seed": 7},
            {"speed": 1.5},
        )
        server.open()
        batches = [batch_of(future.result()) for future in waiting]
    # Voices and seeds may differ, the others not.
    assert batches == [1, 2, 1, 1, 2, 1]


def test_a_smaller_batch_can_be_set_and_is_what_is_promised(start: Start) -> None:
    server = start(max_batch=2).ready()
    assert server.client.get("/v1/capabilities").json()["max_concurrency"] == 2
    with ThreadPoolExecutor(8) as pool:
        server.shut()
        waiting = ask_all(server, pool, {}, {}, {}, {})
        server.open()
        assert [batch_of(future.result()) for future in waiting] == [1, 2, 2, 1]


def test_a_seed_is_kept_to_itself_where_it_would_not_repeat_in_a_batch(start: Start) -> None:
    server = start(stand_in_seeds="alone", seeded="alone").ready()
    with ThreadPoolExecutor(8) as pool:
        server.shut()
        waiting = ask_all(server, pool, {}, {"seed": 1}, {}, {"seed": 2}, {})
        server.open()
        assert [batch_of(future.result()) for future in waiting] == [1, 1, 2, 1, 2]


def test_a_seed_shares_a_batch_unless_it_is_set_otherwise(start: Start) -> None:
    server = start(stand_in_seeds="alone").ready()
    with ThreadPoolExecutor(8) as pool:
        server.shut()
        waiting = ask_all(server, pool, {}, {"seed": 1}, {"seed": 2})
        server.open()
        assert [batch_of(future.result()) for future in waiting] == [1, 2, 2]


def test_the_same_seed_is_the_same_sound_and_another_is_another(server: Server) -> None:
    first = server.ask(seed=5)
    assert first.headers["x-rhapsode-seed"] == "5"
    assert server.ask(seed=5).content == first.content
    assert server.ask(seed=6).content != first.content
    assert server.ask().content == server.ask(seed=0).content


def ticket(**fields: Any) -> Ticket:
    return Ticket("Hello.", Voice("alto"), "en", 1.0, 0, fields, Company.WELCOME)


def enter(room: WaitingRoom, number: int) -> None:
    for _ in range(number):
        room.enter(ticket())


def test_a_batch_waits_for_those_who_were_just_answered() -> None:
    # The wait is far longer than the test: it ends only because all have come back.
    room = WaitingRoom(places=32, gathering=PATIENCE)
    room.set_slots(4)
    enter(room, 1)
    assert len(room.take(PATIENCE)) == 1
    enter(room, 3)
    room.finish(1.0)
    with ThreadPoolExecutor(1) as pool:
        batch = pool.submit(room.take, PATIENCE)
        enter(room, 1)
        assert len(batch.result()) == 4
        room.finish(1.0)
        batch = pool.submit(room.take, PATIENCE)
        enter(room, 4)
        assert len(batch.result()) == 4


def test_nobody_waits_for_clients_that_were_never_there() -> None:
    room = WaitingRoom(places=32, gathering=3600)
    room.set_slots(4)
    enter(room, 2)
    assert len(room.take(PATIENCE)) == 2
    room.finish(1.0)
    enter(room, 3)
    assert len(room.take(PATIENCE)) == 3


def test_those_who_do_not_come_back_are_waited_for_once() -> None:
    room = WaitingRoom(places=32, gathering=0.01)
    room.set_slots(4)
    enter(room, 4)
    assert len(room.take(PATIENCE)) == 4
    room.finish(1.0)
    enter(room, 1)
    assert len(room.take(PATIENCE)) == 1


def test_one_request_too_many_is_told_when_to_come_back(start: Start) -> None:
    server = start(max_batch=1, queue=2).ready()
    with ThreadPoolExecutor(8) as pool:
        server.shut()
        waiting = ask_all(server, pool, {}, {}, {})
        refused = server.ask()
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) >= 1
        told = error(refused)
        assert (told["code"], told["type"], told["retryable"]) == ("queue_full", "rate_limit_error", True)
        server.open()
        assert [batch_of(future.result()) for future in waiting] == [1, 1, 1]
    assert server.ask().status_code == 200


def test_one_bad_text_does_not_spoil_a_batch(start: Start) -> None:
    server = start().ready()
    with ThreadPoolExecutor(8) as pool:
        server.shut()
        waiting = ask_all(server, pool, {}, {"text": "Good."}, {"text": "A [fault]."}, {"text": "Also good."})
        server.open()
        assert [future.result().status_code for future in waiting] == [200, 200, 500, 200]


class Leaver:
    """A client that sends a request and goes away without an answer."""

    def __init__(self, server: Server, text: str = SENTENCE) -> None:
        host, _, port = server.address.partition(":")
        self._socket = socket.create_connection((host, int(port)))
        body = json.dumps({"input": text}).encode()
        head = "POST /v1/audio/speech HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        self._socket.sendall(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)

    def leave(self) -> None:
        self._socket.close()


def test_a_client_that_goes_away_leaves_its_place_in_the_queue(start: Start) -> None:
    server = start(max_batch=1, queue=1).ready()
    with ThreadPoolExecutor(2) as pool:
        server.shut()
        speaking = pool.submit(server.ask)
        server.until_figures(in_flight=1)
        leaver = Leaver(server)
        server.until_figures(queue=1)
        assert server.ask().status_code == 429
        leaver.leave()
        server.until_figures(queue=0)
        waiting = pool.submit(server.ask)
        server.until_figures(queue=1)
        server.open()
        assert (speaking.result().status_code, waiting.result().status_code) == (200, 200)
    assert server.event("answered", outcome="abandoned")["call"] == "speech"


def test_what_nobody_waits_for_any_more_is_broken_off(start: Start) -> None:
    server = start(max_batch=1).ready()
    server.shut()
    leaver = Leaver(server)
    server.until_figures(in_flight=1)
    leaver.leave()
    # The gate is still shut: only being abandoned ends it.
    server.until_figures(in_flight=0)
    server.open()
    assert server.ask().status_code == 200
