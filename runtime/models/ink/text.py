"""Prompts as static word-piece vectors: a tokenizer and a table, no network to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file
from tokenizers import Tokenizer
from torch import Tensor

DIM = 128
MAX_PIECES = 24  # what a prompt says after its first pieces is not read
_SPECIAL = 999  # BERT's ids below this are markers and unused slots
_FIRST_WORD = 1996  # BERT orders whole words by frequency from here on
_SMOOTH = 2e-3


@dataclass(frozen=True)
class EncodedText:
    """A batch of prompts.

    `pieces` (B, T, 128) are word-piece vectors, zero where `mask` (B, T) is false; `mean` (B, 128)
    is their frequency-weighted mean, zero for an empty prompt.
    """

    pieces: Tensor
    mask: Tensor
    mean: Tensor

    def to(self, device: torch.device) -> EncodedText:
        """Return the same on a device."""
        return EncodedText(*(x.to(device) for x in (self.pieces, self.mask, self.mean)))


def stack(texts: list[EncodedText]) -> EncodedText:
    """Join batches of prompts into one, padded to the longest."""
    width = max(text.mask.shape[1] for text in texts)
    short = [width - text.mask.shape[1] for text in texts]
    return EncodedText(
        torch.cat([F.pad(t.pieces, (0, 0, 0, n)) for t, n in zip(texts, short, strict=True)]),
        torch.cat([F.pad(t.mask, (0, n)) for t, n in zip(texts, short, strict=True)]),
        torch.cat([text.mean for text in texts]),
    )


class TextTable:
    """A word-piece table distilled from a sentence encoder; word order is carried by position."""

    def __init__(self, tokenizer: Tokenizer, table: Tensor, scale: Tensor) -> None:
        self._tokenizer = tokenizer
        self._table = table  # (pieces, 128) int8
        self._scale = scale  # (pieces,) float32
        # Smooth inverse frequency (Arora et al., 2017) with Zipf's law for the unknown counts.
        rank = (torch.arange(len(table)) - _FIRST_WORD).clamp(min=0) + 1.0
        self._weight = _SMOOTH / (_SMOOTH + 0.1 / rank)

    @classmethod
    def load(cls, folder: Path) -> TextTable:
        """Read `tokenizer.json` and `text.safetensors` from a folder."""
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
        tensors = load_file(folder / "text.safetensors")
        return cls(tokenizer, tensors["table"], tensors["scale"].float())

    def ids(self, prompt: str) -> list[int]:
        """Return the word-piece ids that count, at most 24, without markers."""
        encoded = self._tokenizer.encode(prompt.lower(), add_special_tokens=False)
        return [i for i in encoded.ids if i >= _SPECIAL][:MAX_PIECES]

    def encode(self, prompts: list[str]) -> EncodedText:
        """Encode prompts; an empty one gives zeros and an empty mask."""
        return self.gather([self.ids(prompt) for prompt in prompts])

    def gather(self, rows: list[list[int]]) -> EncodedText:
        """Look up lists of word-piece ids."""
        width = max(1, max(map(len, rows), default=1))
        ids = torch.zeros(len(rows), width, dtype=torch.long)
        mask = torch.zeros(len(rows), width, dtype=torch.bool)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = torch.tensor(row, dtype=torch.long)
            mask[index, : len(row)] = True
        pieces = self._table[ids].float() * self._scale[ids, None] * mask[..., None]
        weight = self._weight[ids] * mask
        mean = (pieces * weight[..., None]).sum(1) / weight.sum(1, keepdim=True).clamp(min=1e-6)
        return EncodedText(pieces, mask, mean)
