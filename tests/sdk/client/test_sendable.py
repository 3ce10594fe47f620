"""What params may be: Python's plain values and NumPy's; the rest is refused where it was given."""

import math
from collections.abc import AsyncIterator
from enum import Enum, StrEnum
from typing import Any

import httpx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from tests.fake_server import FakeServer

from livedraft.client import AsyncClient
from livedraft.client.outbox import Outbox
from livedraft.client.terms import Timeouts
from livedraft.errors import InvalidImage, InvalidParams, SessionClosed, TransportError
from livedraft.protocol.codec import client_codec
from livedraft.protocol.messages import Open, ParamsUpdate
from livedraft.protocol.values import MAX_VALUES, plain_params

pytestmark = pytest.mark.anyio

SOON = Timeouts(update_s=5, frame_s=5, refine_s=5)


class Style(StrEnum):
    FLAT = "flat"


class Old(str, Enum):  # noqa: UP042  # as they were before StrEnum
    FLAT = "flat"


class Count(int):
    """An int of somebody's own."""


def endless() -> list[Any]:
    """Return a list that holds itself."""
    found: list[Any] = []
    found += [found, found]
    return found


def deep() -> list[Any]:
    """Return a list that is nested too deep."""
    found: list[Any] = []
    for _ in range(2000):
        found = [found]
    return found


PLAIN: list[tuple[Any, Any]] = [
    (np.int64(7), 7),
    (np.uint8(7), 7),
    (np.float32(0.5), 0.5),
    (np.float64(0.5), 0.5),
    (np.bool_(True), True),
    (np.str_("fox"), "fox"),
    (np.array(3), 3),
    (np.array("fox"), "fox"),
    ([np.int64(1), (np.float32(0.5),)], [1, [0.5]]),
    ({"a": np.int64(1)}, {"a": 1}),
    ({np.str_("a"): 1}, {"a": 1}),
    (Style.FLAT, "flat"),
    (Old.FLAT, "flat"),
    (Count(3), 3),
    (True, True),
    (None, None),
    (2**64 - 1, 2**64 - 1),
    (-(2**63), -(2**63)),
]
UNSENDABLE: list[Any] = [
    2**64,
    2**70,
    -(2**70),
    math.nan,
    math.inf,
    np.float32("nan"),
    np.float64("inf"),
    "\ud800",
    np.str_("\udfff"),
    "fox\x00",
    b"bytes",
    np.array([1, 2]),
    np.datetime64("2026-01-01"),
    np.complex64(1),
    {1: 2},
    {"a": {"\ud800": 1}},
    {1, 2},
    object(),
    len,
    Image.new("RGB", (1, 1)),
    endless(),
    deep(),
    [0] * (MAX_VALUES + 1),
    [[0] * 200] * 200,
]


@pytest.fixture
async def client() -> AsyncIterator[AsyncClient]:
    async with FakeServer() as server, AsyncClient(server.url, timeouts=SOON) as client:
        yield client


@pytest.mark.parametrize(("given", "plain"), PLAIN)
def test_scalars_become_pythons_own(given: Any, plain: Any) -> None:
    made = plain_params({"seed": given})["seed"]
    assert made == plain
    assert type(made) is type(plain)


@pytest.mark.parametrize("value", UNSENDABLE, ids=range(len(UNSENDABLE)))
def test_the_rest_is_refused_with_words(value: Any) -> None:
    with pytest.raises(InvalidParams, match="seed") as caught:
        plain_params({"seed": value})
    assert caught.value.fix
    assert len(str(caught.value)) < 400


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.binary(max_size=3),
    lambda inside: (
        st.lists(inside, max_size=3)
        | st.dictionaries(st.text() | st.integers(), inside, max_size=3)
        | st.tuples(inside, inside)
    ),
    max_leaves=10,
)


@settings(max_examples=200, deadline=None)
@given(value=anything | st.text(st.characters(categories=["Cs", "Cc", "L"])))
def test_what_is_taken_arrives_and_what_does_not_is_refused(value: Any) -> None:
    codec = client_codec()
    try:
        plain = plain_params({"a": value})
    except InvalidParams:
        return
    message = ParamsUpdate(id=1, params=plain)
    assert codec.decode(codec.encode(message)) == message
    assert codec.decode(codec.encode(message, text=True)) == message


