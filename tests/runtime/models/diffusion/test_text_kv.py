"""Keys and values of a prompt are computed once, change no picture, are never another's."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.compute.adapters.nets import in_peft, pairs, save
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, difference, made, prepared
from tests.runtime.models.diffusion.reading import (
    BIRDS,
    FOX,
    KEEPS,
    guided,
    kind_of,
    network,
    readers_of,
    without,
)
from torch import Tensor

from livedraft.runtime.models.adapters import detach
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.state import Cache

# diffusers' schedulers ask torch for arrays in a way that NumPy gives up.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CLOSE, ALONE, FAR = 1e-6, 1e-5, 1e-4  # of 0..1, before they become bytes
TOKENS = 300  # of sana-sprint's prompts, whatever is said


@pytest.fixture(scope="module", params=KEEPS)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture(scope="module")
def model(name: str) -> DiffusionModel:
    return kind_of(name).tiny()


@pytest.fixture
def sana() -> DiffusionModel:
    return kind_of("sana-sprint").tiny()


@contextmanager
def counted(model: DiffusionModel) -> Iterator[Callable[[], int]]:
    """Give how often a layer has read prompts since it was last asked."""
    (*_, layer) = readers_of(model)
    calls: list[int] = []
    hook = layer.to_k.register_forward_hook(lambda *_: calls.append(1))

    def read() -> int:
        count = len(calls)
        calls.clear()
        return count

    try:
        yield read
    finally:
        hook.remove()


def style(model: DiffusionModel, file: Path, seed: int = 1, ends: tuple[str, ...] = ()) -> Path:
    """Write a LoRA that changes how prompts are read, and nothing else."""
    part = "unet" if "unet" in model._family.pipe.components else "transformer"
    paths = [path for path, each in network(model).named_modules() if each in readers_of(model)]
    ends = ends or tuple(f"{path}.to_{each}" for path in paths for each in "kv")
    return save(file, in_peft(pairs(network(model), 4, seed, ends), f"{part}."))


def test_pictures_are_those_of_prompts_that_are_read_at_every_step(
    name: str, model: DiffusionModel
) -> None:
    """Bit by bit alone; and in a batch with another prompt a step behind, as that and alone."""
    assert model._family.keeps_text_kv
    plain, more = without(name), guided(name)
    true = [
        made(plain, prepared(plain, each, steps, **asked, **more))
        for each, steps, asked in ((PICTURE, 3, FOX), (OTHER, 2, BIRDS))
    ]
    assert torch.equal(made(model, prepared(model, PICTURE, 3, **FOX, **more)), true[0])
    together = [batch(each, **more) for each in (model, plain)]
    for kept, read, alone in zip(*together, true, strict=True):
        assert difference(kept, read) <= CLOSE
        assert difference(kept, alone) <= ALONE
    control = prepared(model, PICTURE, 3, **BIRDS | {"seed": 7}, **more)
    assert difference(made(model, control), true[0]) > FAR, "what is read makes a difference"


def batch(model: DiffusionModel, **more: Any) -> list[Tensor]:
    """Return pictures of two sessions, the second of which joined a step later."""
    one = prepared(model, PICTURE, 3, **FOX, **more)
    model.step([one])
    two = prepared(model, OTHER, 2, **BIRDS, **more)
    assert one.key == two.key, "they share a batch"
    for _ in range(2):
        model.step([one, two])
    return [made(model, each) for each in (one, two)]


def test_a_prompt_is_read_once_for_all_steps_and_drafts(name: str, model: DiffusionModel) -> None:
    state, more = model.open(), guided(name)
    prompts = 2 if more else 1  # what it shall not show is one, too
    with counted(model) as read:
        made(model, prepared(model, PICTURE, 3, state=state, **FOX, **more))
        assert read() == prompts
        for picture, steps, seed in ((OTHER, 2, 7), (PICTURE, 1, 9)):
            again = FOX | {"seed": seed}
            made(model, prepared(model, picture, steps, state=state, **again, **more))
        assert read() == 0
        model.suspend(state)
        made(model, prepared(model, PICTURE, 1, state=state, **FOX, **more))
        assert read() == 0, "it came back with its client"
        made(model, prepared(model, PICTURE, 1, state=state, **BIRDS, **more))
        assert read() == 1
    plain = without(name)
    with counted(plain) as read:
        made(plain, prepared(plain, PICTURE, 3, **FOX, **more))
        assert read() == 3, "as often as that is otherwise"


def test_each_mix_of_loras_reads_for_itself(
    name: str, model: DiffusionModel, tmp_path: Path
) -> None:
    """Also in a batch of rows that wear others, and of a file that took another's place."""
    more, state = guided(name), model.open()

    def picture(own: Any = None, **loras: float) -> Tensor:
        job = prepared(model, PICTURE, 2, state=own or state, loras=loras, **FOX, **more)
        return made(model, job)

    plain = picture()
    one, two = (style(model, tmp_path / f"{seed}.safetensors", seed) for seed in (1, 2))
    assert add_lora(model, "style", one)
    worn, less = picture(style=1.0), picture(style=0.5)
    for each, other in ((plain, worn), (worn, less)):
        assert difference(each, other) > FAR, "one that was kept would be seen"
    fresh = model.open()
    assert torch.equal(picture(fresh, style=1.0), worn)
    assert torch.equal(picture(), plain)

    jobs = [
        prepared(model, PICTURE, 2, loras=loras, **FOX, **more)
        for loras in ({"style": 1.0}, {}, {"style": 0.5})
    ]
    for key in {job.key for job in jobs}:
        for _ in range(2):
            model.step([job for job in jobs if job.key == key])
    for job, true in zip(jobs, (worn, plain, less), strict=True):
        assert difference(made(model, job), true) <= ALONE

    detach(model, "style")
    assert add_lora(model, "style", two)
    swapped = picture(style=1.0)
    assert difference(swapped, worn) > FAR
    assert torch.equal(picture(model.open(), style=1.0), swapped)
    detach(model, "style")
    assert torch.equal(picture(), plain)


