"""What sessions and models leave in memory: nothing; and what is said where there is none left."""

from __future__ import annotations

import gc
import json
import shutil
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.models.diffusion.asking import PICTURE, prepared, request
from tests.runtime.models.diffusion.filming import camera, filmed

from livedraft.errors import OutOfMemory, WeightsError
from livedraft.protocol.messages import Stage
from livedraft.runtime.compute.peak import unmeasured
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Cell, Emitted
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion.fitting import Fitting
from livedraft.runtime.models.diffusion.streams import SDTurboStream
from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.models.diffusion.video import Reel, VideoFamily
from livedraft.runtime.models.diffusion.video_model import VideoJob
from livedraft.runtime.models.diffusion.video_models import AnyFlowStream, WanClips


def test_a_thousand_sessions_leave_as_many_bytes_as_before(turbo: SDTurbo) -> None:
    def session(number: int) -> None:
        state = turbo.open()
        job = prepared(turbo, PICTURE.copy(), 1, prompt=f"fox {number}", state=state)
        if number % 10 == 0:
            turbo.step([job])
        assert turbo.footprint(state) > 0
        turbo.close(state)

    session(0)
    before = tensor_bytes()
    for number in range(1000):
        session(number)
    assert tensor_bytes() == before


def test_what_is_half_loaded_leaves_nothing_in_memory(folder: Path, tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(folder, broken)
    config = broken / "vae" / "config.json"
    said = json.loads(config.read_text())
    config.write_text(json.dumps(said | {"latent_channels": 5}))  # the UNet and the text are whole
    with suppress(WeightsError):
        SDTurbo.load(str(broken))  # what libraries keep from the first time is theirs
    before = tensor_bytes()
    kept = SDTurbo.load(str(folder))
    assert tensor_bytes() > before, "a model that is there is counted"
    del kept
    with pytest.raises(WeightsError, match="cannot be read"):
        SDTurbo.load(str(broken))
    assert tensor_bytes() == before


def tensor_bytes() -> int:
    """Return the bytes of all tensors that this process holds, those of models as well."""
    gc.collect()
    # Of some objects `isinstance` asks more than their type, which they warn of; and tensors of
    # other classes, such as those that only stand for one, hold no bytes.
    kinds = (torch.Tensor, torch.nn.Parameter)
    found = (each for each in gc.get_objects() if type(each) in kinds)
    held = (each.untyped_storage() for each in found if not each.is_meta)
    return sum({each.data_ptr(): each.nbytes() for each in held}.values())


class Small:
    """A network that has memory for so many latents of a call, as a device has."""

    def __init__(self, network: Any, most: int) -> None:
        self._network, self._most = network, most

    def __call__(self, **given: Any) -> Any:
        latents = given["sample"]
        if latents.numel() > self._most:
            raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")
        return self._network(**given)


def test_who_asks_for_too_much_hears_what_would_fit() -> None:
    model = SDTurbo.tiny()
    family = model._family
    one = prepared(model, PICTURE, 1).way.latents.numel()
    small = Small(family.denoiser.network, 2 * one)
    family.denoiser = replace(family.denoiser, network=small)
    calls = Calls({"sd-turbo": model})

    def asked(width: int) -> Progress:
        params: dict[str, Any] = {"prompt": "a fox", "width": width, "height": width}
        (made,) = calls.prepare("sd-turbo", [(Cell(), request(model, PICTURE, 1, **params))])
        assert isinstance(made, Progress)
        return made

    (failed,) = calls.step("sd-turbo", [asked(128)])
    assert isinstance(failed, OutOfMemory)
    assert failed.message == "cpu has no memory left for a picture of 128 × 128 px"
    assert failed.fix == "ask for a smaller picture, or try again when fewer draw"
    (done,) = calls.step("sd-turbo", [asked(64)])
    assert isinstance(done, Progress)
    (shown,) = calls.emit("sd-turbo", [done])
    assert isinstance(shown, Emitted)
    (failed,) = calls.step("sd-turbo", [asked(128)])
    assert isinstance(failed, OutOfMemory)
    assert failed.fix == "ask for 64 × 64 px or less: that has had room"
    many = calls.step("sd-turbo", [asked(64), asked(64), asked(64)])
    assert all(isinstance(each, Progress) for each in many), "and what fits alone is made alone"


def clip(model: WanClips, seconds: float) -> VideoJob:
    job = prepared(model, None, 1, prompt="a fox", seconds=seconds)
    assert isinstance(job, VideoJob)
    return job


def test_what_steps_and_pieces_of_clips_take_is_measured() -> None:
    model = WanClips.tiny()
    model._fitting.free = lambda needed: 1 << 40
    job = clip(model, seconds=0.5)
    while not job.done:
        model.step([job])
    taken = model._fitting._taken
    assert {doing for doing, _ in taken} == {"prepare", "step", "emit the first", "emit"}
    assert taken["emit", job.whole] > taken["emit the first", job.whole] > 0
    longer = clip(model, seconds=1.0)
    model.step([longer])
    assert taken["step", longer.whole] > taken["step", job.whole]
    assert model._fitting.taken(longer.whole) >= taken["step", longer.whole]


def test_what_is_done_once_to_warm_up_is_not_what_a_step_takes() -> None:
    model, warmed = SDTurbo.tiny(), SDTurbo.tiny()
    denoiser = warmed._family.denoiser
    kept: list[torch.Tensor] = []

    def warming(**given: Any) -> Any:
        with unmeasured():
            kept.append(torch.zeros(1 << 24))
        return denoiser.network(**given)

    warmed._family.denoiser = replace(denoiser, network=warming)
    for each in (model, warmed):
        each._fitting.free = lambda needed: 1 << 40
        each.step([prepared(each, PICTURE, 1)])
    assert kept
    plain = model._fitting._taken["step", (64, 64)]
    assert warmed._fitting._taken["step", (64, 64)] == pytest.approx(plain, rel=0.01)


def test_what_a_stream_takes_is_measured_chunk_by_chunk() -> None:
    """Each looks back at more."""
    model = AnyFlowStream.tiny()
    model._fitting.free = lambda needed: 1 << 40
    asked: Any = model.params.model_validate({"prompt": "a fox", "seed": 7})
    (job,) = model.prepare([(model.open(), Request(asked, {}, Stage.DRAFT, 1))])
    while job.window.chunk < 3:
        model.step([job])
    taken = {doing: found for (doing, _), found in model._fitting._taken.items()}
    assert taken.keys() >= {"prepare", "step of chunk 0", "step of chunk 2", "emit"}
    assert min(taken.values()) > 0
    assert model.call_bytes() == max(taken.values())


def test_what_frames_of_a_stream_take_is_measured() -> None:
    model = SDTurboStream.tiny()
    model._fitting.free = lambda needed: 1 << 40
    filmed(model, camera(1))
    assert all(model._fitting._taken[doing, (64, 64)] for doing in ("prepare", "step", "emit"))


def test_a_piece_that_has_no_room_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def full(self: VideoFamily, reel: Reel) -> Pixels:
        raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 20.00 GiB")

    monkeypatch.setattr(VideoFamily, "next_frames", full)
    model = WanClips.tiny()
    job = prepared(model, None, 1, prompt="a fox", seconds=0.5)
    with pytest.raises(OutOfMemory, match="64 × 64 px"):
        model.step([job])


def test_another_fault_is_no_want_of_memory() -> None:
    with pytest.raises(RuntimeError, match="a shape"), Fitting("cpu").trying("step", [(64, 64)]):
        raise RuntimeError("a shape does not fit")
