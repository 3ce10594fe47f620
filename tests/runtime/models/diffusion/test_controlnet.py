"""A drawing whose lines are kept equals what diffusers' ControlNet pipeline makes of them."""

from __future__ import annotations

from typing import Any

import diffusers
import pytest
import torch
from PIL import Image, ImageOps
from tests.runtime.models.diffusion.asking import (
    OTHER,
    PICTURE,
    difference,
    made,
    prepared,
    theirs,
)
from torch import Tensor

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.unet_models import Scribble

CLOSE = 1e-5  # of 0..1, before they become bytes
FAR = 1e-4  # what a fault makes at least
_DIFFUSERS: Any = diffusers


@pytest.fixture(scope="module")
def scribble() -> Scribble:
    return Scribble.tiny()


def wanted(
    model: Scribble, drawn: Pixels, seed: int, prompt: str, steps: int, **ways: Any
) -> Tensor:
    """Return what diffusers makes of a drawing, whose paper it is given dark."""
    lines = ImageOps.invert(Image.fromarray(drawn))
    config = model._family.pipe.scheduler.config
    own = {"clip_sample": False, "set_alpha_to_one": False}  # PNDM's schedule without its memory
    parts = {"scheduler": _DIFFUSERS.DDIMScheduler.from_config(config, **own)}
    kind = "StableDiffusionControlNetPipeline"
    return theirs(
        model, kind, prompt, seed, parts=parts, image=lines, num_inference_steps=steps, **ways
    )


@pytest.mark.parametrize(
    ("params", "ways"),
    [
        (
            {"guidance": 5, "control": 0.8},
            {"guidance_scale": 5.0, "controlnet_conditioning_scale": 0.8},
        ),
        ({"guidance": 1}, {"guidance_scale": 1.0}),
    ],
    ids=["guided", "not guided"],
)
def test_lines_are_kept_as_theirs(
    scribble: Scribble, params: dict[str, Any], ways: dict[str, Any]
) -> None:
    job = prepared(scribble, PICTURE, 3, seed=7, prompt="a red fox", **params)
    found = made(scribble, job)
    assert difference(found, wanted(scribble, PICTURE, 7, "a red fox", 3, **ways)) <= CLOSE
    assert difference(found, wanted(scribble, OTHER, 7, "a red fox", 3, **ways)) > FAR


def test_rows_at_different_steps_with_lines_of_their_own(scribble: Scribble) -> None:
    ahead = prepared(scribble, PICTURE, 3, seed=1, prompt="a fox", guidance=4, control=1.5)
    scribble.step([ahead])
    behind = prepared(scribble, OTHER, 2, seed=2, prompt="two birds", guidance=1)
    assert ahead.key == behind.key
    for _ in range(2):
        scribble.step([ahead, behind])
    ways = {"guidance_scale": 4.0, "controlnet_conditioning_scale": 1.5}
    theirs_ahead = wanted(scribble, PICTURE, 1, "a fox", 3, **ways)
    assert difference(made(scribble, ahead), theirs_ahead) <= CLOSE
    theirs_behind = wanted(scribble, OTHER, 2, "two birds", 2, guidance_scale=1.0)
    assert difference(made(scribble, behind), theirs_behind) <= CLOSE


def test_a_drawing_is_looked_at_once(scribble: Scribble) -> None:
    """For all steps, with guidance and without, and other prompts; a changed one anew."""
    looked, state = list[int](), scribble.open()
    embedding = scribble._family.pipe.controlnet.controlnet_cond_embedding
    heard = embedding.register_forward_hook(lambda _, given, __: looked.append(len(given[0])))
    try:
        for guidance, prompt in ((5, "a fox"), (1, "a fox"), (5, "two birds")):
            more: dict[str, Any] = {"prompt": prompt, "guidance": guidance, "seed": 4}
            job = prepared(scribble, PICTURE, 3, state=state, **more)
            found = made(scribble, job)
            assert looked == [1]
        fresh = made(scribble, prepared(scribble, PICTURE, 3, **more))
        assert torch.equal(found, fresh), "of a session that saw it first"
        scribble.suspend(state)
        again = made(scribble, prepared(scribble, PICTURE, 3, state=state, **more))
        assert torch.equal(again, fresh)
        assert looked == [1, 1]
        other = made(scribble, prepared(scribble, OTHER, 3, state=state, **more))
        assert looked == [1, 1, 1]
        assert difference(other, fresh) > CLOSE
    finally:
        heard.remove()


def test_two_drawings_in_turns_are_each_s_own(scribble: Scribble) -> None:
    one, other = scribble.open(), scribble.open()
    alone = [made(scribble, prepared(scribble, each, 2, seed=3)) for each in (PICTURE, OTHER)]
    jobs = [
        prepared(scribble, each, 2, state=state, seed=3)
        for each, state in ((PICTURE, one), (OTHER, other))
    ]
    scribble.step(jobs)
    for job, true in zip(jobs, alone, strict=True):
        assert difference(made(scribble, job), true) <= CLOSE


def test_a_network_of_blue_first_sees_the_same(scribble: Scribble) -> None:
    """Whose own order of channels is turned around within, which features are not."""
    from livedraft.runtime.models.diffusion.families.controlnet import ControlNet

    family = scribble._family
    control = family.pipe.controlnet
    own = control.config.controlnet_conditioning_channel_order
    assert own == "rgb"
    control.register_to_config(controlnet_conditioning_channel_order="bgr")
    try:
        turned = Scribble(ControlNet(family.pipe))
        found = made(turned, prepared(turned, PICTURE, 2, seed=7, prompt="a red fox", guidance=1))
        wants = wanted(turned, PICTURE, 7, "a red fox", 2, guidance_scale=1.0)
    finally:
        control.register_to_config(controlnet_conditioning_channel_order=own)
    assert difference(found, wants) <= CLOSE
    assert difference(found, wanted(scribble, PICTURE, 7, "a red fox", 2, guidance_scale=1.0)) > FAR


def test_an_empty_paper_is_no_drawing(scribble: Scribble) -> None:
    paper = torch.full((64, 64, 3), 255, dtype=torch.uint8).numpy()
    none, empty = (
        made(scribble, prepared(scribble, each, 2, seed=3, prompt="a fox"))
        for each in (None, paper)
    )
    assert difference(none, empty) <= CLOSE
