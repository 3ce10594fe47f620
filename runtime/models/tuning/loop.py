"""The loop that trains a LoRA until its time is used; what an update learns is its model's."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tqdm import tqdm

MINUTES, SHORT = 4.0, 0.5  # budgets on the CPU and on a GPU

Clock = Callable[[], float]


@dataclass(frozen=True)
class Recipe:
    """What is trained, for how long, and what the file says of itself."""

    name: str
    title: str
    description: str = ""
    licence: str = ""
    prompt: str = ""  # words that call for the style, said before every caption
    minutes: float = MINUTES
    rank: int = 8
    seed: int = 0

    @property
    def about(self) -> dict[str, str]:
        """What every file says of itself; alpha is as the rank, so a change counts as trained."""
        return {
            "format": "pt",
            "name": self.name,
            "title": self.title,
            "description": self.description,
            "licence": self.licence,
            "prompt": self.prompt,
            "rank": str(self.rank),
            "alpha": str(self.rank),
        }


class Tuning(Protocol):
    """One LoRA in training."""

    recipe: Recipe
    updates: int
    interrupted: bool

    @property
    def loss(self) -> float:
        """Running average; to read it waits for the device."""
        ...

    def update(self, progress: float) -> None:
        """Learn from some of the pictures; ``progress`` in 0..1 sets the rate."""

    def save(self, path: Path) -> None:
        """Write the file as it stands."""


def run(
    tuning: Tuning,
    output: Path,
    preview: Callable[[], None],
    *,
    clock: Clock = time.monotonic,
    start: float | None = None,
    preview_s: float = 30.0,
) -> None:
    """Train until the time is used or Ctrl+C, and write the file; ``preview`` draws beside it.

    ``start``: when the time began, on the clock; now by default.
    """
    start = clock() if start is None else start
    recipe, shown = tuning.recipe, start
    budget = recipe.minutes * 60
    total = round(budget)
    with tqdm(total=total, unit="s", desc=recipe.name) as bar:
        try:
            while (used := clock() - start) < budget or not tuning.updates:
                tuning.update(min(1.0, used / budget))
                bar.set_postfix(loss=f"{tuning.loss:.3f}", updates=tuning.updates, refresh=False)
                bar.update(min(round(used), total) - bar.n)
                if clock() - shown >= preview_s:
                    tuning.save(output)
                    preview()
                    shown = clock()
        except KeyboardInterrupt:
            if not tuning.updates:
                raise  # nothing was learned that could be kept
            tuning.interrupted = True
            bar.write("stopped: what is there is kept")
    tuning.save(output)
    preview()
