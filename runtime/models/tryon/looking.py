"""Looks at a person beside the frames: they take as long as several of them."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass

from .body.look import Look


@dataclass
class Looking:
    """One look at a time is under way, at the newest frame of when it was begun."""

    _worker: Executor
    _under_way: Future[Look] | None = None

    @property
    def idle(self) -> bool:
        """Whether none is under way."""
        return self._under_way is None

    def begin(self, look: Callable[[], Look]) -> None:
        """Have somebody looked at; only while idle."""
        self._under_way = self._worker.submit(look)

    def arrived(self) -> Look | None:
        """Return a look that is done, once; raise what it raised."""
        done = self._under_way
        if done is None or not done.done():
            return None
        self._under_way = None
        return done.result()

    def drop(self) -> None:
        """Want nothing more of what is under way."""
        if self._under_way is not None:
            self._under_way.cancel()
            self._under_way = None
