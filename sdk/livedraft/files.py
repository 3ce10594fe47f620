"""Files of a user's: read if they are any; judged before a long work, and written whole."""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from glob import escape
from hashlib import sha256
from pathlib import Path
from secrets import token_hex

from livedraft.errors import ConfigError

ROOM_BYTES = 2**20  # that must be free: more than most of what is written takes


def read(path: str | os.PathLike[str], most_bytes: int) -> bytes:
    """Return what a file holds; raise OSError, with ``strerror``, for more bytes or no file."""
    size = stat_file(path).st_size
    if size > most_bytes:
        raise OSError(errno.EFBIG, f"it has {size} bytes, over {most_bytes}")
    return Path(path).read_bytes()


def stat_file(path: str | os.PathLike[str]) -> os.stat_result:
    """Return what the system says of a file; raise OSError, with ``strerror``, for what is none.

    That is not opened: a pipe may never answer, and a device never end.
    """
    try:
        found = Path(path).stat()
    except ValueError:  # a null character
        raise OSError(errno.EINVAL, "no file can be called so") from None
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EINVAL, "it is no file")
    return found


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
    """Give an empty file beside a file, of which nothing is left.

    What a killed run left, the next one removes: who writes holds a lock, which the system takes
    back however they end.
    """
    target = path.resolve()
    begins = f".{sha256(os.fsencode(target.name)).hexdigest()[:12]}."  # as short for any name
    ends = f".part{target.suffix}"
    for left in target.parent.glob(f"{begins}*{escape(ends)}"):
        _remove_if_left(left)
    partial = target.with_name(f"{begins}{token_hex(4)}{ends}")
    try:
        with _held(partial):
            yield partial
    finally:
        partial.unlink(missing_ok=True)


if sys.platform == "win32":

    @contextmanager
    def _held(partial: Path) -> Iterator[None]:
        """Make a file, which nobody may have open when it takes another's place."""
        partial.touch(exist_ok=False)
        yield

    def _remove_if_left(partial: Path) -> None:
        """Leave it: who writes to it is not known."""

else:
    from fcntl import LOCK_EX, LOCK_NB, flock

    @contextmanager
    def _held(partial: Path) -> Iterator[None]:
        """Make a file, and hold its lock; where the file system has none, nobody removes it."""
        with ExitStack() as stack:
            while not partial.exists():  # again, if it was taken for one that is left
                stack.close()
                file = stack.enter_context(partial.open("ab"))
                with suppress(OSError):
                    flock(file, LOCK_EX)
            yield

    def _remove_if_left(partial: Path) -> None:
        with suppress(OSError), partial.open("rb") as file:
            flock(file, LOCK_EX | LOCK_NB)
            partial.unlink()


@contextmanager
def _refusals(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise ConfigError(
            f"cannot write {path}: {error.strerror or error}",
            fix="choose another place, or make room there",
        ) from error
