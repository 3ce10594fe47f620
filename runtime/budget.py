"""Bytes as people write and read them, and how many of a device's a server may take."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from livedraft.errors import ConfigError

_UNITS: Mapping[str, int] = {
    "": 1,
    "b": 1,
    **{f"{mark}b": 1000**power for power, mark in enumerate("kmgt", 1)},
    **{f"{mark}ib": 1024**power for power, mark in enumerate("kmgt", 1)},
}
_FORM = re.compile(r"(\d{1,15}(?:\.\d{1,6})?)\s*([a-z]{0,3})", re.ASCII | re.IGNORECASE)


def budgets(texts: Iterable[str]) -> dict[str, int]:
    """Return the bytes of ``24GiB``, meant for every device, or ``cuda:1=12GiB``, by device.

    Those of every device are under an empty name. Raises ConfigError for what is neither.
    """
    found: dict[str, int] = {}
    for text in texts:
        device, _, amount = (part.strip() for part in text.rpartition("="))
        device = numbered(device)
        if device in found:
            named = f"of {device[:40]} " if device else ""
            raise ConfigError(f"memory {named}is said twice", fix="say it once")
        found[device] = _read(amount, text)
    return found


def numbered(device: str) -> str:
    """Return a device as it is told from others: the first GPU may be said without its number."""
    return f"{device}:0" if device == "cuda" else device


def gigabytes(count: int) -> str:
    """Return bytes as people read them."""
    if count < 10**8:
        return f"{count / 10**6:.1f} MB"
    return f"{count / 10**9:.1f} GB"


def _read(amount: str, text: str) -> int:
    found = _FORM.fullmatch(amount)
    unit = _UNITS.get(found[2].lower()) if found else None
    nbytes = int(float(found[1]) * unit) if found and unit else 0
    if not nbytes:
        raise ConfigError(
            f"memory = {text[:60]!r} is no amount of memory",
            fix='for example memory = "24GiB", or "cuda:1=12GiB" of one device',
        )
    return nbytes
