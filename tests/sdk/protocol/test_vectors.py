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


@pytest.mark.parametrize("end", ["client", "server"])
def test_both_ends_refuse_what_is_no_message(end: str) -> None:
    codec: Any = client_codec() if end == "server" else server_codec()  # of what it receives
    for vector in json.loads((make.HERE / "refused.json").read_text(encoding="utf-8")):
        data = bytes.fromhex(vector["msgpack"])
        if vector["by"] in ("both", end):
            with pytest.raises(BadMessage):
                codec.decode(data)
        else:
            codec.decode(data)
