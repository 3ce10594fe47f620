"""Where the training art comes from: pinned npm packages, verified and read in place."""

from __future__ import annotations

import base64
import hashlib
import json
import subprocess
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Package:
    """One npm package: `name@version`, the SHA-512 of its tarball (base64) and its licence."""

    name: str
    version: str
    sha512: str
    licence: str

    @property
    def tarball(self) -> str:
        return f"{self.name.removeprefix('@').replace('/', '-')}-{self.version}.tgz"


@dataclass(frozen=True)
class ArtSet:
    """A set of drawings: the package, the style that it teaches, and whose lines it is drawn on."""

    package: Package
    style: str
    lines_of: str | None = None


FLAT = Package(
    "@iconify-json/fluent-emoji-flat",
    "1.2.6",
    "RY47RgPb47fYUiyrA64sIOL0+UU02s29sXpNBbIQRBUlPlfNFTKUmZDERGuxDs/7yNGWqQYvuaSYM1M4fRXlUw==",
    "MIT",
)
SHADED = Package(
    "@iconify-json/fluent-emoji",
    "1.2.7",
    "D8G6bKAyIsyxP1rzZtIWr/gg/fO4Rg1+DyCWlfqKK4h8W+4Em/Y0P6QYgJUQTlUcagzJvSyg+9OBv4hz4Hc/QA==",
    "MIT",
)
SOLID = Package(
    "@lobehub/fluent-emoji-3d",
    "1.1.0",
    "Wlq2lVStTnr8BDpIJ0pEnTKO4LuDxxqTEhTvRtD1DLRF0me7ogeRQjKoehDHXuVJ2Qaecgl5wRBv60lUAG3h7g==",
    "MIT",
)
NOTO = Package(
    "@iconify-json/noto",
    "1.2.9",
    "DQiuXENbun41ch+XPSV55H9FaWKpHTyz46YIKtSaKYD4fIDDzL1tR6H4np/T38jfrTAeI3rcKF0mqHYeZVAuaw==",
    "Apache-2.0",
)
NOTO_V1 = Package(
    "@iconify-json/noto-v1",
    "1.2.5",
    "/DsVMius69Q0fRS53z7QK1TROSuar606jiIx+laXtdsYGMXpf6LtHBx6CGfoo3UHHb/XpBsw+1L1x3eyPqMuVA==",
    "Apache-2.0",
)
FXEMOJI = Package(
    "@iconify-json/fxemoji",
    "1.2.2",
    "UAasRaxzFUKfIGSmLwnoarsssA4LX0VLLuEmplIqM6ZNQqIQRtav8tZ4H1neTlBreXuMQyAifr5jP4kn78DpiQ==",
    "Apache-2.0",
)
EMOJILIB = Package(
    "emojilib",
    "4.0.3",
    "KbWiYre9aRSaPbHrHZIz9zmoM+21LAsK1VFJtnTh1VCtWE/rNMDviGhQTmselFl95dhqtGlY22iH0leG5BuW0g==",
    "MIT",
)
EMOJIBASE = Package(
    "emojibase-data",
    "17.0.0",
    "Yvgb5AWoHViHV/gq1qr5ZAarcBip+B27/ZLRsUJkbgAEaLlZ/fof9g882LTpmEpyhBNEC0m2SEmItljHsTygjA==",
    "MIT",
)
NAMES = Package(
    "color-name-list",
    "14.51.0",
    "z+1f72qycJijBEmd88ee836dGeZV8ztePIlPAhk/iavlmfPRG6BrWsJyZGvKkHC32ZW+5dpHbWEEP4y+jjVZIQ==",
    "MIT",
)
ART = {
    "fluent-flat": ArtSet(FLAT, "flat"),
    "fluent-shaded": ArtSet(SHADED, "shaded", lines_of="fluent-flat"),
    "fluent-3d": ArtSet(SOLID, "3d", lines_of="fluent-flat"),
    "noto": ArtSet(NOTO, "noto"),
    "noto-v1": ArtSet(NOTO_V1, "noto"),
    "fxemoji": ArtSet(FXEMOJI, "flat"),
}
CAPTIONS = (EMOJILIB, EMOJIBASE)


def fetch(package: Package, folder: Path) -> Path:
    """Return the verified tarball, packing it from npm where it is missing.

    Raises ValueError when the hash differs from the pinned one.
    """
    path = folder / package.tarball
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        spec = f"{package.name}@{package.version}"
        subprocess.run(["npm", "pack", "--silent", spec], cwd=folder, check=True)
    digest = base64.b64encode(hashlib.sha512(path.read_bytes()).digest()).decode()
    if digest != package.sha512:
        raise ValueError(f"{path.name}: SHA-512 is {digest}, expected {package.sha512}")
    return path


def read_json(tarball: Path, member: str) -> Any:
    """Parse one JSON file of a package."""
    with tarfile.open(tarball) as archive:
        handle = archive.extractfile(f"package/{member}")
        if handle is None:
            raise ValueError(f"{tarball.name}: {member} is not a file")
        return json.load(handle)


def read_folder(tarball: Path, folder: str) -> dict[str, bytes]:
    """Read every file under a folder of a package, by its name in that folder, in one pass."""
    prefix = f"package/{folder}/"
    files: dict[str, bytes] = {}
    with tarfile.open(tarball) as archive:
        for member in archive:
            handle = archive.extractfile(member) if member.name.startswith(prefix) else None
            if handle is not None:
                files[member.name.removeprefix(prefix)] = handle.read()
    return files
