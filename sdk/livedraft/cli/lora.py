"""``livedraft lora``: teach a model a style from a few pictures."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from livedraft.errors import ConfigError
from livedraft.files import check_writable

from . import options
from .extras import needs_extra
from .terminal import INTERRUPTED

if TYPE_CHECKING:
    import torch

    from livedraft.runtime.models.tuning.loop import Recipe, Tuning


@click.group(short_help="Teach a model a style from a few pictures.")
def lora() -> None:
    """Teach a model a style: low-rank changes of its networks, in a small file of their own.

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
@click.option(
    "--model",
    default="ink",
    show_default=True,
    metavar="NAME[=SOURCE]",
    help="What is taught: ink, or a diffusion model, such as flux2-klein=FOLDER.",
)
@click.option(
    "--accept-licence",
    "accepted",
    multiple=True,
    metavar="NAME",
    help="Of a model whose licence forbids commercial use.",
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
@options.training_device
@click.option(
    "--rank",
    type=click.IntRange(1, 64),
    default=8,
    show_default=True,
    help="Of the changes: more can say more, in a larger file.",
)
@options.training_seed
@options.threads
@click.pass_context
def train(
    context: click.Context,
    /,
    folder: Path,
    output: Path,
    model: str,
    accepted: Sequence[str],
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
    livedraft lora train pictures -o oil.safetensors --model sd-turbo=FOLDER

    PNG, JPEG or WebP, such as red-fox.png. For `ink` the object stands before one plain colour, or
    the background is transparent; line drawings are made from the pictures themselves. For other
    models they are whole pictures. Ctrl+C ends it early and keeps what is there.
    """
    _check_place(output)
    with needs_extra("lora", "livedraft lora train"):
        import torch

        from livedraft.runtime.models.adapters import checked_name
        from livedraft.runtime.models.tuning.device import choose, flushed
        from livedraft.runtime.models.tuning.loop import MINUTES, SHORT, Recipe
    name = checked_name(name or output.stem.lower(), "--name my-style")
    place = choose(device)
    if minutes is None:
        minutes = MINUTES if place.type == "cpu" else SHORT
    if threads:
        torch.set_num_threads(threads)
    recipe = Recipe(name, title or name, description, licence, prompt, minutes, rank, seed)
    with flushed():
        if model == "ink":
            made = _ink(recipe, folder, output, place)
            trial = f"livedraft generate DRAWING --lora {output}"
        else:
            made = _diffusion(recipe, folder, output, place, model, accepted)
            trial = f"livedraft serve --models {model} --lora {name}={output}"
    click.echo(
        f"{output}: {made.updates} updates, loss {made.loss:.3f}\n  try it: {trial}", err=True
    )
    if made.interrupted:
        context.exit(INTERRUPTED)


def _ink(recipe: Recipe, folder: Path, output: Path, place: torch.device) -> Tuning:
    from livedraft.runtime.models.ink.tuning.pictures import read_folder
    from livedraft.runtime.models.ink.tuning.train import train as run

    pictures = read_folder(folder)
    _announce(len(pictures), output)
    return run(recipe, pictures, output, device=place)


def _diffusion(
    recipe: Recipe,
    folder: Path,
    output: Path,
    place: torch.device,
    model: str,
    accepted: Sequence[str],
) -> Tuning:
    with needs_extra("diffusion", f"livedraft lora train --model {model}"):
        from livedraft.runtime.models import MODELS, load_model
        from livedraft.runtime.models.base import Plan
        from livedraft.runtime.models.diffusion.model import DiffusionModel
        from livedraft.runtime.models.tuning.loop import run
    name, _, source = model.partition("=")
    kind = MODELS.load(name)
    if not issubclass(kind, DiffusionModel):
        raise ConfigError(f"{name} learns no style", fix="train ink, or one such as sd-turbo")
    with needs_extra("diffusion", f"livedraft lora train --model {name}"):
        from livedraft.runtime.models.diffusion.tuning import DiffusionTuning, read_examples
    # Of half precision, this one has room for what gradients are.
    dtype = "bfloat16" if place.type == "cuda" else "float32"
    plan = Plan(device=place.type, dtype=dtype, mode="eager")  # what is recorded learns nothing
    loaded = load_model(kind, source, plan, accepted)
    assert isinstance(loaded, DiffusionModel)
    examples = read_examples(folder, (loaded.info.width, loaded.info.height))
    _announce(len(examples), output)
    tuning = DiffusionTuning(recipe, examples, loaded)
    run(tuning, output, lambda: tuning.draw(output.with_suffix(".png")))
    return tuning


def _announce(count: int, output: Path) -> None:
    click.echo(f"{count} pictures; previews go to {output.with_suffix('.png')}", err=True)


def _check_place(output: Path) -> None:
    """Raise ConfigError where a file cannot be written there."""
    if output.suffix != ".safetensors":
        raise ConfigError(
            f"cannot write a LoRA to '{output.name}'", fix="end its name in .safetensors"
        )
    check_writable(output)
    check_writable(output.with_suffix(".png"))
