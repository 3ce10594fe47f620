"""Films over HTTP, on real sockets: what a file holds, who is refused, and who leaves."""

import base64
import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from tests.fal_double import KEY, FalDouble, fal_double
from tests.runtime.models.providers.asking import card_of, png
from tests.runtime.models.providers.test_fal import film, sound

from livedraft.media.codecs import MediaInfo, probe, read_audio, read_video
from livedraft.runtime.config import Config
from livedraft.runtime.models.diffusion.video_models import WanClips
from livedraft.runtime.running import Thread

NAMED, UNNAMED = "fal/fal-ai/veo", "fal/fal-ai/any"  # whose card says that it makes films, or not
WAN = {"model": "wan", "prompt": "a fox", "seconds": 0.5, "steps": 2, "seed": 7}


@pytest.fixture(scope="module")
def fal() -> Iterator[FalDouble]:
    with pytest.MonkeyPatch.context() as patch, fal_double() as double:
        patch.setenv("FAL_KEY", KEY)
        yield double


@pytest.fixture(scope="module")
def url(fal: FalDouble, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("films")
    WanClips.tiny().save(folder / "wan")
    (folder / "any").mkdir()
    named = card_of(fal, folder, 'kinds = ["video", "audio"]')
    models = (
        "echo",
        "metronome",
        f"wan={folder / 'wan'}",
        f"provider:{NAMED}={named}",
        f"provider:{UNNAMED}={card_of(fal, folder / 'any')}",
    )
    with Thread(Config(models=models, port=0)) as server:
        yield server.url


@pytest.fixture(autouse=True)
def film_at_fal(fal: FalDouble, tmp_path: Path) -> None:
    fal.statuses = []
    fal.held.set()
    fal.offer("made.mp4", "video/mp4", film(tmp_path / "made.mp4", sound=True), key="video")


def post(url: str, order: dict[str, Any], accept: str = "*/*") -> httpx.Response:
    return httpx.post(f"{url}/v1/generate", json=order, headers={"accept": accept}, timeout=60)


def read(answer: httpx.Response) -> tuple[MediaInfo, np.ndarray[Any, Any]]:
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == "video/mp4"
    assert int(answer.headers["content-length"]) == len(answer.content)
    data = answer.content
    return probe(data), np.concatenate([each.frames for each in read_video(data)])


def refused(answer: httpx.Response) -> dict[str, Any]:
    assert answer.status_code == 400, answer.status_code
    error = answer.json()["error"]
    assert error["code"] == "invalid_params"
    return dict(error)


def events(text: str) -> list[tuple[str, Any]]:
    parts = [part.split("\n") for part in text.strip().split("\n\n")]
    return [(kind.removeprefix("event: "), json.loads(data[6:])) for kind, data in parts]


def test_a_clip_of_our_own_model_is_a_file_with_its_recipe(url: str) -> None:
    answer = post(url, WAN)
    info, frames = read(answer)
    assert (len(frames), info.width, info.height) == (9, 64, 64)
    assert abs(info.duration - 562_500) < 40_000, "9 frames at 16 a second"
    assert info.recipe is not None
    assert (info.recipe["model"], info.recipe["steps"]) == ("wan", 2)
    assert b"trainedAlgorithmicMedia" in answer.content, "it is marked"
    assert answer.headers["x-livedraft-seed"] == "7"
    again = read(post(url, WAN, "video/*"))[1]
    assert (again == frames).all(), "by its seed"
    other = read(post(url, WAN | {"seed": 8}))[1]
    assert (other != frames).any(), "the control"


@pytest.mark.parametrize("model", [NAMED, UNNAMED])
@pytest.mark.parametrize("sound", [True, False])
def test_a_provider_s_film_has_its_sound(
    url: str, fal: FalDouble, tmp_path: Path, model: str, sound: bool
) -> None:
    fal.offer("made.mp4", "video/mp4", film(tmp_path / "it.mp4", sound=sound), key="video")
    answer = post(url, {"model": model, "prompt": "x"})
    info, frames = read(answer)
    assert np.abs(frames.mean((1, 2, 3)) - [0, 40, 80, 120, 160]).max() < 6
    assert bool(info.sound) is sound
    if sound:
        heard = sum(len(each) / each.rate for each in read_audio(answer.content))
        assert abs(heard - 0.5) < 0.05


def test_a_provider_s_picture_is_one_where_nobody_said_what_it_makes(
    url: str, fal: FalDouble
) -> None:
    fal.offer("made.png", "image/png", png())
    answer = post(url, {"model": UNNAMED, "prompt": "x"})
    assert answer.headers["content-type"] == "image/png"
    assert "films, but" not in answer.text


def test_who_accepts_no_film_is_told_at_once_who_gives_it(url: str, fal: FalDouble) -> None:
    asked = len(fal.asked)
    for model in ("wan", NAMED):
        error = refused(post(url, {"model": model}, "image/png"))
        assert "makes no picture, but films" in error["message"]
        assert "film()" in error["fix"]
    error = refused(post(url, {"model": "echo"}, "video/mp4"))
    assert "echo makes no film, but pictures" in error["message"]
    assert "refine()" in error["fix"]
    error = refused(post(url, {"model": "metronome"}))
    assert "nor a film with an end" in error["message"]
    assert len(fal.asked) == asked, "nothing was paid for"


def test_who_asks_for_pictures_by_openai_s_words_hears_how_a_film_is_had(
    url: str, fal: FalDouble
) -> None:
    asked = len(fal.asked)
    for model, fix in (
        ("wan", "/v1/generate"),
        (NAMED, "/v1/generate"),
        ("metronome", "outputs()"),
    ):
        body = {"model": model, "prompt": "x", "size": "64x64"}
        error = refused(httpx.post(f"{url}/v1/images/generations", json=body))
        assert "makes no picture" in error["message"]
        assert fix in str(error)
    assert len(fal.asked) == asked, "nothing was paid for"


def test_what_comes_in_vain_is_told(url: str, fal: FalDouble, tmp_path: Path) -> None:
    """Of a model that does not say what it makes."""
    error = refused(post(url, {"model": UNNAMED}, "image/png"))
    assert f"{UNNAMED} makes no picture, but films" in error["message"]
    fal.offer("made.png", "image/png", png())
    error = refused(post(url, {"model": UNNAMED}, "video/mp4"))
    assert "makes no film, but pictures" in error["message"]
    fal.offer("made.wav", "audio/wav", sound(tmp_path / "made.wav"), key="audio_file")
    error = refused(post(url, {"model": UNNAMED}, "image/png"))
    assert f"{UNNAMED} makes no picture, but sound" in error["message"]


@pytest.mark.parametrize("params", [{"steps": 0}, {"seconds": 0.5, "width": 96}, {"sed": 1}])
def test_params_that_are_none_are_refused(url: str, params: dict[str, Any]) -> None:
    refused(post(url, WAN | params))


def test_json_holds_the_film_too(url: str) -> None:
    told = post(url, WAN, "application/json").json()
    assert (told["mime"], told["frames"], told["seed"], told["model"]) == ("video/mp4", 9, 7, "wan")
    data = base64.b64decode(told["film"])
    assert sum(len(each) for each in read_video(data)) == 9


def test_events_tell_how_far_it_is(url: str, fal: FalDouble) -> None:
    told = events(post(url, WAN, "text/event-stream").text)
    assert told[-1][0] == "made"
    assert told[-1][1]["frames"] == 9
    steps = [each["step"] for kind, each in told[:-1] if each["steps"]]
    assert steps == sorted(steps)
    assert {kind for kind, _ in told[:-1]} <= {"progress"}
    fal.statuses = [{"status": "IN_QUEUE", "queue_position": 3}]
    told = events(post(url, {"model": NAMED}, "text/event-stream").text)
    notes = [note["message"] for kind, each in told[:-1] for note in each["notes"]]
    assert any("Position 4" in note and "provider's queue" in note for note in notes), told[:-1]
    ((kind, error),) = events(post(url, WAN | {"steps": 0}, "text/event-stream").text)
    assert (kind, error["error"]["code"]) == ("error", "invalid_params")


def test_who_leaves_ends_the_work(url: str, fal: FalDouble) -> None:
    fal.held.clear()
    fal.statuses = [{"status": "IN_PROGRESS"}]
    cancelled = len(fal.cancelled)
    told = threading.Event()

    def watch() -> None:
        while len(fal.cancelled) == cancelled:
            fal.told.acquire(timeout=0.05)
        told.set()

    threading.Thread(target=watch, daemon=True).start()
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{url}/v1/generate", json={"model": NAMED}, timeout=1)
    assert told.wait(20)
