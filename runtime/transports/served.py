"""The models that are served, as clients see them, and the wait for those that are to come."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from livedraft.errors import ServerBusy

from ..models.base import AnyModel, ModelInfo, Params
from ..readiness import Readiness, not_served
from .waiting import first


class Served:
    """Models by name; the first is the default. ``load_s`` is how long anybody waits for one."""

    def __init__(self, readiness: Readiness, load_s: float) -> None:
        self.models: dict[str, dict[str, Any]] = {}
        self._readiness = readiness
        self._load_s = load_s
        self._stopped = asyncio.Event()

    def add(self, model: AnyModel, about: Mapping[str, Any] | None = None) -> None:
        """Serve one more, from now on; ``about`` is what else there is to tell of it."""
        described = _described(model.info, model.params) | dict(about or {})
        made = {**self.models, model.info.id: described}
        order = [each.name for each in self._readiness.standings]
        self.models = {name: made[name] for name in order if name in made}
        for name, each in self.models.items():
            each["default"] = name == self.default

    @property
    def default(self) -> str:
        """The model of who names none, though it may be still to come."""
        return self._readiness.default

    def relearn(self, info: ModelInfo) -> None:
        """Take the LoRAs that a model has now."""
        self.models[info.id] |= {"loras": [asdict(lora) for lora in info.loras]}

    def has(self, names: Sequence[str]) -> bool:
        """Whether models are served; an empty name is the default's. Without names: any."""
        if not names:
            return bool(self.models)
        return all((name or self.default) in self.models for name in names)

    def listed(self) -> list[dict[str, Any]]:
        """Return each with its state: those that are served, then those that are to come.

        Of those to come it says what their classes do, as far as that is known.
        """
        default = self.default
        served = [
            {**each, "state": "ready", "default": name == default}
            for name, each in self.models.items()
        ]
        coming = [
            {
                **_described(known.info, known.params),
                "id": each.name,
                "default": each.name == default,
                "state": each.state,
                "progress": str(each),
            }
            for each in self._readiness.standings
            if self._readiness.is_to_come(each.name)
            and (known := self._readiness.classes.get(each.name)) is not None
        ]
        return served + coming

    def failed(self) -> list[dict[str, Any]]:
        """Return those that could not be loaded, with why."""
        failures = self._readiness.failures
        return [
            {"id": each.name, "title": each.title, "error": not_served(each.name, why).to_wire()}
            for each in self._readiness.standings
            if (why := failures.get(each.name)) is not None
        ]

    def stop(self) -> None:
        """Let nobody wait any more: no more models come."""
        self._stopped.set()

    async def wait(self, names: Sequence[str], beside: Sequence[str] = ()) -> None:
        """Return once models are served, or known not to be any, or no more come.

        Without names it is any model that is waited for. Raises ModelNotFound as soon as one of
        them, or of those ``beside``, is known not to be served, and ServerBusy after ``load_s``.
        """
        told = self._readiness
        over: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        asked = list(names)

        def look() -> None:
            asked[:] = [name or self.default for name in asked]
            failed = any(name in told.failures for name in (*asked, *beside))
            coming = any(told.may_come(name) for name in asked if name not in self.models)
            if not over.done() and (failed or not (coming if asked else not self.models)):
                over.set_result(None)

        async def come() -> None:
            await over

        async def stopped() -> None:
            await self._stopped.wait()

        end = told.follow(look)
        look()
        try:
            async with asyncio.timeout(self._load_s):
                await first(come(), stopped())
        except TimeoutError:
            raise ServerBusy(
                f"the models are not ready after {self._load_s:g} s: {told.said}",
                fix="try again later; /readyz says how far it is",
            ) from None
        finally:
            end()
        for name in (*asked, *beside):
            if name in told.failures:
                raise not_served(name, told.failures[name])


def _described(info: ModelInfo, params: type[Params]) -> dict[str, Any]:
    return {**asdict(info), "params_schema": params.model_json_schema(), "default": False}
