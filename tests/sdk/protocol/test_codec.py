"""Every message goes through both kinds unchanged; what is not one is refused with its fix."""

import base64
import json
from typing import Any

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from livedraft.errors import BadMessage
from livedraft.protocol import messages as wire
from livedraft.protocol.codec import client_codec, server_codec

CLIENT, SERVER = client_codec(), server_codec()

ids = st.integers(0, 2**53 - 1)
texts = st.text(max_size=50)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**53), 2**53)
params = st.dictionaries(
    texts, texts | numbers | st.booleans() | st.none() | st.lists(numbers, max_size=3), max_size=4
)
pictures = st.binary(max_size=200)

media = st.builds(
    wire.Media,
    track=texts,
    id=ids,
    pts=ids,
    duration=ids,
    codec=texts,
    key=st.booleans(),
    rate=st.integers(0, 2**53),
    channels=st.integers(0, 2**53),
    data=pictures,
    seq=st.none() | ids,
    dropped=ids,
    timings=st.dictionaries(texts, st.floats(0, 1e9), max_size=3),
)
client_messages: st.SearchStrategy[wire.ClientMessage] = st.one_of(
    st.builds(
        wire.Open,
        v=st.integers(0, 9),
        model=texts,
        params=params,
        accept=st.lists(texts, max_size=3),
        token=texts,
        resume=texts,
        features=st.lists(texts, max_size=3),
        codecs=st.lists(texts, max_size=3),
    ),
    st.builds(
        wire.Input,
        id=ids,
        inputs=st.dictionaries(texts, pictures, max_size=3),
        params=params,
    ),
    media,
    st.builds(wire.ParamsUpdate, id=ids, params=params),
    st.builds(wire.Refine, id=ids, params=params),
    st.builds(wire.Cancel),
    st.builds(wire.Ack, seq=ids),
    st.builds(wire.Close, code=texts, reason=texts),
)
server_messages: st.SearchStrategy[wire.ServerMessage] = st.one_of(
    st.builds(wire.Queued, position=st.integers(1, 1000)),
    st.builds(
        wire.Opened,
        session=texts,
        resume=texts,
        resumed=st.booleans(),
        last_id=ids,
        model=params,
        params=params,
        window=st.integers(1, 9),
        max_message_bytes=ids,
        max_pixels=ids,
    ),
    st.builds(wire.Ack, id=ids, params=params),
    media,
    st.builds(
        wire.Frame,
        seq=ids,
        id=ids,
        stage=st.sampled_from(wire.Stage),
        model=texts,
        seed=ids,
        step=ids,
        steps=ids,
        params=params,
        mime=texts,
        width=ids,
        height=ids,
        image=pictures,
        timings=st.dictionaries(texts, st.floats(0, 1e9), max_size=3),
        dropped=ids,
        batch=ids,
    ),
    st.builds(
        wire.Error,
        code=texts,
        message=texts,
        retryable=st.booleans(),
        fix=texts,
        id=st.none() | ids,
        fatal=st.booleans(),
    ),
    st.builds(wire.Close, code=texts, reason=texts),
)


@settings(max_examples=100, deadline=None)
@given(message=client_messages, text=st.booleans())
def test_what_a_client_says_arrives_unchanged(message: wire.ClientMessage, text: bool) -> None:
    data = CLIENT.encode(message, text=text)
    assert isinstance(data, str if text else bytes)
    assert CLIENT.decode(data) == message


@settings(max_examples=100, deadline=None)
@given(message=server_messages, text=st.booleans())
def test_what_a_server_says_arrives_unchanged(message: wire.ServerMessage, text: bool) -> None:
    assert SERVER.decode(SERVER.encode(message, text=text)) == message


def test_json_takes_a_data_uri_for_a_picture() -> None:
    uri = "data:image/png;base64," + base64.b64encode(b"picture").decode()
    message = CLIENT.decode(json.dumps({"type": "input", "id": 1, "inputs": {"sketch": uri}}))
    assert isinstance(message, wire.Input)
    assert message.inputs == {"sketch": b"picture"}


def packed(fields: Any) -> bytes:
    data = msgpack.packb(fields)
    assert isinstance(data, bytes)
    return data


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not msgpack"),
        (b"\xc1", "not msgpack"),
        (packed({"type": "cancel"})[:-1], "not msgpack"),
        (packed({"type": "cancel"}) + b"\x00", "not msgpack"),
        (b"\x81\xa4type\xa2\xff\xfe", "not msgpack"),  # invalid UTF-8
        (b"\x91" * 10_000 + b"\x00", "nested too deep"),  # 10,000 times
        (b"\x81\x01\x02", "not msgpack"),  # a key that is no text
        (packed([1, 2]), "a message is a map"),
        (packed({}), "no message of type 'None'"),
        (packed({"type": "inptu", "id": 1}), "did you mean 'input'"),
        (packed({"type": "refine", "id": 1, "parms": {}}), "did you mean 'params'"),
        (packed({"type": "refine", "id": "1"}), "refine.id"),
        (packed({"type": "refine", "id": -1}), "refine.id"),
        (packed({"type": "refine", "id": 2**53}), "refine.id"),
        (packed({"type": "refine", "id": True}), "refine.id"),
        (packed({"type": "refine"}), "refine.id"),
        (packed({"type": "input", "id": 1, "inputs": {"a": "text"}}), "input.inputs.a"),
        (packed({"type": ["input"]}), "no message of type"),
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "too many values"),
        ("[" * 9_000, "not JSON"),
        ('{"type": "params", "id": 1, "params": {"strength": NaN}}', "NaN is not a number"),
        ('{"type": "input", "id": 1, "inputs": {"a": "!"}}', "not base64"),
        ("[]", "a message is a map"),
    ],
)
def test_what_is_no_message_is_refused(data: bytes | str, says: str) -> None:
    with pytest.raises(BadMessage, match=says) as caught:
        CLIENT.decode(data)
    assert len(str(caught.value)) < 400


def test_a_message_that_is_too_large_is_refused_unread() -> None:
    with pytest.raises(BadMessage, match="at most 10 bytes"):
        client_codec(max_bytes=10).decode(b"\xc1" * 11)


def test_a_refusal_never_repeats_what_was_sent() -> None:
    with pytest.raises(BadMessage) as caught:
        CLIENT.decode(packed({"type": "x" * 100_000}))
    assert len(str(caught.value)) < 400


def test_messages_of_the_other_side_are_refused() -> None:
    with pytest.raises(BadMessage, match="no message of type 'queued'"):
        CLIENT.decode(SERVER.encode(wire.Queued(position=1)))


def test_a_client_passes_over_what_a_newer_server_knows() -> None:
    close = {"type": "close", "code": "done", "again_in_s": 60}
    assert SERVER.decode(packed(close)) == wire.Close()
    assert SERVER.decode(packed({"type": "weather", "sun": [True]})) == wire.Unknown(type="weather")
    with pytest.raises(BadMessage, match="no message of type 'int'"):
        SERVER.decode(packed({"type": 7}))


@pytest.mark.parametrize("message", [wire.Open(), SERVER.decode(SERVER.encode(wire.Close()))])
def test_later_keys_stay_away_from_who_does_not_know_them(message: Any) -> None:
    codec: Any = CLIENT if isinstance(message, wire.Open) else SERVER
    assert not msgpack.unpackb(codec.encode(message)).keys() & message.later
