"""One peer connection: its offer is judged and answered, and it says when the network is gone."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from aiortc import (
    RTCBundlePolicy,
    RTCConfiguration,
    RTCDataChannel,
    RTCIceServer,
    RTCPeerConnection,
    RTCRtpSender,
    RTCSessionDescription,
)
from aiortc.rtcdtlstransport import X509_DIGEST_ALGORITHMS
from aiortc.sdp import SessionDescription, candidate_from_sdp

from livedraft.errors import BadMessage, LivedraftError

from .addresses import addressed, has_address
from .mending import mend
from .network import Network, bind_within, transports
from .packing import CODECS
from .presence import gone
from .reception import decode_at_once
from .rtp_lines import RtpLines
from .sending import HOLDING, Sending
from .srtp import hear

_ALSO_HEARD = {"h264"}  # what OBS publishes; what goes is by ``CODECS`` alone
_MOST_MEDIA = 8  # sections of an offer
_MOST_CANDIDATES = 64
_NO_OFFER = "send the SDP that RTCPeerConnection.createOffer() gave"


class Peer:
    """The server's end of a peer connection, with the tracks that it has."""

    def __init__(
        self,
        lines: RtpLines,
        on_channel: Callable[[RTCDataChannel], None],
        network: Network,
        *,
        at_once: bool = False,  # show frames as they come: to who looks at themselves
        hardware: bool = False,  # H.264 is encoded by a GPU, and so it is what goes, if it is taken
    ) -> None:
        self.over = asyncio.Event()  # nothing more will come
        self._connected = asyncio.Event()
        self._lines = lines
        self._ports = network.ports
        self._candidates = 0
        self._sees = False  # whether video comes
        self._mending: asyncio.Task[None] | None = None
        self._at_once = at_once
        self._hardware = hardware
        self._pc = RTCPeerConnection(
            RTCConfiguration(
                iceServers=[RTCIceServer(**server) for server in network.servers],
                bundlePolicy=RTCBundlePolicy.MAX_BUNDLE,
            )
        )
        self._pc.on("datachannel", on_channel)
        self._pc.on("track", lines.arrive)
        self._pc.on("connectionstatechange", self._look)

    async def answer(self, offer: SessionDescription, sdp: str) -> str:
        """Return the answer to an offer, with all candidates; raise BadMessage if there is none.

        Raises ServerBusy where no port is free.
        """
        for media in offer.media:
            if media.kind in ("audio", "video"):
                self._add(media.kind, media.direction)
        try:
            await self._pc.setRemoteDescription(RTCSessionDescription(addressed(sdp), "offer"))
            if self._at_once:
                self._hurry(offer)
            for transport in transports(self._pc):
                hear(transport)
            if self._ports:
                bind_within(self._pc, self._ports)
            await self._pc.setLocalDescription(await self._pc.createAnswer())
        except LivedraftError:
            raise
        except Exception as error:  # a parser's boundary: strangers' text, in every way wrong
            raise BadMessage(
                f"the offer cannot be answered: {str(error)[:100]}",
                fix="offer VP8 and Opus, bundled, as browsers do",
            ) from None
        return self._pc.localDescription.sdp

    async def add_candidates(self, fragment: str) -> None:
        """Take candidates of an SDP fragment (RFC 8840); raise BadMessage."""
        mid = ""
        for line in fragment.splitlines():
            name, _, value = line.strip().partition(":")
            if name == "a=mid":
                mid = value
            if name != "a=candidate":
                continue
            self._candidates += 1
            if self._candidates > _MOST_CANDIDATES:
                raise BadMessage(f"over {_MOST_CANDIDATES} candidates", fix="send fewer")
            if not has_address(value):
                continue
            try:
                candidate = candidate_from_sdp(value)
                candidate.sdpMid = mid
                await self._pc.addIceCandidate(candidate)
            except Exception as error:  # as above
                raise BadMessage(
                    f"no candidate: {str(error)[:100]}", fix="send an SDP fragment as RFC 8840 says"
                ) from None

    async def lasts(self, open_s: float) -> None:
        """Return when it is over, or if it is not connected within so many seconds."""
        try:
            async with asyncio.timeout(open_s):
                await self._connected.wait()
        except TimeoutError:
            return
        await self.over.wait()

    async def leaves(self) -> None:
        """Return when it is over, or the other end of a data channel gives no sign any more."""
        watching = asyncio.create_task(self._silence())
        try:
            await self.over.wait()
        finally:
            watching.cancel()

    async def close(self) -> None:
        """Free sockets and threads."""
        self.over.set()
        if self._mending is not None:
            self._mending.cancel()
        await self._lines.close()
        await self._pc.close()

    async def _silence(self) -> None:
        await self._connected.wait()
        await gone(self._pc)
        self.over.set()

    def _add(self, kind: str, direction: str | None) -> None:
        """Prepare for a section of the offer, before aiortc matches it by its place."""
        sends = direction in ("sendrecv", "sendonly") and self._lines.hears(kind)
        self._sees = self._sees or (sends and kind == "video")
        receives = direction in ("sendrecv", "recvonly")
        track = self._lines.track(kind) if receives else None
        way = {(True, True): "sendrecv", (True, False): "recvonly", (False, True): "sendonly"}
        made = self._pc.addTransceiver(
            track or kind, direction=way.get((sends, track is not None), "inactive")
        )
        able = RTCRtpSender.getCapabilities(kind).codecs
        wanted = [CODECS[kind], "rtx", *(_ALSO_HEARD if track is None else ())]
        if self._hardware:
            wanted.insert(0, "h264")
        named = [(codec.mimeType.partition("/")[2].lower(), codec) for codec in able]
        made.setCodecPreferences(
            [codec for want in dict.fromkeys(wanted) for name, codec in named if name == want]
        )
        decode_at_once(made.receiver)
        if track is not None:
            Sending(made.sender, track)

    def _hurry(self, offer: SessionDescription) -> None:
        """Agree to say how long frames are held back where they are shown, if that is offered.

        aiortc knows nothing of it: what is agreed on for a track is in ``_headerExtensions``.
        """
        told = {
            media.rtp.muxId: [each for each in media.rtp.headerExtensions if each.uri == HOLDING]
            for media in offer.media
            if media.kind == "video"
        }
        for transceiver in self._pc.getTransceivers():
            transceiver._headerExtensions += told.get(transceiver.mid or "", [])

    def _look(self) -> None:
        """End where the network has: aiortc tells it after some lost checks (RFC 7675)."""
        if self._pc.connectionState == "connected":
            self._connected.set()
            if self._sees and self._mending is None:
                self._mending = asyncio.create_task(mend(self._pc))
        elif self._pc.connectionState in ("failed", "closed"):
            self.over.set()


def parsed(sdp: str) -> SessionDescription:
    """Return an offer that is one; raise BadMessage."""
    try:
        offer = SessionDescription.parse(sdp)
    except Exception as error:  # as above
        raise BadMessage(f"no SDP: {str(error)[:100]}", fix=_NO_OFFER) from None
    if not offer.media or len(offer.media) > _MOST_MEDIA:
        raise BadMessage(f"an offer of {len(offer.media)} sections", fix=_NO_OFFER)
    if sum(len(media.ice_candidates) for media in offer.media) > _MOST_CANDIDATES:
        raise BadMessage(
            f"over {_MOST_CANDIDATES} candidates", fix="offer those of this machine alone"
        )
    named = [each for media in offer.media if media.dtls for each in media.dtls.fingerprints]
    if not any(each.algorithm.lower() in X509_DIGEST_ALGORITHMS for each in named):
        raise BadMessage("an offer without a fingerprint that is known here", fix=_NO_OFFER)
    return offer


def directions(offer: SessionDescription, *wanted: str) -> set[str]:
    """Return the kinds of media, "video" or "audio", that an offer has in these directions."""
    return {
        media.kind
        for media in offer.media
        if media.kind in CODECS and (media.direction or "sendrecv") in wanted
    }
