"""A provider's model in a server: beside others, in sessions, over HTTP; what a user is told."""

import base64
import json
import threading
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from PIL import Image
from tests.fal_double import KEY, FalDouble
from tests.runtime.models.providers.asking import NAME, card_of, fal
from tests.runtime.models.providers.test_fal import film, signed

import livedraft as ld
from livedraft.runtime.config import Config
from livedraft.runtime.running import Thread

__all__ = ["fal"]

ID = "fal/fal-ai/flux/dev"


def config(fal: FalDouble, folder: Path, *lines: str, first: str = "echo") -> Config:
    return Config(models=(first, f"{NAME}={card_of(fal, folder, *lines)}"), port=0)


def model_of_next(session: Any) -> str:
    """Return which model made the next frame."""
    frame = session.next_frame()
    return str(frame.model)


def until_cancelled(fal: FalDouble) -> list[str]:
    """Return what was cancelled, once something was."""
    for _ in range(400):
        if fal.cancelled:
            break
        fal.told.acquire(timeout=0.05)
    return fal.cancelled


def test_others_are_served_while_it_waits(fal: FalDouble, tmp_path: Path) -> None:
    """On one lane: nothing is asked as the server starts, or for drafts."""
    fal.statuses = [{"status": "IN_QUEUE", "queue_position": 2}]
    fal.held.clear()
    with Thread(config(fal, tmp_path)) as server, ld.Client(server.url) as client:
        assert fal.asked == []
        asking = client.session("echo", refine_model=ID, prompt="a fox")
        with asking as session, client.session("echo", seed=7) as other:
            session.send(Image.new("RGB", (512, 512), "white"))
            assert model_of_next(session) == "echo"
            finals: list[Any] = []
            refining = threading.Thread(target=lambda: finals.append(session.refine()))
            refining.start()
            fal.told.acquire(timeout=5)  # it waits there
            for shade in range(5):
                other.send(Image.new("RGB", (8, 8), (shade, 0, 0)))
                assert model_of_next(other) == "echo"
            assert finals == []
            fal.held.set()
            refining.join(20)
        (final,) = finals
        assert (final.model, final.stage, final.image.size) == (ID, "final", (64, 48))
        assert final.data["provider"] == "fal"
    (arguments,) = fal.asked
    assert arguments["prompt"] == "a fox"
    assert arguments["image_url"].startswith("data:image/jpeg")


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_signed_file_reaches_its_user_unchanged(
    fal: FalDouble, tmp_path: Path, kind: str
) -> None:
    """By HTTP, as JSON and in a session; the control is one that nobody signed."""
    with Thread(config(fal, tmp_path, first="echo")) as server:
        url, order = f"{server.url}/v1/generate", {"model": ID, "prompt": "x"}
        plain = httpx.post(url, json=order, timeout=60)
        assert b"livedraft" in plain.content, "it carries a recipe"
        fal.offer("made", f"image/{kind.lower()}", signed(kind))
        made = httpx.post(url, json=order, timeout=60)
        assert made.content == signed(kind)
        assert made.headers["content-type"] == f"image/{kind.lower()}"
        told = httpx.post(url, json=order, headers={"accept": "application/json"}, timeout=60)
        assert base64.b64decode(told.json()["image"]) == signed(kind)
        assert told.json()["data"]["signed"] is True
        with ld.Client(server.url) as client, client.session(ID) as session:
            frame = session.refine(prompt="x")
            assert frame.data["signed"] is True
            frame.save(tmp_path / f"kept.{kind.lower()}")
        assert (tmp_path / f"kept.{kind.lower()}").read_bytes() == signed(kind)


def test_who_leaves_cancels_there(fal: FalDouble, tmp_path: Path) -> None:
    fal.statuses = [{"status": "IN_PROGRESS"}]
    fal.held.clear()
    with Thread(config(fal, tmp_path)) as server:
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{server.url}/v1/generate", json={"model": ID}, timeout=1)
        assert until_cancelled(fal) == ["request-1"]


@pytest.mark.anyio
async def test_a_film_is_played_in_a_session(fal: FalDouble, tmp_path: Path) -> None:
    fal.offer("made.mp4", "video/mp4", film(tmp_path / "made.mp4", sound=True), key="video")
    lines = 'kinds = ["video"]'
    frames: list[int] = []
    samples = 0
    with Thread(config(fal, tmp_path, lines)) as server:
        async with (
            ld.AsyncClient(server.url) as client,
            client.session(ID, codecs=["webp", "pcm-s16"]) as session,
        ):
            async for output in session.film(prompt="x"):
                if isinstance(output, ld.VideoChunk):
                    frames += [int(frame.mean()) for frame in output.frames]
                else:
                    samples += len(output)
    assert samples >= 24_000
    assert np.abs(np.array(frames) - [0, 40, 80, 120, 160]).max() < 6


def test_what_is_refused_there_is_told_and_the_session_goes_on(
    fal: FalDouble, tmp_path: Path
) -> None:
    fault = {"detail": [{"loc": ["body", "prompt"], "msg": "too short", "type": "value_error"}]}
    fal.fail("POST", "submit", 422, fault)
    with Thread(config(fal, tmp_path)) as server, ld.Client(server.url) as client:
        with client.session(ID) as session:
            with pytest.raises(ld.InvalidParams, match="prompt: too short"):
                session.refine(prompt="x")
            assert session.refine(prompt="a longer one").image.size == (64, 48)
        listed = httpx.get(f"{server.url}/v1/models").text
    assert KEY.partition(":")[2] not in listed
    assert fal.url not in json.dumps(listed)
