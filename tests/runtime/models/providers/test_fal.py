"""Models of fal's before a double of its queue: what goes there, what comes, what goes wrong."""

import base64
import io
import json
import logging
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from tests.fal_double import KEY, FalDouble
from tests.runtime.models.providers.asking import NAME, asked, drawn, fal, made, model_of, png
from tests.runtime.models.providers.test_cards import API

from livedraft.errors import ConfigError, ModelFailed, ModelNotFound
from livedraft.media.chunks import AudioChunk, Still, VideoChunk
from livedraft.media.codecs import Writer
from livedraft.protocol.messages import Stage
from livedraft.runtime.conformance import step
from livedraft.runtime.engine.outputs import outputs
from livedraft.runtime.models import MODELS

__all__ = ["fal"]


def test_a_picture_is_asked_for_and_comes_back(fal: FalDouble, tmp_path: Path) -> None:
    """With params as arguments, pictures as data URIs, and the key in the queue's header alone."""
    model = model_of(fal, tmp_path)
    extra = '{"image_size": "square", "seed": 9}'
    request = asked(model, {"image": drawn()}, prompt="a fox", seed=7, extra=extra)
    (still,), job = made(model, request)
    assert still.pixels.shape == (48, 64, 3)
    assert still.pixels[0, 0].tolist() == [0, 128, 128]
    (arguments,) = fal.asked
    urls = arguments.pop("image_urls")
    assert arguments.pop("image_url") == urls[0]
    head, data = urls[0].split(",")
    assert head == "data:image/jpeg;base64"
    assert Image.open(io.BytesIO(base64.b64decode(data))).size == (8, 8)
    assert arguments == {"prompt": "a fox", "seed": 9, "image_size": "square"}
    assert fal.models == ["fal-ai/flux/dev"]
    assert fal.keys == {f"Key {KEY}"}
    assert job.data["request"] == "request-1"
    (headers,) = fal.file_headers
    assert not {name.lower() for name in headers} & {"authorization", "cookie"}


def test_nothing_is_asked_for_a_draft_unless_the_card_says_so(
    fal: FalDouble, tmp_path: Path
) -> None:
    """Since each costs what a picture costs."""
    outputs, _ = made(model_of(fal, tmp_path), asked_draft(fal, tmp_path))
    assert (outputs, fal.asked) == ([], [])
    model = model_of(fal, tmp_path, "drafts = true")
    (still,), job = made(model, asked(model, stage=Stage.DRAFT))
    assert isinstance(still, Still)
    assert (job.step, job.steps, len(fal.asked)) == (1, 1, 1)


def asked_draft(fal: FalDouble, folder: Path) -> Any:
    """Return a request for a draft."""
    return asked(model_of(fal, folder), stage=Stage.DRAFT)


@pytest.mark.parametrize("streams", [True, False])
def test_where_it_stands_is_told_streamed_or_looked_at(
    fal: FalDouble, tmp_path: Path, streams: bool
) -> None:
    fal.streams = streams
    fal.statuses = [{"status": "IN_QUEUE", "queue_position": 3}]
    fal.held.clear()
    model = model_of(fal, tmp_path)
    (job,) = model.prepare([(None, asked(model))])
    step(model, job)
    assert job.notes[0]["message"] == "Position 4 in the provider's queue."
    assert job.waits is not None
    assert not job.waits.done()
    fal.held.set()
    while not job.done:
        step(model, job)
    assert (len(model.emit([job])[0]), job.notes) == (1, ())


def test_a_job_that_is_given_up_is_cancelled_there(fal: FalDouble, tmp_path: Path) -> None:
    fal.statuses = [{"status": "IN_PROGRESS", "logs": [{"message": "warm"}]}]
    fal.held.clear()
    model = model_of(fal, tmp_path)
    (job,) = model.prepare([(None, asked(model))])
    step(model, job)
    assert job.notes[0]["message"] == "The provider is at work. It says: warm"
    model.give_up(job)
    for _ in range(200):
        if fal.cancelled:
            break
        fal.told.acquire(timeout=0.05)
    assert fal.cancelled == ["request-1"]


