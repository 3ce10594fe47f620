"""A connection while it lasts: opening, frames, refusals and the window."""

import io
from typing import Any

import pytest
from PIL import Image
from tests.memory import MemoryClient
from tests.runtime.transports.talks import SKETCH, refused, serving

from livedraft.media.recipes import read_recipe
from livedraft.protocol.messages import (
    Ack,
    Cancel,
    Close,
    Error,
    Frame,
    Input,
    Open,
    ParamsUpdate,
    Refine,
    Stage,
)

pytestmark = pytest.mark.anyio


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
