"""``livedraft models``: which there are, and what each takes."""

from __future__ import annotations

from typing import Any

import click

from livedraft.errors import ModelNotFound

from .extras import needs_extra


@click.command(short_help="List models, or the params of one.")
@click.argument("name", required=False)
def models(name: str | None) -> None:
    """List the models by name, or tell what one of them takes.

    \b
    livedraft models
    livedraft models ink
    """
    with needs_extra("server", "livedraft models"):
        from livedraft.runtime.models import DEFAULT, MODELS
        from livedraft.runtime.plan import described

        for each in [name] if name else sorted(MODELS.targets()):
            try:
                model = MODELS.load(each)
            except ModelNotFound as error:  # one package that is broken hides no other's models
                if name:
                    raise
                click.secho(each, bold=True)
                click.echo(f"  {error.message}")
                continue
            info = model.info
            mark = "  (default)" if each == DEFAULT else ""
            click.secho(f"{each}{mark}", bold=True)
            click.echo(f"  {info.title}: {info.task}, {info.width} × {info.height} px")
            click.echo(f"  licence {info.licence}, commercial use: {info.commercial}")
            if name is None:
                continue
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
