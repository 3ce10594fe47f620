"""The blocking client: the asynchronous one, run on a thread of its own.

It works wherever there is a thread to block: scripts, notebooks (whose own loop is running
already), worker threads.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from typing import Any, Self

import httpx
from PIL import Image

from livedraft.errors import SessionClosed
from livedraft.media.chunks import AudioChunk, Output, VideoChunk
from livedraft.media.sources import PictureSource
from livedraft.media.talk import Talk
from livedraft.media.text import Text
from livedraft.protocol.messages import Note

from .asynchronous import AsyncClient
from .finals import FilmFile
from .frame import Frame
from .info import ModelInfo, RefineProgress, SwitchedModel
from .inputs import Values
from .loop import LoopThread
from .session import AsyncSession
from .terms import Retry, SessionState, Timeouts


class Client:
    """A client of one server; close it, or use it with ``with``. See ``AsyncClient``."""

    def __init__(
        self,
        url: str = "http://127.0.0.1:7860",
        token: str | None = None,
        *,
        timeouts: Timeouts | None = None,
        retry: Retry | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self._client = AsyncClient(url, token, timeouts=timeouts, retry=retry, transport=transport)
        self._loop = LoopThread()
        self._sessions: list[Session] = []  # those that were opened, to close them with the client

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def url(self) -> str:
        """The server's address."""
        return self._client.url

    def close(self) -> None:
        """Close the sessions, the connections and the thread; may be called twice."""
        if self._loop.running:
            try:
                for session in self._sessions:
                    session.close()
                with suppress(SessionClosed):  # another thread was faster
                    self._loop.run(self._client.close())
            finally:
                self._loop.stop()

    def models(self) -> list[ModelInfo]:
        """Return the server's models; each tells its inputs and the schema of its params."""
        return self._loop.run(self._client.models())

    def generate(
        self,
        prompt: str | None = None,
        *,
        sketch: PictureSource | None = None,
        inputs: Mapping[str, PictureSource] | None = None,
        model: str = "",
        **params: Any,
    ) -> Image.Image:
        """Return one final picture; see ``AsyncClient.generate``."""
        return self._loop.run(
            self._client.generate(prompt, sketch=sketch, inputs=inputs, model=model, **params)
        )

    def final(
        self,
        prompt: str | None = None,
        *,
        sketch: PictureSource | None = None,
        inputs: Mapping[str, PictureSource] | None = None,
        model: str = "",
        on_progress: Callable[[RefineProgress], object] | None = None,
        **params: Any,
    ) -> Image.Image | FilmFile:
        """Return the final picture or film, whichever the model makes; see ``AsyncClient.final``.

        ``on_progress`` is called on the client's thread.
        """
        return self._loop.run(
            self._client.final(
                prompt,
                sketch=sketch,
                inputs=inputs,
                model=model,
                on_progress=on_progress,
                **params,
            )
        )

    def talk(self, model: str = "head", /, **asked: Any) -> Iterator[Talk]:
        """Yield a head that says something, frame by frame with its sound, until all is said.

        The keywords are those of ``AsyncClient.talk``: ``avatar`` or ``portrait``, ``audio`` or
        ``text``, and the model's params.
        """
        return self._loop.each(self._client.talk(model, **asked))

    def session(
        self,
        model: str = "",
        /,
        *,
        refine_model: str = "",
        accept: Sequence[str] = (),
        in_flight: int = 2,
        on_queued: Callable[[int], None] | None = None,
        on_loading: Callable[[str], None] | None = None,
        on_progress: Callable[[RefineProgress], None] | None = None,
        codecs: Sequence[str] = (),
        **params: Any,
    ) -> Session:
        """Return a session that ``with`` or ``open()`` opens; see ``AsyncClient.session``.

        ``on_queued``, ``on_loading`` and ``on_progress`` are called on the client's thread.
        """
        session = Session(
            self._client.session(
                model,
                refine_model=refine_model,
                accept=accept,
                in_flight=in_flight,
                on_queued=on_queued,
                on_loading=on_loading,
                on_progress=on_progress,
                codecs=codecs,
                **params,
            ),
            self._loop,
        )
        self._sessions = [*(s for s in self._sessions if s.state != "closed"), session]
        return session


