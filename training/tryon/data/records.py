"""How records lie in the cache: shards `NNNN.npz` of compressed arrays.

A *record* is one person in one pose before one camera, with three garments: `upper` and `lower`,
which they wear, and `new`, which is to replace what it covers (kind upper: the upper; lower: the
lower; dress: both). It holds geometry only; `paint` makes as many pictures of it as are wanted.

    with np.load(shard) as arrays: read(arrays, arrays["index"][k])

A `Record` has

- `body`: Layer of the bare person (hair included), `upper`, `lower`, `new`: Layers of cloth, all
  as the camera sees them, 512x384 px, each as if alone;
- `flat`: Layer of the new garment as its picture shows it, 512x512 px;
- `pairs`: (n, 4) float32: vertices of the new garment's front, x, y px in its picture, then x, y px
  in the person's picture, hidden or not;
- `pair_part`: (n,) uint8: what limb they lie on; `meta`: the rest, as JSON.

A `Layer` lists its pixels only. `at` are their flat indices (row-major); each has a `normal` in the
camera's world (x right, y away, z up), a `depth` in metres behind the person's pelvis, a `part`
(`bodies.Part`), and

- of a body, `rest`: where it is on the body in its rest pose (metres; x left, y backwards, z up);
- of cloth, `flat`: where the garment's picture shows it (px, x then y), and `inside`: whether the
  cloth is seen from within (behind a collar).

Everything is in pixel coordinates with pixel centres at whole numbers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
LAYERS = ("body", "upper", "lower", "new", "flat")
FIXED = 64.0  # positions in a garment's picture are stored in this part of a pixel


@dataclass(frozen=True)
class Layer:
    """What one surface shows in one picture; n pixels."""

    size: tuple[int, int]  # height, width
    at: NDArray[np.int32]  # (n,)
    normal: NDArray[np.float32]  # (n, 3)
    depth: NDArray[np.float32]  # (n,)
    part: NDArray[np.uint8]  # (n,)
    rest: NDArray[np.float32] | None = None  # (n, 3)
    flat: NDArray[np.float32] | None = None  # (n, 2)
    inside: NDArray[np.bool_] | None = None  # (n,)

    def image(self, values: Array, empty: float = 0) -> Array:
        """Spread values (n, ...) of the pixels over the picture: (height, width, ...)."""
        height, width = self.size
        full = np.full((height * width, *values.shape[1:]), empty, values.dtype)
        full[self.at] = values
        return full.reshape(height, width, *values.shape[1:])

    @property
    def mask(self) -> NDArray[np.bool_]:
        """Where it is: (height, width)."""
        return np.asarray(self.image(np.ones(len(self.at), bool)))


@dataclass(frozen=True)
class Record:
    """One person with what they wear and what they try on; see above."""

    meta: dict[str, Any]
    body: Layer
    upper: Layer
    lower: Layer
    new: Layer
    flat: Layer
    pairs: NDArray[np.float32]
    pair_part: NDArray[np.uint8]


def pack(record: Record) -> dict[str, Array]:
    """Return a record's arrays by name, small."""
    packed: dict[str, Array] = {
        "meta": np.frombuffer(json.dumps(record.meta).encode(), np.uint8),
        "pairs": record.pairs.astype(np.float32),
        "pair_part": record.pair_part,
    }
    for name in LAYERS:
        layer: Layer = getattr(record, name)
        mask = np.zeros(layer.size[0] * layer.size[1], bool)
        mask[layer.at] = True
        fields: dict[str, Array] = {
            "size": np.array(layer.size, np.int32),
            "mask": np.packbits(mask),
            "normal": np.rint(layer.normal * 127).astype(np.int8),
            "depth": layer.depth.astype(np.float16),
            "part": layer.part,
        }
        if layer.rest is not None:
            fields["rest"] = layer.rest.astype(np.float16)
        if layer.flat is not None and layer.inside is not None:
            fields["flat"] = np.rint(np.clip(layer.flat, 0, 1023) * FIXED).astype(np.uint16)
            fields["inside"] = np.packbits(layer.inside)
        packed.update({f"{name}.{key}": value for key, value in fields.items()})
    return packed


def meta_of(arrays: Mapping[str, Array], index: int) -> dict[str, Any]:
    """Read what one record of an open shard is of, without its layers."""
    found: dict[str, Any] = json.loads(bytes(arrays[f"{index:06d}.meta"]))
    return found


def read(arrays: Mapping[str, Array], index: int) -> Record:
    """Read one record of an open shard."""

    def get(name: str) -> Array:
        return arrays[f"{index:06d}.{name}"]

    def layer(name: str) -> Layer:
        height, width = (int(side) for side in get(f"{name}.size"))
        mask = np.unpackbits(get(f"{name}.mask"), count=height * width)
        at = np.flatnonzero(mask).astype(np.int32)
        cloth = name != "body"
        return Layer(
            (height, width),
            at,
            np.divide(get(f"{name}.normal"), 127, dtype=np.float32),
            get(f"{name}.depth").astype(np.float32),
            get(f"{name}.part"),
            rest=None if cloth else get(f"{name}.rest").astype(np.float32),
            flat=np.divide(get(f"{name}.flat"), FIXED, dtype=np.float32) if cloth else None,
            inside=np.unpackbits(get(f"{name}.inside"), count=len(at)) > 0 if cloth else None,
        )

    body, upper, lower, new, flat = (layer(name) for name in LAYERS)
    meta = meta_of(arrays, index)
    return Record(meta, body, upper, lower, new, flat, get("pairs"), get("pair_part"))


def shards(cache: Path) -> list[Path]:
    """Return the finished shards of a cache, in order."""
    return sorted(path for path in cache.glob("[0-9]*.npz") if path.stem.isdigit())


def records(cache: Path, held_out: bool) -> Iterator[Record]:
    """Read all records of one split, in order."""
    for path in shards(cache):
        with np.load(path) as arrays:
            for index in arrays["index"]:
                if is_held_out(int(index)) == held_out:
                    yield read(arrays, int(index))


def is_held_out(index: int) -> bool:
    """Tell whether a record is kept from training: one body in ten."""
    return index % 10 == 9


def write(path: Path, made: Mapping[int, Record]) -> None:
    """Write a shard, whole or not at all."""
    arrays: dict[str, Array] = {"index": np.array(sorted(made), np.int32)}
    for index, record in made.items():
        arrays.update({f"{index:06d}.{name}": value for name, value in pack(record).items()})
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_suffix(".partial.npz")
    np.savez_compressed(partial, allow_pickle=False, **arrays)
    partial.replace(path)
