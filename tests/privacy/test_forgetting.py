"""Who closes a session is forgotten at once: nothing in the server holds their photograph."""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.memory import MemoryClient
from tests.privacy.photo import photograph

from livedraft.protocol.messages import (
    Ack,
    Close,
    Error,
    Frame,
    Input,
    Message,
    Open,
    Opened,
    ParamsUpdate,
    Refine,
    Switch,
    Switched,
)
from livedraft.runtime.config import Config
from livedraft.runtime.models.base import Job
from livedraft.runtime.running import Thread
from livedraft.runtime.server import Server
from livedraft.runtime.sessions.session import Session
from livedraft.runtime.sessions.task import Task
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

MODELS = Path(__file__).parent / "models"
PHOTO = photograph(300, 200)


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Service]:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)
        async with Server(Config(models=("mirror", "second"), **settings)) as service:
            await (await service.runner()).released()  # of what warmed it up
            yield service


async def shown(service: Service, **asked: Any) -> tuple[MemoryClient, Opened]:
    """Open a session that has drafted with a photograph and refined it with another model."""
    client = MemoryClient(service)
    opened = await client.open(Open(features=["models"], refine_model="second", **asked))
    await client.say(Input(id=1, inputs={"person": PHOTO}))
    await client.say(Ack(seq=(await client.hear(Frame)).seq))
    await client.say(Refine(id=2))
    await client.say(Ack(seq=(await client.hear(Frame)).seq))
    return client, opened


def holding() -> list[object]:
    """Return what there is that can hold a photograph: sessions, and models' own, by their types.

    A finding is that of a collector that looks at all objects, so nothing hides in a cycle that
    is not collected yet: what is left is reached from somewhere.
    """
    gc.collect()
    # By type: to ask an object for its class may run its own code, such as one that warns.
    kinds = {"Seen", "MirrorJob"}
    found = gc.get_objects()
    return [
        each
        for each in found
        if issubclass(type(each), (Session, Task, Job)) or type(each).__name__ in kinds
    ]


def pixels_of(session: Session) -> list[weakref.ref[np.ndarray[Any, Any]]]:
    """Return references to all pictures of a session and its models' states, that hold none."""
    arrays = list(session.pixels.values())
    arrays += [use.cell.state.photo for use in session.uses.all if use.cell.state is not None]
    return [weakref.ref(array) for array in arrays]


def the_session() -> Session:
    (session,) = [each for each in holding() if isinstance(each, Session)]
    return session


async def gone(service: Service, client: MemoryClient) -> None:
    """Wait until a connection is over and what it gave back was freed."""
    await client.serving
    await (await service.runner()).released()


async def test_a_close_frees_all_that_was_shown() -> None:
    async with serving() as service:
        client, _ = await shown(service)
        held = pixels_of(the_session())
        assert len(held) == 3, "the session's, and those of two models"
        assert all(ref() is not None for ref in held)
        await client.say(Close())
        await gone(service, client)
        assert holding() == []
        assert all(ref() is None for ref in held)


async def test_what_waits_to_be_resumed_is_freed_with_the_first_word_to_forget_it() -> None:
    async with serving() as service:
        client, opened = await shown(service)
        held = pixels_of(the_session())
        await client.channel.leave()  # the line breaks
        await gone(service, client)
        assert any(ref() is not None for ref in held)
        again = MemoryClient(service)
        resumed = await again.open(Open(resume=opened.resume))
        assert resumed.resumed
        await again.say(Close())
        await gone(service, again)
        assert holding() == []
        assert all(ref() is None for ref in held)


@pytest.mark.parametrize(
    "settings", [{"resume_s": 0.0}, {"max_parked_bytes": 0}], ids=lambda s: next(iter(s))
)
async def test_where_nothing_may_wait_to_be_resumed_a_broken_line_frees_all(
    settings: dict[str, Any],
) -> None:
    async with serving(**settings) as service:
        client, _ = await shown(service)
        held = pixels_of(the_session())
        await client.channel.leave()
        await gone(service, client)
        assert holding() == []
        assert all(ref() is None for ref in held)


async def test_another_model_leaves_nothing_in_the_one_before() -> None:
    async with serving() as service:
        client, _ = await shown(service)
        before = the_session().uses.drafting.cell
        await client.say(Switch(id=3, model="second"))
        assert (await client.hear(Switched)).id == 3
        while not (isinstance(told := await client.hear(Message), Frame) and told.id == 3):
            pass
        await (await service.runner()).released()
        assert before.state is None
        await client.say(Close())
        await gone(service, client)
        assert holding() == []


async def test_a_failed_picture_is_freed_too() -> None:
    async with serving() as service:
        client, _ = await shown(service)
        held = pixels_of(the_session())
        await client.say(ParamsUpdate(id=3, params={"fault": "unforeseen"}))
        while not isinstance(await client.hear(Message), Error):
            pass
        await client.say(Close())
        await gone(service, client)
        assert holding() == []
        assert all(ref() is None for ref in held), "though the log's handlers keep the error"


async def test_single_pictures_leave_nothing() -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(MODELS)
        with Thread(Config(models=("mirror",), port=0)) as server:
            async with httpx.AsyncClient() as client:
                for fault in ("", "unforeseen"):
                    answer = await client.post(
                        f"{server.url}/v1/generate",
                        data={"model": "mirror", "fault": fault},
                        files={"person": PHOTO},
                    )
                    assert answer.status_code == (500 if fault else 200)
            # The next one is served once the one before has been cleared away.
            assert httpx.get(f"{server.url}/readyz").status_code == 200
            assert [each for each in holding() if not isinstance(each, Job)] == []
