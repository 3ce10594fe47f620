"""Names of hosts and websites, as headers and settings write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from ipaddress import IPv6Address, ip_address, ip_network
from typing import NamedTuple

from livedraft.errors import ConfigError

_NAME = re.compile(r"[a-z0-9_-]{1,63}(\.[a-z0-9_-]{1,63})*", re.ASCII)
_SCHEME = re.compile(r"[a-z][a-z0-9+.-]*", re.ASCII)
_PORT = re.compile(r"[0-9]{1,5}", re.ASCII)
_DEFAULT_PORTS = {"http": 80, "https": 443, "ws": 80, "wss": 443}
_FULL_NAME = 253  # RFC 1035: longest name, in characters


class Authority(NamedTuple):
    """A host, lower-cased, without a trailing dot or brackets, and its port if one was written."""

    host: str
    port: int | None


class Origin(NamedTuple):
    """A website: scheme, host and port, of which the scheme's own is left out."""

    scheme: str
    host: str
    port: int | None

    def __str__(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"{self.scheme}://{host}" + (f":{self.port}" if self.port is not None else "")


def authority(text: str) -> Authority | None:
    """Read ``host[:port]`` (RFC 9110, 7.2); None for anything else, such as ``user@host``."""
    if not text.isascii():
        return None  # a lower-cased Kelvin sign would be a k
    text = text.lower()
    if text.startswith("["):
        literal, closed, rest = text[1:].partition("]")
        host = _address(literal) if closed and ":" in literal else None
    else:
        name, colon, port = text.partition(":")
        host, rest = _host(name), colon + port
    if host is None:
        return None
    if not rest:
        return Authority(host, None)
    if not _PORT.fullmatch(rest[1:]) or not rest.startswith(":") or int(rest[1:]) > 65535:
        return None
    return Authority(host, int(rest[1:]))


def origin(text: str) -> Origin | None:
    """Read the value of an ``Origin`` header (RFC 6454); None for ``null`` and anything else."""
    scheme, found, rest = text.lower().partition("://")
    at = authority(rest) if found and _SCHEME.fullmatch(scheme) else None
    if at is None:
        return None
    port = None if at.port == _DEFAULT_PORTS.get(scheme) else at.port
    return Origin(scheme, at.host, port)


def is_own(website: Origin, host: Authority, *, secure: bool) -> bool:
    """Say whether a website is the very server that is asked at this host.

    A proxy that ends TLS may not tell, so only a request that is known to be ``secure`` must come
    from one that is.
    """
    if website.scheme not in ("http", "https") or (secure and website.scheme != "https"):
        return False
    default = _DEFAULT_PORTS[website.scheme]
    return website.host == host.host and (website.port or default) == (host.port or default)


def is_literal(host: str) -> bool:
    """Say whether a host is an IP address: no name, so nobody can point it elsewhere."""
    return _address(host) is not None


def is_loopback(host: str) -> bool:
    """Say whether a host can mean no machine but this one (RFC 6761, 6.3)."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    return is_literal(host) and ip_address(host).is_loopback


def host_setting(text: str) -> str:
    """Return an entry of the setting ``hosts``: a name, an address, ``*.name`` or ``*``."""
    stem = text.removeprefix("*.")
    if text == "*":
        return text
    if "://" in text or "/" in text:
        raise _unfit("hosts", text, "give the name alone, without 'http://' and without a path")
    bare = f"[{text}]" if text.count(":") > 1 and not text.startswith("[") else stem
    found = authority(bare)
    if found is None:
        raise _unfit("hosts", text, _spelling(stem, 'a name, an address, "*.example.org" or "*"'))
    if found.port is not None:
        raise _unfit("hosts", text, f"leave the port out: {text.rpartition(':')[0]}")
    if stem != text and is_literal(found.host):
        raise _unfit("hosts", text, "an address has no names below it: leave '*.' out")
    return f"*.{found.host}" if stem != text else found.host


def origin_setting(text: str, name: str = "origins") -> str:
    """Return an entry of ``origins`` as browsers write it, or ``*``."""
    scheme, found, rest = text.strip().partition("://")
    if text == "*":
        return text
    if text.lower() == "null" or scheme.lower() == "file":
        fix = (
            "serve that page over HTTP, as with 'python -m http.server 8000', and name its address"
        )
        raise _unfit(name, text, f"any website can be 'null', and every file is: {fix}")
    if not found:
        raise _unfit(name, text, f"say how it is reached: https://{scheme}")
    if "*" in rest:
        raise _unfit(name, text, 'name each website in full, or "*" for all')
    host = rest.removesuffix("/")
    if any(mark in host for mark in "/?#@"):
        bare = re.split("[/?#]", host)[0].rpartition("@")[2]
        raise _unfit(name, text, f"a website is scheme, host and port: {scheme}://{bare}")
    website = origin(f"{scheme}://{host}")
    if website is None:
        raise _unfit(name, text, _spelling(host, "https://example.org or http://localhost:8000"))
    return str(website)


def network_setting(text: str) -> str:
    """Return an entry of ``proxies``: an address or a network."""
    try:
        return str(ip_network(text))
    except ValueError:
        fix = "use an address, or a network such as 172.18.0.0/16"
        raise ConfigError(f"proxies: {text[:100]!r} is no address", fix=fix) from None


SPELLINGS: dict[str, Callable[[str], str]] = {
    "hosts": host_setting,
    "origins": origin_setting,
    "frames": lambda text: origin_setting(text, "frames"),
    "proxies": network_setting,
}


def _spelling(host: str, otherwise: str) -> str:
    """Return how to write a name, in the letters that browsers send."""
    try:
        ascii_name = host.encode("idna").decode()
    except UnicodeError:
        ascii_name = host
    return f"write it as browsers do: {ascii_name}" if ascii_name != host else f"use {otherwise}"


def _unfit(name: str, text: str, fix: str) -> ConfigError:
    return ConfigError(f"{name}: {text[:100]!r} can match nothing", fix=fix)


def _host(name: str) -> str | None:
    name = name.removesuffix(".")  # a full name; it is the same host
    fits = len(name) <= _FULL_NAME and _NAME.fullmatch(name)
    return (_address(name) or name) if fits else None


def _address(text: str) -> str | None:
    """Return an IP address in its shortest form, IPv4 within IPv6 as IPv4; None if it is none."""
    try:
        found = ip_address(text)
    except ValueError:
        return None
    if isinstance(found, IPv6Address):
        if found.scope_id is not None:
            return None  # a zone means something on one machine alone
        found = found.ipv4_mapped or found
    return str(found)
