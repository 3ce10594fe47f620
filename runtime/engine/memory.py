"""What models and sessions hold of their devices' memory, and who leaves for whom."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from operator import index
from typing import TYPE_CHECKING

from livedraft.errors import LivedraftError, OutOfMemory

from ..budget import gigabytes
from ..models.base import AnyModel
from ..plan import Part
from .faults import Guarded, of_model

if TYPE_CHECKING:
    from .turn import Cell

Told = Callable[[str, Part | None], None]  # a model that is brought back, and how far; None: it is


def _unheard(model: str, part: Part | None) -> None:
    """Tell nobody."""


@dataclass(slots=True, eq=False)
class _Resident:
    """A model as the device has it."""

    model: AnyModel
    device: str
    nbytes: int  # that it takes while it is on the device
    there: bool = True
    busy: bool = False  # in a call, or on its way
    stays: bool = False  # it cannot leave
    calling: int = 0  # bytes that the call takes which it is in
    last: int = 0  # when it was called last, in calls of the device
    states: dict[Cell, int] = field(default_factory=dict)  # bytes, of the sessions that use it

    @property
    def held_bytes(self) -> int:
        """What it takes now, with its call and the states of sessions."""
        return self.nbytes * self.there + self.calling + sum(list(self.states.values()))

    @property
    def idle(self) -> bool:
        """Whether it may leave: nobody uses it."""
        return self.there and not (self.busy or self.stays or self.states)


class Memory:
    """The memory of devices, shared by all lanes; any of their threads may call.

    A model is on its device in each of its calls. Where it has to be brought back, the models that
    no session uses leave for it, those first that were not called for longest. One that is in a
    call, or has sessions whose states are on the device, stays where it is.

    ``limit`` gives the bytes of a device that weights, states and calls may take together, and is
    asked once; None: none has to leave. ``told`` hears how far a model is that is brought back.
    """

    def __init__(
        self, limit: Callable[[str], int | None] = lambda device: None, told: Told = _unheard
    ) -> None:
        self._limit = limit
        self._told = told
        self._limits: dict[str, int | None] = {}
        self._models: dict[str, _Resident] = {}
        self._calls = 0
        self._changed = threading.Condition()
        self._moving = threading.RLock()  # one at a time finds room, so that none is given twice

    def held_bytes(self, device: str) -> int:
        """Return what models take that are on a device, their calls and sessions' states."""
        return sum(each.held_bytes for _, each in self._on(device))

    @property
    def away(self) -> list[str]:
        """The models that are not on their devices."""
        return [name for name, each in list(self._models.items()) if not each.there]

    def room_for(self, device: str, nbytes: int) -> int | None:
        """Return what is left of a device once idle models left for so much; None: not known."""
        limit = self._limit_of(device)
        if self._lacks(device, nbytes):  # else nobody waits for a model that moves elsewhere
            with self._moving:
                self._leave_for(device, nbytes, "")
        return None if limit is None else max(0, limit - self.held_bytes(device))

    def add(self, name: str, model: AnyModel, device: str) -> None:
        """Count a model that was loaded to a device; raise OutOfMemory if that is too much."""
        made = _Resident(model, device, _weighed(model), busy=True, last=self._calls)
        with self._changed:
            self._models[name] = made
        try:
            with self._moving:
                if not self._leave_for(device, 0, name):
                    raise self._full(name, made, 0)
        except OutOfMemory:
            self.drop(name)
            raise
        finally:
            self._free(made)

    def drop(self, name: str) -> None:
        """Count a model no more: it is not served."""
        with self._changed:
            self._models.pop(name, None)
            self._changed.notify_all()

    def weigh(self, name: str, cell: Cell | None = None) -> None:
        """Look again what a model takes, and the state of a session that uses it from now on."""
        held = self._models.get(name)
        if held is None:
            return
        if cell is None:
            held.nbytes = _weighed(held.model)
        elif held.nbytes:  # else it tells nothing of itself either
            held.states[cell] = _asked(lambda: held.model.footprint(cell.state))

    def leave(self, name: str, cell: Cell) -> None:
        """Count a session's state no more: it has left the device, or is freed."""
        held = self._models.get(name)
        if held is not None:
            held.states.pop(cell, None)

    def cells(self, name: str) -> list[Cell]:
        """Return the sessions whose states of a model are on its device."""
        held = self._models.get(name)
        return [] if held is None else list(held.states)

    @contextmanager
    def holding(self, name: str) -> Iterator[None]:
        """Have a model on its device meanwhile; raise OutOfMemory where there is no room."""
        held = self._models.get(name)
        if held is None:
            yield
            return
        with self._changed:
            while held.busy:  # another lane moves it off
                self._changed.wait()
            held.busy = True
            self._calls += 1
            held.last = self._calls
        try:
            taken = 0 if self._limit_of(held.device) is None else _taken(held.model)
            if not held.there or self._lacks(held.device, taken):
                with self._moving:
                    self._make_room(name, held, taken)
            held.calling = taken
            yield
        finally:
            held.calling = 0
            self._free(held)

    def has_room(self, name: str) -> bool:
        """Tell whether a call of a model that is on its device is within the limit."""
        held = self._models.get(name)
        return held is None or not self._lacks(held.device, _taken(held.model))

    def relieve(self, but: str) -> bool:
        """Move all idle models off the device of one; return whether any left."""
        held = self._models.get(but)
        if held is None:
            return False
        others = [(name, each) for name, each in self._on(held.device) if name != but]
        freed = any([self._send_away(name, each) for name, each in others])
        trim()
        return freed

    def _on(self, device: str) -> list[tuple[str, _Resident]]:
        every = list(self._models.items())  # at once: other threads add to it
        return [(name, each) for name, each in every if each.device == device]

    def _limit_of(self, device: str) -> int | None:
        if device not in self._limits:
            self._limits[device] = self._limit(device)
        return self._limits[device]

    def _lacks(self, device: str, nbytes: int) -> bool:
        limit = self._limit_of(device)
        return limit is not None and self.held_bytes(device) + nbytes > limit

    def _make_room(self, name: str, held: _Resident, taken: int) -> None:
        """Find room for a call of a model, and for the model itself where it is away."""
        if held.there:
            if not self._leave_for(held.device, taken, name):
                raise self._full(name, held, taken)
            return
        self._told(name, Part("loading", 0, 0))  # others take their time to leave, too
        try:
            self._bring_back(name, held, held.nbytes + taken)
        finally:
            self._told(name, None)

    def _bring_back(self, name: str, held: _Resident, needed: int) -> None:
        if not self._leave_for(held.device, needed, name):
            raise self._full(name, held, needed)
        try:
            held.model.onload(lambda part: self._told(name, part))
            held.there = True
        except BaseException as error:  # a model may raise anything
            trim()
            raise of_model(error, f"bringing the model '{name}' back") from None
        held.nbytes = _weighed(held.model)

    def _leave_for(self, device: str, nbytes: int, but: str) -> bool:
        """Have idle models leave until so many bytes are free; return whether they are."""
        while self._lacks(device, nbytes):
            idle = [(each.last, name) for name, each in self._on(device) if each.idle]
            last = min((pair for pair in idle if pair[1] != but), default=None)
            if last is None:
                return False
            self._send_away(last[1], self._models[last[1]])
        return True

    def _send_away(self, name: str, held: _Resident) -> bool:
        """Move a model off its device, unless somebody came to use it; return whether it left."""
        with self._changed:
            if not held.idle:
                return False
            held.busy = True
        try:
            left = Guarded(f"offload of the model '{name}'")(lambda _: held.model.offload(), None)
            held.there = left is not True
            held.stays = held.there  # it is asked no more
        finally:
            self._free(held)
        _give_back()
        return not held.there

    def _free(self, held: _Resident) -> None:
        with self._changed:
            held.busy = False
            self._changed.notify_all()

    def _full(self, name: str, wanting: _Resident, nbytes: int) -> OutOfMemory:
        """Return what is told where a model has no room, with what would fit."""
        limit = self._limit_of(wanting.device) or 0
        every = dict(self._on(wanting.device))
        holding = {each: held for each, held in every.items() if held.held_bytes}
        told = ", ".join(_sum(each, held) for each, held in holding.items())
        others = [each for each in holding if each != name and every[each].states]
        left = limit - self.held_bytes(wanting.device)
        fits = [
            each
            for each, held in every.items()
            if each != name and (held.there or held.nbytes <= left)
        ]
        ways = [f"wait until the sessions of {' and '.join(others)} end"] if others else []
        ways += [f"draw with {' or '.join(fits)}, which has room"] if fits else []
        more = f"load it so that it takes {gigabytes(max(0, left))} less" if left < 0 else ""
        more = more or f"load it so that it takes {gigabytes(left)} at the most"
        ways.append(f"{more}, by quantise or dtype; or raise 'memory'")
        return OutOfMemory(
            f"{name} needs {gigabytes(nbytes or wanting.nbytes)}, and {wanting.device} has "
            f"{gigabytes(limit)}: {told or 'nothing is in use'}",
            fix="; ".join(ways),
        )


def trim() -> None:
    """Give back to devices what was freed and torch keeps for later."""
    gc.collect()  # cycles hold tensors, too
    _give_back()


def _give_back() -> None:
    torch = sys.modules.get("torch")  # nothing is on a device of whoever has not imported it
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def _sum(name: str, held: _Resident) -> str:
    count = len(held.states)
    many = f" with {count} session{'s' * (count > 1)}" if count else ""
    return f"{name}{many} takes {gigabytes(held.held_bytes)}"


def _weighed(model: AnyModel) -> int:
    return _asked(model.resident_bytes)


def _taken(model: AnyModel) -> int:
    return _asked(model.call_bytes)


def _asked(tell: Callable[[], int]) -> int:
    """Return bytes as a model tells them; none where it cannot."""
    told = Guarded("weighing a model", reads=False)(lambda _: max(0, int(index(tell()))), None)
    return 0 if isinstance(told, LivedraftError) else told
