"""Where a model's weights lie, and the verdict on them before anything is fetched or loaded."""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace
from importlib.util import find_spec
from pathlib import Path
from typing import Literal

from livedraft.errors import LivedraftError, MissingExtraError, OutOfMemory, WeightsError

from ...budget import gigabytes
from ...plan import DEFAULT_PLAN, Part, Plan
from ..licences import check_licence
from . import hub
from .catalogue import CATALOGUE, Entry
from .layout import INDEX, Layout, components_of, files_of, is_network, named_pipeline, read
from .room import free_disk, free_memory

_NEEDED = ("torch", "diffusers", "transformers")  # of the extra
_BYTES_EACH = {"float32": 4, "float16": 2, "bfloat16": 2}
_ROUGH_BYTES_EACH = 2  # as the catalogue counts
SPREADS = ("unet", "transformer")  # components that ranks may have


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether a model can be served from where its weights lie, and what stands in the way."""

    entry: Entry
    source: str  # as the operator named it
    plan: Plan
    where: Literal["folder", "cache", "hub", "nowhere"]
    folder: Path | None = None  # in diffusers' layout; None before it is fetched
    variant: str = ""  # such as fp16, where there is no other
    disk_bytes: int = 0  # of its weights
    fetch_bytes: int = 0  # of them, that are still on the hub
    files: frozenset[str] = frozenset()  # that are fetched from there
    memory_bytes: int = 0  # of its weights once they are loaded
    free_bytes: int | None = None  # of the device's memory; None: unknown
    troubles: tuple[LivedraftError, ...] = ()

    @property
    def fits(self) -> bool:
        """Whether nothing stands in the way."""
        return not self.troubles


@dataclass(frozen=True, slots=True)
class Found:
    """Weights that are whole, in a folder in diffusers' layout."""

    folder: Path
    verdict: Verdict


def find(entry: Entry, source: str = "", plan: Plan = DEFAULT_PLAN) -> Found:
    """Return where a model's weights lie, whole.

    Fetches them where the operator named a hub id and they fit. Raises what stands in the way:
    WeightsError, OutOfMemory, MissingExtraError.
    """
    verdict = judge(entry, source, plan, (entry.id,))
    if verdict.fits and verdict.where == "hub":
        repository = source or entry.hub
        total = verdict.fetch_bytes

        def came(count: int) -> None:
            plan.report(Part("fetching", min(count, total), total, missing=(repository,)))

        came(0)
        fetched = hub.fetch(repository, verdict.files, came)
        verdict = _of_layout(replace(verdict, where="cache"), read(entry, fetched))
    if verdict.folder is None or verdict.troubles:
        raise verdict.troubles[0]
    return Found(verdict.folder, verdict)


def judge(
    entry: Entry,
    source: str = "",
    plan: Plan = DEFAULT_PLAN,
    accepted: Collection[str] = (),
) -> Verdict:
    """Return the verdict on a model; nothing is fetched but, by a hub id's leave, what it lists.

    Whatever stands in the way is in ``troubles``, and nothing is raised.
    """
    try:
        verdict = _located(entry, source.strip(), plan)
    except LivedraftError as error:
        verdict = Verdict(entry, source, plan, "nowhere", troubles=(error,))
    before: list[LivedraftError] = []
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        before.append(MissingExtraError("diffusion", f"the model '{entry.id}'"))
    licence = entry.licence
    try:
        check_licence(entry.id, licence.name, licence.commercial, accepted, licence.says)
    except LivedraftError as error:
        before.append(error)
    verdict = _with_memory(verdict)
    return replace(verdict, troubles=(*before, *verdict.troubles))


def at_hand(entry: Entry) -> bool:
    """Tell whether the published weights are in the hub's cache, whole."""
    try:
        folder = hub.cached(entry.hub)
    except MissingExtraError:
        return False
    return folder is not None and not read(entry, folder).troubles


def _located(entry: Entry, source: str, plan: Plan) -> Verdict:
    start = Verdict(entry, source, plan, "nowhere")
    if source and _is_folder(source):
        folder = Path(source).expanduser()
        return _of_layout(replace(start, where="folder"), read(entry, folder))
    repository = source or entry.hub
    folder_there = hub.cached(repository)
    if folder_there is not None:
        layout = read(entry, folder_there)
        verdict = _of_layout(replace(start, where="cache"), layout)
        if verdict.fits or hub.offline() or not source:
            return verdict
    if hub.offline():
        raise WeightsError(
            f"{repository} is not in the hub's cache, and HF_HUB_OFFLINE forbids to fetch it",
            fix=f"go online once, or name a folder: {entry.id}=FOLDER",
        )
    if not source:
        raise WeightsError(
            f"no weights of {entry.id} are at hand",
            fix=f"name a folder, {entry.id}=FOLDER, or have them fetched: {entry.id}={entry.hub}",
        )
    return _of_hub(replace(start, where="hub"), repository)


def _is_folder(source: str) -> bool:
    """Tell a folder, be it there or not, from a hub id: owner/name."""
    path_like = source.startswith((".", "/", "~")) or source.count("/") != 1
    return path_like or Path(source).exists()