def film(path: Path, *, sound: bool) -> bytes:
    """Return a short MP4: five frames that get lighter, and a tone."""
    rate = (48_000, 1) if sound else None
    with Writer(path, size=(48, 32), frame_rate=10, sound=rate) as writer:
        for number in range(5):
            frame = np.full((1, 32, 48, 3), 40 * number, np.uint8)
            writer.write(VideoChunk(frame, number * 100_000, 100_000))
        if sound:
            sine = np.sin(np.arange(24_000) / 20)[:, None].astype(np.float32) * 0.4
            writer.write(AudioChunk(sine, 48_000, 0))
    return path.read_bytes()


@pytest.mark.parametrize("sound", [True, False])
def test_a_film_comes_as_frames_and_sound_on_the_sessions_clock(
    fal: FalDouble, tmp_path: Path, sound: bool
) -> None:
    data = film(tmp_path / "made.mp4", sound=sound)
    fal.offer("made.mp4", "video/mp4", data, key="video")
    model = model_of(fal, tmp_path)
    outputs, job = made(model, asked(model, at=9_000_000))
    frames = [each for each in outputs if isinstance(each, VideoChunk)]
    assert len(frames) == 5
    assert all(each.size == (48, 32) for each in frames)
    assert frames[0].pts >= 9_000_000
    assert np.diff([each.pts for each in frames]).tolist() == [100_000] * 4
    sounds = [each for each in outputs if isinstance(each, AudioChunk)]
    assert bool(sounds) is sound
    if sound:
        assert abs(sounds[0].pts - frames[0].pts) < 50_000
    assert job.data["file_url"] == f"{fal.url}/files/made.mp4"


@pytest.mark.parametrize("says", ["kinds", "openapi"])
def test_a_card_of_films_has_their_sound(fal: FalDouble, tmp_path: Path, says: str) -> None:
    """Through what the engine lets pass; no card can say whether a film will have any."""
    fal.offer("made.mp4", "video/mp4", film(tmp_path / "made.mp4", sound=True), key="video")
    fal.answer |= {"images": [{"url": "https://elsewhere.example/preview.png"}]}
    line = 'kinds = ["video"]'
    if says == "openapi":
        api = json.loads(json.dumps(API))
        api["components"]["schemas"]["Out"]["properties"] = {"video": {}}
        api["components"]["schemas"]["In"]["required"] = []
        (tmp_path / "api.json").write_text(json.dumps(api))
        line = 'schema = "api.json"'
    model = model_of(fal, tmp_path, line)
    made_of, _ = made(model, asked(model))
    assert {type(each) for each in made_of} == {VideoChunk, AudioChunk}
    (checked,) = outputs([made_of], 1, model.info)
    assert len(checked) == len(made_of)


@pytest.mark.parametrize(
    ("kind", "key", "says"),
    [
        ("image", "video", "made video, where image was expected"),
        ("audio", "video", "made video, where audio was expected"),
        ("video", "images", "made image, where video and audio was expected"),
    ],
)
def test_another_kind_than_the_cards_is_refused_and_says_how_it_is_had(
    fal: FalDouble, tmp_path: Path, kind: str, key: str, says: str
) -> None:
    fal.offer("made.mp4", "video/mp4", film(tmp_path / "made.mp4", sound=True), key=key)
    model = model_of(fal, tmp_path, f'kinds = ["{kind}"]')
    with pytest.raises(ModelFailed, match=says) as caught:
        made(model, asked(model))
    assert caught.value.fix == "set kinds in the model's card to what it makes"
    assert fal.file_headers == [], "nothing is fetched for it"


def test_a_card_of_sound_takes_no_pictures_from_its_file(fal: FalDouble, tmp_path: Path) -> None:
    """The control: of a file without any sound nothing is left."""
    fal.offer("made", "video/mp4", film(tmp_path / "a.mp4", sound=True), key="audio_file")
    model = model_of(fal, tmp_path, 'kinds = ["audio"]')
    made_of, _ = made(model, asked(model))
    assert {type(each) for each in made_of} == {AudioChunk}
    fal.offer("made", "video/mp4", film(tmp_path / "b.mp4", sound=False), key="audio_file")
    with pytest.raises(ModelFailed, match="made video, where audio was expected"):
        made(model, asked(model))


