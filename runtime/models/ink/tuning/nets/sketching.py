"""Line art as a hand would draw it: moved, wobbly, with gaps, and with strokes of colour."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

SIZE = 256


def affine_grids(count: int, wobble: bool) -> tuple[Tensor, Tensor]:
    """Return sampling grids (B, 256, 256, 2) for the target and for its lines.

    Both flip, turn (10 degrees rms), scale and shift alike; lines also bend by up to a few pixels.
    """
    angle = torch.randn(count) * math.radians(7)
    scale = torch.exp(torch.randn(count) * 0.12 + 0.08)
    flip = torch.where(torch.rand(count) < 0.5, -1.0, 1.0)
    shift = torch.randn(count, 2) * 0.06
    cos, sin = angle.cos() * scale, angle.sin() * scale
    theta = torch.stack([torch.stack([cos * flip, -sin * flip], 1), torch.stack([sin, cos], 1)], 1)
    grid = F.affine_grid(torch.cat([theta, shift[..., None]], 2), [count, 1, SIZE, SIZE], False)
    if not wobble:
        return grid, grid
    coarse = torch.randn(count, 2, 7, 7) * torch.rand(count, 1, 1, 1) * 0.010
    fine = torch.randn(count, 2, 20, 20) * torch.rand(count, 1, 1, 1) * 0.005
    smooth = [F.interpolate(x, (64, 64), mode="bicubic") for x in (coarse, fine)]
    bend = F.interpolate(smooth[0] + smooth[1], (SIZE, SIZE), mode="bilinear")
    return grid, grid + bend.permute(0, 2, 3, 1)


@dataclass(frozen=True)
class Hand:
    """How a hand draws a batch of sketches: some broadly, some with gaps, some lightly."""

    thick: Tensor  # (B,), whether a pen is broad
    kept: Tensor  # (B, 1, 256, 256), 0 in the gaps, else 1
    pressure: Tensor  # (B, 1, 1, 1), factor of coverage

    @classmethod
    def of(cls, drawn: Tensor) -> Hand:
        """Choose a hand for (B, 1, 256, 256) lines."""
        count = len(drawn)
        thick = torch.rand(count) < 0.2
        noise = F.interpolate(torch.randn(count, 1, 24, 24), (SIZE, SIZE), mode="bilinear")
        rubbed = torch.rand(count, 1, 1, 1) < 0.5
        level = 1.2 + 1.5 * torch.rand(count, 1, 1, 1)  # of the noise's deviations: 0 to 8 %
        kept = 1 - (rubbed & (noise > level)).float()
        kept = left_open(kept, drawn * kept)
        pressure = 1 - 0.4 * torch.rand(count, 1, 1, 1) * (torch.rand(count, 1, 1, 1) < 0.5)
        return cls(thick, kept, pressure)

    def draw(self, lines: Tensor) -> Tensor:
        """Draw (B, 1, 256, 256) lines."""
        drawn = lines.clone()
        drawn[self.thick] = F.max_pool2d(drawn[self.thick], 3, 1, 1)
        return (drawn * self.kept * self.pressure).clamp(0, 1)


def hand_drawn(lines: Tensor, grid: Tensor) -> Tensor:
    """Bend (B, 1, 256, 256) lines and draw them as a hand does."""
    drawn = F.grid_sample(lines, grid, mode="bilinear", align_corners=False)
    return Hand.of(drawn).draw(drawn)


def left_open(kept: Tensor, drawn: Tensor, share: float = 0.4) -> Tensor:
    """Break a `share` of line drawings where one stroke ended and none met it.

    Takes and returns what is kept, (B, 1, 256, 256), of lines `drawn`. A break takes what lies
    within 6 to 28 px of one point of a line.
    """
    broken = torch.nonzero(torch.rand(len(drawn)) < share)[:, 0]
    if len(broken) == 0:
        return kept
    sums = (drawn[broken].flatten(1) + 1e-6).cumsum(1)
    at = torch.searchsorted(sums, torch.rand(len(broken), 1) * sums[:, -1:])
    at = at.clamp(max=SIZE * SIZE - 1)
    radius = 6 + 22 * torch.rand(len(broken), 1) ** 1.5
    place = torch.arange(SIZE)
    across = (place - at % SIZE).float().square()[:, None, :]
    down = (place - at // SIZE).float().square()[:, :, None]
    far = (across + down >= radius[..., None].square()).float()
    kept = kept.clone()
    kept[broken] *= far[:, None]
    return kept


def draw_hints(
    lines: Tensor, small: Tensor, share: float, forced: Tensor | None = None
) -> tuple[Tensor, Tensor]:
    """Add coloured strokes to a `share` of sketches, and scribbles to all that are `forced`.

    Returns lines that include the strokes, and hints (B, 4, 64, 64), premultiplied. Most hinted
    sketches have scribbles inside regions, some have parts of their lines in colour, and a few are
    painted over, as a picture to be redrawn is.
    """
    count = len(lines)
    kind = torch.rand(count, 1, 1, 1)
    if forced is not None:
        kind[forced] = 0
    scribbled = scribbles(small) * (kind < share * 0.6)
    painted = kind > 1 - share * 0.12
    rubbed = F.interpolate(torch.randn(count, 1, 8, 8), small.shape[-2:], mode="bilinear") > -0.6
    colour = small[:, :3] / small[:, 3:].clamp(min=1e-3)
    near = F.max_pool2d(small[:, 3:], 5, 1, 2) > 0.5
    spread = F.avg_pool2d(small, 5, 1, 2)
    spread_colour = spread[:, :3] / spread[:, 3:].clamp(min=1e-3)
    own = torch.where(small[:, 3:] > 0.5, colour, spread_colour).clamp(0, 1)
    ink = F.avg_pool2d(lines, 4)
    part = F.interpolate(torch.randn(count, 1, 6, 6), small.shape[-2:], mode="bilinear") > 0
    outlined = (kind > share * 0.6) & (kind < share)
    cover = ink * part * near * outlined
    hints = torch.where(outlined, torch.cat([own * cover, cover], 1), scribbled)
    hints = torch.where(painted, small * rubbed, hints)
    drawn = F.interpolate(scribbled[:, 3:], scale_factor=4.0, mode="bilinear")
    return torch.maximum(lines, drawn), hints


def scribbles(small: Tensor, strokes: int = 5, used: float = 0.7) -> Tensor:
    """Draw short strokes of the target's own colours, each used by chance; (B, 4, 64, 64).

    A stroke stops where the colour below differs from the colour where it began.
    """
    count, _, height, width = small.shape
    place = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"))
    canvas = torch.zeros_like(small)
    solid = (small[:, 3].flatten(1) > 0.9).float() + 1e-6
    for _ in range(strokes):
        start = torch.multinomial(solid, 1)[:, 0]
        colour = small.flatten(2).gather(2, start[:, None, None].expand(-1, 4, 1))[..., None]
        centre = torch.stack([start // width, start % width], 1)[..., None, None].float()
        angle = torch.rand(count, 1, 1) * math.pi
        offset = place - centre
        along = offset[:, 0] * angle.sin() + offset[:, 1] * angle.cos()
        across = offset[:, 0] * angle.cos() - offset[:, 1] * angle.sin()
        across = across + 1.5 * torch.sin(along * 0.5)
        length, radius = 2 + 8 * torch.rand(count, 1, 1), 0.5 + torch.rand(count, 1, 1)
        stroke = (radius + 0.5 - across.abs()).clamp(0, 1) * (along.abs() < length)
        same = ((small - colour).abs().sum(1) < 0.25).float()
        drawn = (torch.rand(count, 1, 1) < used).float()
        cover = (stroke * same * drawn)[:, None]
        canvas = canvas * (1 - cover) + colour * cover
    return canvas
