"""A diffusion model's sessions: what they keep, what they forget, and what they are told."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from pydantic import ValidationError
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, prepared, request

from livedraft.errors import InvalidParams, ModelFailed, OutOfMemory
from livedraft.media.chunks import Still
from livedraft.protocol.messages import Stage
from livedraft.runtime.conformance import pixels
from livedraft.runtime.engine.calls import Calls
from livedraft.runtime.engine.contract import Progress
from livedraft.runtime.engine.turn import Cell, Emit, Emitted, Prepare, Step
from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.diffusion.state import Cache, DiffusionJob
from livedraft.runtime.models.diffusion.tensors import moved
from livedraft.runtime.models.diffusion.unet_models import SDTurbo

LONG = "f" * 75 + " under a silver moon"


def picture(model: SDTurbo, drawn: Pixels | None, steps: int, **params: Any) -> Pixels:
    job = prepared(model, drawn, steps, **params)
    while not job.done:
        model.step([job])
    return pixels(model, job)


@contextmanager
def counted(module: Any) -> Iterator[list[int]]:
    """Give a list of how many rows a network was called with, each time."""
    calls: list[int] = []
    hook = module.register_forward_hook(lambda _, args, __: calls.append(len(args[0])))
    yield calls
    hook.remove()


def test_a_folder_is_loaded_drafted_refined_and_gone(folder: Path) -> None:
    model = SDTurbo.load(str(folder))
    unet = weakref.ref(model._family.pipe.unet)
    state = model.open()
    draft = picture(model, PICTURE, 1, stage=Stage.DRAFT, prompt="a fox", state=state)
    final = picture(model, PICTURE, 4, prompt="a fox", state=state)
    assert draft.shape == final.shape == (64, 64, 3)
    assert (draft != final).any()
    held = [weakref.ref(state.seen.kept(("sketch", 64, 64, small)).mean) for small in (True, False)]
    model.close(state)
    assert model.footprint(state) == 0
    assert [each() for each in held] == [None, None]
    del model
    gc.collect()
    assert unet() is None


def test_what_was_saved_paints_the_same(folder: Path, turbo: SDTurbo) -> None:
    for steps, stage in [(1, Stage.DRAFT), (3, Stage.FINAL)]:
        one, other = (
            picture(model, PICTURE, steps, stage=stage, prompt="a fox", seed=4)
            for model in (SDTurbo.load(str(folder)), turbo)
        )
        np.testing.assert_array_equal(one, other)


def test_a_folder_without_a_small_autoencoder_drafts_with_the_other(folder: Path) -> None:
    whole = SDTurbo.load(str(folder))
    whole._family.tiny_vae = None
    draft = picture(whole, PICTURE, 1, stage=Stage.DRAFT, prompt="a fox")
    final = picture(whole, PICTURE, 1, stage=Stage.FINAL, prompt="a fox")
    np.testing.assert_array_equal(draft, final)


def test_a_prompt_and_a_picture_are_encoded_once(turbo: SDTurbo) -> None:
    state, parts = turbo.open(), turbo._family.pipe
    with counted(parts.text_encoder) as texts:
        with counted(parts.vae.encoder) as pictures:
            first = picture(turbo, PICTURE, 2, prompt="a fox", state=state)
            again = picture(turbo, PICTURE, 2, prompt="a fox", state=state)
            assert (texts, pictures) == ([1], [1])
            picture(turbo, PICTURE, 2, prompt="a bird", seed=9, state=state)
            assert (texts, pictures) == ([1, 1], [1])
            picture(turbo, OTHER, 2, prompt="a fox", state=state)
            assert (texts, pictures) == ([1, 1], [1, 1])
    np.testing.assert_array_equal(first, again)


def test_pictures_of_several_sessions_are_encoded_in_one_call(turbo: SDTurbo) -> None:
    asked = [(turbo.open(), request(turbo, drawn, 1, prompt="a fox")) for drawn in (PICTURE, OTHER)]
    with counted(turbo._family.pipe.vae.encoder) as calls:
        jobs = turbo.prepare(asked)
    assert calls == [2]
    turbo.step(jobs)
    for job, drawn in zip(jobs, (PICTURE, OTHER), strict=True):
        alone = picture(turbo, drawn, 1, prompt="a fox").astype(int)
        assert np.abs(pixels(turbo, job).astype(int) - alone).max() <= 1


def test_a_cache_forgets_the_oldest_beyond_its_bytes() -> None:
    cache = Cache(most_bytes=3000)
    for name in "abc":
        cache.get(name, lambda: torch.zeros(250))
    assert cache.nbytes == 3000
    cache.get("a", lambda: pytest.fail("it is there"))
    cache.get("d", lambda: torch.zeros(250))
    assert [name in cache for name in "abcd"] == [True, False, True, True]
    cache.get("large", lambda: torch.zeros(5000))
    assert [name in cache for name in ("a", "d", "large")] == [False, False, True]
    assert cache.nbytes == 20_000


def test_a_footprint_is_what_prompts_and_pictures_take(turbo: SDTurbo) -> None:
    state = turbo.open()
    assert turbo.footprint(state) == 0
    prepared(turbo, PICTURE, 1, prompt="a fox", state=state)
    text, latents = 77 * 32 * 4, 2 * 4 * 8 * 8 * 4  # float32: rows of tokens; mean, deviation
    assert turbo.footprint(state) == text + latents


def test_what_is_suspended_comes_back_and_paints_the_same(turbo: SDTurbo) -> None:
    state = turbo.open()
    before = picture(turbo, PICTURE, 2, prompt="a fox", state=state)
    held = turbo.footprint(state)
    turbo.suspend(state)
    assert state.away
    assert turbo.footprint(state) == held
    with counted(turbo._family.pipe.vae.encoder) as calls:
        after = picture(turbo, PICTURE, 2, prompt="a fox", state=state)
    assert (calls, state.away) == ([], False)
    np.testing.assert_array_equal(before, after)


def test_all_tensors_of_a_state_are_moved(turbo: SDTurbo) -> None:
    state = turbo.open()
    prepared(turbo, PICTURE, 1, prompt="a fox", state=state)
    text, seen = state.texts.kept(("a fox", False, ())), state.seen.kept(("sketch", 64, 64, False))
    assert moved(text, "meta").rows["encoder_hidden_states"].is_meta
    assert [part.is_meta for part in moved(seen, "meta")] == [True, True]


def test_what_a_prompt_says_beyond_the_encoder_is_told(turbo: SDTurbo) -> None:
    job = prepared(turbo, None, 1, prompt=LONG)
    (note,) = job.notes
    assert (note["code"], note["param"]) == ("prompt_cut", "prompt")
    assert "under a silver moon" in note["message"]
    (note,) = prepared(turbo, None, 1, prompt="a fox " * 300).notes
    assert len(note["message"]) < 200
    assert prepared(turbo, None, 1, prompt="a fox").notes == ()


def test_the_longest_prompt_that_is_read_has_no_note(turbo: SDTurbo) -> None:
    most = turbo._family.pipe.tokenizer.model_max_length - 2  # of tokens, here of letters
    assert prepared(turbo, None, 1, prompt="x" * most).notes == ()
    assert len(prepared(turbo, None, 1, prompt="x" * (most + 1)).notes) == 1


def test_a_refined_picture_may_be_larger_and_of_another_form(turbo: SDTurbo) -> None:
    sized: dict[str, Any] = {"prompt": "a fox", "width": 96, "height": 72}
    assert picture(turbo, PICTURE, 2, **sized).shape == (72, 96, 3)
    assert picture(turbo, None, 2, **sized).shape == (72, 96, 3)
    assert picture(turbo, PICTURE, 1, stage=Stage.DRAFT, **sized).shape == (64, 64, 3)
    assert prepared(turbo, PICTURE, 2, **sized).key != prepared(turbo, PICTURE, 2).key


@pytest.mark.parametrize("width", [100, 4096])
def test_sizes_between_two_latents_or_too_large_are_refused(turbo: SDTurbo, width: int) -> None:
    with pytest.raises(ValidationError):
        turbo.params.model_validate({"width": width})


def test_a_size_that_is_too_small_is_told(turbo: SDTurbo) -> None:
    with pytest.raises(InvalidParams, match="height is 8 px") as caught:
        prepared(turbo, PICTURE, 2, height=8)
    assert "64 or more" in caught.value.fix


def test_values_that_are_not_finite_end_one_job(turbo: SDTurbo) -> None:
    calls = Calls({"sd-turbo": turbo})
    asked = [(Cell(), request(turbo, PICTURE, 1, prompt="a fox", seed=n)) for n in range(3)]
    jobs = [each for each in calls.make(Prepare("sd-turbo", asked)) if isinstance(each, Progress)]
    bad_job = jobs[1].job
    assert isinstance(bad_job, DiffusionJob)
    bad_job.way.latents = torch.full_like(bad_job.way.latents, float("nan"))
    jobs = [each for each in calls.make(Step("sd-turbo", jobs)) if isinstance(each, Progress)]
    assert len(jobs) == 3
    one, bad, other = calls.make(Emit("sd-turbo", jobs))
    assert isinstance(bad, ModelFailed)
    assert "dtype" in bad.fix
    for made, number in ((one, 0), (other, 2)):
        assert isinstance(made, Emitted)
        (still,) = made.outputs
        assert isinstance(still, Still)
        alone = picture(turbo, PICTURE, 1, prompt="a fox", seed=number).astype(int)
        assert np.abs(still.pixels.astype(int) - alone).max() <= 1


def test_a_call_that_fails_leaves_its_jobs_as_they_were(turbo: SDTurbo) -> None:
    job = prepared(turbo, PICTURE, 2, prompt="a fox")
    before = job.way.latents.clone()

    def refuse(_: Any, __: Any) -> None:
        raise MemoryError

    hook = turbo._family.pipe.unet.register_forward_pre_hook(refuse)
    with pytest.raises(OutOfMemory):
        turbo.step([job])
    hook.remove()
    assert (job.step, job.way.step) == (0, 0)
    torch.testing.assert_close(job.way.latents, before, rtol=0, atol=0)


def test_strength_0_keeps_the_drawing(turbo: SDTurbo) -> None:
    small = turbo._family
    job = prepared(turbo, PICTURE, 3, prompt="a fox", strength=0)
    latents = job.way.latents.clone()
    (seen,) = small.see([PICTURE], 64, 64, False)
    assert (latents - seen.mean).abs().max() < 1.0  # a little noise: that of the first level


def test_bright_pictures_in_half_precision_are_finite(
    turbo: SDTurbo, monkeypatch: pytest.MonkeyPatch
) -> None:
    bright = torch.ones(1, 3, 512, 512, dtype=torch.float16)  # whose sum is no half
    monkeypatch.setattr(turbo._family, "decode", lambda latents, small: bright)
    (shown,) = turbo._family.show([torch.zeros(1)], False)
    assert (shown == 255).all()
