"""One peer connection: its offer is answered, its data channel is a connection, then all ends."""

from __future__ import annotations

import asyncio
from typing import Any

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.sdp import SessionDescription

from livedraft.errors import BadMessage

from ..connection import Connection
from ..service import Service
from .data_channel import LABEL, DataChannel
from .outgoing import CODECS, Outgoing
from .rtp_lines import RtpLines

_MOST_MEDIA = 8  # sections of an offer
_MOST_CANDIDATES = 64
_NO_OFFER = "send the SDP that RTCPeerConnection.createOffer() gave"


class Peer:
    """A client over WebRTC; raises BadMessage for an offer that cannot be answered."""

    def __init__(self, service: Service, owner: str) -> None:
        self._service = service
        self._owner = owner
        self._pc = RTCPeerConnection(
            RTCConfiguration(iceServers=[], bundlePolicy=RTCBundlePolicy.MAX_BUNDLE)
        )
        self._lines = RtpLines(service.clock)
        self._channel: asyncio.Future[DataChannel] = asyncio.get_running_loop().create_future()
        self._pc.on("datachannel", self._open)
        self._pc.on("track", self._lines.arrive)
        self._pc.on("connectionstatechange", self._look)

    async def answer(self, sdp: str) -> str:
        """Return the answer to an offer, with all candidates in it."""
        offer = _parsed(sdp)
        for media in offer.media:
            if media.kind in ("audio", "video"):
                self._add(media.kind, media.direction)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(sdp, "offer"))
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except Exception as error:  # a parser's boundary: strangers' text, in every way wrong
            raise BadMessage(
                f"the offer cannot be answered: {str(error)[:100]}",
                fix="offer VP8, Opus and a data channel, bundled, as browsers do",
            ) from None
        return self._pc.localDescription.sdp

    async def run(self, token: str) -> None:
        """Serve the client until it, or its network, is gone."""
        await asyncio.wait([self._channel], timeout=self._service.config.open_s)
        if self._channel.done() and not self._channel.cancelled():
            channel = self._channel.result()
            await Connection(self._service, channel, token, self._owner).run()

    async def close(self) -> None:
        """Free sockets and threads."""
        await self._lines.close()
        await self._pc.close()

    def _add(self, kind: str, direction: str | None) -> None:
        """Prepare for a section of the offer, before aiortc matches it by its place."""
        sends = direction in ("sendrecv", "sendonly") and self._lines.hears(kind)
        receives = direction in ("sendrecv", "recvonly")
        track = self._lines.track(kind) if receives else None
        way = {(True, True): "sendrecv", (True, False): "recvonly", (False, True): "sendonly"}
        made = self._pc.addTransceiver(
            track or kind, direction=way.get((sends, track is not None), "inactive")
        )
        able = RTCRtpSender.getCapabilities(kind).codecs
        wanted = CODECS[kind], "rtx"
        made.setCodecPreferences(
            [codec for codec in able if codec.mimeType.partition("/")[2].lower() in wanted]
        )
        if track is not None:
            _hear_losses(made.sender, track)

    def _open(self, channel: RTCDataChannel) -> None:
        """Take the channel as it opens: its first message may come right behind."""
        if channel.label == LABEL and not self._channel.done():
            most = self._service.config.max_message_bytes
            self._channel.set_result(DataChannel(channel, self._lines, most))
        else:  # one is enough
            channel.close()

    def _look(self) -> None:
        """End where the network has: aiortc tells it after some lost checks (RFC 7675)."""
        if self._pc.connectionState not in ("failed", "closed"):
            return
        if not self._channel.done():
            self._channel.cancel()
        elif not self._channel.cancelled():
            self._channel.result().end()


def _parsed(sdp: str) -> SessionDescription:
    try:
        offer = SessionDescription.parse(sdp)
    except Exception as error:  # as above
        raise BadMessage(f"no SDP: {str(error)[:100]}", fix=_NO_OFFER) from None
    if not offer.media or len(offer.media) > _MOST_MEDIA:
        raise BadMessage(f"an offer of {len(offer.media)} sections", fix=_NO_OFFER)
    if not any(media.kind == "application" for media in offer.media):
        raise BadMessage(
            "an offer without a data channel",
            fix=f"call createDataChannel('{LABEL}') before createOffer()",
        )
    if sum(len(media.ice_candidates) for media in offer.media) > _MOST_CANDIDATES:
        raise BadMessage(
            f"over {_MOST_CANDIDATES} candidates", fix="offer those of this machine alone"
        )
    return offer


def _hear_losses(sender: Any, track: Outgoing) -> None:
    """Have a key frame made when the other end asks for one.

    aiortc tells its own encoder alone (``RTCRtpSender._send_keyframe``), and packets that are
    encoded already do not pass there; a test fails where it no longer does so.
    """
    sender._send_keyframe = track.key
