"""LoRA files that anybody may have written: read where they can be, else refused with words."""

import json
import os
import pickle
import struct
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors.torch import save_file
from tests.costs import cpu_seconds
from tests.runtime.models.attaching import add_lora

from livedraft.errors import WeightsError
from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.inference.lora import read

FILM = "colour.top1.film"  # 96 x 256
A, B = f"{FILM}.lora_A.weight", f"{FILM}.lora_B.weight"


def halves(kind: torch.dtype = torch.float32, rank: int = 4) -> dict[str, torch.Tensor]:
    draw = torch.Generator().manual_seed(0)
    a = torch.randn(rank, 256, generator=draw) * 0.05
    b = torch.randn(96, rank, generator=draw) * 0.05
    return {A: a.to(kind), B: b.to(kind)}


def write(path: Path, ink: Ink, tensors: dict[str, torch.Tensor], **metadata: str) -> Path:
    save_file(tensors, path, {"model": "ink", "base": ink.source.stamp, **metadata})
    return path


@pytest.mark.parametrize("kind", [torch.bfloat16, torch.float16, torch.float64])
def test_other_floats_are_read(kind: torch.dtype, fresh: Ink, tmp_path: Path) -> None:
    file = write(tmp_path / "x.safetensors", fresh, halves(kind))
    assert add_lora(fresh, "x", file)
    left, right = read(file).changes[f"{FILM}.weight"]
    assert left.dtype == right.dtype == np.float32
    np.testing.assert_array_equal(right, halves(kind)[A].float().numpy())
    np.testing.assert_array_equal(left, halves(kind)[B].float().numpy())


def raw(head: object, data: bytes = b"") -> bytes:
    """Return a file of the format's parts."""
    text = head if isinstance(head, bytes) else json.dumps(head).encode()
    return struct.pack("<Q", len(text)) + text + data


SAYS: dict[str, Any] = {"__metadata__": {"model": "ink"}}


def tensor(shape: list[int], kind: str = "F32", end: int | None = None) -> dict[str, Any]:
    size = 4 * int(np.prod(shape)) if end is None else end
    return {"dtype": kind, "shape": shape, "data_offsets": [0, size]}


CONTENTS: dict[str, tuple[bytes, str]] = {
    "a pickle": (pickle.dumps({"a": 1}), "pickle"),
    "an old pickle": (pickle.dumps([1], protocol=2), "pickle"),
    "a zip": (b"PK\x03\x04" + bytes(100), "pickle"),
    "nothing": (b"", "cannot be read"),
    "a word": (b"lora", "cannot be read"),
    "a header of 100 MB that is not there": (struct.pack("<Q", 100_000_000) + b"{}", "header"),
    "a header of 2 ** 63": (struct.pack("<Q", 2**63) + b"{}", "header"),
    "a header over the bound": (raw(b" " * (2**20 + 1)), "header"),
    "no JSON": (raw(b"{"), "cannot be read"),
    "JSON of another kind": (raw([1]), "cannot be read"),
    "nested JSON": (raw(b"[" * 100_000), "cannot be read"),
    "half a character": (raw(b'{"__metadata__": {"title": "\\ud800"}}'), "cannot be read"),
    "truncated": (raw({"a": tensor([4, 4])}, bytes(60)), "cannot be read"),
    "offsets beyond": (raw({"a": tensor([4, 4], end=2**60)}, bytes(64)), "cannot be read"),
    "a shape that overflows": (raw({"a": tensor([2**40, 2**40], end=64)}, bytes(64)), "cannot be"),
    "no tensors": (raw(SAYS), "no LoRA"),
    "whole numbers": (raw(SAYS | {A: tensor([4, 256], "I32")}, bytes(4096)), "I32"),
    "no type": (raw({A: tensor([4, 256], "X9")}, bytes(4096)), "cannot be read"),
    "one row": (raw(SAYS | {A: tensor([256])}, bytes(1024)), "no part of a LoRA"),
    "A alone": (raw(SAYS | {A: tensor([4, 256])}, bytes(4096)), "do not fit"),
}


@pytest.mark.parametrize("name", CONTENTS)
def test_what_cannot_be_read_is_told_in_little_time_and_memory(
    name: str, fresh: Ink, tmp_path: Path
) -> None:
    content, says = CONTENTS[name]
    file = tmp_path / "bad.safetensors"
    file.write_bytes(content)
    peaks, told = [], []

    def refused() -> None:
        with suppress(WeightsError):
            add_lora(fresh, "x", file)

    assert cpu_seconds(refused, enough=1) < 1
    for _ in range(3):  # another test's thread may work beside one of them
        tracemalloc.start()
        with pytest.raises(WeightsError, match=says) as caught:
            add_lora(fresh, "x", file)
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
        told.append(caught.value)
    assert "bad.safetensors" in told[0].message
    assert told[0].fix
    assert len(str(told[0])) < 500
    assert min(peaks) < 8 * 2**20


