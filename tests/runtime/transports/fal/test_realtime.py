"""fal's realtime protocol: its own client, unmodified, and messages as others send them."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import msgpack
import pytest
from tests.runtime.transports.fal.tls import over_tls
from tests.runtime.transports.talks import SKETCH
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

JPEG = b"\xff\xd8\xff"
OFFICIAL = """
import fal_client, sys
from fal_client.client import RealtimeError
sketch = open(sys.argv[1], "rb").read()
with fal_client.realtime("owner/echo", use_jwt=False) as connection:
    connection.send({"prompt": "a fox", "image_bytes": sketch, "seed": 7, "request_id": "one"})
    made = connection.recv()
    print(made["seed"], made["request_id"], made["images"][0]["content"][:3] == b"\\xff\\xd8\\xff")
    try:
        connection.send({"seed": "no number"})
        connection.recv()
    except RealtimeError as error:
        print(type(error).__name__, error)
"""


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=("echo",), port=0)) as server:
        yield server.url.replace("http", "ws", 1)


@pytest.fixture
def line(url: str) -> Iterator[ClientConnection]:
    with connect(f"{url}/owner/echo/realtime?fal_jwt_token=any&max_buffering=2") as line:
        yield line


def packed(message: dict[str, Any]) -> bytes:
    return cast(bytes, msgpack.packb(message))


def answer(line: ClientConnection) -> dict[str, Any]:
    said = line.recv(timeout=20)
    made = json.loads(said) if isinstance(said, str) else msgpack.unpackb(said)
    assert isinstance(made, dict)
    return made


def test_fals_own_client_draws(url: str, tmp_path: Path) -> None:
    (tmp_path / "sketch.png").write_bytes(SKETCH)
    with over_tls(url, tmp_path) as (address, authority):
        made = subprocess.run(
            [sys.executable, "-c", OFFICIAL, str(tmp_path / "sketch.png")],
            env=os.environ
            | {
                "FAL_RUN_HOST": address,
                "FAL_KEY": "any",
                "SSL_CERT_FILE": str(authority),
                "HOME": str(tmp_path),
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
    assert made.returncode == 0, made.stderr
    drawn, refused = made.stdout.splitlines()
    assert drawn == "7 one True"
    assert "seed" in refused


def test_json_is_answered_with_json_and_addresses(line: ClientConnection) -> None:
    uri = "data:image/png;base64," + base64.b64encode(SKETCH).decode()
    line.send(json.dumps({"image_url": uri, "prompt": "a fox", "acceleration": "high"}))
    made = answer(line)
    [picture] = made["images"]
    assert picture["url"].startswith("data:image/jpeg;base64,")
    assert "content" not in picture
    assert (made["prompt"], made["ignored"]) == ("a fox", ["acceleration"])
    assert "request_id" not in made


def test_sync_mode_gives_both_and_sizes_are_by_name(line: ClientConnection) -> None:
    message = {"image": SKETCH, "sync_mode": True, "image_size": "square"}
    line.send(packed(message))
    [picture] = answer(line)["images"]
    assert picture["content"][:3] == JPEG
    assert base64.b64decode(picture["url"].partition(",")[2]) == picture["content"]


def test_more_steps_than_a_draft_has_are_a_refine(line: ClientConnection) -> None:
    line.send(packed({"image": SKETCH, "num_inference_steps": 6, "request_id": 1}))
    made = answer(line)
    while made["num_inference_steps"] != 6:  # a draft may come before it
        made = answer(line)
    assert made["request_id"] == 1


def test_who_is_refused_too_often_is_let_go(line: ClientConnection) -> None:
    def insist() -> None:
        for _ in range(2000):  # some are forgiven a second
            line.send(json.dumps({"image": 7}))
            line.recv(timeout=20)

    with pytest.raises(ConnectionClosed) as over:
        insist()
    assert over.value.rcvd is not None
    assert "too many messages were refused" in over.value.rcvd.reason


def test_the_newest_of_a_burst_is_drawn(line: ClientConnection) -> None:
    for number in range(200):
        line.send(packed({"image": SKETCH, "seed": number, "request_id": number}))
    made = answer(line)
    seen = 1
    while made["seed"] != 199:
        made = answer(line)
        seen += 1
    assert made["request_id"] == 199
    assert seen < 200


@pytest.mark.parametrize(
    ("message", "word"),
    [
        (b"\xc1", "msgpack"),
        ("{", "JSON"),
        ("[]", "object"),
        (packed({"image": 7}), "image"),
        (packed({"image_url": "https://example.org/a.png"}), "elsewhere"),
        (packed({"image_url": "data:image/png;base64,%%"}), "base64"),
        (packed({"image_size": "huge"}), "image_size"),
        (packed({"image_size": {"width": -1, "height": 2}}), "image_size"),
        (packed({"image_size": "square_hd"}), "image_size"),
        (packed({"seed": -1}), "seed"),
        (packed({"image": b"no picture"}), "picture"),
    ],
)
def test_what_is_wrong_is_told_and_the_line_stays(
    line: ClientConnection, message: bytes | str, word: str
) -> None:
    line.send(message)
    error = answer(line)
    assert error["type"] == "x-fal-error"
    assert word.lower() in error["reason"].lower()
    line.send(packed({"image": SKETCH}))
    assert answer(line)["images"]


def test_an_app_that_is_none(url: str) -> None:
    with connect(f"{url}/owner/none/realtime") as line:
        assert answer(line)["error"] == "MODEL_NOT_FOUND"
        with pytest.raises(ConnectionClosed):
            line.recv(timeout=20)


def test_a_wrong_token_is_told_as_fal_does_and_the_line_ends() -> None:
    with Thread(Config(models=("echo",), port=0, token="secret")) as server:
        address = server.url.replace("http", "ws", 1) + "/owner/echo/realtime"
        with connect(f"{address}?fal_jwt_token=wrong") as line:
            assert answer(line) == {"status": "error", "error": "Unauthorized"}
            with pytest.raises(ConnectionClosed):
                line.recv(timeout=20)
        named = {"Authorization": "Key secret"}
        with connect(address, additional_headers=named) as line:
            line.send(packed({"image": SKETCH}))
            assert answer(line)["images"]
