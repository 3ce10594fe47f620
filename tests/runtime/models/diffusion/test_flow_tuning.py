"""Models of flow matching are taught, too: the loss falls, and diffusers reads what is written."""

from __future__ import annotations

from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import difference, made, prepared, theirs

import livedraft as ld
from livedraft.cli import main
from livedraft.errors import ConfigError
from livedraft.runtime.compute.denoise import Denoising, predicted
from livedraft.runtime.config import Config
from livedraft.runtime.models import MODELS
from livedraft.runtime.models.diffusion.asked import Asked
from livedraft.runtime.models.diffusion.flow_models import Flux2Klein
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.parts import save, tiny
from livedraft.runtime.models.diffusion.tuning import DiffusionTuning, Example
from livedraft.runtime.models.tuning.loop import Recipe, run
from livedraft.runtime.running import Thread

CLOSE, FAR = 1e-5, 1e-4  # of 0..1, before they become bytes
UPDATES, READINGS = 60, 2  # of the clock, in each update
RED = np.full((64, 64, 3), (200, 40, 40), np.uint8)
NAMES = ("flux-schnell", "flux-dev", "flux2-klein", "z-image-turbo", "sd3", "qwen-image")
# How diffusers' own pipeline is told the same as ours is.
PIPELINES: dict[str, tuple[str, dict[str, Any]]] = {
    "flux-schnell": ("FluxPipeline", {"guidance_scale": 0.0, "max_sequence_length": 256}),
    "flux2-klein": (
        "Flux2KleinPipeline",
        {"guidance_scale": 1.0, "text_encoder_out_layers": (1, 2, 3)},
    ),
    "z-image-turbo": ("ZImagePipeline", {"guidance_scale": 0.0}),
}
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")


def kind_of(name: str) -> type[DiffusionModel]:
    kind = MODELS.load(name)
    assert issubclass(kind, DiffusionModel)
    return kind


def examples() -> list[Example]:
    return [Example(f"a ball {number}", RED + np.uint8(5 * number)) for number in range(6)]


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Give what some updates make of each model."""
    folder, found = tmp_path_factory.mktemp("made"), {}
    for name in NAMES:
        recipe = Recipe("balls", "Balls", prompt="red", minutes=UPDATES * READINGS / 60, rank=4)
        tuning = DiffusionTuning(recipe, examples(), kind_of(name).tiny())
        found[name] = folder / f"{name}.safetensors"
        run(tuning, found[name], lambda: None, clock=count().__next__, preview_s=1e9)
    return found


def off(model: DiffusionModel, loras: dict[str, float]) -> float:
    """Return how wrong the network is about the way from a picture to noise, at several times."""
    family, wrong = model._family, []
    mix, draw = family.loras.mix(loras), torch.Generator().manual_seed(1)
    with torch.inference_mode():
        asked = Asked(family.read("red a ball 1"), None, None, 64, 64, 0, 4, 1.0)
        (picture,) = family.see([RED], 64, 64, False)
        for sigma in (0.2, 0.4, 0.6, 0.8, 0.95):
            noise = torch.randn(picture.mean.shape, generator=draw)
            way = Denoising(
                (1 - sigma) * picture.mean + sigma * noise,
                family.sampler(asked, 1.0),
                family.conditioned(asked),
                draw,
            )
            with family.loras.denoising([mix.row]):
                (velocity,) = predicted(family.denoiser, [way], [torch.tensor([1000 * sigma])])
            wrong.append(float((velocity - (noise - picture.mean)).square().mean()))
    return sum(wrong) / len(wrong)


@pytest.mark.parametrize("name", NAMES)
def test_the_file_makes_the_network_less_wrong(name: str, files: dict[str, Path]) -> None:
    model = kind_of(name).tiny()
    assert add_lora(model, "balls", files[name])
    assert model.info.loras[0].description == "Say “red” in the prompt."
    assert off(model, {"balls": 1.0}) < off(model, {}) - 0.002
    assert off(model, {"balls": -1.0}) > off(model, {}), "and what it learned has a direction"


@pytest.mark.parametrize("name", PIPELINES)
def test_diffusers_makes_the_same_pictures_with_it(name: str, files: dict[str, Path]) -> None:
    model, plain = kind_of(name).tiny(), kind_of(name).tiny()
    assert add_lora(model, "balls", files[name])
    kind, ways = PIPELINES[name]
    ways = {"num_inference_steps": 2, "height": 64, "width": 64, **ways}
    ours = made(model, prepared(model, None, 2, prompt="a fox", seed=7, loras={"balls": 1.0}))
    plain._family.pipe.load_lora_weights(str(files[name]))
    assert difference(ours, theirs(plain, kind, "a fox", 7, **ways)) < CLOSE
    plain._family.pipe.unload_lora_weights()
    assert difference(ours, theirs(plain, kind, "a fox", 7, **ways)) > FAR


@pytest.mark.parametrize("name", ["sana-sprint", "sd-1.5-inpaint", "wan"])
def test_a_model_that_learns_otherwise_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"{name} cannot be trained: "):
        DiffusionTuning(Recipe("x", "X"), examples(), kind_of(name).tiny())


def test_the_command_trains_klein_and_a_live_session_draws_with_it(tmp_path: Path) -> None:
    weights, pictures, output = tmp_path / "klein", tmp_path / "pictures", tmp_path / "my.st"
    output = output.with_suffix(".safetensors")
    save(tiny(Flux2Klein._kind()), weights)
    pictures.mkdir()
    for name in ("red ball", "blue ball", "green ball", "egg", "moon", "tea cup"):
        Image.new("RGB", (80, 64), "red").save(pictures / f"{name}.png")
    done = CliRunner().invoke(
        main,
        [
            *("lora", "train", str(pictures), "-o", str(output)),
            *("--model", f"flux2-klein={weights}", "--minutes", "0.05", "--device", "cpu"),
            *("--threads", "1", "--rank", "2"),
        ],
    )
    assert done.exit_code == 0, done.output
    config = Config(port=0, models=(f"flux2-klein={weights}",), threads=1)
    with Thread(config) as server, ld.Client(server.url) as client:
        with client.session("flux2-klein", prompt="a ball") as session:
            session.update(seed=3)
            plain = session.next_frame()
            assert server.attach_lora("my", output) == ["flux2-klein"]
            session.update(loras={"my": 1.0})
            tuned = session.next_frame()
    assert plain is not None
    assert tuned is not None
    assert tuned.params["loras"] == {"my": 1.0}
    assert np.asarray(plain.image).shape == np.asarray(tuned.image).shape
