"""The state of each end of a connection: what may come now, and what may go.

No I/O here. Feed what the socket read to ``receive``, write what the other methods return.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import Any, Literal

from livedraft.errors import BadMessage, OutOfOrder, SessionClosed, VersionMismatch

from .codec import MAX_MESSAGE_BYTES, Data, client_codec, server_codec
from .features import MEDIA, TALK
from .messages import (
    MAX_ID,
    VERSION,
    Ack,
    Cancel,
    ClientMessage,
    Close,
    Error,
    Frame,
    Input,
    Interrupt,
    Key,
    Loading,
    Media,
    Open,
    Opened,
    ParamsUpdate,
    Ping,
    Pong,
    Queued,
    Refine,
    ServerMessage,
    Switch,
    Switched,
    Unknown,
    Wants,
)
from .tracks import Tracks

State = Literal["opening", "open", "closed"]

_BEFORE = (Loading, Queued, Error, Pong, Unknown)  # that ``opened`` is
_VERSIONS = "use a client and a server of one version"


class ServerConnection:
    """The server's end: checks order, numbers frames, counts what is unconfirmed."""

    def __init__(self, window: int = 2, max_message_bytes: int = MAX_MESSAGE_BYTES) -> None:
        self.state: State = "opening"
        self.window = window
        self.last_id = 0
        self._asked = False  # whether ``open`` came
        self._text = False  # whether the client speaks JSON
        self._seq = 0  # of the last frame sent
        self._shown_id = 0  # of the last frame sent
        self._sent: deque[tuple[int, str, int]] = deque()  # unconfirmed: seq, track, duration in µs
        self._tracks: Tracks | None = None  # where media were asked for
        self._talks = False  # whether text and interruptions were
        self._in = client_codec(max_message_bytes)
        self._out = server_codec()

    @property
    def unacked(self) -> int:
        """Frames sent and not confirmed."""
        return sum(not track for _, track, _ in self._sent)

    @property
    def ready(self) -> bool:
        """Whether one more frame may be made."""
        return self.state == "open" and self.unacked < self.window

    def unacked_us(self, track: str) -> int:
        """Return how much of a track was sent and is not confirmed, µs."""
        return sum(duration for _, name, duration in self._sent if name == track)

    def resume(self, last_id: int) -> None:
        """Continue the ids of an earlier connection."""
        self.last_id = self._shown_id = last_id

    def receive(self, data: Data) -> ClientMessage:
        """Return the next message; raise BadMessage, OutOfOrder or VersionMismatch."""
        message = self._in.decode(data)
        if self.state == "closed":
            raise SessionClosed("the session is closed", fix="open another")
        if isinstance(message, Open):
            self._check_open(message)
            self._text = isinstance(data, str)
        elif isinstance(message, Close):
            self.state = "closed"
        elif self.state == "opening" and not (self._asked and isinstance(message, Ping)):
            raise OutOfOrder(f"'{message.type}' before 'opened'", fix="send 'open' and wait")
        elif isinstance(message, (Input, Media, Interrupt, ParamsUpdate, Refine, Switch)):
            if message.id <= self.last_id:
                raise OutOfOrder(
                    f"id {message.id} after id {self.last_id}", fix="count ids upwards"
                )
            self.last_id = message.id
        elif isinstance(message, Ack):
            self._check_ack(message)
        return message

    def check(self, message: Media | Interrupt) -> None:
        """Judge what features allow, and a piece by its track; raise BadMessage or InvalidMedia."""
        if isinstance(message, Interrupt):
            if not self._talks:
                raise BadMessage(
                    "'interrupt' was not asked for", fix='name "talk" in open.features'
                )
        elif self._tracks is None:
            raise BadMessage("'media' was not asked for", fix='name "media" in open.features')
        else:
            self._tracks.check(message)

    def send(self, message: ServerMessage) -> Data:
        """Return a message's bytes, or text if the client speaks JSON, and follow its effect."""
        if isinstance(message, Opened):
            self.state = "open"
            self._talks = TALK in message.features
            if MEDIA in message.features:
                self._tracks = Tracks(message.tracks)
        elif isinstance(message, Switched) and self._tracks is not None:
            self._tracks = Tracks(message.tracks)
        elif isinstance(message, Close):
            self.state = "closed"
        return self._out.encode(message, text=self._text)

    def next_seq(self, id: int, track: str = "", duration: int = 0) -> int:
        """Return the number of the next frame, or piece of a track, which answers ``id``.

        ``duration`` is of the piece, µs. An older id than before is a fault.
        """
        if id < self._shown_id:
            raise OutOfOrder(
                f"frame {id} after frame {self._shown_id}", fix="send frames in the order of inputs"
            )
        self._shown_id = id
        self._seq += 1
        self._sent.append((self._seq, track, duration))
        return self._seq

    def _check_open(self, message: Open) -> None:
        if self._asked:
            raise OutOfOrder("'open' came twice", fix="use a new connection for a new session")
        if message.v != VERSION:
            raise VersionMismatch(
                f"protocol version {message.v}; this server speaks {VERSION}",
                fix="install the client of the server's version",
            )
        self._asked = True

    def _check_ack(self, message: Ack) -> None:
        if message.seq is None:
            raise BadMessage("ack.seq: Field required", fix="confirm a frame by its 'seq'")
        if message.seq > self._seq:
            raise OutOfOrder(
                f"ack of frame {message.seq}, which was never sent",
                fix="confirm the 'seq' of frames that came",
            )
        while self._sent and self._sent[0][0] <= message.seq:
            self._sent.popleft()


