"""klein and Kontext look at pictures as diffusers does, alone and beside others, each once."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, difference, made, theirs
from torch import Tensor

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.diffusion import preparing
from livedraft.runtime.models.diffusion.flow_models import Flux2Klein, Flux2KleinKV, FluxKontext
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.state import DiffusionJob, DiffusionState

CLOSE = 1e-5
WAYS = {"width": 64, "height": 64, "text_encoder_out_layers": (1, 2, 3)}
LARGE = np.random.default_rng(3).integers(0, 256, (96, 80, 3), np.uint8)


@pytest.fixture(scope="module", params=[Flux2Klein, Flux2KleinKV])
def klein(request: pytest.FixtureRequest) -> DiffusionModel:
    kind: type[DiffusionModel] = request.param
    return kind.tiny()


@pytest.fixture(scope="module")
def once() -> Flux2KleinKV:
    return Flux2KleinKV.tiny()


def job(
    model: DiffusionModel,
    pictures: dict[str, Pixels],
    steps: int,
    state: DiffusionState | None = None,
    **params: Any,
) -> DiffusionJob:
    asked: Request[Any] = Request(model.params.model_validate(params), pictures, Stage.FINAL, steps)
    (found,) = model.prepare([(state or model.open(), asked)])
    return found


def wanted(
    klein: DiffusionModel, pictures: list[Pixels], prompt: str, seed: int, steps: int
) -> Tensor:
    images = [Image.fromarray(picture) for picture in pictures]
    ways: dict[str, Any] = {**WAYS, "num_inference_steps": steps, "image": images}
    if isinstance(klein, Flux2Klein):
        ways["guidance_scale"] = 1.0
    return theirs(klein, klein._kind().pipeline, prompt, seed, **ways)


@pytest.mark.parametrize("second", [None, OTHER, LARGE], ids=["one", "two", "of another size"])
def test_pictures_are_looked_at_as_diffusers_does(
    klein: DiffusionModel, second: Pixels | None
) -> None:
    pictures = {"sketch": PICTURE} | ({} if second is None else {"reference": second})
    found = made(klein, job(klein, pictures, 3, prompt="a fox", seed=5))
    assert difference(found, wanted(klein, [*pictures.values()], "a fox", 5, 3)) <= CLOSE


def test_rows_with_unlike_pictures_at_unlike_steps_share_a_call(klein: DiffusionModel) -> None:
    ahead = job(klein, {"sketch": PICTURE}, 4, prompt="a fox", seed=1)
    klein.step([ahead])
    behind = job(klein, {"sketch": OTHER}, 3, prompt="two birds", seed=2)
    assert ahead.key == behind.key
    for _ in range(3):
        klein.step([ahead, behind])
    assert difference(made(klein, ahead), wanted(klein, [PICTURE], "a fox", 1, 4)) <= CLOSE
    assert difference(made(klein, behind), wanted(klein, [OTHER], "two birds", 2, 3)) <= CLOSE


def test_unlike_numbers_of_pictures_share_none(klein: DiffusionModel) -> None:
    keys = [
        job(klein, pictures, 1, prompt="a fox").key
        for pictures in (
            {},
            {"sketch": PICTURE},
            {"sketch": PICTURE, "reference": OTHER},
            {"sketch": PICTURE, "reference": LARGE},
        )
    ]
    assert len({*keys}) == len(keys)


def test_a_picture_that_stays_is_encoded_once(klein: DiffusionModel) -> None:
    state, calls = klein.open(), list[int]()
    encoder = klein._family.pipe.vae.encoder
    hook = encoder.register_forward_hook(lambda _, given, __: calls.append(len(given[0])))
    pictures = {"sketch": PICTURE, "reference": LARGE}
    first = made(klein, job(klein, pictures, 1, state, prompt="a fox"))
    assert calls == [1, 1]
    job(klein, pictures | {"sketch": OTHER}, 1, state, prompt="a fox")
    assert calls == [1, 1, 1]
    hook.remove()
    again = made(klein, job(klein, pictures, 1, state, prompt="a fox"))
    assert torch.equal(first, again)
    job(klein, {}, 1, state, prompt="a fox")
    assert state.seen.nbytes == 0


@pytest.mark.parametrize("strange", [False, True], ids=["right", "a wrong place"])
def test_kontext_looks_at_a_picture_as_diffusers_does(strange: bool) -> None:
    kontext = FluxKontext.tiny()
    begun = job(kontext, {"sketch": PICTURE}, 3, prompt="a fox", seed=5, guidance=2.5)
    if strange:
        (call,) = begun.way.calls
        begun.way.calls = [{**call, "img_ids": torch.zeros_like(call["img_ids"])}]
    ways: dict[str, Any] = {"max_area": 64 * 64, "_auto_resize": False, "guidance_scale": 2.5}
    ways |= {"width": 64, "height": 64, "num_inference_steps": 3}
    found = theirs(kontext, "FluxKontextPipeline", "a fox", 5, picture=PICTURE, **ways)
    assert (difference(made(kontext, begun), found) <= CLOSE) is not strange


def test_kontext_sees_all_pictures_as_large_as_it_was_taught() -> None:
    family = FluxKontext.tiny()._family
    assert family.seen_size(np.zeros((512, 512, 3), np.uint8), 64, 64) == (64, 64)
    assert family.seen_size(np.zeros((20, 80, 3), np.uint8), 64, 64) == (128, 32)
    assert family.seen_size(np.zeros((1, 9000, 3), np.uint8), 64, 64)[1] == 16


def test_what_is_remembered_of_pictures_holds_for_other_words_and_seeds(once: Flux2KleinKV) -> None:
    state, calls = once.open(), list[int]()
    pictures = {"sketch": PICTURE, "reference": OTHER}
    transformer = once._family.pipe.transformer
    hook = transformer.register_forward_hook(
        lambda _, __, given, ___: calls.append(given["hidden_states"].shape[1]), with_kwargs=True
    )
    first = job(once, pictures, 2, state, prompt="a fox", seed=5)
    assert calls == [4 * 4 * 2 + 1]  # the tokens of both pictures, and one beside them
    second = job(once, pictures, 2, state, prompt="two birds", seed=6)
    made(once, second)
    assert calls[1:] == [4 * 4] * 2, "a step reads the picture alone"
    hook.remove()
    found = wanted(once, [PICTURE, OTHER], "two birds", 6, 2)
    assert difference(made(once, second), found) <= CLOSE
    assert difference(made(once, first), wanted(once, [PICTURE, OTHER], "a fox", 5, 2)) <= CLOSE


def test_what_is_remembered_is_counted_moved_and_forgotten(once: Flux2KleinKV) -> None:
    state, pictures = once.open(), {"sketch": PICTURE}
    before = job(once, pictures, 1, state, prompt="a fox")
    layers, tokens, width = 2, 16, 32
    assert state.memory.nbytes == 2 * layers * tokens * width * 4  # keys and values, float32
    assert once.footprint(state) > state.memory.nbytes
    once.suspend(state)
    again = job(once, pictures, 1, state, prompt="a fox")
    assert torch.equal(made(once, before), made(once, again))
    other = job(once, {"sketch": OTHER}, 1, state, prompt="a fox")
    assert difference(made(once, other), made(once, before)) > 1e-4
    job(once, {}, 1, state, prompt="a fox")
    assert state.memory.nbytes == 0


def test_what_is_too_large_is_remembered_for_its_job_alone(
    once: Flux2KleinKV, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(preparing, "MOST_MEMORY_BYTES", 100)
    state = once.open()
    found = made(once, job(once, {"sketch": PICTURE}, 2, state, prompt="a fox", seed=5))
    assert state.memory.nbytes == 0
    assert difference(found, wanted(once, [PICTURE], "a fox", 5, 2)) <= CLOSE
