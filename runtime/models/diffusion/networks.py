"""The networks of a folder, loaded one by one, so that it can be told how far that is."""

from __future__ import annotations

import json
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any

from ...plan import Part
from .layout import INDEX, components_of, files_of, is_network
from .weights import Found

_OF = {"stable_audio": "diffusers"}  # parts of one pipeline are diffusers', too


def load(found: Found, unused: Collection[str], ways: dict[str, Any]) -> dict[str, Any]:
    """Return a folder's networks by component, as diffusers would load them with its pipeline.

    ``ways`` go to each ``from_pretrained``; ``unused`` are left out. The plan hears of each: bytes
    of files, and what is still to come.
    """
    folder, plan = found.folder, found.verdict.plan
    index = json.loads((folder / INDEX).read_bytes())
    listed = components_of(found.verdict.entry, index)
    kinds = {name: of for name, of in listed if is_network(of[1]) and name not in unused}
    files = {name: _files(folder / name, library) for name, (library, _) in kinds.items()}
    total, done, loaded = sum(size for size, _ in files.values()), 0, dict[str, Any]()
    for name, (library, kind) in kinds.items():
        missing = tuple(each for each in kinds if each not in loaded)
        plan.report(Part("loading", done, total, missing=missing))
        size, variant = files[name]
        network: Any = getattr(import_module(_OF.get(library, library)), kind)
        named = {"variant": variant} if variant else {}
        loaded[name] = network.from_pretrained(folder / name, **ways, **named)
        done += size
    plan.report(Part("loading", done, total))
    return loaded


def _files(folder: Path, library: str) -> tuple[int, str]:
    """Return the bytes of a component's weights, and their variant."""
    names, variant = files_of({path.name for path in folder.iterdir()}, library)
    return sum((folder / name).stat().st_size for name in names), variant