def _of_layout(verdict: Verdict, layout: Layout) -> Verdict:
    return replace(
        verdict,
        folder=layout.folder,
        variant=layout.variant,
        disk_bytes=layout.nbytes,
        memory_bytes=_held(layout.weights, verdict.plan) * _bytes_each(verdict.plan),
        troubles=tuple(layout.troubles),
    )


def _held(weights: Mapping[str, int], plan: Plan) -> int:
    """Return how many numbers the first device holds: of a denoiser in stages, one stage's."""
    whole = plan.quantise not in ("", "none")  # is judged before ranks have it
    stages = 1 if whole else plan.parallel.stages
    return sum(-(-count // stages) if name in SPREADS else count for name, count in weights.items())


def _of_hub(verdict: Verdict, repository: str) -> Verdict:
    """Return the verdict on what the hub lists, by its index and the sizes of its files."""
    entry, sizes = verdict.entry, hub.listed(repository)
    try:
        index = json.loads(hub.index_of(repository).read_bytes())
        named_pipeline(entry, index, repository)
        files, variant = _files(entry, index, sizes)
    except (ValueError, AttributeError, OSError) as error:
        raise WeightsError(f"{repository}: {error}", fix=f"fetch {entry.hub} instead") from error
    weights = {name for name in files if name.endswith(".safetensors")}
    fetched = sum(sizes[name] for name in files)
    free = free_disk(hub.cache_folder())
    troubles: list[LivedraftError] = []
    if free is not None and free < fetched:
        troubles.append(
            WeightsError(
                f"{repository} has {gigabytes(fetched)}, and {hub.cache_folder()} has room for "
                f"{gigabytes(free)}",
                fix="make room there, or set HF_HUB_CACHE to a folder on a larger disk",
            )
        )
    rough = entry.rough_bytes // _ROUGH_BYTES_EACH * _bytes_each(verdict.plan)
    return replace(
        verdict,
        variant=variant,
        disk_bytes=sum(sizes[name] for name in weights),
        fetch_bytes=fetched,
        files=frozenset(files),
        memory_bytes=rough,
        troubles=tuple(troubles),
    )


def _files(entry: Entry, index: dict[str, object], sizes: dict[str, int]) -> tuple[set[str], str]:
    """Return which files of a repository are fetched, and the variant of its weights."""
    files, variant = {INDEX}, ""
    for name, (library, kind) in components_of(entry, index):
        names = {path.removeprefix(f"{name}/") for path in sizes if path.startswith(f"{name}/")}
        files |= {f"{name}/{text}" for text in hub.texts_of(names)}
        if is_network(kind):
            chosen, found = files_of(names, library)
            variant = variant or found
            files |= {f"{name}/{one}" for one in chosen}
    return files & sizes.keys(), variant


def _with_memory(verdict: Verdict) -> Verdict:
    """Return a verdict that knows what is free, and says so where it does not suffice."""
    plan, entry = verdict.plan, verdict.entry
    try:
        granted: int | None = None
        if plan.free is not None:  # of what there is, a server may take so much
            granted = plan.free(verdict.memory_bytes)
        there = free_memory(plan.device)  # others may have left
        free = min((each for each in (there, granted) if each is not None), default=None)
    except WeightsError as error:
        return replace(verdict, troubles=(*verdict.troubles, error))
    except ImportError:
        free = there = None  # that the extra is missing has been said
    verdict = replace(verdict, free_bytes=free)
    if free is None or verdict.memory_bytes <= free:
        return verdict
    each = _bytes_each(plan)
    fitting = [
        other.id
        for other in CATALOGUE.values()
        if other.rough_bytes // _ROUGH_BYTES_EACH * each <= free
    ]
    ways = [f"of the catalogue {', '.join(fitting)} would fit"] if fitting else []
    ways.append(_smaller(verdict, free))
    left = f"{plan.device} has {gigabytes(free)} free"
    if free != there:  # less is granted than there is
        left = f"the budget leaves {gigabytes(free)} of {plan.device}"
    if there is None or verdict.memory_bytes <= there:  # there is room that was not granted
        ways.append(f"allow more by the setting 'memory': {plan.device}=…")
    trouble = OutOfMemory(
        f"the weights of {entry.id} take {gigabytes(verdict.memory_bytes)}, and {left}",
        fix="; ".join(filter(None, ways)) or "free some of it",
    )
    return replace(verdict, troubles=(*verdict.troubles, trouble))


def _smaller(verdict: Verdict, free: int) -> str:
    """Return which numbers of fewer bytes would make a model fit; empty where none do."""
    count = verdict.memory_bytes // _bytes_each(verdict.plan)
    for dtype, each in sorted(_BYTES_EACH.items(), key=lambda item: -item[1]):
        if count * each <= free and each < _bytes_each(verdict.plan):
            return f"dtype = {dtype} takes {gigabytes(count * each)}"
    return ""


def _bytes_each(plan: Plan) -> int:
    """Return the bytes of a number as a plan has it loaded."""
    likes = "float32" if plan.device == "cpu" else "float16"
    return _BYTES_EACH[plan.dtype or likes]