class ClientConnection:
    """The client's end: gives ids, knows what is in flight, drops nothing."""

    def __init__(self) -> None:
        self.state: State = "opening"
        self.last_id = 0
        self.shown_id = 0  # of the newest frame that came
        self._in = server_codec()
        self._out = client_codec()

    @property
    def in_flight(self) -> int:
        """Ids sent that no frame answers yet."""
        return self.last_id - self.shown_id

    def open(self, **fields: Any) -> Data:
        """Return ``open``; the keywords are its fields."""
        return self._out.encode(Open(**fields))

    def input(self, inputs: Mapping[str, bytes], params: Mapping[str, Any] | None = None) -> Data:
        """Return ``input`` with the next id."""
        message = Input(id=self._next_id(), inputs=dict(inputs), params=dict(params or {}))
        return self._out.encode(message)

    def media(
        self, track: str, pts: int, duration: int, codec: str, data: bytes, **how: Any
    ) -> Data:
        """Return ``media`` with the next id; the keywords are its other fields."""
        message = Media(
            id=self._next_id(),
            track=track,
            pts=pts,
            duration=duration,
            codec=codec,
            data=data,
            **how,
        )
        return self._out.encode(message)

    def key(self, track: str) -> Data:
        """Return ``key``: the next frame of a track that comes down is to be a key frame."""
        return self._out.encode(Key(track=track))

    def interrupt(self) -> Data:
        """Return ``interrupt`` with the next id."""
        return self._out.encode(Interrupt(id=self._next_id()))

    def params(self, params: Mapping[str, Any]) -> Data:
        """Return ``params`` with the next id."""
        return self._out.encode(ParamsUpdate(id=self._next_id(), params=dict(params)))

    def refine(
        self, params: Mapping[str, Any] | None = None, model: str = "", wants: Wants = ""
    ) -> Data:
        """Return ``refine`` with the next id, by another model where one is named."""
        id, params = self._next_id(), dict(params or {})
        return self._out.encode(Refine(id=id, params=params, refine_model=model, wants=wants))

    def switch(
        self,
        model: str,
        params: Mapping[str, Any] | None = None,
        inputs: Mapping[str, bytes] | None = None,
    ) -> Data:
        """Return ``switch`` with the next id; ``inputs`` are pictures by the new model's names."""
        id = self._next_id()
        message = Switch(id=id, model=model, params=dict(params or {}), inputs=dict(inputs or {}))
        return self._out.encode(message)

    def cancel(self) -> Data:
        """Return ``cancel``."""
        return self._out.encode(Cancel())

    def ack(self, frame: Frame | Media) -> Data:
        """Return the confirmation of a frame or a piece of media, and of all before it."""
        return self._out.encode(Ack(seq=frame.seq))

    def close(self) -> Data:
        """Return ``close`` and end."""
        self.state = "closed"
        return self._out.encode(Close())

    def receive(self, data: Data) -> ServerMessage:
        """Return the next message, ``Unknown`` for one of a newer server; raise ProtocolError."""
        message = self._in.decode(data)
        if isinstance(message, Opened):
            if self.state != "opening":
                raise OutOfOrder("'opened' came twice", fix=_VERSIONS)
            if message.v != VERSION:
                raise VersionMismatch(
                    f"protocol version {message.v}; this client speaks {VERSION}",
                    fix="install the client of the server's version",
                )
            self.state = "open"
            self.last_id = self.shown_id = message.last_id
        elif isinstance(message, Close):
            self.state = "closed"
        elif self.state == "opening" and not isinstance(message, _BEFORE):
            raise OutOfOrder(f"'{message.type}' before 'opened'", fix=_VERSIONS)
        elif isinstance(message, (Frame, Media)):
            if message.id < self.shown_id:
                raise OutOfOrder(f"frame {message.id} after frame {self.shown_id}", fix=_VERSIONS)
            self.shown_id = message.id
        return message

    def _next_id(self) -> int:
        if self.state != "open":
            raise OutOfOrder("the session is not open", fix="wait for 'opened'")
        if self.last_id == MAX_ID:
            raise OutOfOrder("no id is left", fix="open a new session")
        self.last_id += 1
        return self.last_id
