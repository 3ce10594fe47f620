"""Whether a frame is worth a step: compared with an earlier one, decided on the device."""

from __future__ import annotations

import torch
from torch import Generator, Tensor

from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload

TILE = 16  # px a side


def frame_similarity(
    frame: Tensor,
    previous: Tensor,
    skipped: Tensor,
    *,
    threshold: float = 0.98,
    longest: int = 10,
    span: float | None = None,
) -> tuple[Tensor, Tensor]:
    """Say which frames may be skipped; return (skip, similarity), bool and float32, (batch,).

    frame, previous: (batch, height, width, channels), of one type, uint8 or floating, any strides;
        what a model reads is given as ``x.permute(0, 2, 3, 1)``.
    skipped: (batch,) int32, how many frames were skipped on end; updated in place.
    threshold: the similarity from which a frame is skipped.
    longest: frames on end that may be skipped: 0 skips none.
    span: the difference that counts as full; 255 for uint8, otherwise 2, that of -1 to 1.

    Similarity is 1 less the mean absolute difference, over span, of the most different of the
    frame's 16 x 16 px tiles: a pen's stroke changes little of a frame and much of a tile, where
    the cosine of whole frames (StreamDiffusion's filter) would pass over it. It is 1 for the same.

    Two launches; nothing is read back. Raises ValueError for shapes that do not fit.
    """
    if span is None:
        span = 2.0 if frame.is_floating_point() else 255.0
    return OP(frame, previous, skipped, threshold, longest, span)


def reference(
    frame: Tensor,
    previous: Tensor,
    skipped: Tensor,
    threshold: float,
    longest: int,
    span: float,
) -> tuple[Tensor, Tensor]:
    """Return what frame_similarity does, in plain torch."""
    wide = torch.promote_types(frame.dtype, torch.float32)
    apart = (frame.to(wide) - previous.to(wide)).abs().mean(-1)
    # Tiles at the right and lower edges have fewer pixels: the mean is over those.
    tiles = torch.nn.functional.avg_pool2d(
        apart[:, None], TILE, ceil_mode=True, count_include_pad=False
    )
    similarity = 1 - tiles.amax((1, 2, 3)) / span
    skip = (similarity >= threshold) & (skipped < longest)
    skipped.copy_(torch.where(skip, skipped + 1, 0))
    return skip, similarity.to(torch.float64 if wide == torch.float64 else torch.float32)


def _empty(
    frame: Tensor,
    previous: Tensor,
    skipped: Tensor,
    threshold: float,
    longest: int,
    span: float,
) -> tuple[Tensor, Tensor]:
    if frame.ndim != 4 or frame.shape != previous.shape or frame.dtype != previous.dtype:
        raise ValueError(
            f"frame and previous are {tuple(frame.shape)} {frame.dtype} and "
            f"{tuple(previous.shape)} {previous.dtype}: one (batch, height, width, channels)"
        )
    batch = frame.shape[0]
    if skipped.shape != (batch,) or skipped.dtype != torch.int32 or not skipped.is_contiguous():
        raise ValueError(f"skipped is int32 ({batch},), not {skipped.dtype} {tuple(skipped.shape)}")
    return frame.new_empty(batch, dtype=torch.bool), frame.new_empty(batch, dtype=torch.float32)


def _inputs(axes: Axes, dtype: torch.dtype, generator: Generator) -> Inputs:
    """Return frames and their predecessors: every other row of the batch has a stroke in a tile."""
    batch, height, width = int(axes["batch"]), int(axes["height"]), int(axes["width"])
    shape = (batch, height, width, int(axes.get("channels", 3)))
    device = generator.device
    frame = torch.randint(0, 250, shape, generator=generator, device=device)
    previous = frame + torch.randint(0, 3, shape, generator=generator, device=device)
    previous[::2, height // 2 :, width // 2 :] = 255
    if dtype != torch.uint8:
        frame, previous = frame / 127.5 - 1, previous / 127.5 - 1
    frame, previous = frame.to(dtype), previous.to(dtype)
    if axes.get("memory") == "nchw":
        frame = frame.permute(0, 3, 1, 2).contiguous().permute(0, 2, 3, 1)
    return {
        "frame": frame,
        "previous": previous,
        "skipped": torch.arange(batch, dtype=torch.int32, device=device) * 3,
        "threshold": 0.98,
        "longest": 6,
        "span": 255.0 if dtype == torch.uint8 else 2.0,
    }


SPEC = OpSpec(
    name="frame_similarity",
    summary="which frames of a batch are like the one before, decided without waiting for the GPU",
    fuses="the difference, its tiles' means, their maximum, the decision and its count",
    used="streams that skip still frames",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("odd", {"batch": 4, "height": 19, "width": 37}),
        Workload("tiny, one channel", {"batch": 1, "height": 3, "width": 5, "channels": 1}),
        Workload("RGBA", {"batch": 2, "height": 16, "width": 32, "channels": 4}),
        Workload("planes", {"batch": 3, "height": 20, "width": 18, "memory": "nchw"}),
        Workload("512 px", {"batch": 1, "height": 512, "width": 512}, real=True),
        Workload("512 px, batch 8", {"batch": 8, "height": 512, "width": 512}, real=True),
        Workload("720p", {"batch": 1, "height": 720, "width": 1280}, real=True),
    ),
    dtypes=(torch.uint8, torch.float32, torch.float16, torch.bfloat16),
    # Of similarities, whose arithmetic is in float32 whatever is compared.
    tolerance=dict.fromkeys((torch.uint8, torch.float32, torch.float16, torch.bfloat16), 1e-5),
    mutates=("skipped",),
)

OP = register(SPEC, _empty)
