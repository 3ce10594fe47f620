"""Files that a long work ends in: judged before it begins, written whole or not at all."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from livedraft.errors import ConfigError

ROOM_BYTES = 2**20  # that must be free: more than most of what is written takes


def check_writable(path: Path) -> None:
    """Raise ConfigError where a file cannot be written, or its disk is full; leave nothing."""
    with _refusals(path):
        if path.is_dir():
            raise ConfigError(f"{path} is a folder", fix=f"name a file in it: {path / 'NAME'}")
        if not path.parent.is_dir():
            raise ConfigError(f"there is no folder {path.parent}", fix="make it first")
        if path.exists() and not path.is_file():
            raise ConfigError(f"{path} is no file", fix="name a file, in a folder")
        if path.exists() and not os.access(path, os.W_OK):
            raise ConfigError(f"{path} is write-protected", fix="choose another name")
        with _partial(path) as partial, partial.open("wb") as file:
            if hasattr(os, "posix_fallocate"):
                os.posix_fallocate(file.fileno(), 0, ROOM_BYTES)


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """Give a path to write to, which takes the other's place when the block ends.

    If the block raises, the file stays as it was. Raises ConfigError for what the system refuses.
    """
    with _refusals(path), _partial(path) as partial:
        yield partial
        target = path.resolve()  # a link stays one
        if target.exists():
            shutil.copymode(target, partial)
        partial.replace(target)


@contextmanager
def _partial(path: Path) -> Iterator[Path]:
    """Give a path beside a file, of which nothing is left."""
    target = path.resolve()
    partial = target.with_name(f".{os.getpid()}.part{target.suffix}")
    try:
        yield partial
    finally:
        partial.unlink(missing_ok=True)


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror or error}",
            fix="choose another place, or make room there",
        ) from error
