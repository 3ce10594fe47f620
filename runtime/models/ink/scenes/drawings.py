"""The line drawings that a prompt alone starts from, found by its words, else by their meaning."""

from __future__ import annotations

import io
import zipfile
from collections import OrderedDict
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from PIL import Image

from livedraft.errors import InvalidParams
from livedraft.protocol.messages import Note

from ...base import Pixels
from ...caches import cached
from ..colour import Floats
from ..words.prompt import Prompt, known_part
from ..words.text import TextTable
from ..words.vocabulary import Match, Phrases, Words, choose
from .scenes import DEFAULT_SEED, Scene, Scenes

NEAR = 0.45  # cosine of prompt and label below which a drawing shows something else
KEPT = 16  # drawings in memory
SCENES = 4  # drawings of several things in memory
OTHERS = 3  # drawings that are offered instead


@dataclass(frozen=True, slots=True)
class Found:
    """A drawing to start from; the same one is the same array while it is kept."""

    pixels: Pixels  # (S, S, 4), black ink on transparent paper
    labels: tuple[str, ...]  # of what it shows
    notes: tuple[Note, ...]  # where it is not just what the prompt names, or several things
    scene: Scene | None = None  # of several things


class Drawings:
    """A zip file of `LABEL.png`, each the coverage of a drawing's ink in grey."""

    def __init__(self, file: Path, table: TextTable, words: Words) -> None:
        self._file, self._table, self._words = file, table, words
        self._kept: OrderedDict[str, Pixels] = OrderedDict()
        self._scenes = Scenes(words, self._drawing)
        self._found: OrderedDict[tuple[str, int], Scene | None] = OrderedDict()

    def find(self, prompt: Prompt, seed: int) -> Found:
        """Return the drawing that a prompt names, else the nearest one, and says so.

        Several things are drawn together. Of equally good drawings the seed takes one. Raises
        InvalidParams where none is near.
        """
        key = (prompt.raw, seed)
        scene = cached(self._found, key, lambda: self._scenes.find(*key), SCENES)
        if scene:
            return Found(scene.pixels, scene.labels, (scene.note,), scene)
        alike = self._alike(prompt)
        matches = self._words.find(prompt.raw) or [m for m in alike if m.score >= NEAR]
        if not matches:
            raise self._unknown(prompt)
        label = choose(matches, seed - DEFAULT_SEED)
        taken = next(match for match in matches if match.label == label)
        notes = _notes(prompt.raw, taken, [*matches, *alike])
        return Found(self._drawing(label), (label,), tuple(notes))

    def _alike(self, prompt: Prompt) -> list[Match]:
        """Return the drawings whose labels mean most nearly what a prompt's known words mean."""
        known = known_part(prompt.raw, self._table)
        if not known:
            return []
        near = self._meanings @ _unit(self._table.encode([known]).mean)[0]
        order = np.argsort(-near, kind="stable")[: OTHERS + 1]
        labels = self._words.labels
        return [Match(labels[i], float(near[i]), False) for i in order]

    def _unknown(self, prompt: Prompt) -> InvalidParams:
        meant = [choice for note in prompt.notes for choice in note["choices"]]
        other = f"did you mean '{meant[0]}'? Or " if meant else ""
        return InvalidParams(
            "no line drawing to start from is near the prompt",
            fix=f"{other}send a sketch, or name a thing, an animal or a food in English",
        )

    @cached_property
    def _meanings(self) -> Floats:
        return _unit(self._table.encode(self._words.labels).mean)

    @cached_property
    def _archive(self) -> zipfile.ZipFile:
        """The file, read once: its directory takes longer to read than a drawing."""
        return zipfile.ZipFile(io.BytesIO(self._file.read_bytes()))

    def _drawing(self, label: str) -> Pixels:
        return cached(self._kept, label, lambda: self._read(label), KEPT)

    def _read(self, label: str) -> Pixels:
        ink = np.array(Image.open(io.BytesIO(self._archive.read(f"{label}.png"))).convert("L"))
        drawing = np.zeros((*ink.shape, 4), np.uint8)
        drawing[..., 3] = ink
        return drawing


def _notes(prompt: str, taken: Match, matches: list[Match]) -> list[Note]:
    """Say what was taken where it is not just what was named, or not all of it."""
    phrases = Phrases.read(prompt)
    beside = [noun for noun in phrases.beside if noun not in taken.label]
    if taken.named and not beside:
        return []
    labels = dict.fromkeys(match.label for match in matches if match.label != taken.label)
    others = list(labels)[:OTHERS]
    message = f"Nearest drawing: {taken.label}."
    if taken.named:
        message = f"Drawn: {taken.label}. There is no drawing of {_listed(beside)}; sketch it."
    colours = f"{phrases.colours} " if phrases.colours else ""
    choices = [f"{colours}{label}" for label in others]
    return [Note(code="nearest_drawing", message=message, param="prompt", choices=choices)]


def _listed(words: list[str]) -> str:
    return " or ".join(f"“{word[:30]}”" for word in words[:OTHERS])


def _unit(vectors: Floats) -> Floats:
    length = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(length, 1e-6)
    return unit