def sound(path: Path) -> bytes:
    """Return a WAV of a tenth of a second."""
    with wave.open(str(path), "wb") as writer:
        writer.setparams((2, 2, 48_000, 0, "NONE", ""))
        writer.writeframes(np.full((4800, 2), 1000, np.int16).tobytes())
    return path.read_bytes()


def test_sound_alone_comes_too(fal: FalDouble, tmp_path: Path) -> None:
    fal.offer("made.wav", "audio/wav", sound(tmp_path / "made.wav"), key="audio_file")
    model = model_of(fal, tmp_path)
    outputs, _ = made(model, asked(model))
    assert sum(len(each) for each in outputs) == 4800
    assert {type(each) for each in outputs} == {AudioChunk}


def signed(kind: str) -> bytes:
    """Return a picture that carries what a C2PA manifest begins with."""
    manifest = b"\x00\x00\x00\x1ejumb\x00\x00\x00\x16jumdc2pa\x00\x11\x00\x10\x80\x00"
    data = png(kind=kind)
    if kind == "JPEG":
        return data[:2] + b"\xff\xeb" + (len(manifest) + 2).to_bytes(2, "big") + manifest + data[2:]
    from zlib import crc32

    chunk = b"caBX" + manifest
    length = len(manifest).to_bytes(4, "big")
    return data[:33] + length + chunk + crc32(chunk).to_bytes(4, "big") + data[33:]


@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
def test_a_signed_picture_is_kept_as_it_is(fal: FalDouble, tmp_path: Path, kind: str) -> None:
    """The control: of one that nobody signed the pixels alone are."""
    model = model_of(fal, tmp_path)
    (plain,), job = made(model, asked(model))
    assert (plain.file, job.data["signed"]) == (b"", False)
    fal.offer("made", f"image/{kind.lower()}", signed(kind))
    (still,), job = made(model, asked(model))
    assert still.file == signed(kind)
    assert job.data["signed"] is True


def test_a_picture_in_the_answer_itself_needs_no_fetching(fal: FalDouble, tmp_path: Path) -> None:
    uri = "data:image/png;base64," + base64.b64encode(png("red")).decode()
    fal.answer = {"images": [{"url": uri}]}
    model = model_of(fal, tmp_path)
    (still,), job = made(model, asked(model))
    assert still.pixels[0, 0].tolist() == [255, 0, 0]
    assert fal.file_headers == []
    assert "file_url" not in job.data


def test_the_key_is_told_to_nobody(
    fal: FalDouble, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    model = model_of(fal, tmp_path)
    _, job = made(model, asked(model, prompt="a fox"))
    told = [repr(model.info), repr(vars(model)), repr(job.data), caplog.text, json.dumps(fal.asked)]
    assert "a-secret" not in "".join(told)


def test_without_a_key_it_is_not_served(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("FAL_KEY", raising=False)
    with pytest.raises(ConfigError, match="FAL_KEY is not set"):
        MODELS.load(NAME).load()


@pytest.mark.parametrize(
    "name", ["fal/", "fal/alone", "fal/../../etc", "fal/a/b?c", "fal/a b/c", "fal//a/b", "fal/a/b/"]
)
def test_what_is_no_id_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="is no model's id"):
        MODELS.load(f"provider:{name}")


def test_another_provider_is_not_known() -> None:
    with pytest.raises(ModelNotFound) as caught:
        MODELS.load("provider:fall/a/b")
    assert "'fal'" in caught.value.fix


def test_the_key_goes_over_https_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAL_KEY", KEY)
    (tmp_path / "card.toml").write_text('queue = "http://gateway.example.org"')
    with pytest.raises(ConfigError, match="is not https"):
        MODELS.load(NAME).load(str(tmp_path / "card.toml"))
