"""A client over WebRTC: its data channel is a connection, as a WebSocket is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from livedraft.errors import BadMessage

from ..connection import Connection
from ..service import Service
from .data_channel import LABEL, DataChannel
from .network import network
from .peer import Peer, parsed
from .rtp_lines import RtpLines

if TYPE_CHECKING:
    from aiortc import RTCDataChannel


class Call:
    """One peer with a data channel."""

    def __init__(self, service: Service, token: str, owner: str, *, hardware: bool) -> None:
        self._service = service
        self._token = token
        self._owner = owner
        self._lines = RtpLines(service.clock)
        self._channel: asyncio.Future[DataChannel] = asyncio.get_running_loop().create_future()
        self.peer = Peer(
            self._lines, self._open, network(service.config), at_once=True, hardware=hardware
        )

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer; raise BadMessage."""
        offer = parsed(sdp)
        if not any(media.kind == "application" for media in offer.media):
            raise BadMessage(
                "an offer without a data channel",
                fix=f"call createDataChannel('{LABEL}') before createOffer()",
            )
        return await self.peer.answer(offer, sdp)

    async def run(self) -> None:
        """Serve the client until it, or its network, is gone."""
        over = asyncio.create_task(self._until_over())
        try:
            waiting: list[asyncio.Future[Any]] = [self._channel, over]
            await asyncio.wait(
                waiting,
                timeout=self._service.config.open_s,
                return_when=asyncio.FIRST_COMPLETED,
            )
            if self._channel.done():
                channel = self._channel.result()
                await Connection(self._service, channel, self._token, self._owner).run()
        finally:
            over.cancel()

    async def close(self) -> None:
        """Free sockets and threads."""
        await self.peer.close()

    async def _until_over(self) -> None:
        await self.peer.leaves()
        if self._channel.done():
            self._channel.result().end()

    def _open(self, channel: RTCDataChannel) -> None:
        """Take the channel as it opens: its first message may come right behind."""
        if channel.label == LABEL and not self._channel.done():
            most = self._service.config.max_message_bytes
            self._channel.set_result(DataChannel(channel, self._lines, most))
        else:  # one is enough
            channel.close()
