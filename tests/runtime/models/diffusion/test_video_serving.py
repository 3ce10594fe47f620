"""Clips as users get them: over a socket, as a file, one after another; and what goes wrong."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner

from livedraft.cli import main
from livedraft.client import Client
from livedraft.errors import BadInput, InvalidMedia, InvalidParams, ModelFailed, WeightsError
from livedraft.media.chunks import VideoChunk
from livedraft.media.codecs import Writer, probe, read_video
from livedraft.runtime.config import Config
from livedraft.runtime.local import checked, film
from livedraft.runtime.models.diffusion.families.mochi import Mochi
from livedraft.runtime.models.diffusion.families.wan import Wan
from livedraft.runtime.models.diffusion.video import VideoFamily
from livedraft.runtime.models.diffusion.video_models import MochiClips, WanClips, WanFromPicture
from livedraft.runtime.running import Thread

FRAMES = 13  # as many as a tiny one's positions reach


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("weights") / "wan"
    WanClips.tiny().save(made)
    return made


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    with Thread(Config(models=(f"wan={folder}",), port=0)) as server:
        yield server.url


def clip(session: Any) -> list[VideoChunk]:
    """Return the frames of one clip, of which each piece has its own pts."""
    found: list[VideoChunk] = []
    for output in session.outputs():
        assert isinstance(output, VideoChunk)
        found.append(output)
        if len(found) == session.data["frames"]:
            return found
    raise AssertionError("it ended before its clip did")


def test_a_session_gives_clips_on_one_clock(url: str, tmp_path: Path) -> None:
    with Client(url) as client, client.session("wan", prompt="a fox") as session:
        assert session.model.outputs[0].kind == "video"
        session.update(seconds=5.0)
        one = clip(session)
        session.update(prompt="two birds")
        other = clip(session)
    assert [len(each) for each in (one, other)] == [FRAMES, FRAMES]
    for before, after in pairwise(one):
        assert before.end == after.pts
    assert other[0].pts >= one[-1].end
    assert any((a.frames != b.frames).any() for a, b in zip(one, other, strict=True))
    path = tmp_path / "fox.webm"
    with Writer(path, size=one[0].size, frame_rate=16) as writer:
        for each in one:
            writer.write(VideoChunk(each.frames, each.pts - one[0].pts, each.duration))
    assert sum(len(chunk) for chunk in read_video(path)) == FRAMES


def test_a_session_asks_for_the_final_clip(url: str) -> None:
    with Client(url) as client, client.session("wan", prompt="a fox") as session:
        session.update(seconds=5.0)  # a draft is under way
        final = list(session.film(steps=2, seconds=0.5))
        assert [each.size for each in final if isinstance(each, VideoChunk)] == [(64, 64)] * 9
        for before, after in pairwise(final):
            assert before.end == after.pts
        with pytest.raises(InvalidParams):
            list(session.film(steps=0))
        with pytest.raises(InvalidParams, match="reaches 64"):
            list(session.film(width=96))
        assert len(list(session.film(steps=1))) == FRAMES, "params counted for that one alone"


def test_each_new_picture_begins_a_clip(tmp_path: Path) -> None:
    WanFromPicture.tiny().save(tmp_path / "wan")
    config = Config(models=(f"wan-i2v={tmp_path / 'wan'}",), port=0)
    with Thread(config) as server, Client(server.url) as client:
        with client.session("wan-i2v", prompt="it moves", seconds=0.5) as session:
            firsts = []
            draw = np.random.default_rng(0)
            for _ in range(4):  # more than may be unanswered at once
                session.send(draw.integers(0, 256, (64, 64, 3), np.uint8))
                firsts.append(clip(session)[0].frames)
    assert len({each.tobytes() for each in firsts}) == 4


def test_a_film_is_written_with_its_recipe(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "fox.mp4"
    ordered = ["--seconds", "0.5", "--steps", "2", "--prompt", "a fox", "-o", str(path)]
    result = CliRunner().invoke(main, ["generate", "-m", f"wan={folder}", *ordered])
    assert result.exit_code == 0, result.output
    assert "9 frames, 0.6 s long, seed 42" in result.output
    info = probe(path)
    assert info.recipe is not None
    assert (info.width, info.height, info.recipe["steps"]) == (64, 64, 2)
    assert info.recipe["params"]["prompt"] == "a fox"


def test_the_file_holds_the_frames_that_the_model_makes(folder: Path, tmp_path: Path) -> None:
    order = checked(f"wan={folder}", None, {}, {"prompt": "a fox", "seconds": "0.5", "steps": "2"})
    made = film(order, "cpu", tmp_path / "fox.mp4")
    assert (made.frames, made.duration, made.seed) == (9, 562_500, 42)
    frames = np.concatenate([each.frames for each in read_video(tmp_path / "fox.mp4")])
    assert len(frames) == 9
    assert frames[0].std() > 0
    assert (frames[0] != frames[-1]).any(), "it moves"


def test_a_film_that_fails_leaves_no_file(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    decoded = VideoFamily.next_frames

    def fail(self: Any, reel: Any) -> Any:
        if reel.piece == 1:
            reel.latents = torch.full_like(reel.latents, float("nan"))
        return decoded(self, reel)

    monkeypatch.setattr(VideoFamily, "next_frames", fail)
    order = checked(f"wan={folder}", None, {}, {"prompt": "a fox", "steps": "2"})
    with pytest.raises(ModelFailed, match="not finite"):
        film(order, "cpu", tmp_path / "fox.mp4")
    assert list(tmp_path.iterdir()) == []


def test_a_picture_s_name_for_a_film_is_refused_before_anything_is_loaded(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(WanClips, "load", lambda *_: pytest.fail("loaded"))
    with pytest.raises(InvalidMedia):
        film(checked(f"wan={folder}", None, {}, {}), "cpu", tmp_path / "fox.png")
    result = CliRunner().invoke(main, ["generate", "-m", f"wan={folder}", "-o", "fox.png"])
    assert result.exit_code != 0
    assert ".mp4" in result.output


def test_what_has_no_length_is_no_film(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="makes no picture, nor a film with an end"):
        film(checked("metronome", None, {}, {}), "cpu", tmp_path / "beats.mp4")


def test_a_wan_of_another_kind_is_refused_as_it_is_loaded(folder: Path) -> None:
    pipe = WanClips.tiny()._family.pipe
    pipe.register_to_config(expand_timesteps=True)
    with pytest.raises(WeightsError, match="another Wan than Wan") as caught:
        Wan(pipe)
    assert "wan-5b" in caught.value.fix
    with pytest.raises(WeightsError, match="holds a 'WanPipeline'"):
        WanFromPicture.load(str(folder))
    pipe = MochiClips.tiny()._family.pipe
    pipe.scheduler = type(pipe.scheduler).from_config(pipe.scheduler.config, invert_sigmas=False)
    with pytest.raises(WeightsError, match="does not go from 0 to 1"):
        Mochi(pipe)
