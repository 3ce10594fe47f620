"""What a folder in diffusers' layout holds, and all that is wrong with it, before it is loaded.

``model_index.json`` names the pipeline's class and its components; each has a folder with a config
and, if it is a network, its weights: in one safetensors file or in several that an index lists.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from livedraft.errors import WeightsError

from .catalogue import CATALOGUE, Entry
from .headers import count

INDEX = "model_index.json"
SCHEDULER = "scheduler_config.json"
_MOST_JSON_BYTES = 64 * 2**20  # an index of the largest models' shards has some hundred kilobytes
LIBRARIES = ("diffusers", "transformers", "stable_audio")  # the last: diffusers', of a pipeline
# What pipelines carry and nobody calls here, unless the catalogue names it of a model.
_UNUSED = ("safety_checker", "feature_extractor", "image_encoder")
_PICKLES = (".bin", ".pt", ".pth", ".ckpt")
_STEMS = {
    "diffusers": "diffusion_pytorch_model",
    "stable_audio": "diffusion_pytorch_model",
    "transformers": "model",
}
_FILES = (  # as save_pretrained() names one file of weights, and the index of several
    r"{stem}(\.(?P<variant>\w+))?\.safetensors",
    r"{stem}\.safetensors\.index(\.(?P<variant>\w+))?\.json",
)
_SHARD = r"{stem}{variant}-\d+-of-\d+\.safetensors"
_CONFIGS = {  # of components that are no networks: one of these files must be there
    "Scheduler": (SCHEDULER,),
    "Tokenizer": ("tokenizer.json", "vocab.json", "spiece.model", "tokenizer.model"),
    "Processor": ("preprocessor_config.json", "processor_config.json"),
    "Extractor": ("preprocessor_config.json",),
}


@dataclass(slots=True)
class Layout:
    """What a folder holds of a model."""

    folder: Path
    pipeline: str = ""  # class that it names
    variant: str = ""  # such as fp16, where the weights are published in no other
    weights: dict[str, int] = field(default_factory=dict)  # numbers of each network, by component
    nbytes: int = 0  # of the weights' files
    troubles: list[WeightsError] = field(default_factory=list)


def read(entry: Entry, folder: Path) -> Layout:
    """Look through a folder; what is wrong stands in ``troubles``, and nothing is raised."""
    layout = Layout(folder)
    anew = f"fetch them anew: hf download {entry.hub} --local-dir {folder}"
    try:
        names = _listed(folder)
    except ValueError as error:
        fix = f"name a folder that can be read, or {anew}"
        layout.troubles.append(WeightsError(f"{folder}: {error}", fix=fix))
        return layout
    try:
        index = _read_json(folder / INDEX)
        layout.pipeline = named_pipeline(entry, index, str(folder))
        components = dict(components_of(entry, index))
    except ValueError as error:
        layout.troubles.append(WeightsError(f"{folder}: {error}", fix=_fix_of_index(names) or anew))
        return layout
    except WeightsError as error:
        layout.troubles.append(error)
        return layout
    for name, (library, kind) in components.items():
        try:
            _component(layout, name, library, kind)
        except ValueError as error:
            layout.troubles.append(WeightsError(f"{folder / name}: {error}", fix=anew))
        except WeightsError as error:
            layout.troubles.append(error)
    return layout


def index_of(folder: Path) -> dict[str, Any]:
    """Return what a folder's index names; raise WeightsError where there is none."""
    names: set[str] = set()
    try:
        names = _listed(folder)
        return _read_json(folder / INDEX)
    except ValueError as error:
        fix = _fix_of_index(names) or "name a folder of save_pretrained()"
        raise WeightsError(f"{folder}: {error}", fix=fix) from None


def named_pipeline(entry: Entry, index: Mapping[str, Any], where: str) -> str:
    """Return the class that an index names; raise WeightsError where it is of another family."""
    found = index.get("_class_name")
    if not isinstance(found, str) or not found:
        raise ValueError(f"{INDEX} names no class of a pipeline")
    if found in entry.pipelines:
        return found
    others = [other.id for other in CATALOGUE.values() if found in other.pipelines]
    served = f"serve it as {others[0]}={where}, or " if others else ""
    raise WeightsError(
        f"{where} holds a {found[:60]!r}, and {entry.id} is a {entry.pipelines[0]}",
        fix=f"{served}give {entry.id} weights of its own, such as {entry.hub}",
    )


def components_of(entry: Entry, index: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, str]]]:
    """Yield the components that are needed: name, library and class. Raises ValueError."""
    missing = [name for name in entry.components if not _names(index.get(name))]
    if missing:
        raise ValueError(f"{INDEX} has no {', '.join(missing)}")
    for name, value in index.items():
        unused = name in _UNUSED and name not in (*entry.components, *entry.where_named)
        if name.startswith("_") or unused or not _names(value):
            continue
        if PurePosixPath(name).parts != (name,) or name == "..":
            raise ValueError(f"{INDEX} names a component {name[:40]!r}, which is no folder's name")
        library, kind = value
        if library not in LIBRARIES:
            raise ValueError(f"its {name[:40]} is of {library[:40]!r}, whose code is not run here")
        yield name, (library, kind)


