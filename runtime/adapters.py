"""LoRAs of a server that serves: attached and detached on request of whoever runs it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import TypeVar

from livedraft.errors import LivedraftError, ModelNotFound, WeightsError, did_you_mean

from .engine.engine import Engine
from .engine.faults import of_model
from .engine.thread import CallThread
from .models.adapters import Adapter, attach, detach, read_adapter
from .models.base import AnyModel, ModelInfo

log = logging.getLogger(__name__)

T = TypeVar("T")
_Loaded = tuple[Engine, AnyModel]

_FIX = "mend the file, or train it again; the server's log tells more"


class Adapters:
    """Changes the LoRAs of loaded models, one change at a time; ``tell`` hears what a model is now.

    A file is read beside the models' calls, in a thread of its own, and attached between two of
    them, on their lane. What is refused or fails has changed nothing.
    """

    def __init__(self, engines: Sequence[Engine], tell: Callable[[ModelInfo], None]) -> None:
        self._engines = engines
        self._tell = tell
        self._turn = asyncio.Lock()

    async def attach(
        self, name: str, path: str | PathLike[str], model: str = "", *, instead: bool = False
    ) -> list[str]:
        """Attach a file under a name to a model, or to each that it is for; return their names.

        Sessions may name it from then on. ``instead`` puts it in the place of one of that name.
        Raises WeightsError where the file is damaged or for none of them, or the name is taken;
        ModelNotFound; ModelFailed.
        """
        async with self._turn:
            found = await self._read(name, Path(path), model)
            change = partial(_put_in_place if instead else _attach, name)
            done: list[_Loaded] = []
            try:
                for loaded, read in found:
                    await self._alter(loaded, "attach", partial(change, read))
                    done.append(loaded)
            except LivedraftError:
                for loaded in done:
                    await self._alter(loaded, "detach", partial(_detach, name))
                raise
            for _, each in done:
                log.info("LoRA %s (%s) is attached to %s", name, path, each.info.id)
            return [each.info.id for _, each in done]

    async def detach(self, name: str, model: str = "") -> list[str]:
        """Detach a LoRA from a model, or from each that has it; return their names.

        Pictures under way are finished with it; what is begun from now on is made without it, and
        sessions that named it do so no more. Raises WeightsError where there is none of that name.
        """
        async with self._turn:
            having = [loaded for loaded in self._asked(model) if _has(loaded[1], name)]
            if not having:
                known = {one.name for _, each in self._asked(model) for one in each.info.loras}
                fix = did_you_mean(name, known) if known else "there is none"
                raise WeightsError(f"no LoRA '{name[:40]}' is attached", fix=fix)
            for loaded in having:
                info = loaded[1].info
                left = tuple(one for one in info.loras if one.name != name)
                self._tell(replace(info, loras=left))  # nothing new is begun with it
                try:
                    await loaded[0].alter(info.id, "detach", partial(_detach, name))
                except LivedraftError:
                    self._tell(loaded[1].info)  # it may have it still
                    raise
                log.info("LoRA %s is detached from %s", name, info.id)
            return [each.info.id for _, each in having]

    async def _read(self, name: str, file: Path, model: str) -> list[tuple[_Loaded, Adapter]]:
        """Return what models read in a file, of those that it fits.

        What fits one need not fit another of its kind; what fits none raises the first's reason.
        """
        asked = self._asked(model)
        found: list[tuple[_Loaded, Adapter]] = []
        refused: list[WeightsError] = []
        for loaded in asked:
            try:
                read = await _apart(partial(read_for, loaded[1], name, file))
            except WeightsError as error:
                refused.append(error)
            else:
                found += [] if read is None else [(loaded, read)]
        if refused and not found:
            raise refused[0]
        if not found:
            raise WeightsError(
                f"LoRA {name} ({file}) is for none of {', '.join(m.info.id for _, m in asked)}",
                fix="serve the model that it was trained for",
            )
        return found

    async def _alter(self, loaded: _Loaded, phase: str, change: Callable[[AnyModel], None]) -> None:
        """Change a model between its calls, and tell what it is then, if that is not known."""
        engine, model = loaded
        before = model.info
        try:
            await engine.alter(before.id, phase, change)
        finally:
            if model.info is not before:
                self._tell(model.info)

    def _asked(self, model: str) -> list[_Loaded]:
        """Return a model by its name, or all, with their engines; raise ModelNotFound."""
        every = {
            name: (engine, loaded)
            for engine in self._engines
            for name, loaded in engine.models.items()
        }
        if not model:
            return list(every.values())
        if model not in every:
            raise ModelNotFound(f"no model '{model[:100]}' here", fix=did_you_mean(model, every))
        return [every[model]]


def read_for(model: AnyModel, name: str, path: Path, fix: str = _FIX) -> Adapter | None:
    """Return what a model reads in a file, None if it is for another; raise WeightsError."""
    try:
        return read_adapter(model, name, path)
    except BaseException as error:  # a model may raise anything; SystemExit would end us in peace
        fault = of_model(error, f"reading it for the model '{model.info.id}'", fix)
        raise WeightsError(f"LoRA {name} ({path}): {fault.message}", fix=fault.fix) from None


async def _apart(read: Callable[[], T]) -> T:
    """Read in a thread that keeps no server from its end: a file may be on a disk that hangs."""
    thread = CallThread("reading a LoRA")
    try:
        return await asyncio.wrap_future(thread.submit("", "read", read))
    finally:
        thread.close(0)


def _has(model: AnyModel, name: str) -> bool:
    return any(lora.name == name for lora in model.info.loras)


def _attach(name: str, adapter: Adapter, model: AnyModel) -> None:
    attach(model, adapter)


def _put_in_place(name: str, adapter: Adapter, model: AnyModel) -> None:
    if _has(model, name):
        detach(model, name)
    attach(model, adapter)


def _detach(name: str, model: AnyModel) -> None:
    detach(model, name)
