"""What a server answers in the end."""

from __future__ import annotations

import time

import httpx


def until(url: str, status: int, path: str = "/healthz") -> None:
    """Ask again and again until it answers so, for 30 s at most."""
    begun = time.monotonic()
    while time.monotonic() - begun < 30:
        try:
            if httpx.get(url + path, timeout=5).status_code == status:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.02)  # another process, or sockets that close in their own time: nothing tells
    raise AssertionError(f"{path} never answered {status}")