@pytest.mark.parametrize("value", [2**70, math.nan, "\ud800", np.array([1]), object()])
async def test_every_call_refuses_at_once_and_the_session_lives(
    client: AsyncClient, value: Any
) -> None:
    picture = Image.new("RGB", (8, 8))
    with pytest.raises(InvalidParams, match="seed"):
        client.session(seed=value)
    with pytest.raises(InvalidParams, match="seed"):
        await client.generate("a cat", seed=value)
    async with client.session() as session:
        with pytest.raises(InvalidParams, match="seed"):
            await session.update(seed=value)
        with pytest.raises(InvalidParams, match="seed"):
            await session.send(picture, seed=value)
        with pytest.raises(InvalidParams, match="seed"):
            await session.refine(seed=value)
        assert (await session.update(seed=np.int64(7)))["seed"] == 7
        await session.send(picture, strength=np.float32(0.25))
        frame = await session.refine(steps=np.array(3))
        assert (frame.steps, frame.params["strength"]) == (3, 0.25)


async def test_params_that_are_too_large_are_refused_at_once(client: AsyncClient) -> None:
    async with client.session() as session:
        for call in (session.update, session.refine):
            with pytest.raises(InvalidParams, match="too large"):
                await call(prompt="x" * 2**23)
        with pytest.raises(InvalidParams, match="too large"):
            await session.send(Image.new("RGB", (8, 8)), prompt="x" * 2**23)
        with pytest.raises(InvalidImage):
            await session.send(bytes(2**23))
        assert (await session.update(seed=3))["seed"] == 3


async def test_a_writer_that_fails_ends_the_session_for_all_who_wait(
    client: AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    session = await client.session().open()

    def fail(self: Outbox, line: object) -> None:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr(Outbox, "messages", fail)
    for call in (session.update, session.refine, session.next_frame, session.cancel):
        with pytest.raises(SessionClosed, match="RuntimeError") as caught:
            await call()
        assert isinstance(caught.value.__cause__, RuntimeError) or caught.value.fix
    assert session.state == "closed"


async def test_a_callback_that_fails_ends_the_session() -> None:
    def fail(place: int) -> None:
        raise RuntimeError("the user's fault")

    async with FakeServer() as server, AsyncClient(server.url, timeouts=SOON) as client:
        server.queue = [1]
        with pytest.raises(SessionClosed, match="RuntimeError"):
            await client.session(on_queued=fail).open()


async def test_models_of_numpy_go_over_http_too() -> None:
    seen: list[bytes] = []

    def answer(request: httpx.Request) -> httpx.Response:
        seen.append(request.content)
        return httpx.Response(404)

    async with AsyncClient("http://here", transport=httpx.MockTransport(answer)) as client:
        with pytest.raises(Exception, match="no livedraft server"):
            await client.generate(np.str_("a cat"), seed=np.uint32(3))
    assert seen == [b'{"seed":3,"prompt":"a cat"}']


@pytest.mark.parametrize("name", ["a\x00.png", "\ud800.png", "gone/\ud800\x00.png"])
async def test_names_that_no_file_can_have_are_told(client: AsyncClient, name: str) -> None:
    async with client.session() as session:
        with pytest.raises(InvalidImage, match="cannot read") as caught:
            await session.send(name)
        str(caught.value).encode()
        await session.send(Image.new("RGB", (8, 8)))
        frame = await session.refine()
        with pytest.raises(InvalidImage, match="cannot write") as caught:
            frame.save(name)
        str(caught.value).encode()


@pytest.mark.parametrize(
    "terms",
    [
        {"model": 7},
        {"model": "fa\x00ke"},
        {"model": "\ud800"},
        {"accept": ["image/png"] * 17},
        {"accept": [7]},
        {"accept": ["\ud800"]},
        {"in_flight": 0},
    ],
)
async def test_terms_that_no_session_has_are_refused_at_once(
    client: AsyncClient, terms: dict[str, Any]
) -> None:
    model = terms.pop("model", "")
    with pytest.raises(InvalidParams) as caught:
        client.session(model, **terms)
    assert caught.value.fix
    if model:
        with pytest.raises((InvalidParams, TransportError)):
            await client.generate(model=model)


async def test_one_picture_type_need_not_be_a_list() -> None:
    async with FakeServer() as server, AsyncClient(server.url, timeouts=SOON) as client:
        async with client.session(accept="image/png"):
            pass
        opening = server.received[0]
    assert isinstance(opening, Open)
    assert opening.accept == ["image/png"]


async def test_a_client_that_was_closed_says_so() -> None:
    client = AsyncClient("http://127.0.0.1:9")
    await client.close()
    for call in (client.models, client.generate):
        with pytest.raises(SessionClosed, match="closed"):
            await call()
