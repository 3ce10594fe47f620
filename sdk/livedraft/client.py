"""The asynchronous client: one-shot pictures over HTTP, live sessions over a WebSocket."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import httpx
from PIL import Image

from livedraft.errors import (
    ConnectFailed,
    ConnectionLost,
    ModelNotFound,
    TransportError,
    did_you_mean,
)
from livedraft.media.images import decode
from livedraft.media.recipes import with_recipe
from livedraft.media.sources import Picture

from .endpoint import START_A_SERVER, base_url, refusal
from .info import ModelInfo
from .inputs import packed
from .session import AsyncSession
from .terms import Retry, Terms


class AsyncClient:
    """A client of one server; close it, or use it with ``async with``.

    ``timeout_s`` bounds a connection attempt and, ten times that, the making of a one-shot
    picture. ``transport`` replaces the HTTP side, for tests.
    """

    def __init__(
        self,
        url: str = "http://127.0.0.1:7860",
        token: str | None = None,
        *,
        timeout_s: float = 10.0,
        retry: Retry | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        self.url = base_url(url)
        self._token = token or ""
        self._timeout_s = timeout_s
        self._retry = retry or Retry()
        self._models: list[ModelInfo] | None = None
        self._http = httpx.AsyncClient(
            base_url=self.url,
            headers={"Authorization": f"Bearer {token}"} if token else {},
            timeout=httpx.Timeout(timeout_s, read=10 * timeout_s),
            transport=transport,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.close()

    async def close(self) -> None:
        """Free the HTTP connections; sessions are closed on their own."""
        await self._http.aclose()

    async def models(self) -> list[ModelInfo]:
        """Return the server's models; each tells its inputs and the schema of its params."""
        answer = await self._ask("GET", "/v1/models")
        found = [ModelInfo.model_validate(fields) for fields in answer.json()["models"]]
        self._models = found
        return found

    async def generate(
        self,
        prompt: str = "",
        *,
        sketch: Picture | None = None,
        inputs: Mapping[str, Picture] | None = None,
        model: str = "",
        **params: Any,
    ) -> Image.Image:
        """Return one final picture, its recipe as a dict in ``.info["livedraft"]``.

        ``sketch`` goes to the input of that name; models with other inputs take them by name in
        ``inputs``. ``params`` are the model's own: seed, steps, strength, … Raises InvalidParams,
        InvalidImage, ModelNotFound, Unauthorized, ServerBusy, EngineError or TransportError.
        """
        pictures = dict(inputs or {})
        if sketch is not None:
            pictures["sketch"] = sketch
        body: dict[str, Any] = {**params, "prompt": prompt}
        if model:
            body["model"] = model
        if pictures:
            inputs = await packed(await self._info(model), pictures)
            body["inputs"] = {
                name: base64.b64encode(data).decode("ascii") for name, data in inputs.items()
            }
        answer = await self._ask("POST", "/v1/generate", json=body, accept="image/png")
        return with_recipe(await asyncio.to_thread(decode, answer.content))

    def session(
        self,
        model: str = "",
        /,
        *,
        accept: Sequence[str] = (),
        in_flight: int = 2,
        on_queued: Callable[[int], None] | None = None,
        **params: Any,
    ) -> AsyncSession:
        """Return a session that ``async with`` or ``open()`` opens.

        An empty ``model`` is the server's default. ``accept`` lists picture types for the frames,
        best first; at most ``in_flight`` pictures are under way unanswered; ``on_queued`` is
        called with the place in the queue; ``params`` are the model's own.
        """
        terms = Terms(
            base=self.url,
            model=model,
            token=self._token,
            accept=tuple(accept),
            in_flight=in_flight,
            timeout_s=self._timeout_s,
            retry=self._retry,
            on_queued=on_queued,
        )
        return AsyncSession(terms, params)

    async def _info(self, model: str) -> ModelInfo:
        """Return a model's entry; the list is asked for once."""
        models = self._models if self._models is not None else await self.models()
        for info in models:
            if info.id == model or (not model and info.default):
                return info
        raise ModelNotFound(
            f"the server has no model '{model}'", fix=did_you_mean(model, [i.id for i in models])
        )

    async def _ask(
        self, method: str, path: str, *, json: Any = None, accept: str = "application/json"
    ) -> httpx.Response:
        try:
            answer = await self._http.request(method, path, json=json, headers={"Accept": accept})
        except (httpx.ConnectError, httpx.ConnectTimeout) as error:
            raise ConnectFailed(
                f"no connection to {self.url}: {error}", fix=START_A_SERVER
            ) from None
        except httpx.TransportError as error:
            raise ConnectionLost(
                f"{self.url}: {error or type(error).__name__}", fix="try again"
            ) from None
        if answer.is_error:
            raise refusal(answer.status_code, answer.content, str(answer.url))
        if accept.partition("/")[0] not in answer.headers.get("Content-Type", ""):
            raise TransportError(f"{answer.url} is no livedraft server", fix=START_A_SERVER)
        return answer
