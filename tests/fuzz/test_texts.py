"""Texts that are none: halves of characters and control characters are refused, with words."""

import json
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.asking import asking
from tests.memory import MemoryClient

from livedraft.errors import BadMessage, InvalidParams
from livedraft.protocol.codec import client_codec, server_codec
from livedraft.protocol.messages import Ack, Close, Error, Frame, Opened, ParamsUpdate
from livedraft.protocol.values import plain_params
from livedraft.runtime.config import Config
from livedraft.runtime.models.echo import EchoParams
from livedraft.runtime.models.params import merge
from livedraft.runtime.server import Server

pytestmark = pytest.mark.anyio

HALF = "fox \ud83e"
BAD = ["\x00", "a\x1b[31m", "\x7f", HALF, "\udfff\ud800"]

halves = st.text(min_size=1, max_size=3).flatmap(
    lambda text: st.sampled_from([text + "\ud800", "\udc00" + text, f"{text}\udbff{text}"])
)


def messages(bad: str) -> list[dict[str, Any]]:
    """Return messages with a bad text in each place where a client may put one."""
    return [
        {"type": "open", "model": bad},
        {"type": "open", "token": bad},
        {"type": "open", "resume": bad},
        {"type": "open", "accept": [bad]},
        {"type": "open", "params": {"prompt": bad}},
        {"type": "open", "params": {bad: 1}},
        {"type": "open", "params": {"prompt": {"a": [bad]}}},
        {"type": bad},
        {"type": "open", bad: 1},
        {"type": "close", "reason": bad},
        {"type": "close", "code": bad},
    ]


@pytest.mark.parametrize("bad", BAD)
@pytest.mark.parametrize("place", range(len(messages(""))))
async def test_before_a_session_it_ends_with_words(bad: str, place: int) -> None:
    fields = messages(bad)[place]
    async with Server(Config(models=("echo",))) as service:
        client = MemoryClient(service, text=True)
        async with client:
            await client.channel.put(json.dumps(fields))
            codec = server_codec()
            heard = []
            while (data := await client.channel.get()) is not None:
                heard.append(codec.decode(data))
                if isinstance(heard[-1], Opened):
                    await client.leave(done=True)
                    break
            await client.serving  # raises what no client may cause
    if isinstance(heard[0], Error):
        assert heard[0].fix or heard[0].code == "unauthorized"
        assert heard[0].message.isprintable()
    assert isinstance(heard[-1], (Close, Opened))


async def test_in_a_session_it_is_refused_and_the_session_lives() -> None:
    async with Server(Config(models=("echo",))) as service, MemoryClient(service) as client:
        await client.open()
        for number, bad in enumerate(BAD, 1):
            update = {"type": "params", "id": number, "params": {"prompt": bad}}
            await client.channel.put(json.dumps(update))
            error = await client.hear(Error)
            assert error.code in ("bad_message", "invalid_params")
            assert not error.fatal
            assert error.fix
        await client.say(ParamsUpdate(id=100, params={"seed": 7}))
        await client.hear(Ack)
        assert (await client.hear(Frame)).seed == 7


@settings(max_examples=60, deadline=None)
@given(half=halves, place=st.integers(0, len(messages("")) - 1))
def test_half_a_character_passes_nowhere(half: str, place: int) -> None:
    fields = messages(half)[place]
    with pytest.raises(BadMessage) as caught:
        client_codec().decode(json.dumps(fields))
    caught.value.message.encode()


@pytest.mark.parametrize("bad", BAD)
def test_params_are_refused_by_server_and_client_alike(bad: str) -> None:
    for value in (bad, [bad], {"a": bad}, {bad: "a"}):
        with pytest.raises(InvalidParams) as caught:
            merge(EchoParams, None, {"prompt": value})
        assert caught.value.fix
        with pytest.raises(InvalidParams) as caught:
            plain_params({"prompt": value})
        assert caught.value.fix
    with pytest.raises(InvalidParams):
        plain_params({bad: 1})


def test_lines_and_scripts_and_emoji_are_texts() -> None:
    text = "a fox,\n\tein Fuchs\r\n狐 \U0001f98a 👩‍👩‍👧 \u202b עברית"
    assert plain_params({"prompt": text}) == {"prompt": text}
    assert merge(EchoParams, None, {"prompt": text}).prompt == text
    update = ParamsUpdate(id=1, params={"prompt": text})
    codec = client_codec()
    assert codec.decode(codec.encode(update, text=True)) == update


@settings(
    max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    bad=halves | st.sampled_from(BAD), where=st.sampled_from(["model", "prompt", "key", "inputs"])
)
async def test_over_http_it_is_a_400(bad: str, where: str) -> None:
    body: dict[str, Any] = {where: bad}
    if where == "key":
        body = {bad: "x"}
    elif where == "inputs":
        body = {"inputs": {bad: ""}}
    server = Server(Config(models=("echo",)))
    async with server, asking(server) as client:
        answer = await client.post(
            "/v1/generate",
            content=json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        raw = await client.post(
            "/v1/generate",
            content=json.dumps(body, ensure_ascii=False).encode(errors="surrogatepass"),
            headers={"Content-Type": "application/json"},
        )
    assert answer.status_code in (400, 404)
    assert raw.status_code in (400, 404)
    error = answer.json()["error"]
    assert error["fix"]
    assert error["message"].isprintable()
