"""``livedraft generate``: one picture or film, made in this process, without a server."""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livedraft.errors import InvalidImage, InvalidParams
from livedraft.files import check_writable, replacing
from livedraft.media.marking import Marking

from . import options
from .arguments import pair, split
from .extras import needs_extra

if TYPE_CHECKING:
    from livedraft.protocol.messages import Note
    from livedraft.runtime.local import Order

_NUMBER = re.compile(r"[+-]?[0-9.]+")


@click.command(
    short_help="Make one picture or film without a server.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[SKETCH]")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    help="Where to write it, with its recipe: .png, .jpg or .webp, of a model of moving pictures "
    ".mp4 or .webm.  (default: out.png or out.mp4)",
)
@click.option("--prompt", help="What the picture shows.")
@click.option("--seed", help="Same seed, same picture.")
@click.option("--steps", help="Denoising steps: more take longer.")
@options.params
@click.option(
    "-i",
    "--input",
    "files",
    multiple=True,
    metavar="NAME=FILE",
    help="A picture for another input than the first.",
)
@click.option(
    "--mask",
    metavar="FILE",
    help="White where SKETCH is painted anew; the rest of it stays: -i mask=FILE.",
)
@click.option(
    "--lora",
    "loras",
    multiple=True,
    metavar="NAME[:WEIGHT]",
    help="A LoRA by name or file, with a weight from 0 to 1.5; say it again to mix.",
)
@click.option(
    "-m",
    "--model",
    default="ink",
    show_default=True,
    metavar="NAME[=SOURCE]",
    help="See 'livedraft models'; SOURCE is a folder of weights or a hub id.",
)
@options.device
@options.marked
def generate(
    arguments: Sequence[str],
    output: Path | None,
    pairs: Sequence[str],
    files: Sequence[str],
    mask: str | None,
    loras: Sequence[str],
    model: str,
    device: str,
    marking: Marking,
    **common: str | None,
) -> None:
    """Make one picture or film from SKETCH, a drawing as PNG, JPEG or WebP, and a prompt.

    \b
    livedraft generate cat.png --prompt "an orange cat" -o out.png
    livedraft generate cat.png --prompt "a red fox" --style noto --seed 7
    livedraft generate cat.png --lora my.safetensors:0.8
    livedraft generate photo.png --mask hole.png --model sd-1.5-inpaint --prompt "a hat"
    livedraft generate --model echo --param seed=200 -o grey.png
    livedraft generate --model wan=FOLDER --prompt "a fox runs" --seconds 3 -o fox.mp4

    Every param of the model is a flag; 'livedraft models ink' tells them.
    """
    names, params = split(arguments)
    sketch = _one_sketch(names)
    params |= {name: value for name, value in common.items() if value is not None}
    params |= dict(pair(text, "param") for text in pairs)
    inputs = {name: Path(path) for name, path in (pair(text, "input") for text in files)}
    if mask is not None:
        inputs["mask"] = Path(mask)
    with needs_extra("server", "livedraft generate"):
        from livedraft.runtime.local import checked
    order = checked(model, sketch, inputs, params, _mix(loras))
    output = output or Path("out.mp4" if order.films else "out.png")
    start = time.perf_counter()
    work = _film if order.films else _picture
    said, notes = work(order, device, output, model, marking)
    seconds = time.perf_counter() - start
    for note in notes:
        meant = f" (or: {', '.join(note['choices'])})" if note["choices"] else ""
        click.echo(f"{note['message']}{meant}", err=True)
    click.echo(f"{output}: {said}, {seconds:.1f} s", err=True)


def _picture(
    order: Order, device: str, output: Path, model: str, marking: Marking
) -> tuple[str, Sequence[Note]]:
    """Make a picture and write it; return what to say of it."""
    from livedraft.media.images import mime_of  # Pillow: not for the sake of --help
    from livedraft.runtime.local import make

    mime = mime_of(output.name)
    check_writable(output)
    click.echo(f"loading {model} …", err=True)
    made = make(order, device, mime, lambda: click.echo("drawing …", err=True), marking)
    with replacing(output) as partial:
        partial.write_bytes(made.image)
    return f"{made.width} × {made.height} px{_seed(made.seed)}", made.notes


def _film(
    order: Order, device: str, output: Path, model: str, marking: Marking
) -> tuple[str, Sequence[Note]]:
    """Make a film and write it; return what to say of it."""
    from livedraft.media.codecs.kinds import kind_of  # raises MissingExtraError
    from livedraft.runtime.local import film

    kind_of(output)
    check_writable(output)
    click.echo(f"loading {model} …", err=True)
    made = film(order, device, output, lambda: click.echo("filming …", err=True), marking)
    size = f"{made.width} × {made.height} px, {made.frames} frames"
    return f"{size}, {made.duration / 1e6:.1f} s long{_seed(made.seed)}", made.notes


def _seed(seed: int | None) -> str:
    return "" if seed is None else f", seed {seed}"


def _one_sketch(names: Sequence[str]) -> Path | None:
    """Return the sketch, if one is named; raise InvalidImage for more."""
    if len(names) > 1:
        raise InvalidImage(
            f"one sketch is enough, here are {len(names)}: {', '.join(names)[:200]}",
            fix="put a prompt in quotes: --prompt 'a red fox'; more inputs: -i NAME=FILE",
        )
    return Path(names[0]) if names else None


def _mix(texts: Sequence[str]) -> dict[str, str]:
    """Return weights by LoRA; raise InvalidParams where one is named twice."""
    mix: dict[str, str] = {}
    for name, weight in map(_weighted, texts):
        if name in mix:
            raise InvalidParams(f"--lora {name[:100]} is there twice", fix="give it one weight")
        mix[name] = weight
    return mix


def _weighted(text: str) -> tuple[str, str]:
    """Split NAME:WEIGHT; a weight left out is 1, and a colon before a path stays in it."""
    name, colon, weight = text.rpartition(":")
    return (name, weight) if colon and _NUMBER.fullmatch(weight) else (text, "1")
