"""What a session is opened with, and how stubbornly its connection is made anew."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Literal, TypeVar

from pydantic import ValidationError

from livedraft.errors import (
    InvalidParams,
    LivedraftError,
    MissingExtraError,
    SessionClosed,
    TimedOut,
    did_you_mean,
)
from livedraft.protocol.messages import Open
from livedraft.protocol.tracks import MOVING, OPUS, PCM, PICTURES
from livedraft.protocol.values import text_fault

from .info import RefineProgress

T = TypeVar("T")
KNOWN = (*PICTURES, *MOVING, PCM, OPUS)  # codecs that this client speaks
SessionState = Literal[
    "new", "connecting", "loading", "queued", "open", "reconnecting", "idle", "closed"
]


@dataclass(frozen=True, slots=True)
class Timeouts:
    """How long a client waits for what, in s; None waits without end. Each ends in TimedOut."""

    connect_s: float | None = 10.0  # for one connection; raises ConnectFailed
    open_s: float | None = 60.0  # for an answer to `open`
    load_s: float | None = 900.0  # for models, where the server told that it still loads them
    queue_s: float | None = 600.0  # for a place, where the server told that none is free
    update_s: float | None = 30.0  # for the confirmation of an update
    frame_s: float | None = 60.0  # for the next frame, of `frames()` for one that is due
    refine_s: float | None = 300.0  # for a final picture
    generate_s: float | None = 300.0  # for a one-shot picture
    close_s: float = 2.0  # for a goodbye; then the connection is cut


@dataclass(frozen=True, slots=True)
class Retry:
    """How often a broken connection is made anew, and how long it waits before each time."""

    attempts: int = 8  # in a row; then the session ends with ConnectionLost
    first_s: float = 0.25
    longest_s: float = 5.0
    steady_s: float = 10.0  # a connection that held so long ends the row

    def delays(self) -> Iterator[float]:
        """Yield seconds to wait: doubling, bounded, and spread so that clients do not throng."""
        for attempt in range(self.attempts):
            yield random.uniform(0.5, 1.0) * min(self.first_s * 2**attempt, self.longest_s)


@dataclass(frozen=True, slots=True)
class Terms:
    """What a session is opened with."""

    base: str  # the server's address
    model: str  # empty: the server's default
    refine_model: str  # what makes the final pictures; empty: the same model
    token: str
    accept: tuple[str, ...]  # picture types, best first; empty: any
    in_flight: int  # pictures sent that no frame answers yet
    timeouts: Timeouts
    retry: Retry
    on_queued: Callable[[int], None] | None
    on_loading: Callable[[str], None] | None = None
    on_progress: Callable[[RefineProgress], None] | None = None
    codecs: tuple[str, ...] = ()  # of sound and moving pictures, both ways, best first

    def __post_init__(self) -> None:
        """Refuse what the server would, or what lets no picture go; raise InvalidParams."""
        try:
            Open(
                model=self.model,
                refine_model=self.refine_model,
                accept=list(self.accept),
                token=self.token,
            )
        except ValidationError as error:
            first = error.errors(include_url=False, include_context=False, include_input=False)[0]
            raise InvalidParams(
                f"{first['loc'][0]}: {first['msg'][:200]}", fix="give a session's terms as texts"
            ) from None
        for text in (self.model, self.refine_model, *self.accept):
            fault = text_fault(text)
            if fault is not None:
                raise InvalidParams(fault, fix="give plain text")
        for codec in self.codecs:
            if codec not in KNOWN:
                fix = did_you_mean(str(codec), KNOWN)
                raise InvalidParams(f"no codec '{str(codec)[:40]}'", fix=fix)
        if set(self.codecs) & {*MOVING, OPUS} and find_spec("av") is None:
            raise MissingExtraError("media", "codecs of video and sound")
        if self.in_flight < 1:
            raise InvalidParams(f"in_flight: {self.in_flight}", fix="let at least 1 be under way")


def check_alive(state: SessionState, over: LivedraftError | None) -> None:
    """Raise what ended a session, or SessionClosed where it is not open."""
    if over is not None:
        raise over
    if state == "new":
        raise SessionClosed("the session is not open", fix="use it in a 'with' block")
    if state == "closed":
        raise SessionClosed("the session was closed", fix="open a new one")


async def in_time(answer: asyncio.Future[T], limit_s: float | None, what: str, setting: str) -> T:
    """Return an answer; raise TimedOut if it does not come in time."""
    try:
        async with asyncio.timeout(limit_s):
            return await answer
    except TimeoutError:
        raise too_late(what, limit_s, setting) from None


def too_late(what: str, limit_s: float | None, setting: str) -> TimedOut:
    """Return the error of what did not come in time, which names the setting."""
    return TimedOut(
        f"no {what} within {limit_s} s",
        fix=f"ask again, or wait longer: Timeouts({setting}=…)",
    )
