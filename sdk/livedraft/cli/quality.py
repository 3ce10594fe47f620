"""``livedraft models quality``: what a model loses where it spares steps."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from collections.abc import Sequence

    from livedraft.runtime.models.diffusion.losing import Loss
    from livedraft.runtime.models.diffusion.weights import Verdict


def measured(verdict: Verdict, source: str, steps: int | None) -> Sequence[Loss]:
    """Load a model and measure it; raise what keeps it from being loaded."""
    from livedraft.errors import ConfigError
    from livedraft.runtime.models import MODELS
    from livedraft.runtime.models.diffusion.model import DiffusionModel

    for trouble in verdict.troubles:
        raise trouble
    name = verdict.entry.id
    model = MODELS.load(name)
    if not issubclass(model, DiffusionModel):
        raise ConfigError(
            f"{name} spares no steps", fix="measure a model of pictures or clips, such as sd-1.5"
        )
    from livedraft.runtime.models.diffusion.losing import losses

    return losses(model.load(source, verdict.plan), steps)


def show(name: str, losses: Sequence[Loss], as_json: bool) -> None:
    """Print what was measured."""
    if as_json:
        rows = [
            each._asdict() | {"decibels": None if math.isinf(each.decibels) else each.decibels}
            for each in losses
        ]
        click.echo(json.dumps({"id": name, "qualities": rows}, indent=2))
        return
    whole = losses[0]
    click.secho(f"{name}: final pictures at each quality, against lossless", bold=True)
    for each in losses:
        alike = "equal" if math.isinf(each.decibels) else f"{each.decibels:.1f} dB"
        share = f"{whole.seconds / each.seconds:.2f} times as fast"
        click.echo(
            f"  {each.quality:<9} {each.spared:3} of {each.steps} steps spared, {share}, {alike}"
        )
