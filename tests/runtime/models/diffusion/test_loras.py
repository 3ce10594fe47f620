"""LoRAs of a diffusion model: sessions with unlike ones share a batch, and swap them live."""

from __future__ import annotations

import gc
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from tests.runtime.compute.adapters.nets import Pairs, in_kohya, in_peft, merged, pairs, save
from tests.runtime.models.attaching import add_lora
from tests.runtime.models.diffusion.asking import (
    OTHER,
    PICTURE,
    difference,
    made,
    prepared,
    request,
    theirs,
)

from livedraft.client import Client
from livedraft.errors import InvalidParams, WeightsError
from livedraft.runtime.config import Config
from livedraft.runtime.models.adapters import detach
from livedraft.runtime.models.diffusion.model import DiffusionModel
from livedraft.runtime.models.diffusion.unet_models import SD15, SDTurbo
from livedraft.runtime.running import Thread

# diffusers' schedulers ask torch for arrays in a way that NumPy gives up.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

CLOSE, FAR = 1e-5, 1e-3
STYLE, WORDS = 1, 2  # seeds


def style(model: SDTurbo, seed: int = STYLE, rank: int = 4) -> Pairs:
    return pairs(model._family.pipe.unet, rank, seed, ("to_q", "to_v", "to_out.0", "conv1"))


def words(model: DiffusionModel) -> Pairs:
    return pairs(model._family.pipe.text_encoder, 3, WORDS, ("q_proj", "v_proj", "fc2"))


@pytest.fixture
def model() -> SDTurbo:
    return SDTurbo.tiny()


@pytest.fixture
def files(model: SDTurbo, tmp_path: Path) -> dict[str, Path]:
    """One of the UNet, as PEFT names it, and one of both networks, as kohya does."""
    both = in_kohya(style(model, 7), 4.0) | in_kohya(words(model), 3.0, "lora_te_text_model_")
    return {
        "style": save(tmp_path / "style.safetensors", in_peft(style(model))),
        "both": save(tmp_path / "both.safetensors", both, title="Both", prompt="bothish"),
    }


@pytest.fixture
def worn(model: SDTurbo, files: dict[str, Path]) -> SDTurbo:
    for name, path in files.items():
        assert add_lora(model, name, path)
    return model


def held_bytes(model: SDTurbo) -> int:
    parts = (model._family.pipe.unet, model._family.pipe.text_encoder)
    found = [one for part in parts for one in (*part.parameters(), *part.buffers())]
    return sum(int(one.nbytes) for one in found) + model._family.loras.nbytes


def test_a_picture_equals_that_of_a_pipeline_with_the_changed_weights(worn: SDTurbo) -> None:
    asked: dict[str, Any] = {"seed": 3, "prompt": "a red fox", "strength": 1.0}
    mixed = prepared(worn, PICTURE, 2, loras={"style": 0.5, "both": 0.8}, **asked)
    plain = prepared(worn, PICTURE, 2, **asked)
    assert mixed.key == plain.key, "they share a batch"
    for _ in range(2):
        worn.step([mixed, plain])
    other = SDTurbo.tiny()
    ways: dict[str, Any] = {"strength": 1.0, "num_inference_steps": 2, "guidance_scale": 0.0}
    kind = "StableDiffusionImg2ImgPipeline"
    untouched = theirs(other, kind, "a red fox", 3, PICTURE, **ways)
    pipe = other._family.pipe
    found = style(other), style(other, 7), words(other)
    for module, each, weight in zip(
        (pipe.unet, pipe.unet, pipe.text_encoder), found, (0.5, 0.8, 0.8), strict=True
    ):
        merged(module, each, weight)
    wanted = theirs(other, kind, "a red fox", 3, PICTURE, **ways)
    assert difference(made(worn, mixed), wanted) <= CLOSE
    assert difference(made(worn, plain), untouched) <= CLOSE
    assert difference(wanted, untouched) > FAR


