"""Films of the queue: what their files hold, how long they are kept, and that none is left."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from tests.sweep import SERVED

from livedraft.media.codecs import probe, read_audio, read_video
from livedraft.protocol.codec import json_bytes
from livedraft.runtime.config import Config
from livedraft.runtime.filming import FilmFolder
from livedraft.runtime.running import Thread
from livedraft.runtime.server import Server
from livedraft.runtime.transports.fal import answers, events
from livedraft.runtime.transports.fal import jobs as bounds
from livedraft.runtime.transports.fal.job import Job, Wanted
from livedraft.runtime.transports.fal.jobs import Jobs
from livedraft.runtime.transports.making import Order

pytestmark = pytest.mark.anyio


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with Thread(Config(models=(SERVED,), port=0)) as server:
        yield server.url


def made(url: str, **fields: Any) -> dict[str, Any]:
    answer = httpx.post(f"{url}/owner/sweep", json=fields, timeout=60)
    assert answer.status_code == 200, answer.text
    return dict(answer.json())


def test_a_film_has_its_frames_its_sound_its_recipe_and_its_mark(url: str) -> None:
    told = made(url, prompt="a fox", seed=9, num_inference_steps=3, sound=True, num_images=4)
    film = told["video"]
    assert "images" not in told
    assert (told["seed"], told["prompt"], told["num_inference_steps"]) == (9, "a fox", 3)
    assert told["ignored"] == ["num_images"], "there is one film, whatever is asked for"
    found = httpx.get(film["url"])
    assert found.headers["content-type"] == film["content_type"] == "video/mp4"
    assert len(found.content) == film["file_size"]
    assert (film["width"], film["height"], film["num_frames"], film["fps"]) == (64, 48, 5, 10)
    info = probe(found.content)
    assert info.recipe is not None
    assert (info.recipe["model"], info.recipe["seed"]) == ("sweep", 9)
    assert b"trainedAlgorithmicMedia" in found.content
    assert sum(len(each) for each in read_video(found.content)) == 5
    heard = sum(len(each) / each.rate for each in read_audio(found.content))
    assert abs(heard - film["duration"]) < 0.1


def test_sound_alone_is_an_audio_file(url: str) -> None:
    told = made(url, unseen=True)["audio_file"]
    assert (told["content_type"], told["file_name"]) == ("audio/mp4", "sound.m4a")
    data = httpx.get(told["url"]).content
    assert abs(sum(len(each) / each.rate for each in read_audio(data)) - 0.5) < 0.1
    assert httpx.get(told["url"].replace("sound.m4a", "film.mp4")).status_code == 404


def test_players_ask_for_ranges_from_pages_of_allowed_origins() -> None:
    site = "https://play.example"
    with Thread(Config(models=(SERVED,), port=0, origins=(site,))) as server:
        at = made(server.url)["video"]["url"]
        whole = httpx.get(at, headers={"Origin": site})
        assert whole.headers["access-control-allow-origin"] == site
        part = httpx.get(at, headers={"Range": "bytes=100-199"})
        assert (part.status_code, part.content) == (206, whole.content[100:200])
        beyond = f"bytes={len(whole.content)}-"
        assert httpx.get(at, headers={"Range": beyond}).status_code == 416
        assert httpx.head(at).headers["content-length"] == str(len(whole.content))
        other = httpx.get(at, headers={"Origin": "https://evil.example"})
        assert "access-control-allow-origin" not in other.headers


def test_a_film_in_the_answer_is_not_kept(url: str) -> None:
    told = made(url, sync_mode=True)["video"]
    head, _, data = told["url"].partition(",")
    assert head == "data:video/mp4;base64"
    assert sum(len(each) for each in read_video(base64.b64decode(data))) == 5


def test_lines_of_events_are_kept_open_by_proxies(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("livedraft.runtime.transports.events.BEAT_S", 0.01)
    slow = {"steps": 1, "delay_ms": 500}
    place = httpx.post(f"{url}/queue/owner/sweep", json=slow).json()
    for method, at, end in (
        ("GET", f"{place['status_url']}/stream", "COMPLETED"),
        ("POST", f"{url}/owner/sweep/stream", "film.mp4"),
    ):
        with httpx.stream(method, at, json=slow if method == "POST" else None) as answer:
            assert answer.headers["x-accel-buffering"] == "no"
            assert answer.headers["x-fal-request-id"]
            told = [line for line in answer.iter_lines() if line]
        assert ": waiting" in told
        assert end in told[-1]


@pytest.mark.parametrize("path", ["owner/sweep", "owner/sweep/stream"])
def test_a_film_in_the_answer_holds_up_nobody(
    url: str, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    on_loop: list[bool] = []

    def spied(fields: Any) -> bytes:
        with suppress(RuntimeError):
            asyncio.get_running_loop()
            on_loop.append("video" in fields)
            return json_bytes(fields)
        on_loop.append(False)
        return json_bytes(fields)

    monkeypatch.setattr(answers, "json_bytes", spied)
    monkeypatch.setattr(events, "json_bytes", spied)
    answer = httpx.post(f"{url}/{path}", json={"sync_mode": True})
    assert "data:video/mp4;base64" in answer.text
    assert on_loop
    assert not any(on_loop)


def test_one_too_large_for_an_answer_says_where_it_is_had(
    url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(answers, "MAX_FRAME_BYTES", 1000)
    for path in ("owner/sweep", "owner/sweep/stream"):
        answer = httpx.post(f"{url}/{path}", json={"sync_mode": True})
        assert "leave sync_mode out" in answer.text
        assert "too large" in answer.text
    assert made(url)["video"]["file_size"] > 1000, "the control"


@pytest.mark.parametrize(
    ("fields", "word"),
    [
        ({"duration": "many"}, "seconds"),
        ({"duration": "61s"}, "seconds"),
        ({"duration": []}, "seconds"),
        ({"num_inference_steps": 0}, "steps"),
        ({"image_url": "https://example.org/a.png"}, "elsewhere"),
    ],
)
def test_what_is_wrong_is_refused_before_it_waits(
    url: str, fields: dict[str, Any], word: str
) -> None:
    answer = httpx.post(f"{url}/queue/owner/sweep", json=fields)
    assert answer.status_code == 400
    assert word in answer.json()["detail"]


@pytest.fixture
async def server() -> AsyncIterator[Server]:
    made = Server(Config(models=(SERVED,), max_sessions=4))
    async with made:
        yield made


@pytest.fixture
async def jobs(server: Server) -> Jobs:
    held: Jobs = server.app.state.jobs
    return held


def wanted(**params: Any) -> Wanted:
    return Wanted("owner/sweep", (Order("sweep", {}, params),), 1, films=True)


async def filmed(jobs: Jobs, **params: Any) -> tuple[Job, Path]:
    job = jobs.submit(wanted(**params), "")
    await job.ended()
    assert job.error is None
    assert job.film is not None
    assert job.film.path.exists()
    return job, job.film.path


async def test_a_film_is_gone_with_its_request(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    first, path = await filmed(jobs)
    assert first.bytes == path.stat().st_size
    monkeypatch.setattr(bounds, "MOST_BYTES_MADE", 2 * first.bytes)
    second, _ = await filmed(jobs)
    assert path.exists()
    _, newest = await filmed(jobs)
    assert jobs.find(first.id) is None
    assert not path.parent.exists(), "nothing is left, not even its folder"
    monkeypatch.setattr(bounds, "MOST_BYTES_MADE", 0)
    _, large = await filmed(jobs, seconds=5, noise=True)
    assert (len(jobs), newest.exists()) == (1, False), "the newest can always be had"
    assert jobs.find(second.id) is None
    await jobs.close()
    assert not large.parent.exists()


async def test_who_reads_a_film_has_all_of_it(jobs: Jobs) -> None:
    job, path = await filmed(jobs)
    assert job.film is not None
    with job.film.reading():
        jobs.forget(job)
        assert path.exists()
    assert not path.parent.exists()


async def test_the_film_of_one_that_is_cancelled_is_not_found(
    server: Server, jobs: Jobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept, _ = await filmed(jobs)
    log = Job._log

    def late(job: Job, message: str) -> None:
        log(job, message)
        if message.startswith("made in"):
            assert job.film is not None
            job.cancel()

    monkeypatch.setattr(Job, "_log", late)
    lost = jobs.submit(wanted(), "")
    await lost.ended()
    assert lost.error is not None
    transport = httpx.ASGITransport(server.app)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost") as client:
        for job, status in ((kept, 200), (lost, 404)):
            answer = await client.get(f"/owner/sweep/requests/{job.id}/film.mp4")
            assert answer.status_code == status
    assert lost.bytes == 0


async def test_one_that_is_cancelled_or_fails_leaves_no_file(
    jobs: Jobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    _, path = await filmed(jobs)
    assert path.is_relative_to(tmp_path), "the control: here is where films lie"
    jobs.forget(next(iter(jobs)))
    long = jobs.submit(wanted(steps=100, delay_ms=20), "")
    while long.told is None:
        await long.changed.wait()
    jobs.forget(long)
    failed = jobs.submit(wanted(fail=True), "")
    begun, loop, film = asyncio.Event(), asyncio.get_running_loop(), FilmFolder.film

    def begin(folder: FilmFolder) -> Path:
        loop.call_soon_threadsafe(begun.set)
        return film(folder)

    monkeypatch.setattr(FilmFolder, "film", begin)
    writing = jobs.submit(wanted(seconds=20, noise=True), "")
    await begun.wait()
    writing.cancel()
    await asyncio.gather(long.ended(), failed.ended(), writing.ended())
    assert all("cancelled" in str(each.error) for each in (long, writing))
    assert failed.error is not None
    assert failed.error.code == "model_failed"
    assert not list(tmp_path.iterdir())
