"""Weights in eight bits: in force where pictures stay what they were, and put back where not."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from tests.runtime.compute.adapters.nets import in_peft, pairs, save
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import OTHER, PICTURE, made, prepared
from torch import Tensor, nn

from livedraft.errors import ConfigError
from livedraft.runtime.compute.eight_bits import EIGHT_BITS, RowLinear, suited
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.quantising import psnr, quantise
from livedraft.runtime.models.diffusion.unet_models import SDTurbo
from livedraft.runtime.plan import check

NAMES = (
    "sd-turbo",
    "sdxl",
    "flux-schnell",
    "flux2-klein",
    "z-image-turbo",
    "qwen-image",
    "sd-1.5-inpaint",
)
NEAR_DB = 30.0


class Stopwatch:
    """Says that the first of two ways is faster than the other, or slower."""

    def __init__(self, first: float, second: float) -> None:
        self._times = first, second
        self.read = 0

    def __call__(self, run: Callable[[], Any], device: torch.device) -> float:
        run()
        self.read += 1
        return self._times[1 - self.read % 2]


def products() -> Stopwatch:
    return Stopwatch(1.0, 2.0)


def kind_of(name: str) -> type[DiffusionModel]:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    return kind


def network(model: DiffusionModel) -> nn.Module:
    parts = model._family.pipe.components
    found: nn.Module = parts.get("unet") or parts["transformer"]
    return found


def layers(model: DiffusionModel) -> list[RowLinear]:
    return [each for each in network(model).modules() if isinstance(each, RowLinear)]


def painted(model: DiffusionModel, **params: Any) -> Tensor:
    return made(model, prepared(model, PICTURE, 2, prompt="a fox", seed=3, **params))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@pytest.mark.parametrize("how", EIGHT_BITS)
@pytest.mark.parametrize("name", NAMES)
def test_pictures_stay_what_they_were_in_less_memory(name: str, how: str) -> None:
    model, own = kind_of(name).tiny(), kind_of(name).tiny()
    whole = {path: layer.weight.nbytes for path, layer in suited(network(own))}
    assert quantise(model._family, name, how, 1, products())
    changed = layers(model)
    assert len(changed) == len(whole)
    assert all(each.product for each in changed)
    assert 4 * sum(each.weight.nbytes for each in changed) == sum(whole.values())
    (note,) = model._family.notes
    assert note.startswith(f"quantise = {how}: {len(whole)} layers take ")
    assert psnr(painted(model), painted(own)) > NEAR_DB
    assert not torch.equal(painted(model), painted(own)), "something was rounded"


def test_where_products_are_slower_weights_are_widened() -> None:
    model = SDTurbo.tiny()
    assert quantise(model._family, "sd-turbo", "int8", 1, Stopwatch(2.0, 1.0))
    assert not any(each.product for each in layers(model))
    assert psnr(painted(model), painted(SDTurbo.tiny())) > NEAR_DB


@pytest.mark.parametrize("fault", [1e5, float("nan")])
def test_a_layer_that_eight_bits_cannot_hold_puts_all_back(
    fault: float, caplog: pytest.LogCaptureFixture
) -> None:
    model, own = SDTurbo.tiny(), SDTurbo.tiny()
    for each in (model, own):
        found = dict(suited(network(each)))
        for path, layer in found.items():
            if path.endswith("ff.net.2"):
                into = found[path.removesuffix("2") + "0.proj"]
                into.weight[0], into.bias[0] = 0.0, 0.0  # what comes in there is zero, so the
                layer.weight *= 20.0  # fault does nothing, but that beside it all others of
                layer.weight[:, 0] = fault  # a row are rounded to zero
    assert not quantise(model._family, "sd-turbo", "int8", 1, products())
    assert not layers(model)
    (note,) = model._family.notes
    assert note.startswith("quantise = int8 is not in force: the model comes within ")
    assert note in caplog.text
    if fault == fault:
        assert torch.equal(painted(model), painted(own)), "and it is itself again, bit by bit"


def test_a_model_of_other_widths_is_left_as_it_is() -> None:
    model = kind_of("pixart").tiny()  # 24 numbers a token
    assert not quantise(model._family, "pixart", "fp8", 1, products())
    assert model._family.notes == ("quantise = fp8 is not in force: no layer of it is suited",)


def test_loras_are_worn_on_layers_in_eight_bits(tmp_path: Path) -> None:
    model, own = SDTurbo.tiny(), SDTurbo.tiny()
    found = pairs(network(own), 2, 0, ("to_q", "to_v"))
    file = save(tmp_path / "style.safetensors", in_peft(found, "unet."))
    assert quantise(model._family, "sd-turbo", "int8", 1, products())
    before = painted(model)
    for each in (model, own):
        assert add_lora(each, "style", file)
    assert torch.equal(painted(model), before), "without it nothing has changed"
    worn = painted(model, loras={"style": 1.0})
    assert psnr(worn, painted(own, loras={"style": 1.0})) > NEAR_DB
    assert float((worn - before).abs().max()) > 1e-3


def test_rows_of_a_batch_are_as_alone() -> None:
    model = SDTurbo.tiny()
    assert quantise(model._family, "sd-turbo", "int8", 1, products())
    one, two = (prepared(model, each, 2, prompt="a fox", seed=3) for each in (PICTURE, OTHER))
    model.step([one])
    model.step([one, two])
    alone = prepared(model, OTHER, 2, prompt="a fox", seed=3)
    model.step([alone])
    assert float((alone.way.latents - two.way.latents).abs().max()) < 1e-5


def test_a_plan_says_so_and_the_model_tells_of_it(folder: Path) -> None:
    model = SDTurbo.load(str(folder), Plan(quantise="int8"))
    (note,) = model.info.notes
    assert note.startswith("quantise = int8: ")
    assert layers(model)
    plain = SDTurbo.load(str(folder), Plan(quantise="none"))
    assert not plain.info.notes
    assert not layers(plain)
    assert plain._family.pipe.unet.device.type == "cpu"


def test_bits_that_nobody_has_are_refused_in_words() -> None:
    with pytest.raises(ConfigError, match="quantise = 'int2'") as refused:
        check("sd-turbo", SDTurbo.honours, Plan(quantise="int2"), {"quantise"})
    assert refused.value.fix == "sd-turbo.quantise takes int8, fp8, none"
