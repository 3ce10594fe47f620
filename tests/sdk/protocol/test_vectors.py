"""The vectors are what this codec says now, and both codecs refuse what they must."""

from __future__ import annotations

import json
from typing import Any

import pytest
from tests.vectors import make

from livedraft.errors import BadMessage
from livedraft.protocol.codec import client_codec, server_codec


def test_the_files_are_what_the_script_writes() -> None:
    for name, content in make.vectors().items():
        written = (make.HERE / name).read_text(encoding="utf-8")
        assert written == make.text(content), f"run python -m tests.vectors.make ({name})"


@pytest.mark.parametrize("codec", [client_codec(), server_codec()], ids=["client", "server"])
def test_both_directions_refuse_what_is_no_message(codec: Any) -> None:
    for vector in json.loads((make.HERE / "refused.json").read_text(encoding="utf-8")):
        with pytest.raises(BadMessage):
            codec.decode(bytes.fromhex(vector["msgpack"]))
