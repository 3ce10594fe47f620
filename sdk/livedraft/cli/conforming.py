"""``livedraft models check python:…``: a model of one's own, held to the contract."""

from __future__ import annotations

import json
import traceback
from pathlib import Path

import click


def check(name: str, as_json: bool) -> bool:
    """Run all checks on a model's ``tiny()`` and tell of each; return whether any failed."""
    from livedraft.runtime.conformance import CHECKS
    from livedraft.runtime.models import MODELS
    from livedraft.runtime.models.base import AnyModel

    found = MODELS.load(name)
    made: list[AnyModel] = []

    def makes_a_tiny_one(_: object) -> None:
        """``tiny`` returns an instance of the class."""
        tiny = found.tiny()
        assert isinstance(tiny, found), f"tiny() returned a {type(tiny).__name__}"
        made.append(tiny)

    told = [_tried(makes_a_tiny_one, None)]
    told += [_tried(each, made[0]) for each in CHECKS if made]
    faults = [each for each in told if each["fault"]]
    if as_json:
        click.echo(json.dumps({"id": found.info.id, "fits": not faults, "checks": told}, indent=2))
        return bool(faults)
    click.secho(f"{found.info.id}: {found.info.title}, {found.info.task}", bold=True)
    for each in told:
        if each["fault"]:
            click.secho(f"  wrong    {each['check']}: {each['fault']}", fg="red")
        else:
            click.echo(f"  kept     {each['check']}")
    if faults:
        click.echo("  Fix: docs/guides/add-a-model.md says what a model must keep to")
    else:
        click.secho("  verdict  it can be served", fg="green")
    return bool(faults)


def _tried(run: object, model: object) -> dict[str, str]:
    """Run one check; return its words and what it found, with the line of a model that raised."""
    assert callable(run)
    words = " ".join((run.__doc__ or "").split("\n\n")[0].replace("``", "").split()).rstrip(".")
    fault = ""
    try:
        run(model)
    except AssertionError as error:
        fault = " ".join(str(error).split()) or "it does not"
    except (Exception, SystemExit, GeneratorExit) as error:  # a stranger's model may raise anything
        last = traceback.extract_tb(error.__traceback__)[-1]
        at = f"{Path(last.filename).name}, line {last.lineno}"
        fault = f"{type(error).__name__}: {error} ({at})"
    return {"check": words, "fault": fault[:400]}
