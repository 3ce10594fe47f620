"""Where a peer's packets may go: which servers it asks, and which UDP ports it binds."""

from __future__ import annotations

import asyncio
import random
import socket
import time
from dataclasses import dataclass
from functools import partial
from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from livedraft.errors import ServerBusy

from ...config import Config
from ...ice import IceServer, ice_servers, ports

if TYPE_CHECKING:
    from aioice import Candidate, Connection
    from aiortc import RTCPeerConnection

_ROOM_BYTES = 2**18  # of a socket: a burst of video that is read a little later


@dataclass(frozen=True, slots=True)
class Network:
    """What one peer uses of it; without ports any that are free."""

    servers: list[IceServer]
    ports: range


def network(config: Config) -> Network:
    """Return what the settings say, with passwords that are valid from now on."""
    servers = ice_servers(config.ice_servers, config.turn_secret, config.turn_s, time.time())
    return Network(servers, ports(config.webrtc_ports))


def bind_within(peer: RTCPeerConnection, within: range) -> None:
    """Have a peer that has its transports, and no candidates yet, bind these ports alone.

    aioice has no setting for it: it gathers candidates by a method of each connection, which is
    replaced there. A test fails where that is not asked any more. Gathering raises ServerBusy
    where no port is free.
    """
    for transport in transports(peer):
        connection: Any = transport.transport.iceGatherer._connection
        usual = connection.get_component_candidates
        connection.get_component_candidates = partial(_gather, connection, usual, within)


def transports(peer: RTCPeerConnection) -> set[Any]:
    """Return each ``RTCDtlsTransport`` of a peer: one, where all that it has is bundled."""
    dtls: set[Any] = {each.sender.transport for each in peer.getTransceivers()}
    if peer.sctp is not None:
        dtls.add(peer.sctp.transport)
    return dtls


async def _gather(
    connection: Connection,
    usual: Any,
    within: range,
    component: int,
    addresses: list[str],
    timeout: int = 5,
) -> list[Candidate]:
    """Return candidates of this machine's addresses, and those that servers see or relay."""
    from aioice.ice import StunProtocol

    loop = asyncio.get_running_loop()
    inner: Any = connection
    hosts: list[Any] = []
    for address in addresses:
        bound = _bound(address, within)
        if bound is None:
            continue
        _, protocol = await loop.create_datagram_endpoint(lambda: StunProtocol(inner), sock=bound)
        inner._protocols.append(protocol)  # closed with the connection
        protocol.local_candidate = _host_candidate(component, *bound.getsockname()[:2])
        hosts.append(protocol)
    if addresses and not hosts:
        raise ServerBusy(
            f"no UDP port of {within[0]}-{within[-1]} is free",
            fix="name more ports in webrtc_ports, or try again in a while",
        )
    seen, relayed = await asyncio.gather(
        _seen(inner, hosts, timeout),
        usual(component, [], timeout),  # which binds no port of ours
    )
    return [*(each.local_candidate for each in hosts), *seen, *relayed]


async def _seen(connection: Any, hosts: list[Any], timeout: int) -> list[Candidate]:
    """Return what a STUN server sees of the sockets at IPv4 addresses, as aioice asks it."""
    from aioice.ice import server_reflexive_candidate

    asked = [
        asyncio.create_task(server_reflexive_candidate(each, connection.stun_server))
        for each in hosts
        if connection.stun_server and ip_address(each.local_candidate.host).version == 4
    ]
    if not asked:
        return []
    answered, late = await asyncio.wait(asked, timeout=timeout)
    for task in late:
        task.cancel()
    return [task.result()[0] for task in answered if task.exception() is None]


def _bound(address: str, within: range) -> socket.socket | None:
    """Return a socket at a free port of an address; None where there is none."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    first = random.randrange(len(within))
    for port in (*within[first:], *within[:first]):
        made = socket.socket(family, socket.SOCK_DGRAM)
        try:
            made.setblocking(False)
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _ROOM_BYTES)
            made.bind((address, port))
        except OSError:
            made.close()
        else:
            return made
    return None


def _host_candidate(component: int, host: str, port: int) -> Candidate:
    from aioice import Candidate
    from aioice.candidate import candidate_foundation, candidate_priority

    return Candidate(
        foundation=candidate_foundation("host", "udp", host),
        component=component,
        transport="udp",
        priority=candidate_priority(component, "host"),
        host=host,
        port=port,
        type="host",
    )
