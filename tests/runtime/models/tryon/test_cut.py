"""What is cut out of a photograph and laid back: bit for bit the same beside the mask."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.tryon.cut import Cut

MOST = 128 * 128


def picture(height: int, width: int, seed: int = 0) -> Pixels:
    """Return a picture with soft and sharp parts."""
    random = np.random.default_rng(seed)
    few = random.integers(0, 256, (height // 16 + 2, width // 16 + 2, 3), np.uint8)
    return np.ascontiguousarray(np.kron(few, np.ones((16, 16, 1), np.uint8))[:height, :width])


def mask_of(height: int, width: int, box: tuple[int, int, int, int]) -> Pixels:
    top, left, bottom, right = box
    mask = np.zeros((height, width, 3), np.uint8)
    mask[top:bottom, left:right] = 255
    return mask


def cut_of(person: Pixels, mask: Pixels, draft: Pixels | None = None) -> Cut:
    return Cut.of(person, mask, person if draft is None else draft, most_px=MOST, grid=16)


@given(
    st.integers(1, 300),
    st.integers(1, 300),
    st.integers(0, 2**32 - 1),
    st.sampled_from(["box", "noise", "empty", "full", "dots"]),
)
def test_no_pixel_beside_the_mask_changes(height: int, width: int, seed: int, kind: str) -> None:
    random = np.random.default_rng(seed)
    person = random.integers(0, 256, (height, width, 3), np.uint8)
    levels = {
        "box": mask_of(height, width, (height // 4, width // 4, height // 2, width // 2))[..., 0],
        "noise": random.integers(0, 256, (height, width), np.uint8),
        "empty": np.zeros((height, width), np.uint8),
        "full": np.full((height, width), 255, np.uint8),
        "dots": (random.random((height, width)) > 0.95).astype(np.uint8),
    }[kind]
    cut = cut_of(person, np.repeat(levels[..., None], 3, axis=2))
    sides = cut.person.shape[:2]
    assert all(side % 16 == 0 for side in sides)
    assert sides[0] * sides[1] <= MOST
    before = person.copy()
    made = cut.laid_in(random.integers(0, 256, (*sides, 3), np.uint8))
    np.testing.assert_array_equal(made[levels == 0], person[levels == 0])
    np.testing.assert_array_equal(person, before)


def test_a_large_photo_is_cut_around_the_mask_with_something_beside_it() -> None:
    person = picture(1500, 1000)
    cut = cut_of(person, mask_of(1500, 1000, (600, 300, 1000, 700)))
    assert cut.person.shape == (128, 128, 3)
    inside = cut.mask.mean()
    assert 0.4 < inside < 0.5, "of a square that is half as wide again"


def test_what_is_painted_stands_inside_and_the_draft_at_the_rim() -> None:
    person, red = np.zeros((400, 400, 3), np.uint8), np.zeros((400, 400, 3), np.uint8)
    mask = mask_of(400, 400, (100, 100, 300, 300))
    red[100:300, 100:300, 0] = 200
    cut = cut_of(person, mask, red)
    painted = cut.draft.copy()
    painted[cut.mask > 0] = (0, 0, 200)
    made = cut.laid_in(painted)
    np.testing.assert_array_equal(made[200, 200], [0, 0, 200])
    assert made[200, 100, 0] > 150, "the draft, at the very edge"
    assert made[200, 100, 2] < 50


def test_a_shift_of_all_colours_is_taken_out() -> None:
    person = np.full((400, 400, 3), 120, np.uint8)
    cut = cut_of(person, mask_of(400, 400, (150, 150, 250, 250)))
    made = cut.laid_in(np.full(cut.person.shape, 132, np.uint8))
    assert np.abs(made.astype(int) - 120).max() <= 3


def test_a_shift_leaves_no_seam_where_the_painting_is_right_beside_the_mask() -> None:
    person = picture(300, 300)
    cut = cut_of(person, mask_of(300, 300, (100, 100, 200, 200)))
    made = cut.laid_in(cut.person)
    inner = (slice(110, 190), slice(110, 190))
    assert np.abs(made[inner].astype(int) - person[inner].astype(int)).mean() < 12, "by resizing"


def test_a_grey_mask_mixes() -> None:
    person = np.zeros((200, 200, 3), np.uint8)
    levels = np.full((200, 200, 3), 128, np.uint8)
    levels[:20] = levels[-20:] = 0
    cut = cut_of(person, levels)
    painted = np.zeros_like(cut.person)
    painted[cut.mask > 0] = 200
    assert cut.laid_in(painted)[100, 100, 0] == pytest.approx(100, abs=3)


@pytest.mark.parametrize("channels", [3, 4])
def test_masks_and_drafts_of_other_sizes_are_of_the_whole_photo(channels: int) -> None:
    person = picture(300, 200)
    mask = np.dstack([mask_of(30, 20, (10, 5, 20, 15)), *[np.full((30, 20), 255)] * (channels - 3)])
    draft = np.full((60, 40, channels), 90, np.uint8)
    cut = Cut.of(person, mask.astype(np.uint8), draft, most_px=MOST, grid=16)
    made = cut.laid_in(np.full(cut.person.shape, 90, np.uint8))
    changed = (made != person).any(axis=2)
    assert changed[150, 100]
    assert not changed[:100].any()
    assert not changed[:, :50].any()