def test_what_a_picture_shall_not_show_is_read_with_loras_too(tmp_path: Path) -> None:
    model = SD15.tiny()
    named = in_kohya(words(model), 3.0, "lora_te_text_model_")
    assert add_lora(model, "words", save(tmp_path / "words.safetensors", named))
    asked: dict[str, Any] = {"seed": 3, "prompt": "a fox", "negative_prompt": "blurry"}
    state = model.open()
    prepared(model, None, 2, state=state, guidance=4, **asked)  # whose codes are kept
    job = prepared(model, None, 2, state=state, guidance=4, loras={"words": 1.0}, **asked)
    other = SD15.tiny()
    merged(other._family.pipe.text_encoder, words(other), 1.0)
    wanted = made(other, prepared(other, None, 2, guidance=4, **asked))
    assert difference(made(model, job), wanted) <= CLOSE


def test_what_clients_see_is_what_the_file_says(worn: SDTurbo) -> None:
    told = {lora.name: (lora.title, lora.description) for lora in worn.info.loras}
    assert told == {"style": ("style", ""), "both": ("Both", "Say “bothish” in the prompt.")}


def test_a_prompt_is_encoded_anew_for_a_lora_of_its_words_only(worn: SDTurbo) -> None:
    state = worn.open()
    codes = {}
    for name, loras in [
        ("none", {}),
        ("style", {"style": 1.0}),
        ("both", {"both": 1.0}),
        ("half", {"both": 0.5}),
        ("again", {"both": 1.0, "style": 0.3}),
    ]:
        job = prepared(worn, PICTURE, 1, state=state, prompt="a fox", loras=loras)
        codes[name] = job.way.calls[0]["encoder_hidden_states"]
    assert torch.equal(codes["none"], codes["style"])
    assert torch.equal(codes["both"], codes["again"])
    assert not torch.equal(codes["both"], codes["half"])
    assert not torch.equal(codes["both"], codes["none"])
    assert state.texts.nbytes == 3 * codes["none"].nbytes


def test_a_job_is_finished_with_what_it_was_prepared_with(worn: SDTurbo, tmp_path: Path) -> None:
    asked: dict[str, Any] = {"seed": 3, "prompt": "a fox", "strength": 1.0, "loras": {"style": 1.0}}
    wanted = made(worn, prepared(worn, PICTURE, 3, **asked))
    job = prepared(worn, PICTURE, 3, **asked)
    worn.step([job])
    detach(worn, "style")
    with pytest.raises(InvalidParams, match="no LoRA 'style'"):
        prepared(worn, PICTURE, 3, **asked)
    other = save(tmp_path / "new.safetensors", in_peft(style(SDTurbo.tiny(), 9, rank=8)))
    assert add_lora(worn, "style", other), "the name is free"
    anew = prepared(worn, PICTURE, 3, **asked)
    worn.step([job, anew])
    assert difference(made(worn, job), wanted) <= CLOSE
    assert difference(made(worn, anew), wanted) > FAR


def test_after_the_last_one_nothing_is_left(model: SDTurbo, files: dict[str, Path]) -> None:
    before = held_bytes(model)
    plain = made(model, prepared(model, PICTURE, 2, prompt="a fox", strength=1.0))
    for _ in range(2):
        for name, path in files.items():
            add_lora(model, name, path)
        state = model.open()
        job = prepared(model, OTHER, 2, state=state, loras=dict.fromkeys(files, 1.0))
        made(model, job)
        for name in files:
            detach(model, name)
        assert held_bytes(model) > before, "a job is under way"
        del job
        gc.collect()
        model.close(state)
        assert held_bytes(model) == before
    again = made(model, prepared(model, PICTURE, 2, prompt="a fox", strength=1.0))
    assert torch.equal(again, plain)


