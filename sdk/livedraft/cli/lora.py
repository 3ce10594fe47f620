"""``livedraft lora``: teach a model a style from a few pictures."""

from __future__ import annotations

from pathlib import Path

import click

from livedraft.errors import ConfigError
from livedraft.files import check_writable

from .extras import needs_extra
from .terminal import INTERRUPTED


@click.group(short_help="Teach ink a style from a few pictures.")
def lora() -> None:
    """Teach `ink` a style: low-rank changes of its networks, in a small file of their own.

    \b
    livedraft lora train pictures -o my.safetensors
    livedraft generate cat.png --lora my.safetensors
    livedraft serve --lora mine=my.safetensors
    """


@lora.command(short_help="Train a LoRA on a folder of pictures.")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    required=True,
    help="Where to write it: .safetensors. A preview goes beside it, as .png.",
)
@click.option("--name", help="How it is called.  (default: the file's name)")
@click.option("--title", default="", help="How people read it.  (default: the name)")
@click.option("--description", default="", help="What it looks like, in a sentence.")
@click.option("--licence", default="", help="Of the file, such as CC0-1.0.")
@click.option("--prompt", default="", help="Words that call for the style, to be said with it.")
@click.option(
    "--minutes",
    type=click.FloatRange(0.05, 600),
    help="Budget.  (default: 4, on a GPU one half)",
)
@click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where to train; auto takes a GPU that torch sees.",
)
@click.option(
    "--rank",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    help="Of the changes: more can say more, in a larger file.",
)
@click.option("--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True)
@click.option(
    "--threads", type=click.IntRange(0), default=0, help="0 takes all cores.", show_default=True
)
@click.pass_context
def train(
    context: click.Context,
    /,
    folder: Path,
    output: Path,
    name: str | None,
    title: str,
    description: str,
    licence: str,
    prompt: str,
    minutes: float | None,
    device: str,
    rank: int,
    seed: int,
    threads: int,
) -> None:
    """Train on the pictures in FOLDER: 6 to 20 of one style, named by what they show.

    \b
    livedraft lora train pictures -o my.safetensors
    livedraft lora train pictures -o oil.safetensors --title "Oil" --minutes 8

    PNG, JPEG or WebP, such as red-fox.png; the object stands before one plain colour, or the
    background is transparent. Line drawings are made from the pictures themselves. Ctrl+C ends it
    early and keeps what is there.
    """
    _check_place(output)
    with needs_extra("lora", "livedraft lora train"):
        import torch

        from livedraft.runtime.models.adapters import checked_name
        from livedraft.runtime.models.ink.tuning.device import choose
        from livedraft.runtime.models.ink.tuning.pictures import read_folder
        from livedraft.runtime.models.ink.tuning.train import MINUTES, SHORT, Recipe
        from livedraft.runtime.models.ink.tuning.train import train as run
    name = checked_name(name or output.stem.lower(), "--name my-style")
    place = choose(device)
    pictures = read_folder(folder)
    if minutes is None:
        minutes = MINUTES if place.type == "cpu" else SHORT
    if threads:
        torch.set_num_threads(threads)
    torch.set_flush_denormal(True)  # matrices that begin as zeros make denormals by the million
    click.echo(f"{len(pictures)} pictures; previews go to {output.with_suffix('.png')}", err=True)
    recipe = Recipe(name, title or name, description, licence, prompt, minutes, rank, seed)
    made = run(recipe, pictures, output, device=place)
    click.echo(
        f"{output}: {made.updates} updates, loss {made.loss:.3f}\n"
        f"  try it: livedraft generate DRAWING --lora {output}",
        err=True,
    )
    if made.interrupted:
        context.exit(INTERRUPTED)


def _check_place(output: Path) -> None:
    """Raise ConfigError where a file cannot be written there."""
    if output.suffix != ".safetensors":
        raise ConfigError(
            f"cannot write a LoRA to '{output.name}'", fix="end its name in .safetensors"
        )
    check_writable(output)
    check_writable(output.with_suffix(".png"))
