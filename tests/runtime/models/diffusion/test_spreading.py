"""Ranks make what one process makes; a rank that ends ends the model, and nothing hangs."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.compute.adapters.nets import in_peft, pairs
from tests.runtime.compute.adapters.nets import save as save_lora
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, prepared
from torch import Tensor

from livedraft.errors import ConfigError, ModelFailed, WeightsError
from livedraft.runtime.compute.parallel import Ranks
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.parts import save, tiny
from livedraft.runtime.plan import Parallel, changed

Load = Callable[..., DiffusionModel]
GUIDED = {"sd-1.5", "sd3", "qwen-image"}
CLOSE, FAR = 1e-6, 1e-4  # of the largest number
ROUNDED = 2e-3  # the same, where what comes in is rounded to eight bits: a last digit may tip one
CASES = {
    "sd-1.5": Parallel(cfg=2),  # the rows of a call
    "qwen-image": Parallel(cfg=2, ulysses=2),  # its calls, and in each its heads
    "flux2-klein": Parallel(ulysses=2),  # with pictures to refer to
    "flux-schnell": Parallel(ring=2),
    "sd3": Parallel(stages=2),  # of rows one after another
    "z-image-turbo": Parallel(stages=2),  # of rows as lists
}
PROMPTS = ("a red fox", "two blue birds over the harbour at night")


def kind_of(name: str) -> type[DiffusionModel]:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    return kind


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give folders of tiny weights."""
    folder = tmp_path_factory.mktemp("weights")
    for name in (*CASES, "sd-turbo", "sana-sprint", "sd-1.5-scribble"):
        save(tiny(kind_of(name)._kind()), folder / name)
    return {path.name: path for path in folder.iterdir()}


