"""What a server still does before it serves: of each model, how far loading and warming are.

The figures are of what is done: bytes that came, parts that are loaded, shapes that were made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from math import ceil
from typing import Any, Literal

from livedraft.errors import LivedraftError, ModelLoading, ModelNotFound

from .clock import MONOTONIC, Clock
from .models.base import AnyModel
from .plan import Part

State = Literal["waiting", "loading", "warming", "ready", "failed"]

_NOW: tuple[State, ...] = ("loading", "warming")
_SETTLED: tuple[State, ...] = ("ready", "failed")
_SAID = {"fetching": "Fetching", "loading": "Loading", "warming": "Warming up"}
_LEAST_S, _USUAL_S, _MOST_S = 1, 5, 60  # after which it is worth while to ask again
_MOST_MISSING = 16  # that are named


@dataclass(frozen=True, slots=True)
class Standing:
    """How far a model is. ``total`` is 0 where nobody can tell before it is done."""

    name: str
    title: str
    state: State = "waiting"
    phase: str = ""  # of loading: fetching, loading
    done: int = 0
    total: int = 0
    unit: str = ""  # bytes, parts, shapes
    missing: tuple[str, ...] = ()  # what is still to come: components, shapes
    since: float = 0.0  # s of the clock, when this phase began

    @property
    def share(self) -> float | None:
        """What is done of it, 0 to 1; None where that cannot be told."""
        return min(1.0, self.done / self.total) if self.total else None

    def __str__(self) -> str:
        """Say it in a sentence's words: ``Loading SD-Turbo, 40 %``."""
        begun = f"{_SAID[self.phase or self.state]} {self.title}" if self.state in _NOW else ""
        if not begun:
            waits = self.state == "waiting"
            return f"{self.title} waits to be loaded" if waits else f"{self.title} is {self.state}"
        if self.unit == "shapes":
            return f"{begun}, {self.done} of {self.total} shapes"
        return begun if self.share is None else f"{begun}, {int(100 * self.share)} %"


