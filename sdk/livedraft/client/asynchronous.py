"""The asynchronous client: one-shot pictures over HTTP, live sessions over a WebSocket."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from typing import Any, Self

import httpx
from PIL import Image

from livedraft.errors import (
    ModelNotFound,
    did_you_mean,
)
from livedraft.media.images import decode
from livedraft.media.recipes import with_recipe
from livedraft.media.sounds import Sound
from livedraft.media.sources import PictureSource
from livedraft.media.talk import Talk
from livedraft.media.text import Text
from livedraft.protocol.values import plain_params

from .asking import Asking
from .endpoint import base_url
from .finals import FilmFile, Told, taken
from .info import ModelInfo, RefineProgress
from .inputs import named, packed
from .session import AsyncSession
from .talking import check, talked
from .terms import Retry, Terms, Timeouts

_MAKE = "/v1/generate"


class AsyncClient:
    """A client of one server; close it, or use it with ``async with``.

    ``timeouts`` bound every wait, and ``retry`` how often a session's broken connection is made
    anew. A proxy that the environment names is used, but never to reach this machine itself.
    ``transport`` replaces the HTTP side, for tests. Raises ConfigError for an address, a token or
    a proxy that is none.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:7860",
        token: str | None = None,
        *,
        timeouts: Timeouts | None = None,
        retry: Retry | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = base_url(url)
        self._token = token or ""
        self._timeouts = timeouts or Timeouts()
        self._retry = retry or Retry()
        self._models: list[ModelInfo] | None = None
        self._asking = Asking(self.url, self._token, self._timeouts, transport)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Free the HTTP connections; sessions are closed on their own."""
        await self._asking.close()

    async def models(self) -> list[ModelInfo]:
        """Return the server's models; each tells its inputs and the schema of its params."""
        data = await self._asking.ask("GET", "/v1/models", limit_s=self._timeouts.open_s)
        try:
            found = [ModelInfo.model_validate(fields) for fields in json.loads(data)["models"]]
        except (ValueError, KeyError, TypeError, RecursionError):  # pydantic's is a ValueError
            raise self._asking.stranger() from None
        self._models = found
        return found

    async def info(self, model: str) -> ModelInfo:
        """Return what the server tells of one model, or of its default; raise ModelNotFound.

        It is asked for its models where the answer before did not have it, or had it still loaded.
        """
        known = [info for info in self._models or () if info.state == "ready"]
        for models in (known, None):
            for info in await self.models() if models is None else models:
                if info.id == model or (not model and info.default):
                    return info
        names = [info.id for info in self._models or ()]
        raise ModelNotFound(
            f"the server has no model '{model[:100]}'", fix=did_you_mean(model, names)
        )

    async def ticket(self) -> str:
        """Return a path of the server's below which a page without an address may draw, for hours.

        So the sandbox of a chat, say, needs neither the token nor to be named in ``origins``.
        """
        data = await self._asking.ask("POST", "/v1/tickets", limit_s=self._timeouts.open_s)
        try:
            return str(json.loads(data)["path"])
        except (ValueError, KeyError, TypeError, RecursionError):
            raise self._asking.stranger() from None

    async def generate(
        self,
        prompt: str | None = None,
        *,
        sketch: PictureSource | None = None,
        inputs: Mapping[str, PictureSource] | None = None,
        model: str = "",
        **params: Any,
    ) -> Image.Image:
        """Return one final picture, its recipe as a dict in ``.info["livedraft"]``.

        ``sketch`` goes to the input of that name; models with other inputs take them by name in
        ``inputs``. ``params`` are the model's own: seed, steps, strength, … Raises InvalidParams,
        InvalidImage, ModelNotFound, Unauthorized, ServerBusy, EngineError or TransportError, which
        TimedOut is.
        """
        body = await self._order(prompt, sketch, inputs, model, params)
        limit_s = self._timeouts.generate_s
        data = await self._asking.ask("POST", _MAKE, limit_s=limit_s, body=body, accept="image/png")
        return with_recipe(await asyncio.to_thread(decode, data))

    async def final(
        self,
        prompt: str | None = None,
        *,
        sketch: PictureSource | None = None,
        inputs: Mapping[str, PictureSource] | None = None,
        model: str = "",
        on_progress: Told | None = None,
        **params: Any,
    ) -> Image.Image | FilmFile:
        """Return the final picture or film, whichever the model makes; else as ``generate``.

        ``on_progress``, a function or a coroutine function, hears how far it is; ``generate_s``
        is how long each sign of it is waited for. A film is an MP4 of at most 64 MiB: longer ones
        come by ``session.film()``, as frames. Raises InvalidMedia, too, for one that is larger.
        """
        events = self._asking.events(
            _MAKE,
            limit_s=self._timeouts.generate_s,
            body=await self._order(prompt, sketch, inputs, model, params),
            accept="image/*, video/*",
        )
        return await taken(events, on_progress)

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
    ) -> AsyncSession:
        """Return a session that ``async with`` or ``open()`` opens.

        An empty ``model`` is the server's default; ``refine_model`` makes the final pictures,
        where that is to be another, with the params of the drafts that it takes. ``accept`` lists
        picture types for the frames, best first; at most ``in_flight`` pictures are under way
        unanswered; ``on_queued`` is called with the place in the queue, ``on_loading`` with a
        sentence of how far models are that the server still loads, ``on_progress`` with how far a
        final picture or film is. ``codecs`` are wished for
        sound and moving pictures, both ways, best first: vp8, h264, opus, jpeg, webp, png,
        pcm-s16; what the server does not have goes as pictures one by one, and as PCM. ``params``
        are the model's own. Raises InvalidParams for what cannot be sent, and MissingExtraError
        for a codec that needs PyAV.
        """
        terms = Terms(
            base=self.url,
            model=model,
            refine_model=refine_model,
            token=self._token,
            accept=(accept,) if isinstance(accept, str) else tuple(accept),
            in_flight=in_flight,
            timeouts=self._timeouts,
            retry=self._retry,
            on_queued=on_queued,
            on_loading=on_loading,
            on_progress=on_progress,
            codecs=(codecs,) if isinstance(codecs, str) else tuple(codecs),
        )
        return AsyncSession(terms, params, self.info)

    def talk(
        self,
        model: str = "head",
        /,
        *,
        avatar: str = "",
        portrait: PictureSource | None = None,
        audio: Sound | None = None,
        text: Text | None = None,
        consent: bool = False,
        sample_rate: int = 24_000,
        voice: str = "",
        on_queued: Callable[[int], None] | None = None,
        **params: Any,
    ) -> AsyncGenerator[Talk, None]:
        """Yield a head that says something, frame by frame with its sound, until all is said.

        It is an ``avatar`` that ships, by name, or who is seen in a ``portrait``; a photograph
        needs ``consent``: that who is seen agrees. It says ``audio``: a file's path or bytes, PCM
        as bytes (16 bits, mono) or an array of ``sample_rate`` Hz, or such pieces from an iterator
        as they come; or a ``text``, whole or in pieces, with a ``voice``. It comes as fast as it
        is heard; who takes slowly misses frames and no sound, see ``Talk``. Raises InvalidMedia,
        InvalidImage and what a session raises.
        """
        check(audio, text)
        named = {"avatar": avatar, "voice": voice, "consent": consent}
        params |= {name: value for name, value in named.items() if value}
        session = self.session(model, on_queued=on_queued, **params)
        return talked(session, portrait, audio, text, sample_rate)

    async def _order(
        self,
        prompt: str | None,
        sketch: PictureSource | None,
        inputs: Mapping[str, PictureSource] | None,
        model: str,
        params: dict[str, Any],
    ) -> dict[str, Any]:
        """Return the body of a request for what is final."""
        pictures = dict(inputs or {})
        if sketch is not None:
            pictures["sketch"] = sketch
        words = {} if prompt is None else {"prompt": prompt}
        body: dict[str, Any] = plain_params({**params, **words})
        if model:
            body |= plain_params({"model": model})
        if pictures:
            packed = await self._packed(model, pictures)
            body["inputs"] = {
                name: base64.b64encode(data).decode("ascii") for name, data in packed.items()
            }
        return body

    async def _packed(self, model: str, pictures: Mapping[str, PictureSource]) -> dict[str, bytes]:
        info = await self.info(model)
        return await packed(info, named(info, pictures))
