"""Ports to listen at: on both stacks where a host has both, and within what the system allows."""

from __future__ import annotations

import asyncio
import errno
import logging
import socket
import time
import traceback
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from livedraft.errors import ConfigError

from ..transports.bodies import MOST_PARTS_HELD
from .limits import BACKLOG

log = logging.getLogger(__name__)

Address = tuple[socket.AddressFamily, str]

# Descriptors: of connections not yet turned away, of uploads, and of other files.
RESERVED = BACKLOG + MOST_PARTS_HELD + 64
_TRIES = 16  # to find a port that is free on both stacks
_SPAN = 100  # ports that are looked at for one to propose
_WARN_S = 60.0  # between two warnings of the same kind
_ABSENT = (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT)  # a stack that this machine has not
_EXHAUSTED = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)


def listen(host: str, port: int) -> list[socket.socket]:
    """Return sockets that listen at a host, all on one port; raise ConfigError.

    ``localhost`` is 127.0.0.1 and ::1, ``::`` is every address of both stacks.
    """
    addresses = _addresses(host)
    problem = OSError()
    for _ in range(1 if port else _TRIES):
        try:
            return _open(addresses, port)
        except OSError as error:
            problem = error
        if problem.errno != errno.EADDRINUSE:
            break
    if problem.errno == errno.EADDRINUSE and port:
        raise ConfigError(f"port {port} is taken", fix=_other(addresses, port)) from None
    if problem.errno == errno.EACCES:
        fix = "use a port from 1024 on, and a proxy for the one below"
    else:
        fix = "choose a host of this machine: 127.0.0.1, or 0.0.0.0 for every network"
    what = problem.strerror or problem
    raise ConfigError(f"cannot listen at {host}, port {port}: {what}", fix=fix) from None


def url_of(host: str, port: int) -> str:
    """Return an address to open on this machine."""
    shown = {"0.0.0.0": "127.0.0.1", "::": "localhost"}.get(host, host)
    return f"http://[{shown}]:{port}" if ":" in shown else f"http://{shown}:{port}"


def room_for(connections: int) -> int:
    """Return how many of so many connections fit, as many descriptors as there may be.

    The limit of the process is raised for them where the system lets it.
    """
    try:
        import resource
    except ModuleNotFoundError:
        return connections  # Windows has no such limit
    wanted = connections + RESERVED
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft == resource.RLIM_INFINITY or soft >= wanted:
        return connections
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if most > soft:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
    fit = max(most - RESERVED, most // 4)
    if fit < connections:
        log.warning(
            "at most %d connections instead of %d: the system allows %d open files (ulimit -n)",
            fit, connections, most,
        )  # fmt: skip
    return min(connections, fit)


@contextmanager
def calm(loop: asyncio.AbstractEventLoop) -> Iterator[None]:
    """Have a loop warn once a minute that it has no descriptor for a connection.

    asyncio tries again each second, by which time the system may have one, and logs a traceback
    each time, also where the server was closed within that second.
    """
    before = loop.get_exception_handler()
    warned = -_WARN_S

    def handle(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
        nonlocal warned
        error = context.get("exception")
        if isinstance(error, ValueError) and _tries_again(error):
            return
        if not (isinstance(error, OSError) and error.errno in _EXHAUSTED):
            if before is None:
                loop.default_exception_handler(context)
            else:
                before(loop, context)
        elif time.monotonic() - warned >= _WARN_S:
            warned = time.monotonic()
            log.warning(
                "new connections wait: %s (raise ulimit -n, or lower max_connections)",
                error.strerror,
            )

    loop.set_exception_handler(handle)
    try:
        yield
    finally:
        loop.set_exception_handler(before)


def _tries_again(error: ValueError) -> bool:
    """Return whether an error is of asyncio, which accepts again on a socket that was closed."""
    frames = traceback.walk_tb(error.__traceback__)
    return any(frame.f_code.co_name == "_start_serving" for frame, _ in frames)


def _addresses(host: str) -> list[Address]:
    if host == "localhost":
        return [(socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")]
    try:
        found = socket.getaddrinfo(host, None, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)
    except (OSError, UnicodeError):
        raise ConfigError(
            f"host: '{host[:100]}' has no address", fix="use 127.0.0.1, or 0.0.0.0 for all networks"
        ) from None
    return list(dict.fromkeys((family, str(at[0])) for family, _, _, _, at in found))


def _open(addresses: Sequence[Address], port: int) -> list[socket.socket]:
    """Listen at all addresses that this machine has; raise OSError."""
    opened: list[socket.socket] = []
    absent = OSError(errno.EADDRNOTAVAIL, "no such address")
    try:
        for family, address in addresses:
            both = address == "::" and socket.has_dualstack_ipv6()
            try:
                opened.append(
                    socket.create_server(
                        (address, port), family=family, backlog=BACKLOG, dualstack_ipv6=both
                    )
                )
            except OSError as error:
                if error.errno not in _ABSENT:
                    raise
                absent = error
                continue
            port = port or opened[0].getsockname()[1]
        if not opened:
            raise absent
    except OSError:
        for each in opened:
            each.close()
        raise
    return opened


def _other(addresses: Sequence[Address], port: int) -> str:
    for other in range(port + 1, min(port + _SPAN, 65536)):
        try:
            opened = _open(addresses, other)
        except OSError:
            continue
        for each in opened:
            each.close()
        return f"use {other}, which is free: --port {other}, or port={other} in Python"
    return "choose another one, or 0 for any that is free"
