"""A provider's model behind the contract: no lane waits for it, and nothing is asked unasked."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from collections.abc import Hashable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import ClassVar, Self, TypeVar, cast

from PIL import Image

from livedraft.errors import ConfigError
from livedraft.media.chunks import Output, Still
from livedraft.media.images import encode
from livedraft.media.marks import is_signed
from livedraft.protocol.messages import Note, Stage

from ..base import (
    DEFAULT_PLAN,
    AudioOutput,
    Honours,
    ImageOutput,
    Job,
    Model,
    ModelInfo,
    OutputSpec,
    Params,
    Pixels,
    Plan,
    Request,
    VideoOutput,
)
from .card import Card, read
from .errand import Aside, Errand, Fetched
from .line import Line
from .provider import Provider, Status

_OUTPUTS: dict[str, OutputSpec] = {
    "image": ImageOutput(),
    "video": VideoOutput(),
    "audio": AudioOutput(),
}
M = TypeVar("M", bound="ProviderModel")

_ID = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)+", re.ASCII)
_READERS = 2  # threads that decode what came


@dataclass(slots=True, eq=False)
class ProviderJob(Job):
    """A request at a provider, then what came of it, piece by piece."""

    errand: Errand | None
    at: int  # µs on the media clock, where it was asked for
    begun: float  # s
    pieces: Iterator[Sequence[Output]] | None = None
    outputs: list[Output] = field(default_factory=list)
    shift: int = 0  # µs from the file's clock to the session's
    reading: Future[Sequence[Output] | None] | None = None


@dataclass(slots=True, eq=False)
class ProviderState:
    """What a session keeps: its connection for drafts, once there was one."""

    line: Line | None = None


class ProviderModel(Model[Params, ProviderState, ProviderJob]):
    """Asks for a final picture, film or sound when a user does; for drafts if its card says so."""

    provider: ClassVar[type[Provider]]
    model: ClassVar[str]
    card: ClassVar[Card] = Card()
    info: ModelInfo
    params: ClassVar[type[Params]] = Params
    honours: ClassVar[Honours] = {"device": ("cpu",)}
    warms: ClassVar[bool] = False

    def __init__(self) -> None:
        self._there = self.provider(self.model, self.card)
        if self.card.realtime:
            self._there.line()  # raises here rather than for each draft
        self._aside = Aside()
        self._readers = ThreadPoolExecutor(_READERS, "reads what came")

    @classmethod
    def load(cls, source: str = "", plan: Plan = DEFAULT_PLAN) -> Self:
        """Read the card; nothing is asked. Raises ConfigError for it, or for want of a key."""
        return _with(cls, read(source, cls.model))()

    @classmethod
    def tiny(cls) -> Self:
        """Return the model itself: there is no smaller one."""
        return cls.load()

    def open(self) -> ProviderState:
        """Return a state without a connection."""
        return ProviderState()

    def prepare(self, items: Sequence[tuple[ProviderState, Request[Params]]]) -> list[ProviderJob]:
        """Hand requests in; of a draft that is not wanted nothing."""
        return [self._job(state, request) for state, request in items]

    def _job(self, state: ProviderState, request: Request[Params]) -> ProviderJob:
        drafts = request.stage is Stage.DRAFT
        key, now = self.info.id, time.monotonic()
        if drafts and not (self.card.drafts or self.card.realtime):
            return ProviderJob(key, 1, None, request.at, now)
        pictures = {name: _data_uri(pixels) for name, pixels in request.inputs.items()}
        arguments = self._there.arguments(request.params.model_dump(mode="json"), pictures)
        line = self._line(state) if drafts and self.card.realtime else None
        errand = Errand(self._there, arguments, self._aside, quiet=drafts, line=line)
        job = ProviderJob(key, 1 if drafts else 0, errand, request.at, now)
        job.waits = errand.waits
        return job

    def _line(self, state: ProviderState) -> Line:
        if state.line is None:
            state.line = self._there.line()
        return state.line

    def suspend(self, state: ProviderState) -> None:
        """End the connection; the next draft opens another."""
        if state.line is not None:
            self._aside.start(state.line.close())

    def footprint(self, state: ProviderState) -> int:
        """Return nothing: a connection holds no pictures."""
        return 0

    def close(self, state: ProviderState) -> None:
        """End the connection."""
        self.suspend(state)

    def step(self, jobs: Sequence[ProviderJob]) -> None:
        """Take what is new: where a request stands, what came, its next piece."""
        for job in jobs:
            job.outputs = []
            job.waits = None
            if job.reading is not None:
                self._read_on(job, job.reading.result())
            elif job.errand is not None:
                self._hear(job, job.errand)
            job.step += 1

    def _hear(self, job: ProviderJob, errand: Errand) -> None:
        news = errand.take()
        if isinstance(news, Fetched):
            job.errand, job.notes = None, ()
            job.pieces = news.pieces
            job.shift = job.at + round((time.monotonic() - job.begun) * 1e6)
            job.data = {"provider": self.provider.name, "request": news.request}
            if news.file.url and not news.file.url.startswith("data:"):
                job.data |= {"file_url": news.file.url, "signed": is_signed(news.data)}
            self._read_on(job, news.first)
            return
        if isinstance(news, Status):
            job.notes = (_note(news),)
        job.waits = errand.waits

    def _read_on(self, job: ProviderJob, piece: Sequence[Output] | None) -> None:
        """Show a piece, and have the next one decoded; without one it was the last."""
        job.reading = None
        job.outputs = [_shifted(each, job.shift) for each in piece or ()]
        job.ready = bool(job.outputs)
        if piece is None or any(isinstance(each, Still) for each in piece):
            job.ended = True
        elif job.pieces is not None:
            job.waits = job.reading = self._readers.submit(next, job.pieces, None)

    def emit(self, jobs: Sequence[ProviderJob]) -> list[list[Output]]:
        """Return the piece that is there."""
        return [list(job.outputs) for job in jobs]

    def give_up(self, job: ProviderJob) -> None:
        """Take the request back there."""
        if job.errand is not None:
            job.errand.give_up()

    def room(self, key: Hashable) -> int:
        """Take any number: a step computes nothing."""
        return 64


def info_of(provider: type[Provider], model: str, card: Card) -> ModelInfo:
    """Return what a provider's model is, as far as its card says."""
    gives = card.kinds[0] if len(card.kinds) == 1 else "media"
    return ModelInfo(
        id=f"{provider.name}/{model}",
        task=f"text-to-{gives}",
        title=card.title or f"{model} at {provider.name}",
        description=card.description
        or f"Runs at {provider.name}: your words and pictures leave this computer.",
        licence=card.licence,
        commercial="capped",
        width=card.width,
        height=card.height,
        alpha=False,
        inputs=card.inputs,
        draft_steps=1,
        max_steps=1,
        outputs=tuple(_OUTPUTS[kind] for kind in card.gives),
    )


