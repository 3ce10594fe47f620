"""The npm package: what npm, pnpm and the like install, put together of the built files."""

from __future__ import annotations

import gzip
import io
import tarfile
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from livedraft.errors import LivedraftError

NAME = "livedraft.tgz"
_ENDINGS = (".js", ".mjs", ".mts")


@cache
def tarball() -> bytes:
    """Return the package as npm packs one: the same bytes for the same version."""
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name, content in sorted(contents().items()):
            entry = tarfile.TarInfo(f"package/{name}")
            entry.size, entry.mode = len(content), 0o644
            tar.addfile(entry, io.BytesIO(content))
    return gzip.compress(packed.getvalue(), mtime=0)


def contents() -> dict[str, bytes]:
    """Return the package's files by their names; raise LivedraftError if they were never built."""
    root = files(__name__.rpartition(".")[0])
    try:
        top = {file.name: file.read_bytes() for file in (root / "npm").iterdir() if file.is_file()}
        scripts = {f"dist/{file.name}": file.read_bytes() for file in _scripts(root)}
        react = {f"dist/react/{file.name}": file.read_bytes() for file in _scripts(root / "react")}
    except FileNotFoundError:
        raise LivedraftError(
            "the npm package is not part of this installation", fix="build it: make js"
        ) from None
    return top | scripts | react


def _scripts(folder: Traversable) -> list[Traversable]:
    return [file for file in folder.iterdir() if file.name.endswith(_ENDINGS)]
