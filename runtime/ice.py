"""ICE (RFC 8445): the STUN and TURN servers that both ends ask, and the UDP ports used here."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import secrets
from typing import Required, TypedDict

from livedraft.errors import ConfigError

from .addresses import authority

_ADDRESS = re.compile(r"(stuns?|turns?):([^?]+)(\?transport=(udp|tcp))?", re.ASCII)
_RANGE = re.compile(r"([0-9]{1,5})\s*-\s*([0-9]{1,5})", re.ASCII)
_LAST_PORT = 65535


class IceServer(TypedDict, total=False):
    """What ``RTCPeerConnection`` takes of one kind of server."""

    urls: Required[list[str]]
    username: str
    credential: str


def check_ice_servers(addresses: tuple[str, ...], secret: str) -> None:
    """Refuse what is no address, and relays that nobody could use; raise ConfigError."""
    for address in addresses:
        _check_address(address)
    if any(map(_is_turn, addresses)) and not secret:
        raise ConfigError(
            "ice_servers names a TURN server, and turn_secret is empty",
            fix="set LIVEDRAFT_TURN_SECRET to the static-auth-secret of the TURN server",
        )


def ports(text: str) -> range:
    """Return the ports that a setting names, all where it names none; raise ConfigError."""
    if not text:
        return range(0)
    found = _RANGE.fullmatch(text.strip())
    first, last = (int(found[1]), int(found[2])) if found else (0, 0)
    if not 0 < first <= last <= _LAST_PORT:
        raise ConfigError(
            f"webrtc_ports = {text[:40]!r} is no range of ports", fix="for example 40000-40100"
        )
    return range(first, last + 1)


def ice_servers(
    addresses: tuple[str, ...], secret: str, lifetime_s: float, now: float
) -> list[IceServer]:
    """Return the servers, relays with a name and a password that expire.

    As coturn's ``use-auth-secret`` wants them (draft-uberti-behave-turn-rest-00): the name begins
    with the second at which it expires, the password is its HMAC-SHA1. ``now`` in s since 1970.
    """
    stun = [address for address in addresses if not _is_turn(address)]
    turn = [address for address in addresses if _is_turn(address)]
    found: list[IceServer] = []
    if stun:
        found.append({"urls": stun})
    if turn:
        username = f"{int(now + lifetime_s)}:{secrets.token_hex(4)}"
        digest = hmac.digest(secret.encode(), username.encode(), hashlib.sha1)
        password = base64.b64encode(digest).decode()
        found.append({"urls": turn, "username": username, "credential": password})
    return found


def links(servers: list[IceServer]) -> list[str]:
    """Return the servers as ``Link`` headers (RFC 9725, 4.6)."""
    said = []
    for server in servers:
        more = ""
        if "username" in server and "credential" in server:
            more = (
                f'; username="{server["username"]}"; credential="{server["credential"]}"'
                '; credential-type="password"'
            )
        said += [f'<{url}>; rel="ice-server"{more}' for url in server["urls"]]
    return said


def _check_address(text: str) -> None:
    """Refuse what is no entry of ``ice_servers`` (RFC 7064, RFC 7065)."""
    found = _ADDRESS.fullmatch(text)
    if found is None or authority(found[2]) is None or (found[3] and text.startswith("stun")):
        raise ConfigError(
            f"ice_servers: {text[:100]!r} is no address of a STUN or TURN server",
            fix="write turn:turn.example.org:3478, with ?transport=tcp behind it for TCP",
        )


def _is_turn(address: str) -> bool:
    return address.startswith("turn")
