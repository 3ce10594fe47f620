"""The networks of a folder, loaded one by one, so that it can be told how far that is."""

from __future__ import annotations

import json
from collections.abc import Collection
from importlib import import_module
from pathlib import Path
from typing import Any

from livedraft.errors import WeightsError

from ...plan import Part
from .layout import INDEX, SCHEDULER, components_of, files_of, is_network
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


def scheduler(folder: Path) -> dict[str, Any]:
    """Return the scheduler that its own file names, where the index names another.

    diffusers would take that of the index, and what somebody wrote into the file would do nothing.
    Raises WeightsError for a name that is none of diffusers' schedulers.
    """
    _, listed = json.loads((folder / INDEX).read_bytes()).get("scheduler") or ("", None)
    file = folder / "scheduler" / SCHEDULER
    named = json.loads(file.read_bytes()).get("_class_name") if listed else None
    if named in (None, listed):
        return {}
    kind: Any = getattr(import_module("diffusers"), str(named), None)
    if kind is None or not str(named).endswith("Scheduler"):
        raise WeightsError(
            f"{file} names {named!r:.60}, which is no scheduler of diffusers",
            fix=f"name one that is, such as {listed}, which {INDEX} names",
        )
    return {"scheduler": kind.from_pretrained(folder / "scheduler", local_files_only=True)}


def _files(folder: Path, library: str) -> tuple[int, str]:
    """Return the bytes of a component's weights, and their variant."""
    names, variant = files_of({path.name for path in folder.iterdir()}, library)
    return sum((folder / name).stat().st_size for name in names), variant
