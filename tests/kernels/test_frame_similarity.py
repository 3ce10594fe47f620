"""frame_similarity: what is skipped, what never is, and for how long."""

import pytest
import torch
from torch import Tensor

from livedraft.kernels import frame_similarity


def page(stroke: bool = False) -> Tensor:
    """Return a white page of 40 x 50 px, with a short stroke near its corner if asked for."""
    white = torch.full((1, 40, 50, 3), 255, dtype=torch.uint8)
    if stroke:
        white[:, 30:38, 44:47] = 0
    return white


def none_skipped(batch: int = 1) -> Tensor:
    return torch.zeros(batch, dtype=torch.int32)


def test_the_same_is_skipped_until_it_was_long_enough(backend: str) -> None:
    skipped, seen = none_skipped(), []
    for _ in range(5):
        skip, similarity = frame_similarity(page(), page(), skipped, longest=3)
        assert similarity.item() == 1
        seen.append((bool(skip), int(skipped)))
    assert seen == [(True, 1), (True, 2), (True, 3), (False, 0), (True, 1)]


def test_a_stroke_is_no_still_frame(backend: str) -> None:
    blank, drawn = (p.float().flatten() for p in (page(), page(stroke=True)))
    assert (
        torch.cosine_similarity(blank, drawn, dim=0) > 0.99
    )  # which a filter of whole frames passes
    skip, similarity = frame_similarity(page(stroke=True), page(), none_skipped())
    assert not skip
    # The stroke's 6 lines of 3 px lie in the tile of lines 32 to 39 and columns 32 to 47.
    assert similarity.item() == pytest.approx(1 - 6 * 3 / (8 * 16))


def test_camera_noise_is_a_still_frame(backend: str) -> None:
    noise = torch.randint(-3, 4, (1, 40, 50, 3), generator=torch.Generator().manual_seed(1))
    grey = torch.full_like(noise, 128)
    skip, _ = frame_similarity((grey + noise).to(torch.uint8), grey.to(torch.uint8), none_skipped())
    assert skip


def test_rows_of_a_batch_are_decided_apart_in_any_order_of_memory(backend: str) -> None:
    frames = torch.cat([page(), page(stroke=True)]).permute(0, 3, 1, 2) / 127.5 - 1
    before = torch.cat([page(), page()]) / 127.5 - 1
    skipped = torch.tensor([4, 4], dtype=torch.int32)
    skip, _ = frame_similarity(
        frames.contiguous().permute(0, 2, 3, 1).half(), before.half(), skipped, longest=9
    )
    assert skip.tolist() == [True, False]
    assert skipped.tolist() == [5, 0]


@pytest.mark.parametrize(
    ("previous", "skipped", "message"),
    [
        (page()[:, 1:], none_skipped(), "frame and previous"),
        (page().float(), none_skipped(), "frame and previous"),
        (page(), none_skipped(2), "skipped is int32"),
        (page(), torch.zeros(1), "skipped is int32"),
    ],
)
def test_what_does_not_fit_is_refused(previous: Tensor, skipped: Tensor, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        frame_similarity(page(), previous, skipped)
