"""How a verdict on a model's weights is shown: to people, and to programs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from livedraft.runtime.models.diffusion.weights import Verdict


def show(verdict: Verdict) -> None:
    """Print a verdict."""
    from livedraft.runtime.budget import gigabytes
    from livedraft.runtime.models.diffusion.terms import UNCHECKED

    entry = verdict.entry
    where = {
        "folder": f"{verdict.folder}",
        "cache": f"{verdict.folder}, of the hub's cache",
        "hub": f"{verdict.source} on the hub; {gigabytes(verdict.fetch_bytes)} would be fetched",
        "nowhere": "not at hand",
    }[verdict.where]
    click.secho(f"{entry.id}: {entry.title}, {entry.task}", bold=True)
    click.echo(f"  weights  {where}")
    if verdict.disk_bytes:
        click.echo(f"  on disk  {gigabytes(verdict.disk_bytes)}")
    if verdict.memory_bytes:
        free = "" if verdict.free_bytes is None else f", {gigabytes(verdict.free_bytes)} are free"
        click.echo(
            f"  memory   {gigabytes(verdict.memory_bytes)} on {verdict.plan.device}, beside what "
            f"pictures take{free}"
        )
    click.echo(f"  licence  {entry.licence.name}, commercial use: {entry.licence.commercial}")
    click.echo(f"           {entry.licence.says}; {entry.licence.url}")
    if entry.id in UNCHECKED:
        click.echo("           not compared with its model card: read that before any use")
    for trouble in verdict.troubles:
        click.secho(f"  wrong    {trouble.message}", fg="red")
        click.echo(f"           Fix: {trouble.fix}")
    if verdict.fits:
        click.secho("  verdict  it can be served", fg="green")


def told(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as programs read it."""
    return {
        "id": verdict.entry.id,
        "fits": verdict.fits,
        "where": verdict.where,
        "folder": str(verdict.folder) if verdict.folder else None,
        "disk_bytes": verdict.disk_bytes,
        "fetch_bytes": verdict.fetch_bytes,
        "memory_bytes": verdict.memory_bytes,
        "free_bytes": verdict.free_bytes,
        "device": verdict.plan.device,
        "licence": verdict.entry.licence.name,
        "commercial": verdict.entry.licence.commercial,
        "troubles": [trouble.to_wire() for trouble in verdict.troubles],
    }
