"""The vectors are what this codec says now, and both codecs refuse what they must."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from livedraft.errors import BadMessage
from livedraft.protocol.codec import client_codec, server_codec

FOLDER = Path(__file__).parents[2] / "vectors"


def load_maker() -> ModuleType:
    """Return ``tests/vectors/make.py``, which is a script and in no package."""
    spec = importlib.util.spec_from_file_location("make_vectors", FOLDER / "make.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_files_are_what_the_script_writes() -> None:
    maker = load_maker()
    for name, content in maker.vectors().items():
        written = (FOLDER / name).read_text(encoding="utf-8")
        assert written == maker.text(content), f"run python tests/vectors/make.py ({name})"


@pytest.mark.parametrize("codec", [client_codec(), server_codec()], ids=["client", "server"])
def test_both_directions_refuse_what_is_no_message(codec: Any) -> None:
    for vector in json.loads((FOLDER / "refused.json").read_text(encoding="utf-8")):
        with pytest.raises(BadMessage):
            codec.decode(bytes.fromhex(vector["msgpack"]))
