"""LoRAs give what diffusers and PEFT make of the same files, by weight and mix."""

import json
from pathlib import Path
from typing import Any

import diffusers
import pytest
import torch
from peft import LoraConfig
from peft.utils import get_peft_model_state_dict
from tests.runtime.compute.adapters.nets import (
    ATTENTION,
    call,
    in_kohya,
    make_text,
    make_unet,
    merged,
    pairs,
    save,
)
from torch import Tensor

from livedraft.runtime.compute.adapters.fit import fit
from livedraft.runtime.compute.adapters.lora_file import read_lora
from livedraft.runtime.compute.adapters.slots import Slots

# PEFT warns of what its callers mean: two adapters on one network.
pytestmark = pytest.mark.filterwarnings("ignore:Already found a `peft_config`:UserWarning")

_DIFFUSERS: Any = diffusers
Mix = dict[str, float]
MIXES: list[Mix] = [{"saved": 1.0}, {"kohya": 0.6}, {"saved": 0.3, "kohya": 0.9}]


def pipeline() -> Any:
    scheduler = _DIFFUSERS.DDIMScheduler(steps_offset=1, clip_sample=False)
    none = dict.fromkeys(
        ("vae", "text_encoder", "tokenizer", "safety_checker", "feature_extractor")
    )
    return _DIFFUSERS.StableDiffusionPipeline(
        unet=make_unet(), scheduler=scheduler, **none, requires_safety_checker=False
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A file as diffusers saves it, with alpha in its metadata, and one as kohya's scripts do."""
    folder = tmp_path_factory.mktemp("loras")
    pipe = pipeline()
    torch.manual_seed(3)
    config = LoraConfig(
        r=4,
        lora_alpha=6,
        target_modules=[*ATTENTION, "conv1"],
        alpha_pattern={"attn1.to_q": 1},
        rank_pattern={"attn2.to_k": 2},
    )
    pipe.unet.add_adapter(config)
    for key, weight in pipe.unet.named_parameters():
        if "lora_B" in key:
            torch.nn.init.normal_(weight, std=0.1)
    pipe.save_lora_weights(
        folder,
        unet_lora_layers=get_peft_model_state_dict(pipe.unet),
        unet_lora_adapter_metadata=pipe.unet.peft_config["default"].to_dict(),
    )
    attention = pairs(make_unet(), 5, seed=1, ends=ATTENTION)
    kohya = save(folder / "kohya.safetensors", in_kohya(attention, 2.0))
    return {"saved": folder / "pytorch_lora_weights.safetensors", "kohya": kohya}


@pytest.fixture(scope="module")
def theirs(files: dict[str, Path]) -> list[Tensor]:
    """What a pipeline's UNet gives with each mix: three rows each."""
    pipe = pipeline()
    for name, path in files.items():
        pipe.load_lora_weights(path.parent, weight_name=path.name, adapter_name=name)
    made = []
    for mix in MIXES:
        pipe.set_adapters(list(mix), adapter_weights=list(mix.values()))
        made.append(call(pipe.unet, 3))
    return made


def test_every_mix_gives_what_their_pipeline_does(
    files: dict[str, Path], theirs: list[Tensor]
) -> None:
    unet = make_unet()
    slots = Slots(unet)
    for name, path in files.items():
        slots.put(name, fit(read_lora(path), {"unet": slots.layers})["unet"])
    with slots.rows(MIXES):
        made = call(unet, 3)
    plain = call(unet, 3)
    for row, wanted in enumerate(theirs):
        assert float((made[row] - wanted[row]).abs().max()) < 1e-6
        assert float((plain[row] - wanted[row]).abs().max()) > 1e-2, "a fault would be seen"
    said = read_lora(files["saved"]).metadata["lora_adapter_metadata"]
    assert json.loads(said)["unet.lora_alpha"] == 6


def test_a_text_encoder_gives_what_its_changed_weights_do(tmp_path: Path) -> None:
    """Against merged weights: transformers takes no PEFT of the version that diffusers does."""
    text = make_text()
    found = pairs(text, 5, seed=2, ends=("q_proj", "k_proj", "v_proj", "out_proj", "fc1"))
    words = torch.tensor([[1, 5, 9, 20, 2, 2, 2]] * 2)
    with torch.no_grad():
        plain = text(words)[0]
        wanted = merged(make_text(), found, 0.8)  # alpha / rank x weight
        wanted = wanted(words)[0]
    slots = Slots(text)
    file = save(tmp_path / "x.safetensors", in_kohya(found, 4.0, "lora_te_text_model_"))
    slots.put("x", fit(read_lora(file), {"text_encoder": slots.layers})["text_encoder"])
    with slots.rows([{"x": 1.0}, {}]), torch.no_grad():
        made = text(words)[0]
    assert float((made[0] - wanted[0]).abs().max()) < 1e-5
    assert float((made[0] - plain[0]).abs().max()) > 1e-2
    assert torch.equal(made[1], plain[1])
