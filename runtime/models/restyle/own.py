"""Styles of one's own: small files that ``livedraft restyle train`` writes, found by their names.

A file holds one row of numbers, what the net's styles differ in, and says which net it is for.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from livedraft.errors import ConfigError, WeightsError, did_you_mean
from livedraft.files import replacing

from ...cache_folder import cache_folder
from ...tensor_files import Metadata, must_be_within, read_metadata
from ..onnx import Floats, Graph, opened
from .weights import FILE, WEIGHTS

ENDING = ".safetensors"
KIND = "livedraft restyle style 1"
NET = "net"  # in a graph's properties: the stamp of the net that it was made of
_ROW = "style"
NUMBERS = 1668  # of a style
_MOST_BYTES = 2**20  # of a file; one has some 7 kB
_AGAIN = "train it again: livedraft restyle train PICTURE --name {}"


@dataclass(frozen=True, eq=False)
class OwnStyle:
    """One style: its numbers (1, n), the stamp of the net that they are for, what it says."""

    row: Floats
    net: str
    about: Metadata


def stamp(packed: bytes, graph: Graph) -> str:
    """Return what tells one net from another.

    A net that was given other styles, and nothing else, says of itself which it is still.
    """
    return graph.property(NET) or hashlib.sha256(packed).hexdigest()[:16]


@lru_cache(1)
def shipped() -> str:
    """Return the stamp of the net that ships."""
    packed = (WEIGHTS / FILE).read_bytes()
    return stamp(packed, opened(packed, "restyle's net", threads=1))


def folder(env: Mapping[str, str] = os.environ) -> Path:
    """Return where styles of one's own lie; raise ConfigError where nothing is kept."""
    kept = cache_folder(env.get("LIVEDRAFT_CACHE", ""))
    if kept is None:
        raise ConfigError(
            "there is no folder for styles: LIVEDRAFT_CACHE is 'none'",
            fix="name a folder in LIVEDRAFT_CACHE",
        )
    return kept / "styles"


def names() -> list[str]:
    """Return the names of all that lie there, readable or not."""
    try:
        return sorted(file.stem for file in folder().glob(f"[!.]*{ENDING}"))
    except (ConfigError, OSError):
        return []


def usable() -> list[str]:
    """Return the names of those that the net that ships paints with."""
    return [name for name in names() if _usable(name)]


def find(name: str) -> OwnStyle:
    """Return a style by its name; raise WeightsError where it is damaged, or for another net."""
    try:
        path = folder() / f"{name}{ENDING}"
        kept = path.stat()
    except OSError as error:
        raise WeightsError(f"no style '{name[:40]}'", fix=_AGAIN.format(name[:40])) from error
    made = read(path, kept.st_mtime_ns, kept.st_size)
    if made.net != shipped():
        raise WeightsError(
            f"the style '{name}' was learned for another net than the one that ships",
            fix=_AGAIN.format(name),
        )
    return made


@lru_cache(64)
def read(path: Path, changed_ns: int = 0, size_bytes: int = 0) -> OwnStyle:
    """Return the style that a file holds, read once; raise WeightsError for any other file."""
    fix = _AGAIN.format(path.stem)
    try:
        about = read_metadata(path)
        must_be_within(path, _MOST_BYTES)
        if about.get("kind") != KIND:
            raise WeightsError(f"{path.name} holds no style of restyle", fix=fix)
        row = load_file(path)[_ROW]
    except WeightsError as error:
        message = error.message.replace("as a LoRA", "as a style")
        raise WeightsError(message, fix=fix) from error
    except (OSError, KeyError, SafetensorError) as error:
        raise WeightsError(f"{path.name} cannot be read as a style: {error}", fix=fix) from error
    if row.dtype != np.float32 or row.shape != (1, NUMBERS) or not np.isfinite(row).all():
        raise WeightsError(f"{path.name} holds no numbers of a style", fix=fix)
    return OwnStyle(row, about.get("net", ""), about)


def write(path: Path, row: Floats, about: Mapping[str, str]) -> None:
    """Write a style, whole or not at all; raise ConfigError for what the system refuses."""
    with replacing(path) as partial:
        save_file({_ROW: np.ascontiguousarray(row)}, partial, {"kind": KIND, **about})


def remove(name: str) -> Path:
    """Remove a style and its preview; return its file, raise ConfigError where there is none."""
    if name not in (known := names()):
        fix = did_you_mean(name, known) if known else "there is none"
        raise ConfigError(f"there is no style '{name[:40]}' of your own", fix=fix)
    path = folder() / f"{name}{ENDING}"
    path.unlink()
    path.with_suffix(".png").unlink(missing_ok=True)
    return path


def _usable(name: str) -> bool:
    try:
        find(name)
    except WeightsError:
        return False
    return True
