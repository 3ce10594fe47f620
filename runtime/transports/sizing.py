"""A size in px as the params of a model say it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from livedraft.errors import InvalidParams


def size_params(described: Mapping[str, Any], size: tuple[int, int], word: str) -> dict[str, Any]:
    """Return params that ask a model for width and height; raise InvalidParams for ``word``.

    ``described`` is the model as ``/v1/models`` has it.
    """
    width, height = size
    rules = described["params_schema"]["properties"]
    if "width" in rules and "height" in rules:
        return {"width": width, "height": height}
    if "size" in rules and width == height:
        return {"size": width}
    if size == (described["width"], described["height"]):
        return {}
    sides = rules.get("size", {}).get("enum") or [described["width"]]
    raise InvalidParams(
        f"{word}: {described['id']} makes no pictures of {width} × {height} px",
        fix="ask for " + ", ".join(f"{side} × {side}" for side in sides) + ", or for none",
    )
