"""Pictures as cameras, canvases and decoders give them, to what a model reads."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from ..colour import MATRICES, to_rgb
from ..dispatch import register
from ..spec import Axes, Inputs, OpSpec, Workload

LARGEST = 16384  # px a side: positions in a resize are exact in 32 bits up to here


def pixels_in(
    pixels: Tensor,
    chroma: tuple[Tensor, Tensor] | None = None,
    *,
    size: tuple[int, int] | None = None,
    dtype: torch.dtype = torch.float16,
    low: float = -1.0,
    high: float = 1.0,
    background: float = 1.0,
    antialias: bool = True,
    matrix: str = "bt709",
    full_range: bool = False,
) -> Tensor:
    """Convert, resize and normalise pictures; return (batch, 3, height, width), channels last.

    pixels: uint8, (batch, height, width, 3 or 4), RGB or RGBA with straight alpha, which is laid
        over a background of that grey (0 to 1). With chroma, YUV 4:2:0: pixels is the luma plane
        (batch, height, width), chroma the Cb and the Cr plane of half that size, rounded up; of
        NV12, ``(uv[..., 0], uv[..., 1])``. Any strides: a crop is a view.
    size: height and width of the result; None keeps the picture's.
    low, high: what 0 and 255 become.
    antialias: a triangle filter as wide as the pixels of the result, as Pillow's bilinear;
        otherwise two by two neighbours, which flickers when a moving picture is made smaller.
    matrix, full_range: how the chroma was made, "bt601" or "bt709". It is taken to lie in the
        middle of four pixels, and is resized like a picture of its own.

    One launch. Raises ValueError for shapes and names that it does not know.
    """
    cb, cr = chroma or (None, None)
    height, width = size or (pixels.shape[1], pixels.shape[2])
    return OP(
        pixels, cb, cr, height, width, dtype, low, high, background, antialias, matrix, full_range
    )


def reference(
    pixels: Tensor,
    cb: Tensor | None,
    cr: Tensor | None,
    height: int,
    width: int,
    dtype: torch.dtype,
    low: float,
    high: float,
    background: float,
    antialias: bool,
    matrix: str,
    full_range: bool,
) -> Tensor:
    """Return the pictures, by ``F.interpolate`` of each plane."""
    wide = torch.promote_types(dtype, torch.float32)

    def resized(planes: Tensor) -> Tensor:
        return F.interpolate(planes.to(wide), (height, width), mode="bilinear", antialias=antialias)

    if cb is not None and cr is not None:
        way = to_rgb(matrix, full_range)
        luma, blue, red = (resized(plane[:, None]) for plane in (pixels, cb, cr))
        luma, blue, red = way.luma * (luma - way.zero), blue - 128, red - 128
        green = luma + way.green_cb * blue + way.green_cr * red
        rgb = torch.cat([luma + way.red_cr * red, green, luma + way.blue_cb * blue], 1).clamp(0, 1)
    else:
        rgb = pixels[..., :3].permute(0, 3, 1, 2).to(wide) / 255
        if pixels.shape[3] == 4:
            alpha = pixels[..., 3][:, None].to(wide) / 255
            rgb = background + alpha * (rgb - background)
        rgb = resized(rgb)
    return (low + (high - low) * rgb).to(dtype).contiguous(memory_format=torch.channels_last)


def _empty(
    pixels: Tensor,
    cb: Tensor | None,
    cr: Tensor | None,
    height: int,
    width: int,
    dtype: torch.dtype,
    low: float,
    high: float,
    background: float,
    antialias: bool,
    matrix: str,
    full_range: bool,
) -> Tensor:
    """Return room for the pictures."""
    if not dtype.is_floating_point:
        raise ValueError(f"dtype is {dtype}: a floating type is wanted")
    if matrix not in MATRICES:
        raise ValueError(f"matrix is {matrix!r}: it may be {' or '.join(MATRICES)}")
    _check(pixels, cb, cr, (height, width))
    made = torch.empty((pixels.shape[0], height, width, 3), dtype=dtype, device=pixels.device)
    return made.permute(0, 3, 1, 2)


def _check(pixels: Tensor, cb: Tensor | None, cr: Tensor | None, size: tuple[int, int]) -> None:
    shape = tuple(pixels.shape)
    if any(p is not None and p.dtype != torch.uint8 for p in (pixels, cb, cr)):
        raise ValueError("pictures and planes are uint8")
    if cb is None or cr is None:
        if pixels.ndim != 4 or shape[3] not in (3, 4):
            raise ValueError(f"pixels has shape {shape}: (batch, height, width, 3 or 4) is wanted")
    else:
        if pixels.ndim != 3:
            raise ValueError(f"pixels has shape {shape}: with chroma, (batch, height, width)")
        half = (shape[0], (shape[1] + 1) // 2, (shape[2] + 1) // 2)
        if cb.shape != half or cr.shape != half:
            raise ValueError(f"chroma has shape {tuple(cb.shape)}: twice {half} is wanted")
    sides = (*size, *shape[1:3])
    if min(sides) < 1 or max(sides) > LARGEST:
        raise ValueError(f"from {shape[1:3]} to {size}: sides of 1 to {LARGEST} px are wanted")


def _inputs(axes: Axes, dtype: torch.dtype, generator: torch.Generator) -> Inputs:
    """Return pictures of ``layout`` rgb, rgba or yuv420, to be made ``height`` x ``width``."""
    batch, layout = int(axes["batch"]), str(axes["layout"])
    high, wide = int(axes["from_height"]), int(axes["from_width"])
    border = int(axes.get("border", 0))  # px of the picture that are cropped away

    def noise(*shape: int) -> Tensor:
        return torch.randint(
            0, 256, shape, dtype=dtype, generator=generator, device=generator.device
        )

    made: Inputs = {"cb": None, "cr": None}
    if layout == "yuv420":
        made["pixels"] = noise(batch, high, wide)
        uv = noise(batch, (high + 1) // 2, (wide + 1) // 2, 2)  # NV12
        made["cb"], made["cr"] = uv[..., 0], uv[..., 1]
    else:
        whole = noise(batch, high + 2 * border, wide + 2 * border, 4 if layout == "rgba" else 3)
        made["pixels"] = whole[:, border : border + high, border : border + wide]
    return {
        "pixels": made.pop("pixels"),
        **made,
        "height": int(axes["height"]),
        "width": int(axes["width"]),
        "dtype": _TYPES[str(axes.get("to", "float16"))],
        "low": -1.0,
        "high": 1.0,
        "background": 1.0,
        "antialias": bool(axes.get("antialias", True)),
        "matrix": "bt709",
        "full_range": bool(axes.get("full_range", False)),
    }


_TYPES = {t: getattr(torch, t) for t in ("float32", "float16", "bfloat16")}


def _axes(layout: str, source: tuple[int, int], size: tuple[int, int], **more: int | str) -> Axes:
    sides = {"from_height": source[0], "from_width": source[1], "height": size[0], "width": size[1]}
    return {"batch": 1, "layout": layout, **sides, **more}


SPEC = OpSpec(
    name="pixels_in",
    summary="uint8 pictures, RGB, RGBA or YUV 4:2:0, to normalised channels-last tensors, resized",
    fuses="conversion, alpha or colour, resize, normalising and layout: 5 to 20 eager launches",
    used="every frame that comes in; the bytes are uploaded as they are",
    reference=reference,
    inputs=_inputs,
    workloads=(
        Workload("RGB, as it is", _axes("rgb", (5, 16), (5, 16))),
        Workload(
            "RGB crop, as it is, bfloat16", _axes("rgb", (3, 5), (3, 5), border=1, to="bfloat16")
        ),
        Workload("RGBA, smaller", _axes("rgba", (7, 8), (3, 5), batch=2, border=1)),
        Workload("RGBA, much smaller", _axes("rgba", (13, 17), (3, 2))),
        Workload("RGB, larger, float32", _axes("rgb", (3, 4), (7, 9), to="float32")),
        Workload("RGB, smaller, two by two", _axes("rgb", (9, 12), (4, 5), antialias=0)),
        Workload("YUV, as it is", _axes("yuv420", (4, 6), (4, 6))),
        Workload("YUV, odd, smaller, full range", _axes("yuv420", (5, 7), (4, 5), full_range=True)),
        Workload(
            "camera, 720p YUV to 480 x 832",
            _axes("yuv420", (720, 1280), (480, 832), to="bfloat16"),
            real=True,
        ),
        Workload("camera, 720p RGB to 512 px", _axes("rgb", (720, 720), (512, 512)), real=True),
        Workload(
            "photo, 2048 px RGB to 512 px",
            _axes("rgb", (2048, 2048), (512, 512)),
            real=True,
            compiled=True,
        ),
        Workload(
            "canvas, 1024 px RGBA to 512 px", _axes("rgba", (1024, 1024), (512, 512)), real=True
        ),
        Workload("canvas, 512 px RGBA", _axes("rgba", (512, 512), (512, 512)), real=True),
        Workload(
            "canvas, 512 px RGB", _axes("rgb", (512, 512), (512, 512)), real=True, compiled=True
        ),
        Workload("canvas, 1024 px RGB", _axes("rgb", (1024, 1024), (1024, 1024)), real=True),
        Workload(
            "8 cameras, 512 px YUV",
            _axes("yuv420", (512, 512), (512, 512), batch=8),
            real=True,
            compiled=True,
        ),
    ),
    dtypes=(torch.uint8,),
    tolerance={torch.uint8: 8e-3},  # of the result, which may be bfloat16
)

OP = register(SPEC, _empty)
