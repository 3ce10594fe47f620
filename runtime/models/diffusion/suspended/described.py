"""What a folder's pipeline is: its class, what its call takes and gives, what its licence says."""

from __future__ import annotations

import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from livedraft.errors import MissingExtraError, WeightsError

from ...base import ImageInput, ImageOutput, ModelInfo, OutputSpec, Params, VideoOutput
from .. import hub
from ..entry import Entry
from ..layout import LIBRARIES, index_of, is_network
from ..params import MOST_PX
from ..state import MASK, SKETCH
from .card import licence_of
from .signature import MOST_STEPS, Takes, drawing_class, frames_of, params_of, takes_of

CONTROL = "control"  # an input
_DRAFT_STEPS, _USUAL_STEPS, _USUAL_PX = 8, 30, 512
_NEEDS_PICTURE = re.compile(r"Img2Img|ImageTo|Inpaint|Fill|ControlNet|Edit|Pix2Pix|Upscale|Control")
_ID = re.compile(r"[^A-Za-z0-9._-]+")
_LEFT_OUT = "safety_checker"
_WEARS = ("unet", "transformer", "transformer_2")  # LoRAs
_SIZES = ("unet", "transformer", "prior", "vae")  # whose config says what it was taught


@dataclass(frozen=True, slots=True)
class Described:
    """A folder that can be served by the loop of its pipeline."""

    folder: Path
    entry: Entry
    info: ModelInfo
    params: type[Params]


def described(where: str) -> Described:
    """Return what a folder holds, or what the hub's cache has of owner/name; raise WeightsError."""
    folder = _folder(where)
    index = index_of(folder)
    kind = _pipeline(str(index.get("_class_name")), folder)
    takes = takes_of(kind)
    drawn = drawing_class(kind)
    film = frames_of(takes)
    if film is None and "Video" in kind.__name__:
        raise WeightsError(
            f"{kind.__name__} says not how long its clips are", fix="choose another pipeline"
        )
    width, height = _native(folder, takes)
    usual = takes["num_inference_steps"].default
    steps = min(usual, MOST_STEPS) if isinstance(usual, int) else _USUAL_STEPS
    name = _ID.sub("-", where.rpartition("/")[2] if "/" in where else folder.name) or "pipeline"
    licence = licence_of(folder, f"the model card of {folder.name}")
    inputs = _inputs(kind, takes, drawn, width, height)
    entry = Entry(
        id=name,
        title=f"{folder.name}, a {kind.__name__}",
        description=_said(film, inputs),
        task=_task(film, inputs),
        licence=licence,
        hub="owner/name",  # for whoever fetches it anew
        pipelines=(kind.__name__,),
        components=_networks(index),
        width=width,
        height=height,
        draft_steps=min(_DRAFT_STEPS, steps),
        max_steps=MOST_STEPS,
        family="",
        where_named=("feature_extractor", "image_encoder"),
    )
    info = ModelInfo(
        id=entry.id,
        task=entry.task,
        title=entry.title,
        description=entry.description,
        licence=licence.name,
        commercial=licence.commercial,
        width=width,
        height=height,
        alpha=False,
        inputs=inputs,
        draft_steps=entry.draft_steps,
        max_steps=entry.max_steps,
        outputs=(_output(film, width, height),),
        notes=(
            "This pipeline runs by its own loop, which is suspended between steps: sessions take "
            "turns step by step, and share no call. What is remembered are prompts alone, and its "
            "weights are not quantised.",
        ),
    )
    wears = not entry.components.keys().isdisjoint(_WEARS)
    params = params_of(takes, drawn, steps, entry.draft_steps, film, wears=wears)
    return Described(folder, entry, info, params)


def _said(film: object, inputs: tuple[ImageInput, ...]) -> str:
    """Return in a sentence what a pipeline makes, of what."""
    makes = "Paints a picture" if film is None else "Films a clip"
    if any(spec.name == MASK for spec in inputs):
        return f"{makes} anew where a mask covers it, as words say."
    needed = sum(spec.required for spec in inputs)
    beside = f" and {needed} pictures" if needed > 1 else " and a picture" * needed
    return f"{makes} from words{beside}."


