"""One picture or film for one HTTP request: a place, a session that lives for it, and its end."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

from starlette.requests import Request

from livedraft.errors import ModelNotFound, did_you_mean
from livedraft.protocol.messages import Wants

from ..models.params import from_text, merge
from ..sessions.oneshot import Asked, one_shot
from ..sessions.received import Received, check_pictures
from ..sessions.result import Result
from ..sessions.runner import Runner
from ..sessions.wants import check_wanted
from .service import Service
from .waiting import first

T = TypeVar("T")


@dataclass(slots=True)
class Order:
    """What a request asks for."""

    model: str = ""
    inputs: dict[str, bytes] = field(default_factory=dict)  # encoded pictures by input name
    params: dict[str, Any] = field(default_factory=dict)


async def make(
    request: Request,
    service: Service,
    order: Order,
    preview: Callable[[Result], None] | None = None,
) -> Result | None:
    """Wait for a place and make the picture; None as soon as the client has left.

    ``preview`` hears what is on the way to it.
    """

    async def work(runner: Runner, asked: Asked) -> Result:
        return await one_shot(runner, replace(asked, wants="picture", preview=preview))

    return await placed(request, service, order, work)


async def placed(
    request: Request,
    service: Service,
    order: Order,
    work: Callable[[Runner, Asked], Awaitable[T]],
    admit: Callable[[Runner], None] | None = None,
) -> T | None:
    """Wait for a place and return what is made there; None as soon as the client has left.

    ``admit`` may refuse before there is one, once the model is there to judge by.
    """
    made: list[T] = []

    async def in_place() -> None:
        runner = await service.runner(order.model)  # until when it does not say what it takes
        if admit is not None:
            admit(runner)
        described = description(service, order)
        ticket = service.admission.ask(places=described["places"] if described is not None else 1)
        try:
            await ticket.wait()
            runner = await service.runner()  # refuses while the server drains
            params = order.params
            if described is not None:  # else the runner says that there is no such model
                params = from_text(described["params_schema"], params)
            owner = service.owner(request.client)
            made.append(await work(runner, Asked(order.model, order.inputs, params, owner)))
        finally:
            ticket.release()

    await first(in_place(), left(request), service.cut_off())
    return made[0] if made else None


def judge(service: Service, runner: Runner, order: Order, wants: Wants) -> None:
    """Raise what is wrong with an order, as far as it can be told before anything is made."""
    described = description(service, order)
    if described is None:
        fix = did_you_mean(order.model, service.models)
        raise ModelNotFound(f"no model '{order.model[:100]}' here", fix=fix)
    model = runner.models[described["id"]]
    merge(model.params, None, from_text(described["params_schema"], order.params))
    check_pictures(order.inputs, model.info)
    check_wanted(model.info, wants)
    received = Received()
    received.note(order.inputs)
    received.check(model.info, model.info, ())


async def left(request: Request) -> None:
    """Return once the client of a request, whose body has been read, has left."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def description(service: Service, order: Order) -> dict[str, Any] | None:
    """Return what clients are described of the model that is asked for, if there is such a one."""
    return service.models.get(order.model or next(iter(service.models)))


def random_seed() -> int:
    """Return a seed for a picture that none was named for, where each shall be another."""
    return secrets.randbelow(2**32)