@pytest.fixture
def cores(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have as many cores as four ranks ask for."""
    monkeypatch.setattr(os, "cpu_count", lambda: 4)


@pytest.fixture
def load(weights: dict[str, Path], cores: None) -> Iterator[Load]:
    """Give what loads models whose denoisers ranks have; they are ended."""
    found: list[DiffusionModel] = []

    def load(name: str, **plan: Any) -> DiffusionModel:
        asked = {"parallel": CASES[name], "threads": 1, **plan}
        found.append(kind_of(name).load(str(weights[name]), Plan(**asked)))
        return found[-1]

    yield load
    for model in found:
        network = ranks(model)
        network.close()
        assert all(process.poll() is not None for process in network.processes)
        with pytest.raises(ModelFailed, match="ended"):
            network(sample=torch.zeros(1, 4, 8, 8))


def ranks(model: DiffusionModel) -> Ranks:
    network = model._family.denoiser.network
    assert isinstance(network, Ranks)
    return network


def made(model: DiffusionModel, name: str, **params: Any) -> Tensor:
    """Return latents of two sessions, the second of which joined a step later."""
    told: dict[str, Any] = {"width": 64, "height": 64}
    told |= ({"guidance": 5.0} if name in GUIDED else {}) | params
    one, two = (
        prepared(model, picture, 3, **told | {"prompt": prompt, "seed": seed})
        for seed, (prompt, picture) in enumerate(zip(PROMPTS, (PICTURE, OTHER), strict=True))
    )
    model.step([one])
    for _ in range(2):
        if one.key == two.key:
            model.step([one, two])
        else:
            model.step([one])
            model.step([two])
    return torch.cat([one.way.latents, two.way.latents])


def off(one: Tensor, other: Tensor) -> float:
    return float((one - other).abs().max() / other.abs().max())


def lora_of(name: str, folder: Path, ends: tuple[str, ...]) -> Path:
    """Return a file of a LoRA that changes layers whose names end so, all blocks' of them."""
    parts = kind_of(name).tiny()._family.pipe.components
    part = "unet" if "unet" in parts else "transformer"
    tensors = in_peft(pairs(parts[part], 2, 0, ends), f"{part}.")
    return save_lora(folder / "a.safetensors", tensors)


@pytest.mark.parametrize("name", CASES)
def test_ranks_make_what_one_process_makes_with_loras_and_without(
    name: str, load: Load, tmp_path: Path
) -> None:
    model, alone = load(name), kind_of(name).tiny()
    own = made(alone, name)
    assert off(made(model, name), own) < CLOSE
    file = lora_of(name, tmp_path, ("to_q", "to_v"))
    for each in (model, alone):
        add_lora(each, "style", file)
    worn = made(alone, name, loras={"style": 1.0})
    assert off(made(model, name, loras={"style": 1.0}), worn) < CLOSE
    assert off(worn, own) > FAR, "a rank that did not wear it would be seen"
    model.detach("style")
    assert off(made(model, name), own) < CLOSE
    parts = model._family.pipe.components
    denoiser = parts.get("unet") or parts["transformer"]
    assert all(each.is_meta for each in denoiser.parameters()), "no weights are held twice"
    (note,) = model.info.notes
    count = CASES[name].ranks
    assert note == f"parallel = {CASES[name]}: its denoiser runs in {count} processes"


def test_rows_of_a_batch_wear_their_own_loras_on_ranks(load: Load, tmp_path: Path) -> None:
    name = "sd3"
    file, found = lora_of(name, tmp_path, ("to_q",)), []
    for model in (load(name), kind_of(name).tiny()):
        add_lora(model, "style", file)
        jobs = [
            prepared(model, PICTURE, 2, prompt="a fox", seed=3, guidance=5.0, loras=loras)
            for loras in ({"style": 1.0}, {}, {"style": 0.5})
        ]
        model.step(jobs)
        found.append(torch.cat([job.way.latents for job in jobs]))
    assert off(*found) < CLOSE
    assert off(found[0][:1], found[0][1:2]) > FAR


def test_a_lora_of_a_layer_where_ranks_join_tokens_is_refused_in_words(
    load: Load, tmp_path: Path
) -> None:
    model = load("flux2-klein")
    with pytest.raises(WeightsError, match="'proj_out', where ranks join their tokens"):
        add_lora(model, "a", lora_of("flux2-klein", tmp_path, ("proj_out",)))
    model.step([prepared(model, PICTURE, 2, prompt="a fox")])


@pytest.mark.parametrize("name", ["sd-1.5", "z-image-turbo"])
def test_ranks_hold_eight_bits_as_one_process_does(
    name: str, load: Load, weights: dict[str, Path], tmp_path: Path
) -> None:
    own = kind_of(name).load(str(weights[name]), Plan(quantise="int8", threads=1))
    whole = kind_of(name).load(str(weights[name]), Plan(threads=1))
    model = load(name, quantise="int8")
    assert model.info.notes[0].startswith("quantise = int8: ")
    file = lora_of(name, tmp_path, ("to_q",))
    for each in (own, model):
        add_lora(each, "style", file)
    for told in ({}, {"loras": {"style": 1.0}}):
        made_so = made(own, name, **told)
        assert off(made(model, name, **told), made_so) < ROUNDED
    assert off(made(own, name), made(whole, name)) > FAR, "something was rounded"


def test_what_a_rank_raises_is_told_and_the_next_call_is_made(load: Load) -> None:
    model = load("sd-1.5")
    job = prepared(model, PICTURE, 3, prompt="a fox", guidance=5.0)
    right = job.way.calls
    job.way.calls = ({**right[0], "encoder_hidden_states": torch.zeros(2, 7, 5)},)
    with pytest.raises(ModelFailed, match="a rank of the model failed: RuntimeError"):
        model.step([job])
    job.way.calls = right
    model.step([job])
    assert job.step == 1


@pytest.mark.parametrize(
    ("name", "asked", "said"),
    [
        ("sd-turbo", Parallel(cfg=2), "'sd-turbo' makes no output without conditioning"),
        ("flux-schnell", Parallel(cfg=2), "'flux-schnell' makes no output without conditioning"),
        ("sd-1.5", Parallel(ulysses=2), "no way to share the tokens of 'sd-1.5'"),
        ("sd-1.5", Parallel(cfg=3), "guidance has two outputs"),
        ("sd-1.5-scribble", Parallel(cfg=2), "is more than one network"),
        ("qwen-image", Parallel(ring=2), "no mask follows keys around a ring"),
        ("sd-1.5", Parallel(stages=2), "the blocks of 'sd-1.5' are no chain that diffusers knows"),
        ("sana-sprint", Parallel(stages=2), "the blocks of 'sana-sprint' are no chain"),
        ("flux2-klein", Parallel(stages=3), "stages = 3: 'flux2-klein' has 2 blocks"),
        ("flux2-klein", Parallel(ulysses=64), "takes 64 ranks, and there are"),
    ],
)
def test_what_cannot_be_shared_is_refused(
    name: str, asked: Parallel, said: str, weights: dict[str, Path], cores: None
) -> None:
    with pytest.raises(ConfigError, match=said):
        kind_of(name).load(str(weights[name]), Plan(parallel=asked, threads=1))


@pytest.mark.parametrize(
    "text", ["cfg", "cfg=0", "cfg=two", "tensor=2", "cfg=2,cfg=2", "ulysses=65", ",", "2"]
)
def test_what_is_no_way_to_share_is_refused_before_a_server_starts(text: str) -> None:
    with pytest.raises(ConfigError, match=r"parallel = .* makes no sense") as refused:
        Config(parallel=text)
    assert refused.value.fix == "for example parallel=cfg=2+ulysses=2"
    with pytest.raises(ConfigError, match="makes no sense"):
        Config(models=("sd-1.5",), plans=(f"sd-1.5.parallel={text}",))


def test_ways_are_parted_by_commas_or_as_values_of_a_plan() -> None:
    for text in ("cfg=2,ulysses=4", "cfg = 2 + ulysses = 4"):
        assert changed(Plan(), "parallel", text).parallel == Parallel(cfg=2, ulysses=4)
    assert str(Parallel(cfg=2, ulysses=4)) == "cfg=2+ulysses=4"
    assert Parallel(2, 2, 2, 2).ranks == 16


def test_ranks_that_would_be_compiled_are_refused(weights: dict[str, Path]) -> None:
    plan = Plan(parallel=Parallel(ulysses=2), threads=1, mode="compiled")
    with pytest.raises(ConfigError, match="mode = compiled and parallel = ulysses=2 at once"):
        kind_of("flux2-klein").load(str(weights["flux2-klein"]), plan)


def test_weights_that_ranks_cannot_read_leave_no_rank(weights: dict[str, Path]) -> None:
    model = kind_of("sd-1.5").load(str(weights["sd-1.5"]), Plan(threads=1))
    from livedraft.runtime.models.diffusion.spreading import spread as spreading

    with pytest.raises(WeightsError, match="cannot be loaded by its ranks"):
        spreading(
            model._family,
            "sd-1.5",
            weights["sd-1.5"] / "vae",
            "",
            Plan(parallel=Parallel(cfg=2), threads=1),
            guided=True,
        )
    assert not isinstance(model._family.denoiser.network, Ranks)
