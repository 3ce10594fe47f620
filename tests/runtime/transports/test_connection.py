"""A connection's life: opening, frames, refusals, the line, parting and coming back."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from PIL import Image

from livedraft.media import images
from livedraft.media.recipes import read_recipe
from livedraft.protocol.messages import (
    Ack,
    Cancel,
    Close,
    Error,
    Frame,
    Input,
    Open,
    Opened,
    ParamsUpdate,
    Queued,
    Refine,
    Stage,
)
from livedraft.runtime.config import Config
from livedraft.runtime.server import Server
from livedraft.runtime.transports.memory import MemoryClient
from livedraft.runtime.transports.service import Service

pytestmark = pytest.mark.anyio

SKETCH = images.encode(Image.linear_gradient("L").convert("RGB"), "image/jpeg")


@asynccontextmanager
async def serving(**settings: Any) -> AsyncIterator[Service]:
    async with Server(Config(models=("echo",), **settings)) as service:
        yield service


async def refused(service: Service, message: Open) -> tuple[Error, Close, int]:
    """Open in vain; return what the server said."""
    async with MemoryClient(service) as client:
        await client.say(message)
        error, close = await client.hear(Error), await client.hear(Close)
        code, _ = await client.ended()
        return error, close, code


@pytest.mark.parametrize("text", [False, True])
async def test_a_whole_session(text: bool) -> None:
    async with serving() as service, MemoryClient(service, text=text) as client:
        opened = await client.open(Open(params={"prompt": "a fox"}))
        assert opened.model["id"] == "echo"
        assert opened.model["params_schema"]["properties"]["prompt"]
        assert (opened.last_id, opened.resumed, opened.window) == (0, False, 2)
        assert opened.params["prompt"] == "a fox"

        await client.say(Input(id=1, inputs={"sketch": SKETCH}))
        draft = await client.hear(Frame)
        assert (draft.seq, draft.id, draft.stage, draft.mime) == (1, 1, Stage.DRAFT, "image/jpeg")
        assert (draft.width, draft.height) == (256, 256)
        await client.say(Ack(seq=1))

        await client.say(ParamsUpdate(id=2, params={"seed": 7}))
        assert await client.hear(Ack) == Ack(id=2, params={"seed": 7})
        assert (await client.hear(Frame)).seed == 7
        await client.say(Ack(seq=2))

        await client.say(Refine(id=3, params={"steps": 3}))
        preview, final = await client.hear(Frame), await client.hear(Frame)
        assert (preview.stage, preview.step, preview.steps) == (Stage.PREVIEW, 2, 3)
        assert (final.stage, final.step, final.mime) == (Stage.FINAL, 3, "image/png")
        recipe = read_recipe(Image.open(io.BytesIO(final.image)))
        assert recipe is not None
        assert (recipe["model"], recipe["seed"], recipe["steps"]) == ("echo", 7, 3)
        assert recipe["params"] == final.params

        await client.say(Close())
        assert await client.hear(Close) == Close()
        assert await client.ended() == (1000, "")
        assert service.admission.taken == len(service.parking) == 0


async def test_timings_are_moments_in_their_order() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open()
        await client.say(Input(id=1, inputs={"sketch": SKETCH}, params={"delay_ms": 5}))
        await client.hear(Ack)
        timings = (await client.hear(Frame)).timings
        names = ["queued", "prepared", "stepped", "decoded", "encoded", "sent"]
        moments = [timings[name] for name in names]
        assert moments == sorted(moments)
        assert timings["stepped"] - timings["prepared"] >= 5
        assert timings["model"] >= 5


@pytest.mark.parametrize(
    ("message", "code", "close"),
    [
        (Open(v=2), "version_mismatch", 4400),
        (Open(model="ecko"), "model_not_found", 4404),
        (Open(resume="nothing"), "session_unknown", 4404),
        (Open(params={"prompt": 1}), "invalid_params", 4400),
        (Open(accept=["image/gif"]), "bad_message", 4400),
    ],
)
async def test_an_open_that_is_refused_ends_the_connection(
    message: Open, code: str, close: int
) -> None:
    async with serving() as service:
        error, last, closed = await refused(service, message)
        assert (error.code, error.fatal, last.code, closed) == (code, True, code, close)
        assert error.fix
        assert service.admission.taken == len(service.parking) == 0


async def test_the_token_is_wanted_in_open_or_in_the_handshake() -> None:
    async with serving(token="hush") as service:
        for wrong in ("", "hash"):
            error, _, closed = await refused(service, Open(token=wrong))
            assert (error.code, closed) == ("unauthorized", 4401)
        async with MemoryClient(service) as client:
            await client.open(Open(token="hush"))
        async with MemoryClient(service, token="hush") as client:
            await client.open()


async def test_what_comes_before_open_is_refused() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.say(Cancel())
        assert (await client.hear(Error)).code == "out_of_order"
        await client.hear(Close)
        assert (await client.ended())[0] == 4400


async def test_close_before_open_is_no_fault() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.say(Close())
        await client.hear(Close)
        assert await client.ended() == (1000, "")


async def test_a_client_that_never_opens_is_let_go() -> None:
    async with serving(open_s=0.1) as service, MemoryClient(service) as client:
        assert (await client.hear(Error)).message == "no 'open' came"
        await client.hear(Close)
        assert (await client.ended())[0] == 4400


@pytest.mark.parametrize(
    ("message", "code"),
    [
        (ParamsUpdate(id=1, params={"sed": 1}), "invalid_params"),
        (ParamsUpdate(id=1, params={"seed": -1}), "invalid_params"),
        (ParamsUpdate(id=1, params={"prompt": "x" * 100_000}), "invalid_params"),
        (Input(id=1, inputs={"sketch": b"\x89PNG"}), "invalid_image"),
        (Input(id=1, inputs={"sketsh": SKETCH}), "invalid_image"),
        (Input(id=1, inputs={"sketch": SKETCH[:300]}), "invalid_image"),
        (Ack(seq=9), "out_of_order"),
        (Ack(id=1), "bad_message"),
        (Open(), "out_of_order"),
        (Input(id=0, inputs={}), "out_of_order"),
    ],
)
async def test_a_refused_message_leaves_the_session_as_it_was(message: Any, code: str) -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open(Open(params={"seed": 5}))
        await client.say(message)
        error = await client.hear(Error)
        assert (error.code, error.fatal) == (code, False)
        assert error.id == (1 if code.startswith("invalid") else None)
        await client.say(ParamsUpdate(id=2, params={}))
        await client.hear(Ack)
        assert (await client.hear(Frame)).seed == 5


async def test_a_job_that_fails_is_told_and_the_next_one_works() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open()
        await client.say(ParamsUpdate(id=1, params={"fail": True}))
        await client.hear(Ack)
        error = await client.hear(Error)
        assert (error.code, error.id, error.fatal) == ("model_failed", 1, False)
        await client.say(ParamsUpdate(id=2, params={"fail": False}))
        await client.hear(Ack)
        assert (await client.hear(Frame)).id == 2


async def test_no_frame_is_made_while_the_window_is_full() -> None:
    async with serving(window=1) as service, MemoryClient(service) as client:
        await client.open()
        await client.say(ParamsUpdate(id=1, params={"seed": 1}))
        await client.hear(Ack)
        await client.hear(Frame)
        for id in (2, 3, 4):
            await client.say(ParamsUpdate(id=id, params={"seed": id}))
            await client.hear(Ack)  # the frame before is unconfirmed: nothing else comes
        await client.say(Ack(seq=1))
        frame = await client.hear(Frame)
        assert (frame.id, frame.seed, frame.dropped) == (4, 4, 2)


async def test_a_client_waits_in_line_and_moves_up() -> None:
    async with (
        serving(max_sessions=1, max_queue=2) as service,
        MemoryClient(service) as inside,
        MemoryClient(service) as second,
        MemoryClient(service) as third,
    ):
        await inside.open()
        await second.say(Open())
        assert (await second.hear(Queued)).position == 1
        await third.say(Open())
        assert (await third.hear(Queued)).position == 2
        error, _, closed = await refused(service, Open())
        assert (error.code, error.retryable, closed) == ("server_busy", True, 1013)
        await inside.say(Close())
        await second.hear(Opened)
        assert (await third.hear(Queued)).position == 1
        await second.leave()
        await third.hear(Opened)


async def test_who_leaves_the_line_makes_room() -> None:
    async with (
        serving(max_sessions=1) as service,
        MemoryClient(service) as inside,
        MemoryClient(service) as second,
        MemoryClient(service) as third,
    ):
        await inside.open()
        for client, position in ((second, 1), (third, 2)):
            await client.say(Open())
            assert (await client.hear(Queued)).position == position
        await second.say(Close())
        await second.hear(Close)
        assert await second.ended() == (1000, "")
        assert (await third.hear(Queued)).position == 1
        await third.leave()
        assert (service.admission.taken, service.admission.queued) == (1, 0)


async def test_a_broken_line_is_resumed_with_all_that_was_in_force() -> None:
    async with serving(max_sessions=1) as service:
        async with MemoryClient(service) as client:
            opened = await client.open()
            await client.say(Input(id=4, inputs={"sketch": SKETCH}, params={"seed": 9}))
            await client.hear(Ack)
            await client.hear(Frame)
            await client.leave()
        assert (service.admission.taken, len(service.parking)) == (0, 1)
        async with MemoryClient(service) as client:
            again = await client.open(Open(resume=opened.resume))
            assert (again.resumed, again.last_id, again.session) == (True, 4, opened.session)
            assert again.params["seed"] == 9
            await client.say(Refine(id=5))
            preview = await client.hear(Frame)
            assert (preview.seq, preview.width, preview.seed) == (1, 256, 9)
            await client.hear(Frame)
            await client.say(Close())
            await client.hear(Close)
            await client.ended()
        error, _, _ = await refused(service, Open(resume=opened.resume))
        assert error.code == "session_unknown"


async def test_a_resume_takes_over_from_a_line_that_seems_alive() -> None:
    async with (
        serving(max_sessions=1) as service,
        MemoryClient(service) as old,
        MemoryClient(service) as new,
    ):
        opened = await old.open()
        again = await new.open(Open(resume=opened.resume))
        assert again.session == opened.session
        assert (await old.hear(Close)).code == "resumed"
        assert (await old.ended())[0] == 1000
        assert (service.admission.taken, len(service.parking)) == (1, 0)
        await new.say(ParamsUpdate(id=1, params={}))
        await new.hear(Ack)
        await new.hear(Frame)


async def test_a_resume_that_finds_no_place_keeps_its_session() -> None:
    async with serving(max_sessions=1, max_queue=0) as service:
        async with MemoryClient(service) as client:
            opened = await client.open()
            await client.leave()
        async with MemoryClient(service) as other:
            await other.open()
            error, _, _ = await refused(service, Open(resume=opened.resume))
            assert error.code == "server_busy"
        async with MemoryClient(service) as client:
            assert (await client.open(Open(resume=opened.resume))).resumed


async def test_a_normal_close_of_the_socket_parks_nothing() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open()
        await client.leave(done=True)
        assert service.admission.taken == len(service.parking) == 0


async def test_work_stops_when_the_client_is_gone() -> None:
    async with serving() as service, MemoryClient(service) as client:
        await client.open()
        runner = await service.runner()
        await client.say(Refine(id=1, params={"steps": 100, "delay_ms": 20}))
        await client.hear(Frame)  # a preview: the refine runs
        await client.leave()
        async with asyncio.timeout(1):
            await runner.drain()
        assert service.admission.taken == 0


async def test_a_client_that_reads_nothing_counts_as_gone() -> None:
    async with serving(send_s=0.1) as service, MemoryClient(service, depth=1) as client:
        await client.open()
        for id in range(1, 4):
            await client.say(ParamsUpdate(id=id, params={}))
        async with asyncio.timeout(2):
            await client.serving
        assert (service.admission.taken, len(service.parking)) == (0, 1)


async def test_draining_finishes_what_is_under_way_and_says_so() -> None:
    async with serving(max_sessions=1) as service:
        async with MemoryClient(service) as client, MemoryClient(service) as waiting:
            await client.open()
            await waiting.say(Open())
            await waiting.hear(Queued)
            await client.say(ParamsUpdate(id=1, params={"delay_ms": 50}))
            await client.hear(Ack)
            draining = asyncio.create_task(service.drain())
            await client.hear(Frame)
            for each in (client, waiting):
                assert (await each.hear(Close)).code == "draining"
                assert (await each.ended())[0] == 1001
            await draining
        error, _, closed = await refused(service, Open())
        assert (error.code, closed) == ("session_closed", 1001)
        assert service.admission.taken == service.admission.queued == len(service.parking) == 0