def weights_of(names: Collection[str], library: str) -> tuple[str, str]:
    """Return which of a component's files is to be read, and the variant that it is.

    It is a safetensors file, or an index of several. Raises ValueError where there is neither.
    """
    stem = _STEMS[library]
    for pattern in _FILES:
        found = re.compile(pattern.format(stem=re.escape(stem)))
        for name in sorted(names, key=lambda name: (len(name), name)):  # without a variant first
            if match := found.fullmatch(name):
                return name, match["variant"] or ""
    if any(name.endswith(_PICKLES) for name in names):
        raise ValueError(
            "has its weights only as a pickle, which can run code as it is read and is never "
            "opened; whoever trusts it saves it once by save_pretrained(safe_serialization=True)"
        )
    raise ValueError(f"has no {stem}.safetensors")


def files_of(names: Collection[str], library: str) -> tuple[set[str], str]:
    """Return all files of a component's weights, shards and their index, and their variant.

    Raises ValueError as ``weights_of`` does.
    """
    file, variant = weights_of(names, library)
    dotted = f"\\.{variant}" if variant else ""
    shard = re.compile(_SHARD.format(stem=re.escape(_STEMS[library]), variant=dotted))
    shards = {name for name in names if shard.fullmatch(name)} if file.endswith(".json") else set()
    return {file, *shards}, variant


def is_network(kind: str) -> bool:
    """Tell a class of networks from one of schedulers, tokenizers and the like."""
    return not any(part in kind for part in _CONFIGS)


def shards_of(index: Mapping[str, Any]) -> dict[str, set[str]]:
    """Return the files of an index of weights, each with its tensors; raise ValueError."""
    table = index.get("weight_map")
    if not isinstance(table, dict) or not table:
        raise ValueError("has an index of its weights that names none")
    shards: dict[str, set[str]] = {}
    for tensor, file in table.items():
        if not isinstance(file, str) or PurePosixPath(file).parts != (file,) or file == "..":
            raise ValueError(f"has an index of its weights that leads elsewhere: {file!r:.60}")
        shards.setdefault(file, set()).add(tensor)
    return shards


def _component(layout: Layout, name: str, library: str, kind: str) -> None:
    folder = layout.folder / name
    names = _listed(folder)
    for part, files in _CONFIGS.items():
        if part in kind:
            if not names & {*files}:
                raise ValueError(f"has no {' or '.join(files)}")
            if part == "Scheduler":
                _read_json(folder / SCHEDULER)
            return
    if "config.json" not in names:
        raise ValueError("has no config.json")
    _read_json(folder / "config.json")
    file, variant = weights_of(names, library)
    layout.variant = layout.variant or variant
    shards: Mapping[str, set[str]] = {file: set()}
    if file.endswith(".json"):
        shards = shards_of(_read_json(folder / file))
    for shard, promised in shards.items():
        try:
            found = count(folder / shard)
        except ValueError as error:
            raise ValueError(f"{shard} {error}") from error
        if promised - found.keys():
            raise ValueError(
                f"{shard} lacks {min(promised - found.keys())[:80]}, which the index has"
            )
        layout.weights[name] = layout.weights.get(name, 0) + sum(found.values())
        layout.nbytes += (folder / shard).stat().st_size


def _listed(folder: Path) -> set[str]:
    try:
        return {path.name for path in folder.iterdir()}
    except OSError as error:
        raise ValueError(f"{error.strerror or error}") from error


def _read_json(path: Path) -> dict[str, Any]:
    """Return an object that a file holds; raise ValueError, whose text says what is wrong."""
    try:
        if not path.is_file():
            raise ValueError(f"{path.name} is no file" if path.exists() else f"has no {path.name}")
        if path.stat().st_size > _MOST_JSON_BYTES:
            raise ValueError(f"{path.name} is too large to be one")
        found = json.loads(path.read_bytes())
    except OSError as error:
        raise ValueError(f"{path.name} cannot be read: {error.strerror or error}") from error
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ValueError(f"{path.name} is no JSON") from error
    if not isinstance(found, dict):
        raise ValueError(f"{path.name} holds no object")
    return found


def _names(value: object) -> bool:
    """Tell whether an index's value names a component: a library and a class."""
    return (
        isinstance(value, list) and len(value) == 2 and all(isinstance(each, str) for each in value)
    )


def _fix_of_index(names: Collection[str]) -> str:
    """Return what to do with a folder that is laid out in another way; empty for a broken one."""
    if "modular_model_index.json" in names:
        return "it is a modular pipeline, which is not served: name a folder of save_pretrained()"
    singles = sorted(name for name in names if name.endswith(".safetensors"))
    if INDEX in names or not singles:
        return ""
    return (
        f"{singles[0][:60]} is a checkpoint in one file: load it once by diffusers' "
        "from_single_file() and write the folder by save_pretrained()"
    )
