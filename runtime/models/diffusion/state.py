"""What a session keeps for a diffusion model, and what one picture on its way is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from ..base import Job, Pixels
from ..memory import held_bytes

if TYPE_CHECKING:
    from livedraft.runtime.compute.denoise import Denoising

    from .inpainting import Kept
    from .loras import Mix

T = TypeVar("T")

SKETCH, MASK = "sketch", "mask"  # inputs
REST = "rest"  # what both make together
MOST_MEMORY_BYTES = 1 << 30  # of what is remembered of pictures, beyond the job that it was for
MOST_BYTES = 64 << 20  # of what a session keeps: some hundred prompts
MOST_KV_BYTES = 128 << 20  # of keys and values: three prompts of sana-sprint, two pairs of sdxl


class Cache:
    """What was computed before, by what it was computed of; the oldest goes first."""

    def __init__(self, most_bytes: int = MOST_BYTES) -> None:
        self._most = most_bytes
        self._kept: OrderedDict[Hashable, Any] = OrderedDict()
        self._sizes: dict[Hashable, int] = {}

    @property
    def nbytes(self) -> int:
        """The bytes of all that is kept."""
        return sum(self._sizes.values())

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def get(self, key: Hashable, make: Callable[[], T]) -> T:
        """Return what is kept for a key, made now if missing."""
        if key not in self._kept:
            self.put(key, make())
        found: T = self.kept(key)
        return found

    def kept(self, key: Hashable) -> Any:
        """Return what is kept for a key, which goes last from now on."""
        self._kept.move_to_end(key)
        return self._kept[key]

    def put(self, key: Hashable, value: Any) -> None:
        """Keep something, in any case until the next."""
        self._kept[key], self._sizes[key] = value, held_bytes(value)
        self._kept.move_to_end(key)
        while self.nbytes > self._most and len(self._kept) > 1:
            oldest, _ = self._kept.popitem(last=False)
            del self._sizes[oldest]

    def drop(self, whether: Callable[[Any], bool]) -> None:
        """Forget what is kept for the keys of which this is true."""
        for key in [key for key in self._kept if whether(key)]:
            del self._kept[key], self._sizes[key]

    def change(self, change: Callable[[Any], Any]) -> None:
        """Put something else in the place of all that is kept, such as the same on a host."""
        for key, value in self._kept.items():
            self._kept[key] = change(value)

    def clear(self) -> None:
        """Keep nothing."""
        self._kept.clear()
        self._sizes.clear()


@dataclass(slots=True, eq=False)
class DiffusionState:
    """A session's caches."""

    texts: Cache = field(default_factory=Cache)  # what the text encoders make of prompts
    # What cross-attention makes of these, by the LoRAs that are worn.
    text_kv: Cache = field(default_factory=partial(Cache, MOST_KV_BYTES))
    pictures: dict[str, Pixels] = field(default_factory=dict)  # the newest, by input
    seen: Cache = field(default_factory=Cache)  # the latents of those pictures
    memory: Cache = field(default_factory=Cache)  # of pictures to refer to, for all steps
    away: bool = False  # whether all of it is on the host, while its client is away

    @property
    def caches(self) -> tuple[Cache, ...]:
        """All of them."""
        return self.texts, self.text_kv, self.seen, self.memory


@dataclass(slots=True, eq=False)
class DiffusionJob(Job):
    """One picture on its way."""

    way: Denoising
    small: bool  # whether the small autoencoder shows it
    mix: Mix  # LoRAs, kept while the job is
    kept: Kept | None = None  # of a picture that is in part painted anew
    size: tuple[int, int] = field(default=(0, 0), kw_only=True)  # px, of a picture

    @property
    def spared(self) -> dict[str, int]:
        """The steps that were not computed so far, of one that may do without some."""
        return {} if self.way.cache is None else {"spared": self.way.cache.spared}
