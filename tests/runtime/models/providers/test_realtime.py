"""Drafts over fal's realtime: a token, one connection a session, and what goes wrong on it."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import msgpack
import numpy as np
import pytest
from PIL import Image
from tests.fal_double import KEY, FalDouble
from tests.runtime.models.providers.asking import NAME, asked, card_of, drawn, fal, png
from websockets.sync.server import Server, ServerConnection, serve

import livedraft as ld
from livedraft.errors import ConfigError, ModelFailed
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.config import Config
from livedraft.runtime.conformance import step
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import AnyModel
from livedraft.runtime.models.providers.fal import Fal
from livedraft.runtime.models.providers.line import Line
from livedraft.runtime.models.providers.model import model_of
from livedraft.runtime.models.providers.provider import Provider
from livedraft.runtime.running import Thread

__all__ = ["fal"]

_QUIET = logging.Logger("double", logging.WARNING)  # what it hears is not what we tell
Answers = Callable[[ServerConnection, dict[str, Any]], None]


class Realtime:
    """A double of fal's realtime, which answers each message as ``answers`` says."""

    def __init__(self) -> None:
        self.paths: list[str] = []
        self.tokens: list[str] = []
        self.asked: list[dict[str, Any]] = []
        self.left = threading.Semaphore(0)  # one for each connection that ended
        self.answers: Answers = with_picture
        self.server: Server = serve(self._talk, "127.0.0.1", 0, logger=_QUIET)
        self.url = f"ws://127.0.0.1:{self.server.socket.getsockname()[1]}"

    def _talk(self, line: ServerConnection) -> None:
        assert line.request is not None
        at = urlsplit(line.request.path)
        self.paths.append(at.path)
        self.tokens += parse_qs(at.query)["fal_jwt_token"]
        try:
            for message in line:
                assert isinstance(message, bytes)
                self.asked.append(msgpack.unpackb(message))
                self.answers(line, self.asked[-1])
        finally:
            self.left.release()


def with_picture(line: ServerConnection, asked: dict[str, Any]) -> None:
    """Answer as fal's fast models do: a picture's bytes in msgpack, after a word of its own."""
    line.send(json.dumps({"type": "x-fal-message", "action": "ready"}))
    picture = {"content": png("navy"), "content_type": "image/png"}
    packed = msgpack.packb({"images": [picture], "seed": 1})
    assert isinstance(packed, bytes)
    line.send(packed)


@pytest.fixture
def far() -> Iterator[Realtime]:
    double = Realtime()
    thread = threading.Thread(target=double.server.serve_forever, daemon=True)
    thread.start()
    yield double
    double.server.shutdown()
    thread.join()


def lines(fal: FalDouble, far: Realtime) -> tuple[str, ...]:
    return "realtime = true", f'realtime_at = "{far.url}"', f'tokens_at = "{fal.url}"'


@pytest.fixture
def model(fal: FalDouble, far: Realtime, tmp_path: Path) -> AnyModel:
    return MODELS.load(NAME).load(card_of(fal, tmp_path, *lines(fal, far)))


def draft(model: AnyModel, state: Any, **params: Any) -> Still:
    (job,) = model.prepare([(state, asked(model, {"image": drawn()}, stage=Stage.DRAFT, **params))])
    while not job.done:
        step(model, job)
    (still,) = model.emit([job])[0]
    assert isinstance(still, Still)
    return still


def test_drafts_go_over_one_connection_a_session(
    model: AnyModel, fal: FalDouble, far: Realtime
) -> None:
    """Which takes one token, good for that app alone; the final one is the queue's."""
    state = model.open()
    for number in range(3):
        assert draft(model, state, prompt=f"fox {number}").pixels[0, 0].tolist() == [0, 0, 128]
    assert [each["prompt"] for each in far.asked] == ["fox 0", "fox 1", "fox 2"]
    assert far.asked[0]["image_url"].startswith("data:image/jpeg;base64,")
    assert far.paths == ["/fal-ai/flux/realtime"]
    assert far.tokens == ["token-1"]
    assert fal.tokens == [{"allowed_apps": ["flux"], "token_expiration": 120}]
    assert fal.keys == {f"Key {KEY}"}
    assert fal.asked == []
    draft(model, model.open(), prompt="other")
    assert len(far.paths) == 2
    model.close(state)
    assert far.left.acquire(timeout=10)


def test_a_picture_at_an_address_is_fetched_there(
    model: AnyModel, fal: FalDouble, far: Realtime
) -> None:
    far.answers = lambda line, asked: line.send(json.dumps(fal.answer))
    assert draft(model, model.open()).pixels[0, 0].tolist() == [0, 128, 128]
    assert len(fal.file_headers) == 1


