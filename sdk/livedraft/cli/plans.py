"""``livedraft plans``: what servers measured on this machine, and its way to another."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livedraft.errors import ConfigError
from livedraft.files import check_writable

from .extras import needs_extra

if TYPE_CHECKING:
    from livedraft.runtime.compute.execution import PlanStore

_SHAPE = re.compile(r"\('tensor', \(([\d, ]*)\)")


@click.group(invoke_without_command=True, short_help="What was measured of models, and is kept.")
@click.pass_context
def plans(context: click.Context) -> None:
    """List the plans that servers keep: how each network is run fastest, by shapes.

    A server measures at warm-up whether a network is run eagerly, compiled or replayed as a CUDA
    graph, and keeps what it found by model, shapes, GPU and versions, in the folder that the
    setting `cache` names. The next start tries what is known alone; what is wrong or slower by then
    gives way, and the log says why.

    \b
    livedraft plans
    livedraft plans export plans.json            for machines with the same GPU and versions
    livedraft plans import plans.json
    livedraft plans clear sd-turbo
    """
    if context.invoked_subcommand is None:
        context.invoke(listing)


@plans.command("list", short_help="List them.")
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def listing(as_json: bool = False) -> None:
    """List what is kept: model, shapes, how it is run, how much faster that is, and where."""
    store, folder = _store()
    rows = store.plans()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    if not rows:
        click.echo(f"no plans in {folder}: a server keeps them as it warms up a model on a GPU")
    for name in dict.fromkeys(row["name"] for row in rows):
        click.secho(name, bold=True)
        for row in (each for each in rows if each["name"] == name):
            for line in _lines(row):
                click.echo(f"  {line}")


@plans.command("export", short_help="Write all to a file.")
@click.argument("file", type=click.Path(path_type=Path))
def export(file: Path) -> None:
    """Write all plans to FILE, for machines with the same GPU and versions."""
    check_writable(file)
    store, folder = _store()
    count = store.export(file)
    click.echo(f"{file} holds {_count(count)} of {folder}")


@plans.command("import", short_help="Take those of a file in.")
@click.argument("file", type=click.Path(path_type=Path))
def take_in(file: Path) -> None:
    """Take in the plans of FILE, as `livedraft plans export` wrote them; own ones stay."""
    store, folder = _store()
    new, here = store.take_in(file)
    click.echo(f"{_count(new)} came into {folder}; {here} of them hold on this machine")


@plans.command("clear", short_help="Forget them.")
@click.argument("name", default="")
def clear(name: str) -> None:
    """Forget all plans, or those of the model NAME: the next start measures anew."""
    store, folder = _store()
    known = sorted({row["name"].partition(" ")[0] for row in store.plans()})
    if name and name not in known:
        raise ConfigError(
            f"no plans of '{name[:40]}' in {folder}",
            fix=f"there are some of {', '.join(known)}" if known else "there are none of any model",
        )
    click.echo(f"{_count(store.clear(name))} of {folder} forgotten")


def _store() -> tuple[PlanStore, Path]:
    """Return what the settings say that servers keep, and where."""
    with needs_extra("diffusion", "livedraft plans"):
        from livedraft.runtime.cache_folder import NONE, PLANS, cache_folder
        from livedraft.runtime.compute.execution import PlanStore
        from livedraft.runtime.loading import load

    kept = cache_folder(load({}, os.environ).config.cache)
    if kept is None:
        raise ConfigError(
            f"nothing is kept: cache = '{NONE}'", fix="name a folder in LIVEDRAFT_CACHE"
        )
    return PlanStore(kept / PLANS), kept / PLANS


def _lines(row: dict[str, Any]) -> list[str]:
    shapes = ", ".join(
        found.rstrip(",").replace(", ", "×") for found in _SHAPE.findall(row["bucket"])
    )
    us, way = row["us"], row["way"]
    gain = f", {us['eager'] / us[way]:.1f}× eager" if way != "eager" and us.get(way) else ""
    where = ", ".join(
        text
        for key, each in row["setting"].items()
        if each and (text := each if key == "device" else f"{key} {each}")
    )
    there = "" if row["here"] else "; of another machine or other versions, not used here"
    reasons = [f"    not {other}: {reason}" for other, reason in row["reasons"].items()]
    return [f"{shapes}: {way}{gain}  ({where}{there})", *reasons]


def _count(plans: int) -> str:
    return "1 plan" if plans == 1 else f"{plans} plans"
