"""A LoRA of a diffusion model is trained: the loss falls, and the file changes its pictures."""

from __future__ import annotations

from itertools import count
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from PIL import Image, ImageDraw
from safetensors import safe_open
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import PICTURE, difference, made, prepared

from livedraft.cli import main
from livedraft.runtime.models.diffusion.parts import save, tiny
from livedraft.runtime.models.diffusion.tuning import DiffusionTuning, Example, read_examples
from livedraft.runtime.models.diffusion.unet_models import SD15, SDTurbo
from livedraft.runtime.models.tuning.loop import Recipe, run

UPDATES, READINGS = 80, 2  # of the clock, in each update
TIMES = 12
NAMES = ("red-ball", "blue ball_2", "green_ball", "tall-egg", "moon-3", "fried egg")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six pictures, some of them wide, some transparent."""
    folder = tmp_path_factory.mktemp("pictures")
    for index, name in enumerate(NAMES):
        image = Image.new("RGBA" if index % 2 else "RGB", (96, 80 + 9 * index))
        ImageDraw.Draw(image).ellipse((10, 10, 70 + index, 70), fill="#d33")
        image.save(folder / f"{name}.png")
    return folder


@pytest.fixture(scope="module")
def trained(pictures: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give what some updates make of a tiny sd-turbo."""
    file = tmp_path_factory.mktemp("made") / "balls.safetensors"
    recipe = Recipe("balls", "Balls", prompt="painted", minutes=UPDATES * READINGS / 60, rank=4)
    examples = read_examples(pictures, (64, 64))
    tuning = DiffusionTuning(recipe, examples, SDTurbo.tiny())
    strip = file.with_suffix(".png")
    run(tuning, file, lambda: tuning.draw(strip), clock=count().__next__, preview_s=1e9)
    assert tuning.updates == UPDATES
    assert np.isfinite(tuning.loss)
    with Image.open(strip) as shown:
        assert shown.size == (3 * 128, 4 * 128)
    return file


def off(model: SDTurbo, examples: list[Example], loras: dict[str, float]) -> float:
    """Return how wrong the network is about noise that was added to pictures, at several times."""
    family, wrong = model._family, []
    mix = family.loras.mix(loras)
    for each in examples:
        prompt = f"painted {each.caption}"
        with torch.inference_mode(), family.loras.denoising([mix.row] * TIMES):
            latents = family.see([each.pixels], 64, 64, False)[0].mean
            times = torch.linspace(20, 980, TIMES).long()
            draw = torch.Generator().manual_seed(1)
            noise = torch.randn(TIMES, *latents.shape[1:], generator=draw)
            kept = family.pipe.scheduler.alphas_cumprod[times].view(-1, 1, 1, 1)
            x = kept.sqrt() * latents + (1 - kept).sqrt() * noise
            text = family.read(prompt).rows["encoder_hidden_states"].expand(TIMES, -1, -1)
            told = family.pipe.unet(x, times, encoder_hidden_states=text, return_dict=False)[0]
            wrong.append(float((told - noise).square().mean()))
    return sum(wrong) / len(wrong)


def test_the_file_makes_the_network_less_wrong_and_pictures_others(
    trained: Path, pictures: Path
) -> None:
    model, examples = SDTurbo.tiny(), read_examples(pictures, (64, 64))
    assert add_lora(model, "balls", trained)
    assert model.info.loras[0].title == "Balls"
    assert model.info.loras[0].description == "Say “painted” in the prompt."
    assert off(model, examples, {"balls": 1.0}) < off(model, examples, {}) - 0.003
    plain = made(model, prepared(model, PICTURE, 2, prompt="painted moon", strength=1.0))
    loras = {"balls": 1.0}
    tuned = made(model, prepared(model, PICTURE, 2, prompt="painted moon", loras=loras))
    assert difference(plain, tuned) > 1e-3


def test_a_file_says_what_it_is_in_the_naming_of_the_field(trained: Path) -> None:
    with safe_open(trained, "pt") as file:
        keys, said = set(file.keys()), file.metadata()
    assert all(key.startswith("unet.") for key in keys)
    assert "unet.mid_block.attentions.0.transformer_blocks.0.attn1.to_q.lora_A.weight" in keys
    assert said["model"] == "sd-turbo"
    assert said["updates"] == str(UPDATES)


def test_pictures_are_cut_to_size_on_white_paper(pictures: Path) -> None:
    examples = read_examples(pictures, (64, 48))
    assert {each.pixels.shape for each in examples} == {(48, 64, 3)}
    assert {each.caption for each in examples} >= {"red ball", "moon"}
    assert examples[0].pixels[0, 0].tolist() == [255, 255, 255], "it was transparent"


def test_the_command_trains_from_a_folder_of_weights(pictures: Path, tmp_path: Path) -> None:
    weights, output = tmp_path / "weights", tmp_path / "my.safetensors"
    save(tiny(SD15._kind()), weights)
    done = CliRunner().invoke(
        main,
        [
            *("lora", "train", str(pictures), "-o", str(output), "--model", f"sd-1.5={weights}"),
            *("--minutes", "0.05", "--device", "cpu", "--threads", "1", "--rank", "2"),
        ],
    )
    assert done.exit_code == 0, done.output
    assert f"livedraft serve --models sd-1.5={weights} --lora my={output}" in done.stderr
    assert add_lora(SD15.tiny(), "my", output)
    refused = CliRunner().invoke(
        main, ["lora", "train", str(pictures), "-o", str(output), "--model", "pose"]
    )
    assert refused.exit_code == 1
    assert "pose learns no style" in refused.stderr
