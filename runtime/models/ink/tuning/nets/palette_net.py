"""Words -> palette: palettes remembered of things with a like meaning, and what words say.

The net reads a prompt twice. One reader knows what colours names call to mind; the other asks a
memory of the training art, by meaning, which palettes such things have. Both answers, the words
and the style make five palettes: the likeliest, and four that it may be as well.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ...layout import CHOICES, COLOURS, KEY, LOOKS, STYLES, TEXT_DIM
from .layers import PALETTE_DIM, Widths, Words

CONCEPTS = 1376  # that the memory holds: those of the training set
HISTOGRAM = 24  # cells of colour space
REMEMBERED = PALETTE_DIM + HISTOGRAM  # numbers of a remembered palette
PLACES = 25  # of word pieces, and before them what the prompt means as a whole
MIDDLE, SPREAD = (0.68, 0.02, 0.04), (1 / 4.5, 1 / 12, 1 / 12)  # of colours in OKLab, about
USUAL_SHARES = (0.51, 0.22, 0.12, 0.07, 0.05, 0.03)
DOUBT = 0.06  # how far a unit of noise turns a look (a unit vector) at the memory
LIKELY, SCATTER = 0.3, 1.5  # start of the likeliest palette before all others; noise on the choice


class TextBlock(nn.Module):
    """Self-attention and a two-layer network, each after a norm and beside a way around it."""

    def __init__(self, width: int, heads: int = 4) -> None:
        super().__init__()
        self.heads = heads
        self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.project, self.out = nn.Linear(width, width * 3), nn.Linear(width, width)
        self.widen, self.narrow = nn.Linear(width, width * 2), nn.Linear(width * 2, width)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        q, k, v = (self._split(part) for part in self.project(self.norm1(x)).chunk(3, -1))
        score = (q @ k.transpose(2, 3)) * (q.shape[-1] ** -0.5)
        seen = score.masked_fill(~mask[:, None, None], -1e4).softmax(-1) @ v
        x = x + self.out(seen.transpose(1, 2).flatten(2))
        result: Tensor = x + self.narrow(F.gelu(self.widen(self.norm2(x))))
        return result

    def _split(self, x: Tensor) -> Tensor:
        return x.view(*x.shape[:2], self.heads, -1).transpose(1, 2)


class Reader(nn.Module):
    """A prompt as one vector, in its order: (B, `looks` * 128)."""

    def __init__(self, looks: int) -> None:
        super().__init__()
        self.enter, self.whole = nn.Linear(TEXT_DIM, TEXT_DIM), nn.Linear(TEXT_DIM, TEXT_DIM)
        self.place = nn.Parameter(torch.randn(PLACES - 1, TEXT_DIM) * 0.02)
        self.look = nn.Parameter(torch.randn(1, looks, TEXT_DIM) * 0.02)
        self.drop = nn.Dropout(0.1)
        self.blocks = nn.ModuleList(TextBlock(TEXT_DIM) for _ in range(2))
        self.norm = nn.LayerNorm(TEXT_DIM)
        self.looks = looks

    def forward(self, text: Words) -> Tensor:
        pieces = self.enter(text.pieces) + self.place[: text.pieces.shape[1]]
        x = self.drop(torch.cat([self.look + self.whole(text.mean)[:, None], pieces], 1))
        always = torch.ones_like(text.mean[:, : self.looks], dtype=torch.bool)
        mask = torch.cat([always, text.mask], 1)
        for block in self.blocks:
            x = block(x, mask)
        result: Tensor = self.norm(x[:, : self.looks]).flatten(1)
        return result


class ColourSense(nn.Module):
    """The colour that a name calls to mind ("otter", "brick red"), and how vaguely."""

    def __init__(self) -> None:
        super().__init__()
        self.reader = Reader(1)
        self.out = nn.Linear(TEXT_DIM, 4)

    def forward(self, text: Words) -> tuple[Tensor, Tensor]:
        """Return what was read (B, 128), and (B, 4): the colour in OKLab, less `MIDDLE`, over
        `SPREAD`, and the logarithm of its expected error.
        """
        read = self.reader(text)
        return read, self.out(read)


class PaletteNet(nn.Module):
    """Six colours with their shares for a prompt, a style and a seed's noise."""

    def __init__(self, widths: Widths, concepts: int = CONCEPTS) -> None:
        super().__init__()
        dim = widths.palette
        self.sense, self.reader = ColourSense(), Reader(2)
        self.style = nn.Embedding(len(STYLES), 32)
        self.query = nn.Linear(TEXT_DIM * 2, LOOKS * KEY)
        self.key = nn.Linear(TEXT_DIM * 2, LOOKS * KEY)  # of a concept's words, in training
        self.focus = nn.Parameter(torch.full((LOOKS,), 2.3))
        # The memory is read from the training set, not learned. Keys are kept for the runtime.
        self.keys = nn.Parameter(torch.zeros(concepts, LOOKS * KEY), requires_grad=False)
        self.memory = nn.Parameter(
            torch.zeros(concepts, len(STYLES) * REMEMBERED), requires_grad=False
        )
        features = TEXT_DIM * 2 + 32 + TEXT_DIM + 4 + LOOKS * (REMEMBERED + 1)
        self.forget, self.enter = nn.Dropout(0.25), nn.Linear(features, dim)
        self.layers = nn.ModuleList(
            nn.Sequential(
                nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU(), nn.Dropout(0.1),
                nn.Linear(dim, dim),
            )
            for _ in range(2)
        )  # fmt: skip
        self.norm = nn.LayerNorm(dim)
        self.out = nn.Linear(dim, CHOICES * PALETTE_DIM + CHOICES - 1)
        nn.init.normal_(self.out.weight, std=0.01)
        with torch.no_grad():
            usual = self.out.bias[: CHOICES * PALETTE_DIM].normal_(std=0.3).view(-1, COLOURS, 4)
            usual[..., 3] = torch.tensor(USUAL_SHARES).log() / 1.5

    def forward(self, text: Words, style: Tensor, noise: Tensor) -> Tensor:
        """Return palettes (B, 6, 4): rows of OKLab and share, largest share first.

        `noise` is (B, 133), of unit variance for variety; zeros give the likeliest palette.
        """
        palettes, logits = self.propose(text, style, noise[:, CHOICES:], self.keys)
        liking = torch.cat([torch.full_like(logits[:, :1], LIKELY), logits], 1)
        liking = liking + SCATTER * noise[:, :CHOICES]
        chosen = (liking >= liking.amax(1, keepdim=True)).to(palettes.dtype)
        return by_share((palettes * chosen[:, :, None, None]).sum(1))

    def propose(
        self, text: Words, style: Tensor, doubt: Tensor, keys: Tensor, hidden: Tensor | None = None
    ) -> tuple[Tensor, Tensor]:
        """Return all palettes (B, 5, 6, 4), unsorted, and log-probabilities (B, 4) of all but the
        first.

        `hidden` (B, concepts) marks what the memory must not tell: in training, the answer.
        """
        read = self.reader(text)
        with torch.no_grad():  # learned from the names of colours alone, so it means the same
            named, colour = self.sense(text)  # for things that were painted and things never met
        query = F.normalize(self.query(read).view(-1, LOOKS, KEY), dim=2)
        query = query + DOUBT * doubt.reshape(-1, LOOKS, KEY)
        score = query.transpose(0, 1) @ keys.view(-1, LOOKS, KEY).permute(1, 2, 0)
        score = score.transpose(0, 1) * self.focus.exp()[:, None]
        if hidden is not None:
            score = score.masked_fill(hidden[:, None], -1e4)
        weight = score.softmax(2)
        own = torch.eye(len(STYLES), dtype=read.dtype, device=read.device)[style]
        remembered = (weight @ self.memory).view(-1, LOOKS, len(STYLES), REMEMBERED)
        remembered = (remembered * own[:, None, :, None]).sum(2)
        sure = weight.amax(2)
        features = (
            self.forget(read),
            self.style(style),
            named,
            colour,
            remembered.flatten(1),
            sure,
        )
        x = self.enter(torch.cat(features, 1))
        for layer in self.layers:
            x = x + layer(x)
        numbers, logits = self.out(self.norm(x)).split([CHOICES * PALETTE_DIM, CHOICES - 1], 1)
        entries = numbers.reshape(-1, CHOICES, COLOURS, 4)
        lab = entries[..., :3] * entries.new_tensor(SPREAD) + entries.new_tensor(MIDDLE)
        share = (1.5 * entries[..., 3:]).softmax(2)
        return torch.cat([lab, share], 3), logits.log_softmax(1)


def by_share(palettes: Tensor) -> Tensor:
    """Sort palettes (B, 6, 4), largest share first; lightness stays in 0..1."""
    light = palettes[..., :1].clamp(0.0, 1.0)
    palettes = torch.cat([light, palettes[..., 1:]], -1)
    order = palettes[..., 3].topk(COLOURS, dim=1).indices
    return palettes.gather(1, order[..., None].expand(-1, -1, 4))