def test_a_connection_that_ended_is_opened_anew(
    model: AnyModel, fal: FalDouble, far: Realtime
) -> None:
    def once(line: ServerConnection, asked: dict[str, Any]) -> None:
        with_picture(line, asked)
        line.close()

    state = model.open()
    far.answers = once
    draft(model, state)
    assert far.left.acquire(timeout=10)
    draft(model, state)
    assert far.tokens == ["token-1", "token-2"]


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        ('{"type": "x-fal-error", "error": "UNAUTHORIZED", "reason": "no"}', "UNAUTHORIZED no"),
        ("no json", "nonsense"),
        (json.dumps({"error": f"bad Key {KEY}"}), r"says: bad Key \*\*\* \("),
        (msgpack.packb({"error": {"is": KEY.encode()}}), r"says: {'is': b'\*\*\*'} \("),
        ("[" * 5000, "nonsense"),
        (b"\xc1", "nonsense"),
        ("[]", "nonsense"),
        ("{}", "has no file"),
        ('{"images": [{"url": "https://elsewhere.example/x.png"}]}', "from where nothing"),
        ('{"images": [{"url": "data:text/plain;base64,AAAA"}]}', "picture|image"),
    ],
)
def test_what_goes_wrong_ends_one_draft(
    model: AnyModel, far: Realtime, answer: str | bytes, words: str
) -> None:
    state = model.open()
    far.answers = lambda line, asked: line.send(answer)
    with pytest.raises(ModelFailed, match=words):
        draft(model, state)
    far.answers = with_picture
    assert draft(model, state).pixels.shape == (48, 64, 3)


def test_one_that_hangs_up_in_the_middle_is_told(model: AnyModel, far: Realtime) -> None:
    far.answers = lambda line, asked: line.close()
    with pytest.raises(ModelFailed, match="cannot be reached"):
        draft(model, model.open())


def test_a_draft_that_is_given_up_gives_no_other_its_answer(model: AnyModel, far: Realtime) -> None:
    """Its connection ends, so what comes late reaches nobody."""
    came, go = threading.Event(), threading.Event()

    def late(line: ServerConnection, asked: dict[str, Any]) -> None:
        came.set()
        go.wait(10)

    far.answers = late
    state = model.open()
    (job,) = model.prepare([(state, asked(model, stage=Stage.DRAFT, prompt="old"))])
    assert came.wait(10)
    model.give_up(job)
    far.answers = with_picture
    go.set()
    assert far.left.acquire(timeout=10)
    assert draft(model, state, prompt="new").pixels.shape == (48, 64, 3)
    assert len(far.paths) == 2


def test_a_token_that_is_refused_is_told(model: AnyModel, fal: FalDouble) -> None:
    fal.fail("POST", "token", 401, {"detail": "no"})
    with pytest.raises(ModelFailed, match="refuses the server's key"):
        draft(model, model.open())


def test_neither_key_nor_token_is_logged(model: AnyModel, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    draft(model, model.open())
    assert "a-secret" not in caplog.text
    assert "token-1" not in caplog.text


def test_the_token_goes_encrypted_or_nowhere(fal: FalDouble, tmp_path: Path) -> None:
    card = card_of(fal, tmp_path, "realtime = true", 'realtime_at = "ws://gateway.example.org"')
    with pytest.raises(ConfigError, match="is not wss"):
        MODELS.load(NAME).load(card)


def test_a_provider_without_realtime_is_refused_as_its_model_is_loaded(
    fal: FalDouble, tmp_path: Path
) -> None:
    class Plain(Fal):
        def line(self) -> Line:
            return Provider.line(self)

    card = card_of(fal, tmp_path, "realtime = true")
    with pytest.raises(ConfigError, match="fal has no realtime API") as caught:
        model_of(Plain, "owner/app").load(card)
    assert caught.value.fix == "leave realtime out"
    assert model_of(Plain, "owner/app").load(card_of(fal, tmp_path, "drafts = true"))


@pytest.mark.parametrize(("more", "nets"), [((), 1), (("realtime = true",), 2)])
def test_what_asks_for_tokens_is_made_for_realtime_alone(
    fal: FalDouble,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    more: tuple[str, ...],
    nets: int,
) -> None:
    made: list[object] = []
    real = httpx.create_ssl_context
    monkeypatch.setattr(httpx, "create_ssl_context", lambda: made.append(real()))
    MODELS.load(NAME).load(card_of(fal, tmp_path, *more))
    assert len(made) == nets


def test_a_session_draws_over_it_and_leaves_no_connection(
    fal: FalDouble, far: Realtime, tmp_path: Path
) -> None:
    card = card_of(fal, tmp_path, *lines(fal, far))
    with Thread(Config(models=(f"{NAME}={card}",), port=0)) as server:
        with ld.Client(server.url) as client, client.session(prompt="a fox") as session:
            for shade in (10, 200):
                session.send(Image.new("RGB", (64, 48), (shade,) * 3))
                frame = session.next_frame()
                assert frame is not None
                assert frame.stage == "draft"
                assert np.asarray(frame.image)[0, 0, 2] > 100
        assert far.left.acquire(timeout=10)
    assert len(far.paths) == 1


def test_our_own_realtime_answers_it_too(fal: FalDouble, tmp_path: Path) -> None:
    """The far end is a server of ours, whose ``/OWNER/APP/realtime`` speaks fal's protocol."""
    with Thread(Config(models=("echo",), port=0)) as server:
        at = server.url.replace("http", "ws", 1)
        card = card_of(
            fal, tmp_path, "realtime = true", f'realtime_at = "{at}"', f'tokens_at = "{fal.url}"'
        )
        model = MODELS.load("provider:fal/owner/echo").load(card)
        assert draft(model, model.open(), prompt="a fox").pixels.shape == (8, 8, 3)
