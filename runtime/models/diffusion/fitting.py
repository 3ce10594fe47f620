"""What pictures take of a device: how many share a call, and what would fit of one too large."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from livedraft.errors import OutOfMemory

from ...budget import gigabytes
from ...plan import Free

Size = tuple[int, int]  # width and height, px

# Pictures of one call, where memory does not forbid it: beyond these a batch is no faster than its
# parts, and keeps whoever is in it waiting.
MOST = {"cpu": 4, "cuda": 16}
_ALIGNED = 64  # px; of a size that is named as one that fits
_MOST_SIZES = 64  # that are measured


class Fitting:
    """What was measured of the pictures of a model on a device: bytes of one, by its size.

    ``free`` says what of the device may still be taken; None: whatever there is, and nothing is
    measured. ``native`` is the model's own size.
    """

    def __init__(self, device: str, native: Size = (0, 0)) -> None:
        self._device = device
        self._native = native
        self.free: Free | None = None
        self._largest: Size = (0, 0)  # that was made yet
        self._taken: dict[tuple[str, Size], int] = {}  # bytes of one job, by what is done of it
        self._rooms: dict[Size, int] = {}

    def made(self, size: Size) -> None:
        """Hear of a picture that had room up to its end."""
        self._largest = max(self._largest, size, key=_area)

    @property
    def call_bytes(self) -> int:
        """The bytes that a picture of the model's own size takes, which each call is granted."""
        return self.taken(self._native)

    def taken(self, size: Size) -> int:
        """Return the bytes that a picture of a size takes in its calls; 0: not known.

        What was not measured of a size is in proportion to its area.
        """
        own = [found for (_, each), found in self._taken.items() if each == size]
        if own:
            return max(own)
        each_px = [found / _area(each) for (_, each), found in self._taken.items() if _area(each)]
        return int(max(each_px, default=0.0) * _area(size))

    def room(self, size: Size) -> int:
        """Return how many pictures of a size share a call."""
        if size not in self._rooms:
            most = MOST.get(self._device.partition(":")[0], 1)
            left, each = self._left(), self.taken(size)
            fits = most if left is None or not each else (left + self.call_bytes) // each
            self._rooms[size] = max(1, min(most, fits))
        return self._rooms[size]

    def look_again(self) -> None:
        """Let what has room be asked anew: others came or went."""
        self._rooms.clear()

    @contextmanager
    def trying(self, doing: str, sizes: Sequence[Size]) -> Iterator[None]:
        """Raise OutOfMemory, with what would fit, where the device has no room for a call."""
        try:
            with self._measured(doing, sizes):
                yield
        except (RuntimeError, MemoryError) as error:  # torch's own is a RuntimeError
            if type(error).__name__ not in ("OutOfMemoryError", "MemoryError"):
                raise
            width, height = max(sizes, key=_area)
            several = f", one of {len(sizes)} at once" if len(sizes) > 1 else ""
            each = self.taken((width, height))
            needs = f", which takes {gigabytes(each)}" if each else ""
            raise OutOfMemory(
                f"{self._device} has no memory left for a picture of {width} × {height} px"
                f"{several}{needs}",
                fix=self._fix((width, height)),
            ) from None  # its traceback would keep what is to be freed

    @contextmanager
    def _measured(self, doing: str, sizes: Sequence[Size]) -> Iterator[None]:
        """Measure what the first call of a size takes, where anybody wants to know."""
        largest = max(sizes, key=_area)
        known = (doing, largest) in self._taken or len(self._taken) >= _MOST_SIZES
        if known or self._left() is None:
            yield
            return
        import torch

        from livedraft.runtime.compute.peak import peak

        with peak(torch.device(self._device)) as found:
            yield
        self._taken[doing, largest] = found.nbytes // len(sizes)
        self._rooms.clear()

    def _left(self) -> int | None:
        return None if self.free is None else self.free(0)

    def _fix(self, size: Size) -> str:
        width, height = self._largest
        if 0 < _area(self._largest) < _area(size):
            return f"ask for {width} × {height} px or less: that has had room"
        left, each = self._left(), self.taken(size)
        side = 0 if left is None or not each else int((left / each * _area(size)) ** 0.5)
        side = side // _ALIGNED * _ALIGNED
        if 0 < side * side < _area(size):
            return f"ask for {side} × {side} px or less: {gigabytes(left or 0)} are free"
        return "ask for a smaller picture, or try again when fewer draw"


def _area(size: Size) -> int:
    return size[0] * size[1]
