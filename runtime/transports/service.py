"""What all transports share: the runner, places, parked sessions, pictures, metrics."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from ipaddress import ip_network
from math import ceil, isinf
from typing import Any, Protocol

from starlette.datastructures import Address

from livedraft.errors import InvalidParams, ServerBusy, SessionClosed
from livedraft.media.marking import marking
from livedraft.media.marks import CHANGED, KEY, MADE

from ..clock import MONOTONIC, Clock
from ..config import Config
from ..heap import give_back
from ..metrics import Metrics
from ..models.base import AnyModel, ModelInfo
from ..readiness import Readiness
from ..sessions.admission import Admission, Ticket
from ..sessions.away import away, bring_back
from ..sessions.parking import Parking
from ..sessions.runner import Runner
from ..sessions.session import Session
from .patience import Placed, Vacancies
from .per_address import PerHour, household
from .picture_pool import PicturePool
from .security import Gate
from .served import Served
from .tickets import Tickets
from .waiting import at_most

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
    """One server as its transports see it; until ``serve`` was called it has no models."""

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
        self.draining = False
        self.readiness = Readiness(clock)
        self.served = Served(self.readiness, config.load_s)
        self._runner: Runner | None = None
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
        """Whether new sessions are served right away, whatever model they ask for."""
        return not self.unready

    @property
    def unready(self) -> str:
        """Why new sessions are not served right away; empty if they are."""
        if self.draining:
            return "draining"
        if self._runner is None or not self.readiness.settled:
            return self.readiness.said
        return self._runner.late

    def unready_for(self, names: Sequence[str]) -> str:
        """Return why sessions with these models are not served right away; none named: any."""
        if not names or self.draining or self._runner is None:
            return self.unready
        for name in names:
            why_not = self.readiness.why_not(name)
            if why_not is not None or name not in self.models:
                return why_not.message if why_not is not None else f"no model '{name[:100]}' here"
        return self._runner.late

    def away(self, *names: str) -> bool:
        """Tell whether any of these models must be brought back to its device first."""
        return self._runner is not None and bool(away(self._runner.engines, self._named(names)))

    def owner(self, client: Address | None) -> str:
        """Return whose share of what is scarce a connection takes; nothing if it cannot be told."""
        return household(client.host, self._proxies) or "" if client else ""

    def count(self, owner: str, number: int = 1) -> None:
        """Count a session, or so many pictures, of an owner; all of them or none.

        Raises ServerBusy for one too many, InvalidParams for more than ever may be asked for.
        """
        wait_s, limit = self._hourly.enter(owner, number), self._hourly.limit
        if isinf(wait_s):
            raise InvalidParams(
                f"{number} pictures at once: within an hour one address may have {limit}",
                fix=f"ask for {limit} at most, or raise 'max_hourly_per_address'",
            )
        if wait_s:
            raise ServerBusy(
                f"{limit} sessions were opened from {owner} within an hour"
                if number == 1
                else f"fewer than {number} of {limit} within an hour are left to {owner}",
                fix=f"come back in {ceil(wait_s / 60)} min, or raise 'max_hourly_per_address'",
            )

    def begin(self, runner: Runner) -> None:
        """Have sessions run here from now on, with the models that are served."""
        self._runner = runner

    def serve(self, model: AnyModel) -> None:
        """Serve one more model, from now on."""
        marked = self.pictures.marking.told({KEY: CHANGED if model.info.changes else MADE})
        self.served.add(model, marked)

    @property
    def models(self) -> dict[str, dict[str, Any]]:
        """The models that are served, as clients see them; the first is the default."""
        return self.served.models

    def relearn(self, info: ModelInfo) -> None:
        """Tell of LoRAs that a model was given or has no more: every session, and who asks."""
        self.served.relearn(info)
        for connection in self._connections:
            connection.relearn(info)
        self.parking.relearn(info)

    async def warm(self, *names: str, beside: Sequence[str] = ()) -> None:
        """Return once the models are warm and on their devices; raise as ``runner`` does.

        Raises OutOfMemory where others leave one no room.
        """
        runner = await self.runner(*names, beside=beside)
        await bring_back(runner.engines, self._named(names))

    def _named(self, names: Sequence[str]) -> set[str]:
        """Return names with the default's, that is served, in place of an empty one."""
        return {name or self.served.default for name in names}

    async def runner(self, *names: str, beside: Sequence[str] = ()) -> Runner:
        """Return the runner, once it serves these models, or any if none is named.

        An empty name is the default. Raises SessionClosed when draining, ModelNotFound as soon as
        one of them, or of those ``beside``, is known not to be served, and ServerBusy after
        ``load_s``. Nobody waits for what is no model: the runner refuses it.
        """
        if not self.served.has(names) and not self.draining:
            await self.served.wait(names, beside)
        if self.draining or self._runner is None:
            raise SessionClosed("the server is stopping", fix="connect again in a moment")
        return self._runner

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

    def rest(self) -> None:
        """Have memory given back that those who left used; all of it once nobody is here."""
        alone = not self._connections and not len(self.parking)
        asyncio.get_running_loop().run_in_executor(None, give_back, alone)

    def close(self) -> None:
        """Forget parked sessions and end the picture pool."""
        self.draining = True
        self.served.stop()  # nobody waits for models that will not come
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
            else:
                self.rest()
