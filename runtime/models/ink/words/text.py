"""Prompts as static word-piece vectors: a tokenizer and a table, no network to run."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file
from tokenizers import Tokenizer

from ..layout import TEXT_DIM
from .emoji import spell_emoji

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

    pieces: NDArray[np.float32]
    mask: NDArray[np.bool_]
    mean: NDArray[np.float32]


class TextTable:
    """A word-piece table distilled from a sentence encoder; word order is carried by position."""

    def __init__(
        self, tokenizer: Tokenizer, table: NDArray[np.int8], scale: NDArray[np.float32]
    ) -> None:
        self._tokenizer = tokenizer
        self._table = table  # (pieces, 128)
        self._scale = scale  # (pieces,)
        # Smooth inverse frequency (Arora et al., 2017) with Zipf's law for the unknown counts.
        rank = np.maximum(np.arange(len(table)) - _FIRST_WORD, 0) + 1.0
        self._weight = (_SMOOTH / (_SMOOTH + 0.1 / rank)).astype(np.float32)

    @classmethod
    def load(cls, folder: Path) -> TextTable:
        """Read `tokenizer.json` and `text.safetensors` from a folder."""
        tokenizer = Tokenizer.from_str((folder / "tokenizer.json").read_text("utf-8"))
        tensors = load_file(folder / "text.safetensors")
        return cls(tokenizer, tensors["table"], tensors["scale"].astype(np.float32))

    def ids(self, prompt: str) -> list[int]:
        """Return the word-piece ids that count, at most 24, without markers."""
        encoded = self._tokenizer.encode(spell_emoji(prompt).lower(), add_special_tokens=False)
        return [i for i in encoded.ids if i >= _SPECIAL][:MAX_PIECES]

    def whole(self, word: str) -> bool:
        """Return whether a word is one piece in Latin letters: it then means what it says.

        A word of several pieces has a vector too, of what its parts mean: "ram" for "ramen". Of
        other scripts the vocabulary has mostly single letters.
        """
        pieces = self._tokenizer.encode(word, add_special_tokens=False).tokens
        return (
            len(pieces) == 1 and len(pieces[0]) > 1 and pieces[0].isascii() and pieces[0].isalpha()
        )

    def encode(self, prompts: list[str]) -> EncodedText:
        """Encode prompts; an empty one gives zeros and an empty mask."""
        return self.gather([self.ids(prompt) for prompt in prompts])

    def gather(self, rows: list[list[int]]) -> EncodedText:
        """Look up lists of word-piece ids."""
        width = max(1, max(map(len, rows), default=1))
        ids = np.zeros((len(rows), width), np.int64)
        mask = np.zeros((len(rows), width), bool)
        for index, row in enumerate(rows):
            ids[index, : len(row)] = row
            mask[index, : len(row)] = True
        pieces = self._table[ids].astype(np.float32)
        pieces *= (self._scale[ids] * mask)[..., None]
        weight = self._weight[ids] * mask
        total = np.maximum(weight.sum(1, keepdims=True), 1e-6)
        mean = (pieces * weight[..., None]).sum(1) / total
        assert pieces.shape[2] == TEXT_DIM
        return EncodedText(pieces, mask, mean)