def _folder(where: str) -> Path:
    path = Path(where).expanduser()
    if where and path.is_dir():
        return path.resolve()
    cached = (
        hub.cached(where) if where.count("/") == 1 and not where.startswith((".", "~")) else None
    )
    if cached is not None:
        return cached
    raise WeightsError(
        f"there is no folder {where[:200]!r}, nor has the hub's cache anything of that name",
        fix="name a folder of save_pretrained(), or fetch one: hf download owner/name",
    )


def _pipeline(name: str, folder: Path) -> type[Any]:
    try:
        import_module("..parts", __package__).hush()  # before diffusers imports its pipelines
        diffusers = import_module("diffusers")
        import_module("greenlet")
    except ImportError:
        raise MissingExtraError("diffusion", "a pipeline of diffusers") from None
    kind = getattr(diffusers, name, None) if name.isidentifier() else None
    if not (isinstance(kind, type) and issubclass(kind, diffusers.DiffusionPipeline)):
        raise WeightsError(
            f"{folder} holds a {name[:60]!r}, which diffusers {diffusers.__version__} has not",
            fix="install a version that has it; code that comes with weights is not run",
        )
    return kind


def _networks(index: Mapping[str, Any]) -> dict[str, int]:
    """Return the networks that an index names, of which nobody has counted the bytes yet."""
    return {
        name: 0
        for name, value in index.items()
        if isinstance(value, list) and len(value) == 2 and value[0] in LIBRARIES
        if isinstance(value[1], str) and is_network(value[1]) and name != _LEFT_OUT
    }


def _native(folder: Path, takes: Takes) -> tuple[int, int]:
    """Return width and height that a pipeline makes unasked, px, as its configs say."""
    wide, high = (takes[name].default if name in takes else None for name in ("width", "height"))
    if isinstance(wide, int) and isinstance(high, int):
        return wide, high
    configs = {name: _config(folder / name / "config.json") for name in _SIZES}
    levels = configs["vae"].get("block_out_channels") or (0,) * 4
    factor = 2 ** (len(levels) - 1)
    for name, config in configs.items():
        wide, high = config.get("sample_width"), config.get("sample_height")
        side = config.get("sample_size")
        if isinstance(side, int):
            wide = high = side
        elif isinstance(side, list) and len(side) == 2:
            high, wide = side
        if isinstance(wide, int) and isinstance(high, int):
            scale = 1 if name == "vae" else factor
            return min(wide * scale, MOST_PX), min(high * scale, MOST_PX)
    return _USUAL_PX, _USUAL_PX


def _config(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError, RecursionError):
        return {}  # what is wrong is told as it is judged
    return found if isinstance(found, dict) else {}


def _inputs(
    kind: type[Any],
    takes: Takes,
    drawn: type[Any] | None,
    width: int,
    height: int,
) -> tuple[ImageInput, ...]:
    needed = "strength" in takes or bool(_NEEDS_PICTURE.search(kind.__name__))
    said: list[tuple[str, bool, str]] = []
    if "image" in takes:
        needed = needed or takes["image"].default is inspect.Parameter.empty
        said.append((SKETCH, needed, "A drawing or a photograph, the pipeline's “image”."))
    elif drawn is not None:
        said.append((SKETCH, False, "What the picture begins with; without it, words alone."))
    if "mask_image" in takes:
        said.append((MASK, False, "White where the picture is painted anew; without it, all is."))
    if "control_image" in takes:
        said.append((CONTROL, True, "What the pipeline keeps to: lines, depth, a pose."))
    return tuple(
        ImageInput(name, width, height, required=required, description=text, most_px=MOST_PX)
        for name, required, text in said
    )


def _task(film: str | None, inputs: tuple[ImageInput, ...]) -> str:
    gives = "video" if film else "image"
    if any(each.required for each in inputs):
        return f"image-to-{gives}"
    return "sketch-to-image" if inputs and not film else f"text-to-{gives}"


def _output(film: str | None, width: int, height: int) -> OutputSpec:
    return VideoOutput(width=width, height=height) if film else ImageOutput()
