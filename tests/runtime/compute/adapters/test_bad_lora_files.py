"""LoRA files that are damaged, of another kind or for other weights are refused with words."""

import json
import os
import pickle
import struct
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.runtime.compute.adapters.nets import (
    ATTENTION,
    Pairs,
    in_diffusers,
    in_kohya,
    in_peft,
    make_text,
    make_unet,
    pairs,
    save,
)
from torch import Tensor

from livedraft.errors import WeightsError
from livedraft.runtime.compute.adapters.fit import Layers, fit
from livedraft.runtime.compute.adapters.lora_file import read_lora

Parts = dict[str, Layers]


@pytest.fixture(scope="module")
def parts() -> Parts:
    return {"unet": Layers(make_unet()), "text_encoder": Layers(make_text())}


@pytest.fixture(scope="module")
def some() -> Pairs:
    return pairs(make_unet(), 4, seed=1, ends=ATTENTION)


Make = Callable[[Path, Pairs], object]


def _with(**changes: Tensor) -> Make:
    return lambda path, some: save(path, in_peft(some) | changes)


def _changed(change: Callable[[Tensor], Tensor], at: int = 0) -> Make:
    def make(path: Path, some: Pairs) -> object:
        tensors = in_peft(some)
        key = list(tensors)[at]
        return save(path, tensors | {key: change(tensors[key])})

    return make


def _metadata(**said: object) -> Make:
    told = json.dumps(said)
    return lambda path, some: save(path, in_peft(some), lora_adapter_metadata=told)


def _bytes(content: bytes) -> Make:
    return lambda path, some: path.write_bytes(content)


def _kohya_of(alpha: Tensor) -> Make:
    def make(path: Path, some: Pairs) -> object:
        keys = in_kohya(some, 1.0)
        return save(path, {key: alpha if key.endswith("alpha") else t for key, t in keys.items()})

    return make


def _poked(value: float) -> Callable[[Tensor], Tensor]:
    return lambda tensor: tensor.index_fill(1, torch.tensor([0]), value)


