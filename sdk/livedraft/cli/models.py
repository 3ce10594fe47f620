"""``livedraft models``: which there are, what each takes, and whether its weights are fit."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livedraft.errors import ConfigError, ModelNotFound

from . import conforming, quality, verdicts
from .extras import needs_extra

if TYPE_CHECKING:
    from livedraft.runtime.models.diffusion.weights import Verdict

_REFUSED = 1
_ACCEPTED = "Of a model whose licence forbids commercial use. Say it again for more."


class _Names(click.Group):
    """A group that takes names of models where it has no command of that name."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command:
        """Return the command, else one that tells of the model."""
        return super().get_command(ctx, cmd_name) or click.Command(
            cmd_name, callback=lambda: _tell(cmd_name), help=f"Tell what {cmd_name} takes."
        )


@click.group(
    cls=_Names,
    invoke_without_command=True,
    subcommand_metavar="[NAME | COMMAND]",
    short_help="List models, or the params of one.",
)
@click.option("--json", "as_json", is_flag=True, help="Of all models, for programs.")
@click.pass_context
def models(context: click.Context, as_json: bool) -> None:
    """List the models by name, or tell what one of them takes.

    \b
    livedraft models
    livedraft models ink
    livedraft models check sd-turbo=FOLDER
    livedraft models tiny sd-turbo FOLDER
    livedraft models quality sd-1.5=FOLDER
    """
    if context.invoked_subcommand is not None:
        return
    with needs_extra("server", "livedraft models"):
        rows = _rows()
    if as_json:
        click.echo(json.dumps(rows, indent=2))
        return
    for row in rows:
        click.secho(row["id"] + ("  (default)" if row["default"] else ""), bold=True)
        for line in filter(None, _lines(row)):
            click.echo(f"  {line}")


@models.command(short_help="Judge a model's weights before they are loaded.")
@click.argument("model", metavar="NAME[=SOURCE]")
@click.option("--device", help="Where they shall be loaded.  (default: as the settings say)")
@click.option(
    "--accept-licence",
    "accepted",
    multiple=True,
    metavar="NAME",
    help=_ACCEPTED,
)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
@click.pass_context
def check(
    context: click.Context, model: str, device: str | None, accepted: Sequence[str], as_json: bool
) -> None:
    """Say whether a model can be served from its weights: nothing is loaded, nothing fetched.

    SOURCE is a folder in diffusers' layout, or owner/name on the hub, which is then asked for the
    sizes of its files unless they are in its cache. Without one, it is what the settings name, else
    what the cache has. What stands in the way is told with what to do about it, and the exit
    status is 1.

    Of another pipeline of diffusers, diffusers:FOLDER, its folder is judged in the same way.

    A model of your own, python:my_model.py:MyModel, is held to the contract instead, on its tiny().

    \b
    livedraft models check sd-turbo
    livedraft models check python:my_model.py:MyModel
    livedraft models check sd-turbo=FOLDER --device cuda:0
    livedraft models check sd-turbo=stabilityai/sd-turbo --json
    """
    with needs_extra("server", "livedraft models check"):
        if model.startswith("python:"):
            context.exit(_REFUSED if conforming.check(model, as_json) else 0)
        verdict = _judged(model, device, accepted)
    if as_json:
        click.echo(json.dumps(verdicts.told(verdict), indent=2))
    else:
        verdicts.show(verdict)
    if not verdict.fits:
        context.exit(_REFUSED)


@models.command("quality", short_help="Measure what a model loses where it spares steps.")
@click.argument("model", metavar="NAME[=SOURCE]")
@click.option("--steps", type=int, help="Of each picture.  (default: as a refine takes)")
@click.option("--device", help="Where it is loaded.  (default: as the settings say)")
@click.option("--accept-licence", "accepted", multiple=True, metavar="NAME", help=_ACCEPTED)
@click.option("--json", "as_json", is_flag=True, help="For programs.")
def losing(
    model: str, steps: int | None, device: str | None, accepted: Sequence[str], as_json: bool
) -> None:
    """Make the same final pictures at each quality, and say how like lossless ones they are.

    At quality high and fast, a refine from 8 steps on does not compute the steps that those before
    foretell. Told are the steps spared, the speed, and the peak signal-to-noise ratio (PSNR) of the
    picture that is least alike.

    \b
    livedraft models quality sd-1.5=FOLDER
    livedraft models quality flux-dev --steps 28 --device cuda:0
    """
    with needs_extra("server", "livedraft models quality"):
        name, _, source = (part.strip() for part in model.partition("="))
        verdict = _judged(model, device, accepted)
        found = quality.measured(verdict, source or verdict.source, steps)
    quality.show(name, found, as_json)


@models.command(short_help="Write a tiny model with random weights.")
@click.argument("name")
@click.argument("folder", type=click.Path(path_type=Path))
def tiny(name: str, folder: Path) -> None:
    """Write a tiny model of the same classes into a folder: it paints noise.

    It is laid out as the real one, and takes a second to load: to try what serves it, or to test
    an app, without a download.

    \b
    livedraft models tiny sd-turbo tiny
    livedraft serve --models sd-turbo=tiny
    """
    with needs_extra("server", "livedraft models tiny"):
        from livedraft.runtime.models import MODELS
        from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
        from livedraft.runtime.models.diffusion.model import FamilyModel
        from livedraft.runtime.models.diffusion.sound_model import SoundModel

    model = MODELS.load(name)
    if not issubclass(model, FamilyModel | SoundModel):
        raise ConfigError(
            f"'{name}' is not written in this way", fix=f"written are {', '.join(CATALOGUE)}"
        )
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise ConfigError(f"{folder} is there already", fix="name a folder that is new or empty")
    try:
        model.tiny().save(folder)
    except OSError as error:
        raise ConfigError(
            f"cannot write {folder}: {error.strerror or error}", fix="choose another place"
        ) from error
    click.echo(f"{folder} holds a tiny {name}: livedraft serve --models {name}={folder}")


