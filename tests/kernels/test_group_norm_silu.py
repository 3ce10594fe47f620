"""group_norm_silu against torch's own, in layouts and sizes that the workloads leave out."""

from typing import Any

import pytest
import torch
import torch.nn.functional as F

from livedraft.kernels import group_norm_silu


def normal(*shape: int) -> torch.Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(1))


@pytest.mark.parametrize("shape", [(1, 6, 7), (2, 6, 3, 5), (1, 6, 2, 3, 4)])
@pytest.mark.usefixtures("triton")
def test_sequences_images_and_videos(shape: tuple[int, ...]) -> None:
    x = normal(*shape)
    expected = F.silu(F.group_norm(x, 3, torch.full((6,), 2.0), eps=1e-6))
    torch.testing.assert_close(group_norm_silu(x, 3, torch.full((6,), 2.0), eps=1e-6), expected)


@pytest.mark.usefixtures("triton")
def test_a_crop_of_a_video_has_rows_that_do_not_follow_on() -> None:
    x = normal(1, 4, 3, 6, 8)[:, :, 1:, 1:-1, :5]
    torch.testing.assert_close(group_norm_silu(x, 2), F.silu(F.group_norm(x, 2)))


@pytest.mark.usefixtures("triton")
def test_a_mean_far_from_zero_costs_no_precision() -> None:
    """A sum of squares in float32 would lose the variance: 1e-6 of the mean's square here."""
    x = 1000 + normal(1, 2, 64, 40)
    expected = F.group_norm(x.double(), 1).float()
    made = group_norm_silu(x, 1, activate=False)
    torch.testing.assert_close(made, expected, rtol=0, atol=2e-4)  # float32 itself: 6e-5 of 1000


@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last])
def test_the_memory_format_stays(layout: torch.memory_format) -> None:
    x = normal(2, 4, 3, 5).to(memory_format=layout)
    assert group_norm_silu(x, 2).is_contiguous(memory_format=layout)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"x": torch.ones(2, 6)}, r"\(batch, channels, positions\) is wanted"),
        ({"groups": 4}, "6 channels cannot be cut into 4 groups"),
        ({"weight": torch.ones(5)}, r"weight has shape \(5,\): \(6,\) is wanted"),
        ({"added": torch.ones(3, 6)}, r"added has shape \(3, 6\): \(2, 6\) is wanted"),
    ],
)
def test_what_does_not_fit_is_refused(change: dict[str, Any], said: str) -> None:
    given: dict[str, Any] = {"x": torch.ones(2, 6, 3, 3), "groups": 3}
    with pytest.raises(ValueError, match=said):
        group_norm_silu(**given | change)