def test_what_does_not_say_that_it_is_for_ink_is_for_another(fresh: Ink, tmp_path: Path) -> None:
    file = tmp_path / "other.safetensors"
    file.write_bytes(raw({"lora_unet_conv_in.alpha": tensor([])}, bytes(4)))
    assert not add_lora(fresh, "x", file)
    big = {"unet.conv_in.lora_A.weight": torch.zeros(66 * 2**20, dtype=torch.uint8)}
    save_file(big, file)
    assert not add_lora(fresh, "x", file), "not refused for its size: another model takes more"


def f8(fresh: Ink, path: Path) -> Path:
    return write(path, fresh, halves(torch.float8_e4m3fn))


def not_finite(value: float, kind: torch.dtype = torch.float32) -> Callable[[Ink, Path], Path]:
    def make(fresh: Ink, path: Path) -> Path:
        tensors = halves(kind)
        tensors[A][0, 0] = value
        return write(path, fresh, tensors)

    return make


def great(fresh: Ink, path: Path) -> Path:
    return write(path, fresh, {name: one * 1e30 for name, one in halves().items()})


def scaled(fresh: Ink, path: Path) -> Path:
    return write(path, fresh, halves(), alpha="1e38")


def high_rank(fresh: Ink, path: Path) -> Path:
    tensors = {A: torch.zeros(40_000, 256), B: torch.zeros(96, 40_000)}
    return write(path, fresh, tensors)


def higher_rank(fresh: Ink, path: Path) -> Path:
    return write(path, fresh, {A: torch.zeros(200_000, 256), B: torch.zeros(96, 200_000)})


def lying_about_it(fresh: Ink, path: Path) -> Path:
    return write(path, fresh, {A: torch.zeros(257, 256), B: torch.zeros(96, 257)}, rank="4")


def turned(fresh: Ink, path: Path) -> Path:
    made = {A: halves()[B].contiguous(), B: halves()[A].contiguous()}
    return write(path, fresh, made)


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (f8, "F8_E4M3"),
        (not_finite(float("nan")), "not finite"),
        (not_finite(float("-inf")), "not finite"),
        (not_finite(float("inf"), torch.bfloat16), "not finite"),
        (not_finite(1e300, torch.float64), "not finite"),
        (great, "changes colour.top1.film"),
        (scaled, "changes colour.top1.film"),
        (high_rank, "rank over 256"),
        (higher_rank, "bytes, over"),
        (lying_about_it, "rank over 256"),
        (turned, "do not fit|rank"),
    ],
)
def test_what_would_break_the_model_is_refused(
    make: Callable[[Ink, Path], Path], says: str, fresh: Ink, tmp_path: Path
) -> None:
    with pytest.raises(WeightsError, match=says) as caught:
        add_lora(fresh, "x", make(fresh, tmp_path / "x.safetensors"))
    assert caught.value.fix
    assert "x" not in {lora.name for lora in fresh.info.loras}


def test_what_is_no_file_is_told_at_once(fresh: Ink, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.safetensors")
    for path in (tmp_path, tmp_path / "pipe.safetensors", Path("/dev/zero"), tmp_path / "gone"):
        with pytest.raises(WeightsError, match="cannot be read"):
            add_lora(fresh, "x", path)


def test_what_it_says_of_itself_is_told_on_one_line(fresh: Ink, tmp_path: Path) -> None:
    metadata = {"title": "a\x1b[31m\nb\x00", "description": "\x07bell", "prompt": "x\r\ny"}
    add_lora(fresh, "x", write(tmp_path / "x.safetensors", fresh, halves(), **metadata))
    (info,) = fresh.info.loras
    assert info.title.isprintable()
    assert info.description.isprintable()


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(data=st.data())
def test_no_broken_byte_raises_anything_else(
    data: st.DataObject, fresh: Ink, tmp_path: Path
) -> None:
    whole = write(tmp_path / "whole.safetensors", fresh, halves()).read_bytes()
    content = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(content) - 1) | st.integers(0, 600))
        content[at] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        content = content[: data.draw(st.integers(0, len(content)))]
    file = tmp_path / "x.safetensors"
    file.write_bytes(content)
    with suppress(WeightsError):
        add_lora(fresh, "x", file)
