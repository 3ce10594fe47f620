"""What pictures take of a device: how many share a call, and what would fit of one too large."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from math import prod
from typing import TYPE_CHECKING

from livedraft.errors import OutOfMemory

from ...budget import gigabytes
from ...plan import Free

if TYPE_CHECKING:
    from livedraft.runtime.compute.peak import Peak

Size = tuple[int, ...]  # width and height, px; of a clip its frames, too

# Pictures of one call, where memory does not forbid it: beyond these a batch is no faster than its
# parts, and keeps whoever is in it waiting.
MOST = {"cpu": 4, "cuda": 16}
_ALIGNED = 64  # px; of a size that is named as one that fits
_MOST_SIZES = 64  # that are measured


class Fitting:
    """What was measured of the pictures of a model on a device: bytes of one, by its size.

    ``free`` says what of the device may still be taken; None: whatever there is, and nothing is
    measured. ``native`` is the model's own size. Clips of one size and unlike lengths are measured
    each, as are the steps of a call that goes on; what is done once, to warm up, is left out.
    """

    def __init__(self, device: str, native: Size = (0, 0)) -> None:
        self.device = device
        self.native = native
        self.free: Free | None = None
        self._largest: Size = (0, 0)  # that was made yet
        self._taken: dict[tuple[str, Size], int] = {}  # bytes of one job, by what is done of it
        self._rooms: dict[Size, int] = {}

    def made(self, size: Size) -> None:
        """Hear of a picture that had room up to its end."""
        self._largest = max(self._largest, size, key=prod)

    @property
    def call_bytes(self) -> int:
        """The bytes that a picture of the model's own size takes, which each call is granted."""
        return self.taken(self.native)

    def taken(self, size: Size) -> int:
        """Return the bytes that a picture of a size takes in its calls; 0: not known.

        What was not measured of a size is in proportion to its area, and length.
        """
        own = [found for (_, each), found in self._taken.items() if each == size]
        if own:
            return max(own)
        each_px = [found / prod(each) for (_, each), found in self._taken.items() if prod(each)]
        return int(max(each_px, default=0.0) * prod(size))

    def room(self, size: Size) -> int:
        """Return how many pictures of a size share a call."""
        if size not in self._rooms:
            most = MOST.get(self.device.partition(":")[0], 1)
            left, each = self._left(), self.taken(size)
            fits = most if left is None or not each else (left + self.call_bytes) // each
            self._rooms[size] = max(1, min(most, fits))
        return self._rooms[size]

    def look_again(self) -> None:
        """Let what has room be asked anew: others came or went."""
        self._rooms.clear()

    def trying(self, doing: str, sizes: Sequence[Size]) -> Trying:
        """Measure a call meanwhile, the first of its size, where anybody wants to know.

        Raises OutOfMemory, with what would fit, where the device has no room for it.
        """
        return Trying(self, doing, sizes)

    def measures(self, doing: str, size: Size) -> bool:
        """Say whether a call of a size is to be measured."""
        known = (doing, size) in self._taken or len(self._taken) >= _MOST_SIZES
        return not known and self._left() is not None

    def measured(self, doing: str, size: Size, nbytes: int) -> None:
        """Hear what a picture took in a call."""
        self._taken[doing, size] = nbytes
        self._rooms.clear()

    def refused(self, sizes: Sequence[Size]) -> OutOfMemory:
        """Return what is told where a device has no room for pictures of these sizes."""
        size = max(sizes, key=prod)
        several = f", one of {len(sizes)} at once" if len(sizes) > 1 else ""
        each = self.taken(size)
        needs = f", which takes {gigabytes(each)}" if each else ""
        return OutOfMemory(
            f"{self.device} has no memory left for a {_kind(size)} of {_named(size)}"
            f"{several}{needs}",
            fix=self._fix(size),
        )

    def _left(self) -> int | None:
        return None if self.free is None else self.free(0)

    def _fix(self, size: Size) -> str:
        if 0 < prod(self._largest) < prod(size):
            return f"ask for {_named(self._largest)} or less: that has had room"
        left, each = self._left(), self.taken(size)
        area = prod(size[:2])
        side = 0 if left is None or not each else int((left / each * area) ** 0.5)
        side = side // _ALIGNED * _ALIGNED
        if 0 < side * side < area:
            return f"ask for {side} × {side} px or less: {gigabytes(left or 0)} are free"
        return f"ask for a smaller {_kind(size)}, or try again when fewer draw"


class Trying:
    """One call that is tried: a step's cost, so it is as little as can be."""

    __slots__ = ("_doing", "_fitting", "_peak", "_sizes", "_whole")

    def __init__(self, fitting: Fitting, doing: str, sizes: Sequence[Size]) -> None:
        self._fitting, self._doing, self._sizes = fitting, doing, sizes
        self._peak: Peak | None = None

    def __enter__(self) -> None:
        """Begin to measure, where that is wanted."""
        fitting = self._fitting
        if fitting.free is None or not fitting.measures(self._doing, max(self._sizes, key=prod)):
            return
        import torch

        from livedraft.runtime.compute.peak import peak

        self._whole = ExitStack()
        self._peak = self._whole.enter_context(peak(torch.device(fitting.device)))

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        """Tell what it took, or that there was no room."""
        if self._peak is not None:
            self._whole.close()
            if kind is None:
                each = self._peak.nbytes // len(self._sizes)
                self._fitting.measured(self._doing, max(self._sizes, key=prod), each)
        if kind is not None and kind.__name__ in ("OutOfMemoryError", "MemoryError"):  # torch's own
            raise self._fitting.refused(self._sizes) from None  # or its frames kept what is freed


def _kind(size: Size) -> str:
    return "picture" if len(size) == 2 else "clip"


def _named(size: Size) -> str:
    width, height, *frames = size
    return f"{width} × {height} px" + "".join(f" and {count} frames" for count in frames)