def test_what_is_stale_would_be_seen(sana: DiffusionModel, tmp_path: Path) -> None:
    """The control of the tests above: keys and values under another's name make a wrong picture."""
    state = sana.open()
    assert add_lora(sana, "style", style(sana, tmp_path / "one.safetensors"))
    own = made(sana, prepared(sana, PICTURE, 2, state=state, **FOX))
    (kept,) = state.text_kv._kept
    old = state.text_kv.kept(kept)
    for asked in ({**FOX, "loras": {"style": 1.0}}, BIRDS | {"seed": 7}):
        true = made(sana, prepared(sana, PICTURE, 2, state=state, **asked))
        key = next(reversed(state.text_kv._kept))
        assert key != kept
        state.text_kv.put(key, old)
        wrong = made(sana, prepared(sana, PICTURE, 2, state=state, **asked))
        assert difference(wrong, true) > FAR
        assert difference(wrong, own) <= CLOSE, "it is that of what was kept"


def test_what_comes_before_all_layers_is_adapted_too(sana: DiffusionModel, tmp_path: Path) -> None:
    file = style(sana, tmp_path / "one.safetensors", ends=("caption_projection.linear_1",))
    plain = without("sana-sprint")
    for model in (sana, plain):
        assert add_lora(model, "style", file)
    asked: dict[str, Any] = {**FOX, "loras": {"style": 1.0}}
    found = [made(each, prepared(each, PICTURE, 2, **asked)) for each in (sana, plain)]
    assert torch.equal(*found)
    assert difference(found[0], made(sana, prepared(sana, PICTURE, 2, **FOX))) > FAR


def test_many_prompts_stay_within_a_budget_of_their_own(sana: DiffusionModel) -> None:
    state = sana.open()
    prepared(sana, None, 1, state=state, **FOX)
    each = state.text_kv.nbytes
    wide = sum(2 * layer.inner_kv_dim for layer in readers_of(sana))
    assert each > 4 * TOKENS * wide  # float32, and the code beside it
    state.text_kv = Cache(5 * each // 2)
    for number in range(20):
        prepared(sana, None, 1, state=state, prompt=f"a fox, {number}")
        assert state.text_kv.nbytes <= 2 * each
    assert len(state.texts._kept) == 21, "which leaves what the encoder made alone"
    assert sana.footprint(state) >= state.text_kv.nbytes + state.texts.nbytes
    sana.close(state)
    assert sana.footprint(state) == 0