@lru_cache(64)
def model_of(provider: type[Provider], model: str) -> type[ProviderModel]:
    """Return the class of a provider's model; raise ConfigError for what is no id."""
    if not _ID.fullmatch(model):
        raise ConfigError(
            f"'{model[:80]}' is no model's id", fix=f"such as provider:{provider.name}/owner/model"
        )

    class Named(ProviderModel):
        """One model of a provider."""

    Named.provider, Named.model = provider, model
    return _with(Named, Card())


def _with(kind: type[M], card: Card) -> type[M]:
    """Return a model as its card describes it."""
    info = info_of(kind.provider, kind.model, card)
    said = {"__doc__": kind.__doc__, "card": card, "params": card.params, "info": info}
    return cast("type[M]", type(kind.__name__, (kind,), said))


def _data_uri(pixels: Pixels) -> str:
    mime = "image/png" if pixels.shape[2] == 4 else "image/jpeg"
    data = encode(Image.fromarray(pixels), mime, quality=95)
    return f"data:{mime};base64,{b64encode(data).decode('ascii')}"


def _shifted(output: Output, by: int) -> Output:
    return output if isinstance(output, Still) else replace(output, pts=output.pts + by)


def _note(status: Status) -> Note:
    if status.ahead is None:
        message = "The provider is at work." + (f" It says: {status.said}" if status.said else "")
    else:
        message = f"Position {status.ahead + 1} in the provider's queue."
    return Note(code="elsewhere", message=message[:500], param="", choices=[])
