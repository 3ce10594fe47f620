"""What the shipped networks see of drawn people, kept: joints, outlines, the garment's picture.

`seen-NNNN.npz` lies beside each shard `NNNN.npz`. Networks miss joints by a few pixels and soften
outlines; what learns from true ones would not stand that.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from livedraft.runtime.models.base import Plan
from livedraft.runtime.models.tryon.body.frame import Body
from livedraft.runtime.models.tryon.eyes import Eyes
from livedraft.runtime.models.tryon.garment import Kind
from livedraft.runtime.models.tryon.person import found

from ..data.paint import paint
from ..data.records import Record, meta_of, read, shards
from ..data.skin import tone_of

SEED = 1  # of the pictures


@dataclass(frozen=True)
class Sight:
    """What is seen of one record's picture, and the record; hem in heights of the body."""

    record: Record
    body: Body
    hem: float | None
    person: NDArray[np.bool_]  # (h, w)
    worn: NDArray[np.bool_]  # (h, w)
    garment: NDArray[np.uint8]  # (512, 512, 4)


def see(cache: Path) -> None:
    """Look at the pictures of all shards that nobody looked at yet."""
    missing = [path for path in shards(cache) if not _beside(path).exists()]
    eyes = Eyes.load(Plan(threads=1))
    for path in tqdm(missing, desc="seeing", disable=len(missing) < 2):
        arrays: dict[str, NDArray[Any]] = {}
        with np.load(path) as stored:
            for index in stored["index"]:
                sight = look_at(eyes, read(stored, int(index)))
                if sight is not None:
                    arrays.update(_packed(sight))
        partial = _beside(path).with_suffix(".partial.npz")
        np.savez_compressed(partial, allow_pickle=False, **arrays)
        partial.replace(_beside(path))


def look_at(eyes: Eyes, record: Record) -> Sight | None:
    """Paint a record and look at it; None where nobody is found."""
    index = int(record.meta["index"])
    sample = paint(record, SEED, tone_of(index))
    person = found(eyes, sample.person, None, {})
    if person is None:
        return None
    look = person.look(eyes, whole=record.meta["kind"] != "upper")
    masks = look.person > 127
    return Sight(record, person.body, look.hem, masks[..., 0], masks[..., 1], sample.garment)


def sights(cache: Path, kind: Kind) -> Iterator[Sight]:
    """Read all that was seen of people who try on a kind of garment, with its records."""
    seen_shards = [path for path in shards(cache) if _beside(path).exists()]
    for path in tqdm(seen_shards, desc=f"reading {kind}", disable=len(seen_shards) < 2):
        with np.load(path) as stored, np.load(_beside(path)) as seen:
            for index in stored["index"]:
                found = f"{index:06d}.joints" in seen
                if found and meta_of(stored, int(index))["kind"] == kind:
                    yield _unpacked(seen, read(stored, int(index)))


def _beside(path: Path) -> Path:
    return path.with_name(f"seen-{path.name}")


def _packed(sight: Sight) -> dict[str, NDArray[Any]]:
    body = sight.body
    flags = [*body.arms_seen, *body.legs_seen, body.turned]
    fields = {
        "joints": np.asarray(body.joints, np.float32),
        "flags": np.array(flags),
        "hem": np.array(np.nan if sight.hem is None else sight.hem, np.float32),
        "person": np.packbits(sight.person),
        "worn": np.packbits(sight.worn),
        "garment": sight.garment,
    }
    return {f"{sight.record.meta['index']:06d}.{name}": value for name, value in fields.items()}


def _unpacked(seen: Any, record: Record) -> Sight:
    def get(name: str) -> NDArray[Any]:
        found: NDArray[Any] = seen[f"{record.meta['index']:06d}.{name}"]
        return found

    a, b, c, d, turned = (bool(flag) for flag in get("flags"))
    body = Body(get("joints"), (a, b), (c, d), turned)
    height, width = record.body.size
    person, worn = (
        np.unpackbits(get(name), count=height * width).reshape(height, width) > 0
        for name in ("person", "worn")
    )
    hem = float(get("hem"))
    return Sight(record, body, None if np.isnan(hem) else hem, person, worn, get("garment"))