def _judged(text: str, device: str | None, accepted: Sequence[str]) -> Verdict:
    from livedraft.runtime.entries import entries
    from livedraft.runtime.loading import load
    from livedraft.runtime.models import MODELS
    from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
    from livedraft.runtime.models.diffusion.suspended.model import SuspendedModel
    from livedraft.runtime.models.diffusion.weights import judge

    name, _, source = (part.strip() for part in text.partition("="))
    model, entry = MODELS.load(name), CATALOGUE.get(name)  # raises for a name of none
    if issubclass(model, SuspendedModel):
        entry, source = model.entry, model.folder
    if entry is None:
        raise ConfigError(
            f"'{name}' finds its weights itself, and says as it is loaded what is missing",
            fix=f"livedraft serve --models {name}; judged are {', '.join(CATALOGUE)}",
        )
    config = load({} if device is None else {"device": device}, os.environ).config
    named = entries(config.models, config.plans, config.device, config.threads)
    served = next((each for each in named if each.name == name), None)
    if served is None:
        (served,) = entries([name], [], config.device, config.threads)
    allowed = (*config.accept_licences, *accepted)
    return judge(entry, source or served.source, served.plan, allowed)


def _rows() -> list[dict[str, Any]]:
    """Return what is known of each model, without its libraries being imported for that."""
    from livedraft.runtime.models import DEFAULT, MODELS
    from livedraft.runtime.models.diffusion.catalogue import CATALOGUE
    from livedraft.runtime.models.diffusion.weights import at_hand

    rows: list[dict[str, Any]] = []
    for name in sorted(MODELS.targets()):
        row: dict[str, Any] = {"id": name, "default": name == DEFAULT}
        if name in CATALOGUE:
            entry = CATALOGUE[name]
            row |= {"memory_bytes": entry.rough_bytes, "at_hand": at_hand(entry)}
            row |= {"licence": entry.licence.name, "commercial": entry.licence.commercial}
            shown: Any = entry
        else:
            try:
                shown = MODELS.load(name).info
            except ModelNotFound as error:  # one package that is broken hides no other's models
                rows.append({**row, "error": error.message})
                continue
            row |= {"licence": shown.licence, "commercial": shown.commercial}
        rows.append(row | {key: getattr(shown, key) for key in _SHARED})
    return rows


_SHARED = ("title", "description", "task", "width", "height", "draft_steps", "max_steps")


def _lines(row: dict[str, Any]) -> list[str]:
    if "error" in row:
        return [row["error"]]
    from livedraft.runtime.budget import gigabytes

    few, most = row["draft_steps"], row["max_steps"]
    steps = f"{most} steps" if few == most else f"{few} to {most} steps"
    size = f"{row['width']} × {row['height']} px"
    lines = [
        f"{row['title']}: {row['task']}, {size}, {steps if most > 1 else '1 step'}",
        row["description"],
        f"licence {row['licence']}, commercial use: {row['commercial']}",
    ]
    if "at_hand" in row:
        hand = (
            "at hand"
            if row["at_hand"]
            else f"not at hand; see 'livedraft models check {row['id']}'"
        )
        lines.append(f"weights about {gigabytes(row['memory_bytes'])} at bfloat16, {hand}")
    return lines


def _tell(name: str) -> None:
    """Say of one model what it takes."""
    with needs_extra("server", "livedraft models"):
        from livedraft.runtime.models import MODELS
        from livedraft.runtime.plan import described

        model = MODELS.load(name)
        info = model.info
        click.secho(name, bold=True)
        click.echo(f"  {info.title}: {info.task}, {info.width} × {info.height} px")
        if info.description:
            click.echo(f"  {info.description}")
        click.echo(f"  licence {info.licence}, commercial use: {info.commercial}")
        for spec in info.inputs:
            needed = "" if spec.required else ", optional"
            click.echo(f"  input {spec.name}: {_size(spec)}{needed}. {spec.description}")
        for lora in info.loras:
            click.echo(f"  lora {lora.name}: {lora.title}. {lora.description}")
        for key, values in described(model.honours).items():
            click.echo(f"  plan {name}.{key}: {values}")
        schema = model.params.model_json_schema()
        for key in schema["properties"]:
            click.echo(f"  --{key.replace('_', '-'):<12} {_line(schema, key)}")


def _size(spec: Any) -> str:
    """Return what an input takes, in a few words."""
    if spec.kind == "image":
        return f"{spec.width} × {spec.height} px"
    if spec.kind == "video":
        return f"video, {spec.width} × {spec.height} px" if spec.width else "video of any size"
    if spec.kind == "text":
        return f"text, {spec.max_chars} characters at a time"
    return f"sound at {spec.rate} Hz" if spec.rate else "sound at any rate"


def _line(schema: dict[str, Any], key: str) -> str:
    from livedraft.runtime.models.params import expected

    rules = schema["properties"][key]
    default = f", default {rules['default']!r}" if "default" in rules else ""
    return f"{rules.get('description', '')}  [{expected(schema, key)}{default}]"