class Readiness:
    """Where each model stands, told to whoever follows; for one event loop.

    ``hear`` may be called on any thread once ``attach`` was called on the loop; all else on the
    loop.
    """

    def __init__(self, clock: Clock = MONOTONIC) -> None:
        self._clock = clock
        self._loop: asyncio.AbstractEventLoop | None = None
        self._standings: dict[str, Standing] = {}
        self._ids: dict[str, str] = {}  # by the name in the settings, where it is another one
        self._strangers: set[str] = set()
        self._served: set[str] = set()  # that were ready once
        self._followers: set[Callable[[], None]] = set()
        self._before: dict[str, Standing] = {}  # where models stood before they are brought back
        self.failures: dict[str, LivedraftError] = {}
        self.classes: dict[str, type[AnyModel]] = {}  # of models whose info is known

    def attach(self, names: Mapping[str, str], strangers: Collection[str] = ()) -> None:
        """Begin with these models, on the running loop, and with what everybody may call them.

        Of ``strangers`` nobody knows the id before they are loaded.
        """
        self._loop = asyncio.get_running_loop()
        self._standings = {name: Standing(told, told) for name, told in names.items()}
        self._strangers = set(strangers)

    @property
    def standings(self) -> list[Standing]:
        """Where all models stand, in their order; the first is the default."""
        return list(self._standings.values())

    @property
    def settled(self) -> bool:
        """Whether each model is served, or known not to be."""
        return bool(self._standings) and not any(map(self.is_to_come, self._standings))

    @property
    def default(self) -> str:
        """The model of who names none: the first that did not fail; empty before any is known."""
        names = [name for name in self._standings if name not in self.failures]
        return next(iter(names), "")

    @property
    def said(self) -> str:
        """How far what is worked on is, in a sentence."""
        return str(self.of() or "Loading models")

    def why_not(self, name: str) -> LivedraftError | None:
        """Return what keeps a model from being served now; None: nothing that is known here."""
        if name in self.failures:
            return not_served(name, self.failures[name])
        standing = self._standings.get(name)
        if standing is None or not self.is_to_come(name):
            return None
        return ModelLoading(
            f"'{name}' is not there yet: {standing}", fix="ask again once it is; the others serve"
        )

    def may_come(self, name: str) -> bool:
        """Whether it is worth while to wait for a model of a name."""
        if name in self._standings:
            return self.is_to_come(name)
        strangers = self._strangers & self._standings.keys()
        return not self._standings or any(map(self.is_to_come, strangers))

    def is_to_come(self, name: str) -> bool:
        """Whether it is not served yet, and may be.

        One that was served is so while it comes back to its device, or makes other shapes.
        """
        return self._standings[name].state not in _SETTLED and name not in self._served

    def of(self, *names: str, others: bool = True) -> Standing | None:
        """Return the standing that those wait for who want these models; None: of nothing.

        It is that of the first of them that is worked on, else of any ``others`` that is. A first
        one without a name is the default.
        """
        every = self.standings
        first = next(iter(self._standings), "")
        named = [names[0] or first, *names[1:]] if names else []
        wanted = [self._standings[name] for name in named if name in self._standings]
        found = (*wanted, *every) if others else wanted
        return next((each for each in found if each.state in _NOW), None)

    def hear(self, name: str, part: Part) -> None:
        """Take, on any thread, how far a model's loading is."""
        self._soon(self._load, name, part)

    def bring_back(self, name: str, part: Part | None) -> None:
        """Take, on any thread, how far a model is that comes back to its device; None: it is."""
        self._soon(self._bring_back, name, part)

    def know(self, name: str, model: type[AnyModel]) -> None:
        """Note, on any thread, what a model is that is going to be loaded."""
        self._soon(self._know, name, model)

    def begin(self, name: str) -> None:
        """Note, on any thread, that a model is being loaded."""
        self._soon(self._change, name, state="loading")

    def loaded(self, name: str, id: str) -> None:
        """Note, on any thread, that a model is loaded, and what it is called from now on."""
        self._soon(self._rename, name, id)

    def fail(self, name: str, error: LivedraftError) -> None:
        """Note, on any thread, that a model will not be served, and why."""
        self._soon(self._fail, name, error)

    def warm(self, name: str, done: int, shapes: Iterable[object]) -> None:
        """Note how many of a model's shapes were made."""
        every = [str(shape) for shape in shapes]
        state: State = "warming" if done < len(every) else "ready"
        self._change(
            name, state=state, phase="", done=done, total=len(every), unit="shapes",
            missing=tuple(every[done:]),
        )  # fmt: skip

    def follow(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Have a change of any standing told; return what ends that."""
        self._followers.add(changed)
        return lambda: self._followers.discard(changed)

    def told(self) -> dict[str, dict[str, Any]]:
        """Return where all models stand, for programs."""
        return {each.name: self._told(each) for each in self.standings}

    def _told(self, standing: Standing) -> dict[str, Any]:
        failure = self.failures.get(standing.name)
        return {
            "state": standing.state,
            "done": standing.done,
            "total": standing.total,
            "unit": standing.unit,
            "missing": list(standing.missing[:_MOST_MISSING]),
            **({"error": failure.to_wire()} if failure is not None else {}),
        }

    @property
    def retry_after_s(self) -> int:
        """After how many seconds it is worth while to ask again, as far as it goes on as it did."""
        under_way = self.of()
        if under_way is None or not under_way.done or not under_way.total:
            return _USUAL_S
        each_s = (self._clock() - under_way.since) / under_way.done
        left_s = ceil(each_s * (under_way.total - under_way.done))
        return min(_MOST_S, max(_LEAST_S, left_s))

    def _soon(self, change: Callable[..., None], *given: Any, **named: Any) -> None:
        if self._loop is None:
            return  # nobody follows
        with suppress(RuntimeError):  # the loop is closed: nobody waits any more
            self._loop.call_soon_threadsafe(lambda: change(*given, **named))

    def _know(self, name: str, model: type[AnyModel]) -> None:
        info = model.info
        if info.id not in self._standings or info.id == name:
            self._call(name, info.id)
        self.classes[self._ids.get(name, name)] = model
        self._change(name, title=info.title)

    def _call(self, name: str, id: str) -> None:
        """Have a model be known by its id."""
        before, found = self._ids.get(name, name), self._standings
        self._standings = {id if each == before else each: found[each] for each in found}
        if before in self.classes:
            self.classes[id] = self.classes.pop(before)
        if id in self._standings:
            self._standings[id] = replace(self._standings[id], name=id)
        if id != name:
            self._ids[name] = id
        self._strangers -= {name, before}

    def _rename(self, name: str, id: str) -> None:
        self._call(name, id)
        self._change(id, state="warming", phase="", done=0, total=0, unit="", missing=())

    def _load(self, name: str, part: Part) -> None:
        if part.phase == "warming":  # a piece of what a user asked for, beside those who draw
            self._bring_back(name, part if part.done < part.total else None)
        else:
            self._take(name, "loading", part)

    def _take(self, name: str, state: State, part: Part) -> None:
        self._change(
            name, state=state, phase=part.phase, done=part.done, total=part.total,
            unit=part.unit, missing=part.missing,
        )  # fmt: skip

    def _bring_back(self, name: str, part: Part | None) -> None:
        if part is not None:
            if name in self._standings:
                self._before.setdefault(name, self._standings[name])
            self._take(name, "warming" if part.phase == "warming" else "loading", part)
        elif (before := self._before.pop(name, None)) is not None:
            self._change(
                name, state=before.state, phase=before.phase, done=before.done, total=before.total,
                unit=before.unit, missing=before.missing,
            )  # fmt: skip

    def _fail(self, name: str, error: LivedraftError) -> None:
        self.failures[self._ids.get(name, name)] = error
        self._change(name, state="failed", phase="", done=0, total=0, unit="", missing=())

    def _change(self, name: str, **changes: Any) -> None:
        name = self._ids.get(name, name)
        before = self._standings.get(name)
        if before is None or before.state == "failed":
            return
        after = replace(before, **changes)
        if (after.state, after.phase) != (before.state, before.phase):
            after = replace(after, since=self._clock())
        self._standings[name] = after
        if after.state == "ready":
            self._served.add(name)
        for changed in tuple(self._followers):
            changed()


def not_served(name: str, error: LivedraftError) -> ModelNotFound:
    """Return what is told of a model that could not be loaded or warmed up."""
    fix = f"{error.fix}; the server's log tells more" if error.fix else "see the server's log"
    return ModelNotFound(f"'{name}' is not served: {error.message}", fix=fix)
