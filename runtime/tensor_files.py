"""Safetensors files that anybody may have written: checked before anything in them is parsed."""

from __future__ import annotations

from pathlib import Path

from safetensors import SafetensorError, safe_open

from livedraft.errors import WeightsError
from livedraft.files import stat_file

# A name, a type and a shape for each tensor, some 100 bytes; trainers add statistics of their data.
MOST_HEAD_BYTES = 16 * 2**20
SAVE_ANEW = "save it as safetensors in float32, float16 or bfloat16"
LOWER_RATE = "train it again with a lower learning rate"
_PICKLES = (b"PK\x03\x04", b"\x80\x02", b"\x80\x03", b"\x80\x04", b"\x80\x05")

Metadata = dict[str, str]  # of a file's header: what it says of itself


def read_metadata(path: Path) -> Metadata:
    """Return what a file says of itself, with every text on one line; raise WeightsError.

    A pickle is never opened: it may run anything.
    """
    _check(path)
    try:
        with safe_open(path, "np") as file:
            metadata = file.metadata() or {}
    except (OSError, SafetensorError) as error:
        raise unreadable(path, str(error)) from error
    return {name: _line(text) for name, text in metadata.items()}


def must_be_within(path: Path, most_bytes: int) -> None:
    """Raise WeightsError where a file has more bytes than one of its kind can have."""
    size = path.stat().st_size
    if size > most_bytes:
        raise unreadable(path, f"it has {size} bytes, over {most_bytes}")


def unreadable(path: Path, why: str, fix: str = "name a .safetensors file") -> WeightsError:
    """Return the error that says why a file is none of ours."""
    return WeightsError(f"{path.name} cannot be read as a LoRA: {why[:200]}", fix=fix)


def _check(path: Path) -> None:
    """Refuse by kind and first bytes."""
    try:
        kept = stat_file(path)
        with path.open("rb") as file:
            first = file.read(8)
    except OSError as error:
        raise unreadable(path, str(error.strerror)) from error
    if not first:
        raise unreadable(path, "it is empty", "download or train it again")
    if first.startswith(_PICKLES):
        raise unreadable(path, "it is a pickle, which may run anything", SAVE_ANEW)
    head_bytes = int.from_bytes(first, "little")
    if head_bytes > min(MOST_HEAD_BYTES, kept.st_size):
        raise unreadable(path, f"its header would have {head_bytes} bytes")


def _line(text: str) -> str:
    return "".join(one if one.isprintable() else " " for one in text)
