"""Which of several cameras' frames are the same as those that are shown; torch begins here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import torch

from livedraft.kernels import frame_similarity

if TYPE_CHECKING:
    from .streaming import Filmed

LONGEST = 15  # frames on end that are taken for still


@torch.no_grad()
def judge(asked: Sequence[Filmed], device: torch.device) -> None:
    """Tell of each frame whether it is still; those of one form are asked for in one wait."""
    alike: dict[tuple[tuple[int, ...], float], list[Filmed]] = {}
    for each in asked:
        frame = each.state.frame
        assert frame is not None, "a frame came"
        each.seen = torch.tensor(frame, device=device)
        if each.state.skipped is None:
            each.state.skipped = torch.zeros(1, dtype=torch.int32, device=device)
        if each.before is not None:
            alike.setdefault((frame.shape, each.params.still), []).append(each)
    for (_, levels), some in alike.items():
        before = [each.before for each in some]
        skipped = torch.cat([each.state.skipped for each in some if each.state.skipped is not None])
        skip, _ = frame_similarity(
            torch.stack([each.seen for each in some if each.seen is not None]),
            torch.stack([one.seen for one in before if one and one.seen is not None]),
            skipped,
            threshold=1 - levels / 255,
            longest=LONGEST,
        )
        for each, still, count in zip(some, skip.tolist(), skipped.split(1), strict=True):
            each.still, each.state.skipped = still, count.clone()