def test_what_is_refused_leaves_no_part_attached(
    worn: SDTurbo, files: dict[str, Path], tmp_path: Path
) -> None:
    before, infos = held_bytes(worn), worn.info.loras
    half = in_kohya(style(SDTurbo.tiny()), 4.0)
    wrong = {"lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_down.weight": torch.ones(3, 32)}
    wrong["lora_te2_text_model_encoder_layers_0_mlp_fc1.lora_up.weight"] = torch.ones(37, 3)
    with pytest.raises(WeightsError, match="1 of its layers are none of this model's"):
        add_lora(worn, "new", save(tmp_path / "half.safetensors", half | wrong))
    other = {"blocks.0.to_q": (torch.ones(2, 8), torch.ones(8, 2))}
    foreign = save(tmp_path / "foreign.safetensors", in_peft(other, "transformer."))
    assert not add_lora(worn, "new", foreign)
    assert (held_bytes(worn), worn.info.loras) == (before, infos)


def test_a_folder_brings_its_loras(
    folder: Path, files: dict[str, Path], tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    there = tmp_path / "weights"
    there.mkdir()
    for part in folder.iterdir():
        (there / part.name).symlink_to(part)
    (there / "loras").mkdir()
    for name, path in files.items():
        (there / "loras" / f"{name}.safetensors").write_bytes(path.read_bytes())
    (there / "loras" / "broken.safetensors").write_bytes(b"")
    loaded = SDTurbo.load(str(there))
    assert [lora.name for lora in loaded.info.loras] == ["both", "style"]
    assert "LoRA broken.safetensors of sd-turbo is left out" in caplog.text
    asked = request(loaded, PICTURE, 1, prompt="a fox", loras={"both": 1.0})
    (job,) = loaded.prepare([(loaded.open(), asked)])
    assert [lora.info.name for lora, _ in job.mix.loras] == ["both"]


def test_a_lora_is_swapped_while_somebody_draws(
    folder: Path, files: dict[str, Path], tmp_path: Path
) -> None:
    """Over a socket: two sessions draw, one of them with LoRAs that come, are refused, and go."""
    sketch = tmp_path / "sketch.png"
    Image.fromarray(PICTURE).save(sketch)
    config = Config(models=(f"sd-turbo={folder}", "ink"), port=0, log_level="error", threads=1)
    broken = tmp_path / "broken.safetensors"
    broken.write_bytes(files["style"].read_bytes()[:-9])

    def drawn(session: Any, **params: Any) -> Any:
        session.send(sketch, **params)
        frame = session.next_frame()
        return np.asarray(frame.image)

    with Thread(config) as server, Client(server.url) as client:
        fixed: dict[str, Any] = {"prompt": "a fox", "seed": 5, "strength": 1.0}
        with (
            client.session("sd-turbo", accept="image/png", **fixed) as mine,
            client.session("sd-turbo", accept="image/png", **fixed) as others,
        ):
            plain = drawn(mine)
            assert server.attach_lora("style", files["style"]) == ["sd-turbo"]
            first = drawn(mine, loras={"style": 1.0})
            assert (first != plain).any()
            assert server.attach_lora("both", files["both"]) == ["sd-turbo"]
            second = drawn(mine, loras={"both": 1.0})
            assert (second != first).any()
            np.testing.assert_array_equal(drawn(mine, loras={"style": 1.0}), first)
            np.testing.assert_array_equal(drawn(others, loras={}), plain)
            for name, file in {"broken": broken, "gone": tmp_path / "gone.safetensors"}.items():
                with pytest.raises(WeightsError, match="cannot be read"):
                    server.attach_lora(name, file)
            with pytest.raises(InvalidParams, match="no LoRA 'broken'"):
                mine.update(loras={"broken": 1.0})
            np.testing.assert_array_equal(drawn(mine), first)
            server.detach_lora("style")
            np.testing.assert_array_equal(drawn(mine), plain)
            assert [lora.name for lora in mine.model.loras] == ["both"]
