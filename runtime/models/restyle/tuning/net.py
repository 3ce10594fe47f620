"""The net that learns: one for all styles, small enough for a camera on two cores."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

from .operations import mirrored, normed

WIDTHS = (16, 32, 64)  # channels at a half, a quarter and an eighth of the size
DEEP, FINE = 4, 2  # residual blocks at an eighth, and at a quarter
STYLED = ("scale", "shift", "keep")  # numbers that each style has of its own
STRIDE = 8  # pixels: sides of a picture are multiples of it


class StyledNorm(nn.Module):
    """Instance norm whose scale and shift are a style's (Dumoulin et al., 2017)."""

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(styles, channels))
        self.shift = nn.Parameter(torch.zeros(styles, channels))

    def forward(self, given: Tensor, mix: Tensor) -> Tensor:
        """Return features (b, c, h, w) in a mix of styles (b, styles)."""
        return normed(given, mixed(mix, self.scale), mixed(mix, self.shift))


class Layer(nn.Module):
    """A convolution over a mirrored border, and its norm."""

    def __init__(self, given: int, made: int, styles: int, stride: int = 1) -> None:
        super().__init__()
        self.conv = nn.Conv2d(given, made, 3, stride, bias=False)
        self.norm = StyledNorm(made, styles)

    def forward(self, given: Tensor, mix: Tensor) -> Tensor:
        made: Tensor = self.norm(self.conv(mirrored(given)), mix)
        return made


class Block(nn.Module):
    """Two layers beside what they were given."""

    def __init__(self, channels: int, styles: int) -> None:
        super().__init__()
        self.first = Layer(channels, channels, styles)
        self.second = Layer(channels, channels, styles)

    def forward(self, given: Tensor, mix: Tensor) -> Tensor:
        made: Tensor = given + self.second(F.relu(self.first(given, mix)), mix)
        return made


class RestyleNet(nn.Module):
    """Pictures (b, 3, h, w) in 0..1 and mixes of styles (b, styles) to pictures."""

    def __init__(self, styles: int) -> None:
        super().__init__()
        half, quarter, eighth = WIDTHS
        self.styles = styles
        self.into = Layer(12, half, styles)
        self.down = nn.ModuleList(
            [Layer(half, quarter, styles, 2), Layer(quarter, eighth, styles, 2)]
        )
        self.deep = nn.ModuleList(Block(eighth, styles) for _ in range(DEEP))
        self.up = nn.ModuleList([Layer(eighth, quarter, styles), Layer(quarter, half, styles)])
        self.fine = nn.ModuleList(Block(quarter, styles) for _ in range(FINE))
        self.finest = Layer(half, half, styles)
        self.out = nn.Conv2d(half, 12, 3)
        self.scale = nn.Parameter(torch.ones(styles, 12))
        self.shift = nn.Parameter(torch.zeros(styles, 12))
        # How much of what was seen a style keeps: norms lose a picture's own light and tint.
        self.keep = nn.Parameter(torch.zeros(styles, 12))

    def forward(self, pictures: Tensor, mix: Tensor) -> Tensor:
        """Return the pictures restyled."""
        seen = F.pixel_unshuffle(pictures, 2) * 2 - 1
        half = F.relu(self.into(seen, mix))
        quarter = F.relu(self.down[0](half, mix))
        hidden = F.relu(self.down[1](quarter, mix))
        for block in self.deep:
            hidden = block(hidden, mix)
        hidden = F.relu(self.up[0](hidden, mix))
        hidden = F.interpolate(hidden, scale_factor=2.0, mode="nearest") + quarter
        for block in self.fine:
            hidden = block(hidden, mix)
        hidden = F.relu(self.up[1](hidden, mix))
        hidden = F.interpolate(hidden, scale_factor=2.0, mode="nearest") + half
        hidden = F.relu(self.finest(hidden, mix))
        made = self.out(mirrored(hidden))
        light = made.float() * mixed(mix, self.scale) + mixed(mix, self.shift)
        return torch.sigmoid(F.pixel_shuffle(light + seen * mixed(mix, self.keep), 2))


def channels_last(net: RestyleNet) -> RestyleNet:
    """Lay a net's weights out so that what goes through it is laid out so, too; return it."""
    for layer in net.modules():
        if isinstance(layer, nn.Conv2d):
            layer.weight.data = layer.weight.data.contiguous(memory_format=torch.channels_last)
    return net


def mixed(mix: Tensor, styles: Tensor) -> Tensor:
    """Return what mixes (b, styles) make of the styles' numbers (styles, c), (b, c, 1, 1).

    Not as a product of matrices, which autocast would round.
    """
    return (mix[:, :, None] * styles).sum(1)[:, :, None, None]
