"""What all transports share: the runner, places, parked sessions, pictures, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from ipaddress import ip_network
from math import ceil
from typing import Any, Protocol

from starlette.datastructures import Address

from livedraft.errors import ServerBusy, SessionClosed
from livedraft.media.marking import marking
from livedraft.media.marks import CHANGED, KEY, MADE

from ..clock import MONOTONIC, Clock
from ..config import Config
from ..metrics import Metrics
from ..models.base import AnyModel, ModelInfo
from ..readiness import Readiness, not_served
from ..sessions.admission import Admission, Ticket
from ..sessions.away import away, bring_back
from ..sessions.parking import Parking
from ..sessions.runner import Runner
from ..sessions.session import Session
from .patience import Placed, Vacancies
from .per_address import PerHour, household
from .picture_pool import PicturePool
from .security import Gate
from .tickets import Tickets
from .waiting import at_most, first

FAREWELL_S = 2.0  # for the last frame and the last words to a client


class Live(Placed, Protocol):
    """A realtime connection."""

    def hand_over(self) -> tuple[Session, Ticket]:
        """Give session and place, of a live one, to a newer connection of the same client."""
        ...

    def relearn(self, info: ModelInfo) -> None:
        """Take, and tell, what a model is now."""
        ...


class Service:
    """One server as its transports see it; until ``begin`` it has no models."""

    def __init__(self, config: Config, *, clock: Clock = MONOTONIC) -> None:
        self.config = config
        self.clock = clock
        self.metrics = Metrics()
        self.pictures = PicturePool(
            config.picture_threads,
            config.max_pixels,
            marking(config.mark, config.c2pa_certificate, config.c2pa_key, config.c2pa_algorithm),
        )
        self.gate = Gate(config.host, config.token, config.origins, config.hosts)
        self.tickets = Tickets(config.token, lambda: self.clock())
        self.admission = Admission(config.max_sessions, config.max_queue)
        self.parking = Parking(
            config.resume_s, 2 * config.max_sessions, config.max_parked_bytes, clock=clock
        )
        self._hourly = PerHour(config.max_hourly_per_address, clock=lambda: self.clock())
        self._proxies = [ip_network(text) for text in config.proxies]
        self.live: dict[str, Live] = {}  # connections that are open, by resume token
        self.vacancies = Vacancies(config.idle_s, self.admission, self.live, lambda: self.clock())
        self.admission.on_wait = self.vacancies.look
        self.models: dict[str, dict[str, Any]] = {}  # as clients see them
        self.draining = False
        self.readiness = Readiness(clock)
        self._runner: Runner | None = None
        self._began = asyncio.Event()
        self._connections: set[Live] = set()
        self._cut_off = asyncio.Event()
        self._alone = asyncio.Event()
        self._alone.set()
        self._expiry: asyncio.TimerHandle | None = None
        self.metrics.watch(
            lambda: self.admission.inside, lambda: self.admission.queued, lambda: len(self.parking)
        )

    @property
    def ready(self) -> bool:
        """Whether new sessions are served right away."""
        return not self.unready

    @property
    def unready(self) -> str:
        """Why new sessions are not served right away; empty if they are."""
        if self.draining:
            return "draining"
        if self._runner is None:
            return str(self.readiness.of() or "Loading models")
        return self._runner.late

    def away(self, *names: str) -> bool:
        """Tell whether any of these models must be brought back to its device first."""
        return self._runner is not None and bool(away(self._runner.engines, names))

    def owner(self, client: Address | None) -> str:
        """Return whose share of what is scarce a connection takes; nothing if it cannot be told."""
        return household(client.host, self._proxies) or "" if client else ""

    def count(self, owner: str) -> None:
        """Count a session, or a single picture, of an owner; raise ServerBusy for one too many."""
        wait_s = self._hourly.enter(owner)
        if wait_s:
            raise ServerBusy(
                f"{self._hourly.limit} sessions were opened from {owner} within an hour",
                fix=f"come back in {ceil(wait_s / 60)} min, or raise 'max_hourly_per_address'",
            )

    def begin(self, runner: Runner, models: Mapping[str, AnyModel]) -> None:
        """Serve these models from now on; the first is the default."""
        self._runner = runner
        self.models = {
            name: {
                **asdict(model.info),
                **self.pictures.marking.told({KEY: CHANGED if model.info.changes else MADE}),
                "params_schema": model.params.model_json_schema(),
                "default": name == next(iter(models)),
            }
            for name, model in models.items()
        }
        self._began.set()

    def relearn(self, info: ModelInfo) -> None:
        """Tell of LoRAs that a model was given or has no more: every session, and who asks."""
        self.models[info.id] |= {"loras": [asdict(lora) for lora in info.loras]}
        for connection in self._connections:
            connection.relearn(info)
        self.parking.relearn(info)

    async def warm(self, *names: str) -> None:
        """Return once the models are warm and on their devices; raise as ``runner`` does.

        Raises OutOfMemory where others leave one no room.
        """
        runner = await self.runner(*names)
        await bring_back(runner.engines, names)

    async def runner(self, *names: str) -> Runner:
        """Return the runner, once the models are warm.

        Raises SessionClosed when draining, ModelNotFound as soon as one of these models is known
        not to be served, an empty name being the default, and ServerBusy after ``load_s``.
        """
        if self._runner is None and not self.draining:
            await self._loaded(names)
        if self.draining or self._runner is None:
            raise SessionClosed("the server is stopping", fix="connect again in a moment")
        return self._runner

    async def _loaded(self, names: Sequence[str]) -> None:
        """Return once the models are warm, or the server ends."""
        failed: asyncio.Future[str] = asyncio.get_running_loop().create_future()

        def look() -> None:
            default = next((each.name for each in self.readiness.standings), "")
            for name in (each or default for each in names):
                if name in self.readiness.failures and not failed.done():
                    failed.set_result(name)

        async def fail() -> None:
            name = await failed
            raise not_served(name, self.readiness.failures[name])

        async def begin() -> None:
            await self._began.wait()

        end = self.readiness.follow(look)
        look()
        try:
            async with asyncio.timeout(self.config.load_s):
                await first(fail(), begin())
        except TimeoutError:
            raise ServerBusy(
                f"the models are not ready after {self.config.load_s:g} s: {self.unready}",
                fix="try again later; /readyz says how far it is",
            ) from None
        finally:
            end()

    def arrive(self, connection: Live) -> None:
        """Count a connection, so that draining tells it and waits for it."""
        self._connections.add(connection)
        self._alone.clear()

    def depart(self, connection: Live) -> None:
        """Count it no longer."""
        self._connections.discard(connection)
        if not self._connections:
            self._alone.set()

    def park(self, session: Session) -> None:
        """Keep a session whose connection broke."""
        self.parking.park(session)
        if self._runner is not None:
            self._runner.suspend(session, self.parking.weigh)
        if self._expiry is None:
            self._watch_expiry()

    async def drain(self) -> None:
        """Take nothing new, finish what is under way, tell every client; at most ``drain_s``."""
        self.draining = True
        if self._runner is not None and not self._cut_off.is_set():
            await at_most(self.config.drain_s, self._runner.drain())
            if self._runner.under_way:
                self.give_up()
        for connection in self._connections:
            connection.end("draining", "the server is stopping")
        await at_most(FAREWELL_S, self._alone.wait())

    def give_up(self) -> None:
        """Let nobody wait for what is under way: nothing of it will be finished."""
        self._cut_off.set()

    async def cut_off(self) -> None:
        """Raise SessionClosed once what is under way is given up."""
        await self._cut_off.wait()
        raise SessionClosed("the server is stopping", fix="ask again in a moment")

    def close(self) -> None:
        """Forget parked sessions and end the picture pool."""
        self.draining = True
        self._began.set()  # nobody waits for models that will not come
        if self._expiry is not None:
            self._expiry.cancel()
        self.vacancies.close()
        self.parking.close()
        self.pictures.close()

    def _watch_expiry(self) -> None:
        loop = asyncio.get_running_loop()
        self._expiry = loop.call_later(self.config.resume_s, self._expire)

    def _expire(self) -> None:
        self._expiry = None
        try:
            self.parking.expire()
        finally:  # one that cannot be closed keeps none of the others
            if len(self.parking):
                self._watch_expiry()