ONE = "unet.mid_block.attentions.0.proj_in"
REFUSED: dict[str, tuple[Make, str]] = {
    "nothing": (_bytes(b""), "it is empty"),
    "a pickle": (_bytes(pickle.dumps({"a": 1})), "a pickle, which may run anything"),
    "a zip, as torch.save writes": (_bytes(b"PK\x03\x04" + bytes(99)), "a pickle"),
    "a damaged header": (_bytes(struct.pack("<Q", 40) + b"{" * 40), "cannot be read"),
    "a header of 1 TB": (_bytes(struct.pack("<Q", 2**40) + b"{}"), "its header would have"),
    "no tensors": (_bytes(struct.pack("<Q", 2) + b"{}"), "holds no LoRA"),
    "NaN": (_changed(_poked(float("nan"))), "not finite"),
    "infinite": (_changed(_poked(float("inf")), 3), "not finite"),
    "beyond float32": (_changed(lambda t: t.double() * 1e300), "not finite"),
    "whole numbers": (_changed(lambda t: t.int()), "of type int32"),
    "ranks that differ": (_changed(lambda t: t[:2]), "do not fit: 2 x 64 and 64 x 4"),
    "a row": (_changed(lambda t: t[0]), "do not fit"),
    "rank 0": (
        lambda path, some: save(
            path,
            {f"{ONE}.lora_A.weight": torch.zeros(0, 64), f"{ONE}.lora_B.weight": torch.ones(64, 0)},
        ),
        "do not fit",
    ),
    "rank 600": (
        lambda path, some: save(path, in_peft({ONE: (torch.ones(600, 64), torch.ones(64, 600))})),
        "a rank of 600, over 512",
    ),
    "half a pair": (_with(**{f"{ONE}.lora_A.weight": torch.ones(4, 64)}), "has only down"),
    "two namings of one": (
        lambda path, some: save(path, in_peft(some) | in_diffusers(some)),
        "in two namings",
    ),
    "unknown keys": (
        _with(**{"unet.a.weight": torch.ones(1), "unet.b.weight": torch.ones(1)}),
        "2 of 66 keys that are no part of a LoRA, first 'unet.a.weight'",
    ),
    "DoRA of kohya": (_with(**{"lora_unet_conv_in.dora_scale": torch.ones(4)}), "is DoRA"),
    "DoRA of PEFT": (_with(**{f"{ONE}.lora_magnitude_vector": torch.ones(4)}), "is DoRA"),
    "DoRA by its settings": (_metadata(**{"unet.use_dora": True}), "is DoRA"),
    "LoKr": (_with(**{"lora_unet_conv_in.lokr_w1": torch.ones(4)}), "is LoKr"),
    "LoHa": (_with(**{"lora_unet_conv_in.hada_w1_a": torch.ones(4)}), "is LoHa"),
    "an embedding": (_with(**{"text_encoder.a.lora_embedding_A": torch.ones(4)}), "embedding"),
    "biases": (_with(**{f"{ONE}.lora_B.bias": torch.ones(4)}), "with biases"),
    "whole weights": (_with(**{"diffusion_model.conv_in.diff": torch.ones(4)}), "whole weights"),
    "alpha of several numbers": (_kohya_of(torch.ones(2)), "alpha of 2, which is one number"),
    "alpha that is a word": (_metadata(**{"unet.lora_alpha": "8"}), "an alpha that is no number"),
    "patterns that run": (_metadata(**{"unet.alpha_pattern": {"(a+)+$": 1}}), "name plainly"),
    "settings that are no JSON": (
        lambda path, some: save(path, in_peft(some), lora_adapter_metadata="[" * 99_999),
        "no JSON object",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_is_damaged_or_none_is_refused_with_words(
    name: str, some: Pairs, tmp_path: Path
) -> None:
    make, says = REFUSED[name]
    file = tmp_path / "bad.safetensors"
    make(file, some)
    with pytest.raises(WeightsError, match=says) as caught:
        read_lora(file)
    assert "bad.safetensors" in caught.value.message
    assert caught.value.fix
    assert len(str(caught.value)) < 500


def test_what_is_huge_is_refused_before_it_is_read(tmp_path: Path) -> None:
    kept = {"dtype": "F16", "shape": [2**14, 2**16], "data_offsets": [0, 2**31]}
    head = json.dumps({f"{ONE}.lora_A.weight": kept}).encode()
    file = tmp_path / "x.safetensors"
    file.write_bytes(struct.pack("<Q", len(head)) + head)
    os.truncate(file, 8 + len(head) + 2**31)  # sparse: it takes no room
    with pytest.raises(WeightsError, match="bytes, over"):
        read_lora(file)


NOT_FITTING: dict[str, tuple[Callable[[Pairs], dict[str, Tensor]], str]] = {
    "another width": (
        lambda some: in_peft({key: (down[:, :5], up) for key, (down, up) in some.items()}),
        "32 of its layers have other shapes, first '.*': 64 x 5, here 64 x 64",
    ),
    "a layer that is not there": (
        lambda some: in_peft(some) | in_peft({"conv_no": next(iter(some.values()))}),
        "1 of its layers are none of this model's, first 'conv_no'",
    ),
    "a part that is not there": (
        lambda some: in_peft(some) | in_peft(some, "text_encoder_2."),
        "32 of its layers are none of this model's",
    ),
    "one layer under two names": (
        lambda some: (
            in_peft(pairs(make_text(), 2, 0, ("q_proj",)), "text_encoder.")
            | in_peft(pairs(make_text(), 2, 0, ("q_proj",)), "text_encoder.text_model.")
        ),
        "under two names",
    ),
}


@pytest.mark.parametrize("name", NOT_FITTING)
def test_what_does_not_fit_is_refused_with_what_it_was_made_for(
    name: str, parts: Parts, some: Pairs, tmp_path: Path
) -> None:
    make, says = NOT_FITTING[name]
    file = save(tmp_path / "x.safetensors", make(some), **{"modelspec.architecture": "sd-9"})
    with pytest.raises(WeightsError, match=says) as caught:
        fit(read_lora(file), parts)
    assert "it says that it is for sd-9" in caught.value.message


def test_what_a_narrow_type_cannot_hold_is_refused(some: Pairs, tmp_path: Path) -> None:
    great = {path: (down, up * 1e6) for path, (down, up) in some.items()}
    file = read_lora(save(tmp_path / "x.safetensors", in_peft(great)))
    assert fit(file, {"unet": Layers(make_unet())})
    with pytest.raises(WeightsError, match="values that float16 cannot hold"):
        fit(file, {"unet": Layers(make_unet().half())})


def test_a_file_of_another_model_fits_nothing(parts: Parts, tmp_path: Path) -> None:
    other = {"blocks.0.attn.to_q": (torch.ones(2, 8), torch.ones(8, 2))}
    file = save(tmp_path / "x.safetensors", in_peft(other, "transformer."))
    assert fit(read_lora(file), parts) == {}


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_broken_byte_raises_anything_else(
    data: st.DataObject, parts: Parts, tmp_path: Path
) -> None:
    few = {"conv_in": (torch.ones(2, 4, 3, 3), torch.ones(32, 2, 1, 1))}
    whole = save(tmp_path / "whole.safetensors", in_kohya(few, 1.0)).read_bytes()
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1) | st.integers(0, 400))
        content[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    file = tmp_path / "x.safetensors"
    file.write_bytes(content)
    with suppress(WeightsError):
        fit(read_lora(file), parts)
