"""The requests of a server's queue: bounded in number, bytes and time.

Of those that are not made yet, what is held are their pictures and their places in line, which are
those of sessions, too. A request that nobody asks about for ``idle_s`` is given up, or forgotten
where it is made.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

from livedraft.errors import ServerBusy

from ..per_address import PerAddress
from ..service import Service
from .job import Job, Wanted

MOST_MADE = 256  # requests whose answers are kept
MOST_BYTES_MADE = 128 * 2**20  # of their pictures and films; the newest is kept in any case
MOST_BYTES_WAITING = 64 * 2**20  # of pictures that wait to be worked on


class Jobs:
    """All requests, the one that was asked about last at the end."""

    def __init__(self, service: Service) -> None:
        self._service = service
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._timers: dict[str, asyncio.TimerHandle] = {}
        self._watched: dict[str, int] = {}  # how many follow a request on an open line
        config = service.config
        self._idle_s = config.idle_s
        self._by_address = PerAddress(config.max_per_address, config.proxies)

    def __len__(self) -> int:
        return len(self._jobs)

    def __iter__(self) -> Iterator[Job]:
        return iter(self._jobs.values())

    def submit(self, wanted: Wanted, owner: str) -> Job:
        """Take a request on; raise ServerBusy."""
        waiting = sum(job.bytes for job in self._jobs.values() if not job.done)
        if waiting and waiting + wanted.bytes > MOST_BYTES_WAITING:
            raise ServerBusy("too many pictures wait in line", fix="try again in a while")
        if not self._by_address.enter(owner):
            raise ServerBusy(
                f"{self._by_address.limit} requests of {owner} wait",
                fix="wait for one of them, or raise the setting 'max_per_address'",
            )
        try:
            job = Job(self._service, wanted, owner)
        except BaseException:
            self._by_address.leave(owner)
            raise
        job.on_end = lambda: self._ended(job, owner)
        self._jobs[job.id] = job
        self._asked(job)
        return job

    def find(self, id: str) -> Job | None:
        """Return a request that is asked about, so that it is kept for longer."""
        job = self._jobs.get(id)
        if job is not None:
            self._asked(job)
        return job

    @contextmanager
    def watching(self, job: Job) -> Iterator[None]:
        """Keep a request while somebody follows it on an open line."""
        self._watched[job.id] = self._watched.get(job.id, 0) + 1
        try:
            yield
        finally:
            self._watched[job.id] -= 1
            if not self._watched[job.id]:
                del self._watched[job.id]
            if job.id in self._jobs:
                self._asked(job)

    def forget(self, job: Job) -> None:
        """Give a request up, and what came of it."""
        if self._jobs.pop(job.id, None) is not None:
            self._timers.pop(job.id).cancel()
        if job.done:
            job.drop()
        else:
            job.cancel()

    async def close(self) -> None:
        """Give all up."""
        jobs = list(self._jobs.values())
        for job in jobs:
            self.forget(job)
        await asyncio.gather(*(job.ended() for job in jobs))

    def _asked(self, job: Job) -> None:
        if job.id in self._timers:
            self._timers[job.id].cancel()
        self._jobs.move_to_end(job.id)
        loop = asyncio.get_running_loop()
        self._timers[job.id] = loop.call_later(self._idle_s, self._idle, job)

    def _idle(self, job: Job) -> None:
        if job.id in self._watched:
            self._asked(job)
        else:
            self.forget(job)

    def _ended(self, job: Job, owner: str) -> None:
        """Make room for what came of a request."""
        self._by_address.leave(owner)
        made = [each for each in self._jobs.values() if each.done and each is not job]
        held = job.bytes + sum(each.bytes for each in made)
        for oldest in made[:]:
            if len(made) < MOST_MADE and held <= MOST_BYTES_MADE:
                return
            made.remove(oldest)
            held -= oldest.bytes
            self.forget(oldest)
