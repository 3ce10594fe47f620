"""What a pipeline's call takes, and the params that are made of it."""

from __future__ import annotations

import inspect
from collections.abc import Mapping
from importlib import import_module
from typing import Any

from pydantic import Field, create_model

from livedraft.errors import WeightsError

from ...base import Params
from ...mixins import LoraParams, PromptParams, SeedParams, StepsParams
from ..params import NegativeParams, SizeParams, StrengthParams, _steps

MOST_STEPS = 100
Takes = Mapping[str, inspect.Parameter]

_USUAL_FRAMES, _USUAL_RATE = 16, 16.0
_MOST_FRAMES = 400
_GIVEN = {"self", "prompt", "image", "mask_image", "control_image"}
_IN_TIME = ("num_frames", "video_length")  # what calls call a clip's length
RATES = ("frame_rate", "fps")  # and its frames a second, where they are told


def takes_of(kind: type[Any]) -> Takes:
    """Return what a pipeline's call takes; raise WeightsError where it cannot be given that."""
    takes = _parameters(kind)
    open_ended = (inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD)
    wanting = [
        name
        for name, each in takes.items()
        if each.default is each.empty and each.kind not in open_ended and name not in _GIVEN
    ]
    lacking = [each for each in ("prompt", "num_inference_steps") if each not in takes]
    sounds = any("audio" in name for name in takes)
    if not (wanting or lacking or sounds):
        return takes
    why = "makes sound"
    if wanting:
        why = f"wants {', '.join(wanting)}, which nobody gives it here"
    elif lacking:
        why = f"takes no {lacking[0]}"
    raise WeightsError(
        f"a {kind.__name__} {why}",
        fix="served in this way are those that make pictures or clips of a prompt, by steps",
    )


def _parameters(kind: type[Any]) -> Takes:
    return inspect.signature(kind.__call__).parameters


def drawing_class(kind: type[Any]) -> type[Any] | None:
    """Return the image-to-image class of a text-to-image one's parts; None: there is none."""
    if "image" in _parameters(kind):
        return None
    table = import_module("diffusers.pipelines.auto_pipeline")
    task = table._get_task_class
    if task(table.AUTO_TEXT2IMAGE_PIPELINES_MAPPING, kind.__name__, False) is not kind:
        return None
    found: type[Any] | None = task(table.AUTO_IMAGE2IMAGE_PIPELINES_MAPPING, kind.__name__, False)
    return found if found is not None and "strength" in _parameters(found) else None


def frames_of(takes: Takes) -> str | None:
    """Return what a call names a clip's frames; None where it makes pictures."""
    return next((name for name in _IN_TIME if name in takes), None)


def params_of(
    takes: Takes,
    drawn: type[Any] | None,
    steps: int,
    draft: int,
    film: str | None,
    *,
    wears: bool = False,
) -> type[Params]:
    """Return a class of those params that a call has an argument for; ``wears``: and LoRAs."""
    bases: list[type[Params]] = [StepsParams, SeedParams, PromptParams]
    columns: dict[str, Any] = {"steps": (int, _steps(steps, MOST_STEPS, str(draft)))}
    if wears:
        bases.insert(0, LoraParams)
    if "negative_prompt" in takes:
        bases.insert(0, NegativeParams)
    if "strength" in takes or drawn is not None:
        bases.insert(0, StrengthParams)
        columns["strength"] = (float, _strength())
    if "width" in takes and "height" in takes:
        bases.insert(0, SizeParams)
    field: Any = Field
    if "guidance_scale" in takes:
        usual = takes["guidance_scale"].default
        usual = float(usual) if isinstance(usual, (int, float)) else 1.0
        words = "How closely the picture follows the prompt, on the pipeline's own scale."
        columns["guidance"] = (float, field(default=usual, ge=0, le=100, description=words))
    if film:
        count = takes[film].default
        count = count if isinstance(count, int) else _USUAL_FRAMES
        most = max(_MOST_FRAMES, count)
        words = "How many frames the clip has."
        columns["frames"] = (int, field(default=count, ge=1, le=most, description=words))
        words = "Frames a second that it is shown at."
        told = [takes[name].default for name in RATES if name in takes]
        rate = next((float(each) for each in told if isinstance(each, (int, float))), _USUAL_RATE)
        columns["rate"] = (float, field(default=rate, ge=1, le=60, description=words))
    made: type[Params] = create_model("PipelineParams", __base__=tuple(bases), **columns)
    return made


def _strength() -> Any:
    return Field(
        default=0.6,
        ge=0.02,
        le=1,
        description="How far the picture may go from the drawing; 1 leaves nothing of it.",
    )
