"""LoRA files mean the same layers and scales in whichever naming they are written."""

import json
from pathlib import Path

import pytest
import torch
from tests.runtime.compute.adapters.nets import (
    ATTENTION,
    Pairs,
    in_diffusers,
    in_kohya,
    in_peft,
    in_processors,
    make_text,
    make_unet,
    pairs,
    save,
)
from torch import Tensor

from livedraft.runtime.compute.adapters.fit import Fitted, Layers, fit
from livedraft.runtime.compute.adapters.lora_file import read_lora

Parts = dict[str, Layers]


@pytest.fixture(scope="module")
def parts() -> Parts:
    return {"unet": Layers(make_unet()), "text_encoder": Layers(make_text())}


@pytest.fixture(scope="module")
def some() -> Pairs:
    return pairs(make_unet(), 4, seed=1, ends=ATTENTION)


def same(fitted: Fitted, found: Pairs, scale: float = 1.0) -> bool:
    return fitted.pairs.keys() == found.keys() and all(
        torch.allclose(down, found[path][0].reshape(down.shape))
        and torch.allclose(up, scale * found[path][1].flatten(1).T)
        for path, (down, up) in fitted.pairs.items()
    )


def test_every_naming_means_the_same_layers(parts: Parts, some: Pairs, tmp_path: Path) -> None:
    named = {
        "peft": in_peft(some),
        "peft of one network": in_peft(some, "base_model.model."),
        "peft with an adapter's name": {
            key.replace(".weight", ".default.weight"): one for key, one in in_peft(some).items()
        },
        "diffusers": in_diffusers(some),
        "processors": in_processors(some),
        "no part": in_peft(some, ""),
        "other interfaces": in_peft(some, "diffusion_model."),
        "kohya without alpha": {
            key: one for key, one in in_kohya(some, 1).items() if not key.endswith("alpha")
        },
    }
    for name, tensors in named.items():
        found = fit(read_lora(save(tmp_path / "x.safetensors", tensors)), parts)
        assert found.keys() == {"unet"}, name
        assert same(found["unet"], some), name
        assert found["unet"].rank == 4


def test_alpha_is_folded_in_wherever_it_is_kept(parts: Parts, some: Pairs, tmp_path: Path) -> None:
    kohya = save(tmp_path / "k.safetensors", in_kohya(some, alpha=1.0))
    assert same(fit(read_lora(kohya), parts)["unet"], some, 0.25)
    settings_ = {"unet.lora_alpha": 2, "unet.r": 4, "unet.alpha_pattern": {}}
    told = save(
        tmp_path / "d.safetensors", in_peft(some), lora_adapter_metadata=json.dumps(settings_)
    )
    assert same(fit(read_lora(told), parts)["unet"], some, 0.5)
    settings_ |= {"unet.alpha_pattern": {"attn1.to_q": 8}, "unet.use_rslora": True}
    save(told, in_peft(some), lora_adapter_metadata=json.dumps(settings_))
    made = fit(read_lora(told), parts)["unet"].pairs
    for path, (_, up) in made.items():
        scale = 4.0 if path.endswith("attn1.to_q") else 1.0
        assert torch.allclose(up, scale * some[path][1].T), path
    peft = save(tmp_path / "adapter_model.safetensors", in_peft(some, "base_model.model."))
    (tmp_path / "adapter_config.json").write_text(json.dumps({"lora_alpha": 12, "r": 4}))
    assert same(fit(read_lora(peft), parts)["unet"], some, 3)


def test_parts_of_text_are_found_whatever_their_level(parts: Parts, tmp_path: Path) -> None:
    text = pairs(make_text(), 2, seed=2, ends=("q_proj", "k_proj", "v_proj", "out_proj"))
    old: dict[str, Tensor] = {}
    for path, (down, up) in text.items():
        block, _, leaf = path.rpartition(".")
        named = {"q_proj": "to_q", "k_proj": "to_k", "v_proj": "to_v", "out_proj": "to_out"}[leaf]
        name = f"text_encoder.text_model.{block}.{named}_lora"
        old |= {f"{name}.down.weight": down, f"{name}.up.weight": up}
    for tensors in (
        in_kohya(text, 2.0, "lora_te_text_model_"),
        in_kohya(text, 2.0, "lora_te1_text_model_"),
        in_peft(text, "text_encoder.text_model."),
        in_peft(text, "text_encoder."),
        old,
    ):
        found = fit(read_lora(save(tmp_path / "x.safetensors", tensors)), parts)
        assert found.keys() == {"text_encoder"}
        assert same(found["text_encoder"], text)


