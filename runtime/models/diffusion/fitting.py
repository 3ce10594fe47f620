"""Which pictures have had room on a device, so that who asks for too much hears what would fit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from livedraft.errors import OutOfMemory

Size = tuple[int, int]  # width and height, px


class Fitting:
    """The largest picture that was made yet, of a model on a device."""

    def __init__(self, device: str) -> None:
        self._device = device
        self._largest: Size = (0, 0)

    def made(self, size: Size) -> None:
        """Hear of a picture that had room up to its end."""
        self._largest = max(self._largest, size, key=_area)

    @contextmanager
    def trying(self, sizes: Sequence[Size]) -> Iterator[None]:
        """Raise OutOfMemory, with what would fit, where the device has no room for a call."""
        try:
            yield
        except (RuntimeError, MemoryError) as error:  # torch's own is a RuntimeError
            if type(error).__name__ not in ("OutOfMemoryError", "MemoryError"):
                raise
            width, height = max(sizes, key=_area)
            several = f", one of {len(sizes)} at once" if len(sizes) > 1 else ""
            raise OutOfMemory(
                f"{self._device} has no memory left for a picture of {width} × {height} px"
                f"{several}",
                fix=self._fix((width, height)),
            ) from None  # its traceback would keep what is to be freed

    def _fix(self, size: Size) -> str:
        width, height = self._largest
        if 0 < _area(self._largest) < _area(size):
            return f"ask for {width} × {height} px or less: that has had room"
        return "ask for a smaller picture, or try again when fewer draw"


def _area(size: Size) -> int:
    return size[0] * size[1]
