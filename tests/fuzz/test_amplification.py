"""What a byte may cost: no message takes more time or memory than a small multiple of its size."""

import base64
import json
import time
import tracemalloc
from collections.abc import Callable
from typing import Any, cast

import msgpack
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.asking import asking
from tests.costs import cpu_seconds

from livedraft.errors import LivedraftError
from livedraft.protocol.codec import Data, client_codec, server_codec
from livedraft.protocol.messages import Error, Input, Open, ParamsUpdate, Refine
from livedraft.runtime.config import Config
from livedraft.runtime.models.ink.state import InkParams
from livedraft.runtime.models.params import from_text, merge
from livedraft.runtime.server import Server

SIZE = 300_000  # values in each message: with all of them read, every bound breaks many times over
BASE_S, BYTE_S = 0.05, 0.2e-6  # time of the processor
TRIES = 3
BASE_BYTES, BYTE_BYTES = 2**20, 8  # memory, beside the message itself

CLIENT, SERVER = client_codec(), server_codec()
SCHEMA = InkParams.model_json_schema()


def packed(fields: Any) -> bytes:
    return cast(bytes, msgpack.packb(fields))


def names(count: int, value: Any = 1) -> dict[str, Any]:
    return {f"k{number}": value for number in range(count)}


def message(fields: dict[str, Any]) -> dict[str, Data]:
    """Return a message in both kinds."""
    return {"msgpack": packed(fields), "json": json.dumps(fields)}


def hostile(size: int) -> dict[str, Data]:
    """Return messages that are made to cost much, by what they are."""
    families = {
        "accept of numbers": {"type": "open", "accept": list(range(size))},
        "accept of texts": {"type": "open", "accept": ["image/png"] * size},
        "unknown keys": {"type": "open", **names(size)},
        "unknown params": {"type": "open", "params": names(size)},
        "empty lists": {"type": "open", "params": {"palette": [[]] * size}},
        "empty maps": {"type": "open", "params": {"palette": [{}] * size}},
        "wrong items": {"type": "params", "id": 1, "params": {"palette": [7] * size}},
        "wrong weights": {"type": "params", "id": 1, "params": {"loras": names(size, "x")}},
        "many weights": {"type": "refine", "id": 1, "params": {"loras": names(size, 1.0)}},
        "no pictures": {"type": "input", "id": 1, "inputs": names(size)},
        "type of lists": {"type": ["x"] * size},
        "a long type": {"type": "x" * size},
        "a long key": {"type": "open", "x" * size: 1},
        "a long param": {"type": "open", "params": {"seed" * size: 1}},
        "a long prompt": {"type": "open", "params": {"prompt": "Ж" * size}},
        "half a character": {"type": "open", "params": {"prompt": "Ж" * size + "\x00"}},
        "a list beyond": [0] * size,
    }
    found: dict[str, Data] = {}
    for name, fields in families.items():
        for kind, data in message(cast(dict[str, Any], fields)).items():
            found[f"{name}, {kind}"] = data
    head = b"\x82\xa4type\xa6params\xa6params"
    found |= {
        "lists that say to be long": head + b"\xdd\x00\x00\x40\x00" * 1000 + b"\0" * 20_000,
        "maps that say to be long": head + b"\xdf\x00\x00\x20\x00" * 1000 + b"\0" * 20_000,
        "nested lists": head + b"\x91" * size + b"\xc0",
        "nested maps": head + b"\x81\xa1a" * size + b"\xc0",
        "nested JSON": '{"type": "params", "params": ' + "[" * size,
        "nested JSON objects": '{"type": "params", "params": ' + '{"a":' * size,
        "digits": '{"type": "open", "v": ' + "1" * size + "}",
        "numbers of many digits": '{"a": [' + ",".join(["1" * 4200] * (size // 4200)) + "]}",
        "a real number of many digits": '{"type": "open", "v": 0.' + "1" * size + "}",
        "extension types": packed([msgpack.ExtType(1, b"")] * size),
        "escapes": '{"type": "open", "params": {"prompt": "' + r"\u0416" * size + '"}}',
        "no base64": json.dumps({"type": "input", "id": 1, "inputs": {"sketch": "!" * size}}),
    }
    return found


HOSTILE = hostile(SIZE)
BELOW = hostile(9_000)  # few enough values to be read, and then to be refused at the first


def read(data: Data) -> None:
    """Do with a message what the server does until it is refused, or its params are in force."""
    try:
        got = CLIENT.decode(data)
        if isinstance(got, (Open, Input, ParamsUpdate, Refine)):
            merge(InkParams, None, got.params)
    except LivedraftError as error:
        SERVER.encode(Error(**error.to_wire()), text=isinstance(data, str))


def weighed(work: Callable[[], object]) -> int:
    """Return the most memory that the process held more while it worked, bytes."""
    tracemalloc.start()
    try:
        work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def held(work: Callable[[], object], size: int) -> None:
    """Do it for the time, then for the memory, and hold it to the bounds.

    The best of three counts: a collection of garbage, or another test's thread, may fall into one.
    """
    most_s = BASE_S + BYTE_S * size
    seconds = cpu_seconds(work, enough=most_s)
    peak = min(weighed(work) for _ in range(TRIES))
    assert seconds <= most_s, f"{seconds:.3f} s for {size} bytes"
    assert peak <= BASE_BYTES + BYTE_BYTES * size, f"{peak} bytes for {size}"


@pytest.mark.parametrize("name", HOSTILE)
def test_no_message_costs_much_more_than_its_size(name: str) -> None:
    data = HOSTILE[name]
    held(lambda: read(data), len(data))


@pytest.mark.parametrize("name", BELOW)
def test_no_message_within_the_bounds_costs_much_more_than_its_size(name: str) -> None:
    data = BELOW[name]
    held(lambda: read(data), len(data))


values = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.floats() | st.text(max_size=3),
    lambda inside: (
        st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=3), inside, max_size=4)
    ),
    max_leaves=8,
)