def test_convolutions_of_three_matrices_are_joined(parts: Parts, tmp_path: Path) -> None:
    draw = torch.Generator().manual_seed(0)
    down = torch.randn(3, 4, 1, 1, generator=draw)
    mid = torch.randn(3, 3, 3, 3, generator=draw)
    up = torch.randn(32, 3, 1, 1, generator=draw)
    name = "lora_unet_conv_in"
    tensors = {f"{name}.lora_{n}.weight": t for n, t in (("down", down), ("mid", mid), ("up", up))}
    made, _ = fit(read_lora(save(tmp_path / "x.safetensors", tensors)), parts)["unet"].pairs[
        "conv_in"
    ]
    x = torch.randn(2, 4, 8, 8, generator=draw)
    three = torch.conv2d(torch.conv2d(x, down), mid, padding=1)
    assert torch.allclose(torch.conv2d(x, made, padding=1), three, atol=1e-4)


def test_names_of_the_first_sdxl_are_understood(tmp_path: Path) -> None:
    unet = make_unet(
        block_out_channels=(8, 16, 16),
        down_block_types=("DownBlock2D", "CrossAttnDownBlock2D", "CrossAttnDownBlock2D"),
        up_block_types=("CrossAttnUpBlock2D", "CrossAttnUpBlock2D", "UpBlock2D"),
        layers_per_block=2,
        attention_head_dim=4,
        use_linear_projection=True,
        addition_embed_type="text_time",
        addition_time_embed_dim=8,
        projection_class_embeddings_input_dim=80,
    )
    named = {  # as Stability's own code counts its blocks
        "input_blocks_0_0": "conv_in",
        "input_blocks_1_0_in_layers_2": "down_blocks.0.resnets.0.conv1",
        "input_blocks_2_0_emb_layers_1": "down_blocks.0.resnets.1.time_emb_proj",
        "input_blocks_3_0_op": "down_blocks.0.downsamplers.0.conv",
        "input_blocks_4_0_skip_connection": "down_blocks.1.resnets.0.conv_shortcut",
        "input_blocks_4_1_transformer_blocks_0_attn1_to_q": (
            "down_blocks.1.attentions.0.transformer_blocks.0.attn1.to_q"
        ),
        "input_blocks_8_1_proj_in": "down_blocks.2.attentions.1.proj_in",
        "middle_block_0_out_layers_3": "mid_block.resnets.0.conv2",
        "middle_block_1_transformer_blocks_0_ff_net_0_proj": (
            "mid_block.attentions.0.transformer_blocks.0.ff.net.0.proj"
        ),
        "middle_block_2_in_layers_2": "mid_block.resnets.1.conv1",
        "output_blocks_0_1_transformer_blocks_0_attn2_to_out_0": (
            "up_blocks.0.attentions.0.transformer_blocks.0.attn2.to_out.0"
        ),
        "output_blocks_2_2_conv": "up_blocks.0.upsamplers.0.conv",
        "output_blocks_5_1_proj_out": "up_blocks.1.attentions.2.proj_out",
        "output_blocks_8_0_in_layers_2": "up_blocks.2.resnets.2.conv1",
        "time_embed_0": "time_embedding.linear_1",
        "time_embed_2": "time_embedding.linear_2",
        "label_emb_0_2": "add_embedding.linear_2",
        "out_2": "conv_out",
    }
    every = pairs(unet, 2, seed=3)
    tensors: dict[str, Tensor] = {}
    for name, path in named.items():
        tensors |= in_kohya({name: every[path]}, 2.0)
    found = fit(read_lora(save(tmp_path / "x.safetensors", tensors)), {"unet": Layers(unet)})
    assert same(found["unet"], {path: every[path] for path in named.values()})