class Session:
    """A live session; open it with ``with`` or ``open()``. See ``AsyncSession``."""

    def __init__(self, session: AsyncSession, loop: LoopThread) -> None:
        self._session = session
        self._loop = loop

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *exc: object) -> None:
        self.close()

    @property
    def id(self) -> str:
        """The session's name in the server's log; empty before it is open."""
        return self._session.id

    @property
    def state(self) -> SessionState:
        """How it stands with the connection."""
        return self._session.state

    @property
    def model(self) -> ModelInfo:
        """The model of this session."""
        return self._session.model

    @property
    def refine_model(self) -> str:
        """What makes the final pictures; see ``AsyncSession.refine_model``."""
        return self._session.refine_model

    @refine_model.setter
    def refine_model(self, name: str) -> None:
        self._session.refine_model = name

    @property
    def params(self) -> dict[str, Any]:
        """All params in force, as the server last told."""
        return self._session.params

    @property
    def data(self) -> dict[str, Any]:
        """What the model last measured of what was taken; its card says what it is."""
        return self._session.data

    @property
    def notes(self) -> tuple[Note, ...]:
        """What is to know of how the same was made."""
        return self._session.notes

    @property
    def unsent(self) -> dict[str, int]:
        """Of each input, µs that newer frames or sound superseded; see ``AsyncSession.unsent``."""
        return self._session.unsent

    def open(self) -> Self:
        """Connect and wait for a place; see ``AsyncSession.open``."""
        self._loop.run(self._session.open())
        return self

    def send(self, values: Values, /, **params: Any) -> None:
        """Hand over a picture, frames or sound, or several by name; see ``AsyncSession.send``."""
        self._loop.run(self._session.send(values, **params))

    def update(self, **params: Any) -> dict[str, Any]:
        """Change params and return those in force; see ``AsyncSession.update``."""
        return self._loop.run(self._session.update(**params))

    def switch(self, model: str, /, **params: Any) -> SwitchedModel:
        """Go on with another model; see ``AsyncSession.switch``."""
        return self._loop.run(self._session.switch(model, **params))

    def refine(self, **params: Any) -> Frame:
        """Return the final picture of what stands now; see ``AsyncSession.refine``."""
        return self._loop.run(self._session.refine(**params))

    def film(self, **params: Any) -> Iterator[VideoChunk | AudioChunk]:
        """Yield the final film of what stands now, with its sound; see ``AsyncSession.film``."""

        async def asked() -> AsyncIterator[VideoChunk | AudioChunk]:
            return self._session.film(**params)

        return self._loop.each(self._loop.run(asked()))

    def speak(self, text: Text, /) -> None:
        """Have the model say a text, or its pieces as they come; see ``AsyncSession.speak``."""
        self._loop.run(self._session.speak(text))

    def interrupt(self) -> None:
        """Take back all sound and text, and what came of it; see ``AsyncSession.interrupt``."""
        self._loop.run(self._session.interrupt())

    def cancel(self) -> None:
        """Give up pictures that wait and any refine that runs."""
        self._loop.run(self._session.cancel())

    def next_frame(self) -> Frame | None:
        """Return the newest frame not taken yet; see ``AsyncSession.next_frame``."""
        return self._loop.run(self._session.next_frame())

    def frames(self) -> Iterator[Frame]:
        """Yield frames as they come, the newest each time, until the session is closed."""
        return self._loop.each(self._session.frames())

    def outputs(self) -> Iterator[Output]:
        """Yield all that comes, in order, no sound lost; see ``AsyncSession.outputs``."""
        return self._loop.each(self._session.outputs())

    def close(self) -> None:
        """End the session; may be called twice, and from another thread to end ``frames()``."""
        if self._loop.running:
            with suppress(SessionClosed):  # another thread has closed the client
                self._loop.run(self._session.close())