@settings(max_examples=25, deadline=None)
@given(
    key=st.sampled_from(["accept", "params", "inputs", "model", "v", "unknown"]),
    param=st.sampled_from(["", "palette", "loras", "prompt", "seed", "unknown"]),
    item=values,
    kind=st.sampled_from(["open", "input", "params", "refine", "ack", "unknown"]),
    mapped=st.booleans(),
    text=st.booleans(),
)
def test_no_repetition_of_anything_costs_much(
    key: str, param: str, item: Any, kind: str, mapped: bool, text: bool
) -> None:
    many: Any = names(30_000, item) if mapped else [item] * 30_000
    fields = {"type": kind, "id": 1, key: {param: many} if param else many}
    data = json.dumps(fields) if text else packed(fields)
    held(lambda: read(data), len(data))


def test_a_list_as_text_costs_no_more_than_its_size() -> None:
    text = "a," * SIZE

    def work() -> None:
        for name in ("palette", "loras", "unknown"):
            with pytest.raises(LivedraftError):
                merge(InkParams, None, from_text(SCHEMA, {name: text}))

    held(work, len(text))


def form(text: bytes, charset: str = "") -> tuple[bytes, str]:
    """Return a form with one field, and its content type."""
    body = b'--B\r\nContent-Disposition: form-data; name="prompt"\r\n\r\n' + text + b"\r\n--B--\r\n"
    return body, "multipart/form-data; boundary=B" + charset


BODIES: dict[str, tuple[bytes, str]] = {
    name: (cast(str, data).encode(), "application/json")
    for name, data in HOSTILE.items()
    if name.endswith("json") or "JSON" in name
} | {
    "unknown params": (json.dumps(names(SIZE)).encode(), "application/json"),
    "a form in a slow charset": form(b"a-" * 30_000 + b"b" * 30_000, "; charset=punycode"),
    "a form in another slow charset": form(b"xn--" + b"a" * 60_000, "; charset=idna"),
    "pictures that are none": (
        json.dumps({"inputs": {"sketch": base64.b64encode(bytes(SIZE)).decode()}}).encode(),
        "application/json",
    ),
}


@pytest.mark.anyio
@pytest.mark.parametrize("name", BODIES)
async def test_no_request_costs_much_more_than_its_size(name: str) -> None:
    body, kind = BODIES[name]
    server = Server(Config(models=("echo",)))
    async with server, asking(server) as client:
        head = {"Content-Type": kind}
        times = []
        for _ in range(TRIES):
            begun = time.process_time()
            await client.post("/v1/generate", content=body, headers=head)
            times.append(time.process_time() - begun)
        peaks, answers = [], []
        for _ in range(TRIES):
            tracemalloc.start()
            try:
                answers.append(await client.post("/v1/generate", content=body, headers=head))
                peaks.append(tracemalloc.get_traced_memory()[1])
            finally:
                tracemalloc.stop()
    assert answers[0].status_code == 400, answers[0].text
    assert answers[0].json()["error"]["fix"]
    assert min(times) <= 2 * BASE_S + BYTE_S * len(body)
    assert min(peaks) <= 2 * BASE_BYTES + BYTE_BYTES * len(body)
