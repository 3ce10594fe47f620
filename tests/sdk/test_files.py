"""Files of a user's: a pipe, a device or a folder is opened by no reader, and never waited for."""

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from livedraft.errors import LivedraftError
from livedraft.files import read
from livedraft.media.marking import marking
from livedraft.media.sources import read_file
from livedraft.runtime import loading
from livedraft.runtime.models.head.avatar.folder import read_drawing
from livedraft.runtime.models.providers import card
from livedraft.runtime.models.restyle.painter import Painter
from livedraft.runtime.models.tryon.garment.catalogue import read_catalogue
from livedraft.runtime.models.tuning.folder import opened
from livedraft.runtime.tensor_files import read_metadata

READERS: dict[str, Callable[[Path], object]] = {
    "config": lambda path: loading.load(file=path),
    "c2pa_certificate": lambda path: marking("on", str(path), str(path)),
    "a provider's card": lambda path: card.read(f"{path}", "owner/app"),
    "its OpenAPI": lambda path: card.read(f"{path.with_suffix('.json')}", "owner/app"),
    "a picture to learn from": opened,
    "a picture to draw on": read_file,
    "a LoRA": read_metadata,
    "a catalogue": lambda path: read_catalogue(path.parent),
    "an avatar": lambda path: read_drawing(path.parent),
    "a net of restyle's": lambda path: Painter.read(str(path.parent)),
}
NAMES = ("ff", "ff.json", "catalogue.json", "avatar.json", "restyle.onnx")


@pytest.mark.parametrize("kind", ["pipe", "device", "folder"])
@pytest.mark.parametrize("reader", READERS)
def test_what_is_no_file_is_never_opened(tmp_path: Path, reader: str, kind: str) -> None:
    for name in NAMES:
        path = tmp_path / name
        if kind == "pipe":
            os.mkfifo(path)
        elif kind == "device":
            path.symlink_to("/dev/zero")
        else:
            path.mkdir()
    with pytest.raises(LivedraftError, match="it is no file") as caught:
        READERS[reader](tmp_path / "ff")
    assert caught.value.fix


def test_a_file_is_read_up_to_its_limit_and_through_a_link(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345")
    (tmp_path / "link").symlink_to("file")
    assert read(tmp_path / "link", 5) == b"12345"
    with pytest.raises(OSError, match="it has 5 bytes, over 4"):
        read(tmp_path / "file", 4)
    with pytest.raises(OSError, match="no file can be called so"):
        read("a\0b", 4)


def test_a_config_that_is_no_text_or_has_no_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "livedraft.toml"
    path.write_bytes(b"\xff\xfe")
    with pytest.raises(LivedraftError, match="is not TOML"):
        loading.load(file=path)
    with path.open("wb") as file:
        file.truncate(2**40)  # a hole
    with pytest.raises(LivedraftError, match="it has 1099511627776 bytes"):
        loading.load(file=path)


@pytest.mark.parametrize(("pair", "missing"), [(("a.pem", ""), "key"), (("", "a"), "certificate")])
def test_half_a_pair_of_c2pa_is_told(pair: tuple[str, str], missing: str) -> None:
    with pytest.raises(LivedraftError, match=f"c2pa_{missing} is not set") as caught:
        marking("on", *pair)
    assert caught.value.fix == "give both PEM files, c2pa_certificate and c2pa_key"
