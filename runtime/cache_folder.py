"""Where a server keeps between its runs what it measured once, such as plans."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

NONE = "none"  # as a setting: nothing is kept
PLANS = "plans"  # the folder in it


def cache_folder(setting: str, env: Mapping[str, str] = os.environ) -> Path | None:
    """Return the folder of a setting ``cache``: empty is the platform's; None keeps nothing.

    Linux and others: $XDG_CACHE_HOME or ~/.cache, as the XDG base directories say; macOS:
    ~/Library/Caches; Windows: %LOCALAPPDATA%.
    """
    if setting == NONE:
        return None
    if setting:
        return Path(setting).expanduser()
    try:
        home = Path.home()
    except RuntimeError:  # a user without one
        return None
    if sys.platform == "darwin":
        return home / "Library/Caches/livedraft"
    if sys.platform == "win32":
        return Path(env.get("LOCALAPPDATA") or home / "AppData/Local") / "livedraft/Cache"
    base = Path(env.get("XDG_CACHE_HOME", ""))
    return (base if base.is_absolute() else home / ".cache") / "livedraft"
