"""How a server tells its clients of a way into a session, or out of it."""

from __future__ import annotations

from typing import Literal, NotRequired

from typing_extensions import TypedDict


class Track(TypedDict):
    """One way in or out of a session, as ``opened`` tells it to a client that speaks ``media``."""

    name: str
    way: Literal["in", "out"]
    kind: Literal["image", "video", "audio", "text"]
    policy: Literal["latest", "append", ""]  # of an input: the newest wins, or all in order
    max_s: float  # of an ``append`` input: how much may wait; 0: no bound of time
    codecs: list[str]  # what the server takes, or sends; the likeliest first
    width: int  # px; 0: sound, or any
    height: int  # px
    rate: float  # frames or samples a second; 0: any
    channels: int  # of sound; 0: any
    required: bool  # nothing is made before this input came
    max_chars: NotRequired[int]  # of text: how much may wait
