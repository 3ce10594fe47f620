"""The messages of protocol version 1: one frozen class a message, the field names of the wire."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from .base import MAX_ID as MAX_ID
from .base import Id, Names, Params
from .base import Message as Message
from .telling import Film as Film
from .telling import Loading as Loading
from .telling import Loras as Loras
from .telling import Progress as Progress
from .telling import Queued as Queued
from .track import Track as Track
from .words import Note as Note
from .words import Stage as Stage
from .words import Wants as Wants
from .words import few

VERSION = 1
SUBPROTOCOL = "livedraft.v1"

IDLE = "idle"  # the code of a close that makes room for others
IDLE_CLOSE = 4408  # the same, of the WebSocket


class Open(Message):
    """Ask for a session; the first message of a client."""

    type: Literal["open"] = "open"
    v: int = VERSION
    model: str = ""  # empty: the server's default
    params: Params = Field(default={})
    accept: Names = Field(default=[])  # picture types the client can show, best first; empty: any
    token: str = ""  # the shared secret, where the server wants one
    resume: str = ""  # the token of an earlier ``opened``
    # What the client would use; those that the server does not know are no.
    features: Names = Field(default=[])
    codecs: Names = Field(default=[])  # that the client can play, best first; empty: JPEG and PCM
    refine_model: str = ""  # what makes the final pictures; empty: the same model
    later = frozenset({"features", "codecs", "refine_model"})


class Input(Message):
    """Hand over new pictures and, with them, changed params; the newest wins."""

    type: Literal["input"] = "input"
    id: Id
    # Encoded pictures by the model's input names.
    inputs: Annotated[dict[str, bytes], BeforeValidator(few)]
    params: Params = Field(default={})


class Media(Message):
    """Carry a piece of sound, moving pictures or text, either way, on a track of ``opened``."""

    type: Literal["media"] = "media"
    track: str
    id: Id  # upwards as in ``input``; downwards the newest message that shaped it
    pts: Id  # µs on the sender's media clock, greater than that of the piece before it
    duration: Id  # µs
    codec: str  # see ``tracks.py``
    key: bool = True  # whether it can be decoded without those before it
    rate: int = 0  # of sound: samples a second
    channels: int = 0  # of sound
    data: bytes
    # Downwards:
    seq: Id | None = None  # to be confirmed, as a frame's
    dropped: int = 0  # pieces of inputs that were never used since the output before
    dropped_us: int = 0  # how long they were, µs
    timings: dict[str, float] = Field(default={})  # as a frame's
    notes: list[Note] = Field(default=[])  # the same
    # As a frame's ``data``, on the first piece of what it is about.
    about: dict[str, Any] = Field(default={})
    later = frozenset({"notes", "about"})


class Key(Message):
    """Ask for a key frame on a track: what came since the last cannot be decoded; either way."""

    type: Literal["key"] = "key"
    track: str


class Interrupt(Message):
    """Take back what was handed over to be played or spoken, and throw away what came of it."""

    type: Literal["interrupt"] = "interrupt"
    id: Id


class ParamsUpdate(Message):
    """Change params; keys merge, the last value of each wins."""

    type: Literal["params"] = "params"
    id: Id
    params: Params


class Refine(Message):
    """Ask for the final picture or film of what stands now; ``params`` count for it alone."""

    type: Literal["refine"] = "refine"
    id: Id
    params: Params = Field(default={})
    refine_model: str = ""  # what makes this one and those after it; empty: as before
    wants: Wants = ""  # of who named "films": anything else is refused at once
    later = frozenset({"refine_model", "wants"})


class Switch(Message):
    """Go on with another model: pictures stay, and of the params those that it takes."""

    type: Literal["switch"] = "switch"
    id: Id
    model: str
    params: Params = Field(default={})  # of that model, over those that stay
    # Pictures by that model's input names, over those that stay: they may have been made smaller
    # for the model before than this one reads them.
    inputs: Annotated[dict[str, bytes], BeforeValidator(few)] = Field(default={})
    later = frozenset({"inputs"})


class Cancel(Message):
    """Give up what is waiting and any refine that runs."""

    type: Literal["cancel"] = "cancel"


class Ack(Message):
    """Confirm: a client the frame ``seq``; a server the params of ``id``."""

    type: Literal["ack"] = "ack"
    seq: Id | None = None
    id: Id | None = None
    params: Params = Field(default={})


class Ping(Message):
    """Ask whether the other end is still there; a browser sees no ping of the WebSocket."""

    type: Literal["ping"] = "ping"
    id: Id | None = None  # comes back in the answer


class Pong(Message):
    """Answer ``ping``, at once."""

    type: Literal["pong"] = "pong"
    id: Id | None = None  # as asked


class Opened(Message):
    """Tell that the session lives."""

    type: Literal["opened"] = "opened"
    v: int = VERSION
    session: str
    resume: str
    resumed: bool = False
    last_id: Id = 0  # the next message's id must be greater
    model: dict[str, Any]  # as in GET /v1/models
    params: Params  # all params in force
    window: int  # frames the server sends before it wants an ack
    max_message_bytes: int
    max_pixels: int  # of one picture
    features: Names = Field(default=[])  # of those in ``open``, what this server does
    tracks: list[Track] = Field(default=[])
    media_window_ms: int = 0  # what may be unconfirmed of each track that comes down
    refine_model: dict[str, Any] = Field(
        default={}
    )  # as ``model``, where another makes the final pictures
    later = frozenset({"features", "tracks", "media_window_ms", "refine_model"})


class Switched(Message):
    """Answer ``switch``: the model that drafts from now on."""

    type: Literal["switched"] = "switched"
    id: Id
    model: dict[str, Any]  # as in ``opened``
    params: Params  # all params in force
    tracks: list[Track] = Field(default=[])


class Frame(Message):
    """Carry a picture and what it was made from."""

    type: Literal["frame"] = "frame"
    seq: Id
    id: Id  # the newest message that shaped it
    stage: Stage = Field(strict=False)
    model: str
    seed: int | None = None  # of a model that has one
    step: int
    steps: int
    params: Params  # as used
    mime: str
    width: int  # px
    height: int  # px
    image: bytes
    timings: dict[str, float]  # ms since the input was received; see the specification
    dropped: int = 0  # inputs superseded since the frame before
    batch: int = 1  # jobs in the largest model call of this frame
    notes: list[Note] = Field(default=[])  # what the user should know of how it was made
    data: dict[str, Any] = Field(
        default={}
    )  # what the model measured of the pictures, see its card
    later = frozenset({"seed", "data"})


class Error(Message):
    """Tell what went wrong; the session lives unless ``fatal``."""

    type: Literal["error"] = "error"
    code: str
    message: str
    retryable: bool = False
    fix: str = ""
    id: Id | None = None  # the message it answers, where there is one
    fatal: bool = False


class Close(Message):
    """End the session."""

    type: Literal["close"] = "close"
    code: str = "done"
    reason: str = ""


class Unknown(Message):
    """Stands for a message of a type that this client does not know: its server is newer."""

    type: str


ClientMessage = (
    Open
    | Input
    | Media
    | Key
    | Interrupt
    | ParamsUpdate
    | Refine
    | Switch
    | Cancel
    | Ack
    | Ping
    | Close
)
ServerMessage = (
    Loading
    | Queued
    | Opened
    | Switched
    | Loras
    | Progress
    | Ack
    | Frame
    | Film
    | Media
    | Key
    | Error
    | Pong
    | Close
    | Unknown
)
