"""What one picture and one session of `ink` consist of: params, jobs, caches."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated, Literal, TypeVar

from pydantic import Field
from torch import Tensor

from ..base import Job, Params, Pixels
from .sketch import Sketch, blank
from .text import EncodedText

CACHED = 32  # prompts and palettes that a session keeps

T = TypeVar("T")
K = TypeVar("K")


class InkParams(Params):
    """Params of `ink`."""

    prompt: str = Field(default="", max_length=1000, description="What the drawing shows.")
    steps: int = Field(default=2, ge=1, le=4, description="Steps of a refine; a draft takes one.")
    style: Literal["flat", "shaded", "3d", "noto"] = Field(
        default="flat", description="How it is painted."
    )
    strength: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description="How freely coloured strokes are taken: up to 0.5 their colours bind, "
        "at 1 they count as lines only.",
    )
    lines: float = Field(
        default=0.8,
        ge=0,
        le=1,
        description="How much of the drawn lines stays on the picture, in a dark tone of what is "
        "painted there; 0 is what the networks paint alone.",
    )
    palette: tuple[Annotated[str, Field(pattern="^#[0-9a-fA-F]{6}$")], ...] = Field(
        default=(), max_length=6, description="Colours to paint with, the main one first."
    )


@dataclass(slots=True, eq=False)
class InkJob(Job):
    """One picture: its conditions and its latent."""

    sketch: Sketch
    palette: Tensor  # (1, 6, 4)
    text: EncodedText
    style: Tensor  # (1,)
    kept: float  # of the drawn lines, 0..1
    latent: Tensor  # (1, 4, 64, 64), the last prediction in -1..1; zeros before the first


@dataclass(slots=True)
class InkState:
    """A session's exact caches: the last sketch by identity, prompts, and palettes."""

    pixels: Pixels | None = None
    sketch: Sketch = field(default_factory=blank)
    texts: OrderedDict[str, EncodedText] = field(default_factory=OrderedDict)
    palettes: OrderedDict[tuple[str, str, int], Tensor] = field(default_factory=OrderedDict)


def cached(cache: OrderedDict[K, T], key: K, make: Callable[[], T]) -> T:
    """Return what the cache holds for a key, made now if missing; forgets the oldest."""
    if key not in cache:
        cache[key] = make()
        if len(cache) > CACHED:
            cache.popitem(last=False)
    cache.move_to_end(key)
    return cache[key]
