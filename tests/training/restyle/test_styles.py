"""What styles look like: each picture in its own, and filters that draw what is there."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from training.restyle.data.packed import TEACHER, arrays
from training.restyle.teacher import filters
from training.restyle.teacher.net import StyleNet
from training.restyle.teacher.styles import NAMES, painted

FILTERS = (filters.ink_wash, filters.pencil)


@pytest.fixture(scope="module")
def teacher(pack: Path) -> StyleNet:
    return StyleNet(arrays(pack, TEACHER))


@pytest.fixture(scope="module")
def disc() -> torch.Tensor:
    places = torch.linspace(-1, 1, 96)
    inside = (places[:, None] ** 2 + places**2 < 0.4).float()
    return (0.75 - 0.5 * inside).expand(1, 3, 96, 96).contiguous()


def test_every_picture_is_painted_in_its_own_style(teacher: StyleNet) -> None:
    torch.manual_seed(0)
    picture = torch.rand(1, 3, 8, 8)
    pictures = torch.nn.functional.interpolate(picture, (48, 64), mode="bicubic").clamp(0, 1)
    alone = [painted(teacher, pictures, [style]) for style in range(len(NAMES))]
    together = painted(teacher, pictures.repeat(len(NAMES), 1, 1, 1), list(range(len(NAMES))))
    for style, one in enumerate(alone):
        assert torch.allclose(together[style], one[0], atol=1e-4), NAMES[style]
        assert one.shape == pictures.shape
        assert one.min() >= 0
        assert one.max() <= 1
        others = [other for number, other in enumerate(alone) if number != style]
        assert min((other - one).abs().mean() for other in others) > 0.01, NAMES[style]


@pytest.mark.parametrize("drawn", FILTERS, ids=lambda one: one.__name__)
def test_a_filter_draws_borders_and_leaves_plains_alone(
    drawn: Callable[[torch.Tensor], torch.Tensor], disc: torch.Tensor
) -> None:
    light = filters.luma(drawn(disc))[0, 0]
    border = light[48, 70:86].min()
    plain = light[2:20, 2:20]
    assert plain.std() < 0.02
    assert border < plain.mean() - 0.15
    assert light.isfinite().all()


def test_smoothing_keeps_edges_and_drops_texture() -> None:
    torch.manual_seed(0)
    edge = torch.full((1, 3, 64, 64), 0.2)
    edge[..., 32:] = 0.8
    noisy = (edge + 0.03 * torch.randn_like(edge)).clamp(0, 1)
    smooth = filters.smoothed(noisy, 4, rounds=2)
    assert smooth[..., 8:24].std() < 0.4 * noisy[..., 8:24].std()
    assert (smooth[..., 34] - smooth[..., 29]).mean() > 0.5
