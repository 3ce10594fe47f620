"""Which frames are the same as those that are shown, decided on a device; torch begins here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import torch
from torch import Tensor

from livedraft.kernels import frame_similarity

from ...models.base import Pixels

LONGEST = 15  # frames on end that are taken for still


class Compared(NamedTuple):
    """A frame, and that which is shown, (height, width, channels) uint8 on the device."""

    frame: Tensor
    before: Tensor
    skipped: Tensor | None  # (1,) int32: frames on end that were taken for still; None: none
    levels: float  # of 255, that the tile which changed most may differ by


class Judged(NamedTuple):
    """What was decided of a frame."""

    still: bool
    skipped: Tensor  # as above, for the next


def uploaded(frame: Pixels, device: str) -> Tensor:
    """Return a frame on a device."""
    return torch.tensor(frame, device=device)


def stand_still(some: Sequence[Compared]) -> list[Judged]:
    """Say of each frame whether it is still.

    It is decided on the device, of all frames of one form in one call, and waited for once.
    """
    alike: dict[tuple[torch.Size, float], list[int]] = {}
    for number, each in enumerate(some):
        alike.setdefault((each.frame.shape, each.levels), []).append(number)
    made: list[tuple[list[int], Tensor, Tensor]] = []
    for (_, levels), numbers in alike.items():
        of = [some[number] for number in numbers]
        none = torch.zeros(1, dtype=torch.int32, device=of[0].frame.device)
        skipped = torch.cat([none if each.skipped is None else each.skipped for each in of])
        skip, _ = frame_similarity(
            torch.stack([each.frame for each in of]),
            torch.stack([each.before for each in of]),
            skipped,
            threshold=1 - levels / 255,
            longest=LONGEST,
        )
        made.append((numbers, skip, skipped))
    if not made:
        return []
    still = iter(torch.cat([skip for _, skip, _ in made]).tolist())
    found: dict[int, Judged] = {}
    for numbers, _, skipped in made:
        for number, own in zip(numbers, skipped.split(1), strict=True):
            found[number] = Judged(next(still), own)
    return [found[number] for number in range(len(some))]
