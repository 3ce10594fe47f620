"""The avatars that livedraft brings along, drawn by ``training/head/avatars``."""

from __future__ import annotations

import json
from base64 import b64encode
from functools import cache
from importlib import resources
from pathlib import Path

from livedraft.errors import ConfigError

from . import shipped
from .face import AvatarFace
from .folder import THUMBNAIL, read_avatar

LISTING = "avatars.json"
_FOLDER = Path(str(resources.files(shipped)))


@cache
def avatars() -> dict[str, str]:
    """Return the titles of the avatars that ship, by their ids, in the order to show them in."""
    listed: dict[str, str] = json.loads((_FOLDER / LISTING).read_text("utf-8"))
    return listed


def load(avatar: str | Path) -> AvatarFace:
    """Return an avatar by its id, or from a folder (a ``Path``); raise ConfigError."""
    return read_avatar(avatar if isinstance(avatar, Path) else _folder(avatar))


def thumbnail(avatar: str) -> bytes:
    """Return a small picture of an avatar that ships, as WebP of 128 × 128 px."""
    return (_folder(avatar) / THUMBNAIL).read_bytes()


@cache
def pictures() -> dict[str, str]:
    """Return the thumbnails of the avatars that ship, by their ids, as data URLs."""
    return {
        avatar: f"data:image/webp;base64,{b64encode(thumbnail(avatar)).decode()}"
        for avatar in avatars()
    }


def _folder(avatar: str) -> Path:
    if avatar not in avatars():
        known = ", ".join(avatars())
        raise ConfigError(f"there is no avatar '{avatar}'", fix=f"choose one of: {known}")
    return _FOLDER / avatar
