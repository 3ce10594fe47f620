"""``livedraft restyle``: a clip in another style, with its sound; and styles of one's own."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import click

from livedraft.errors import InvalidMedia
from livedraft.media.marking import Marking

from . import options
from .arguments import pair, split
from .extras import needs_extra
from .terminal import INTERRUPTED

_TICK_US = 40_000


class _Clips(click.Group):
    """Commands, one of which needs no name: what begins with none of them is about a clip."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put the usual command's name where none stands."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = ["clip", *args]
        return super().parse_args(ctx, args)


@click.group(cls=_Clips, short_help="Show a clip in another style, or learn one.")
def restyle() -> None:
    """Show a clip in another style; learn a style of your own from one picture.

    \b
    livedraft restyle clip.mp4 --style pastel -o pastel.mp4
    livedraft restyle train picture.jpg --name mine
    livedraft restyle clip.mp4 --style mine -o mine.mp4

    Without a command's name it is 'clip'.
    """


@restyle.command(
    short_help="Show a clip in another style.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="CLIP")
@options.film
@click.option("--style", default="", help="One, or two with their shares: pastel=.5,night=.5")
@click.option("--strength", help="From 0, which shows the clip as it is, to 1.")
@click.option("--size", type=int, default=512, show_default=True, help="The longer side, in px.")
@options.params
@click.option("--anew", is_flag=True, help="Begin anew where a run before was broken off.")
@click.option("--url", default="", help="A server that makes it.")
@options.token
@click.option("-m", "--model", default="restyle", show_default=True, help="See 'livedraft models'.")
@options.device
@options.marked
def clip(
    arguments: Sequence[str],
    output: Path,
    style: str,
    strength: str | None,
    size: int,
    pairs: Sequence[str],
    anew: bool,
    url: str,
    token: str | None,
    model: str,
    device: str,
    marking: Marking,
) -> None:
    """Show CLIP, a film as cameras and phones write it, in another style; keep its sound.

    \b
    livedraft restyle clip.mp4 --style pastel -o pastel.mp4
    livedraft restyle clip.mov --style pastel=.5,night=.5 --strength .8
    livedraft restyle clip.mp4 --style pencil --size 960 --colours kept

    What is made lies beside the film, as out.part1.mp4, and plays. After Ctrl+C, or a power cut,
    the same command goes on from there. Every param of the model is a flag; 'livedraft models
    restyle' tells them.
    """
    names, params = split(arguments)
    if len(names) != 1:
        raise InvalidMedia(
            f"one clip is wanted, here are {len(names)}: {', '.join(names)[:200] or 'none'}",
            fix="livedraft restyle clip.mp4 --style pastel; params are flags: --steady false",
        )
    params |= dict(pair(each, "param") for each in pairs)
    if strength is not None:
        params["strength"] = strength
    with needs_extra("server", "livedraft restyle"):
        from livedraft.runtime.restyling import restyle as made_of
    start = time.perf_counter()
    begun: int | None = None  # µs that were made before
    try:
        with ExitStack() as stack:
            bars: list[Any] = []

            def show(done_us: int, all_us: int) -> None:
                nonlocal begun
                if begun is None:  # of what is not made yet: the time left is reckoned from that
                    begun = done_us
                    ticks = max(1, (all_us - begun) // _TICK_US)
                    bar = click.progressbar(length=ticks, label="restyling", file=sys.stderr)
                    bars.append(stack.enter_context(bar))
                bars[0].update((done_us - begun) // _TICK_US - bars[0].pos)

            made = made_of(
                names[0],
                output,
                style=style,
                size=size,
                model=model,
                device=device,
                url=url,
                token=token,
                anew=anew,
                on_progress=show,
                marking=marking,
                **params,
            )
    finally:
        if begun is not None:
            _tell_parts(output)
    for message in made.messages:
        click.echo(message, err=True)
    seconds = time.perf_counter() - start
    kept = f", {made.kept / 1e6:.1f} s of it before" if made.kept else ""
    click.echo(f"{made.path}: {made.duration / 1e6:.1f} s, made in {seconds:.1f} s{kept}", err=True)


@restyle.command(short_help="Learn a style from one picture.")
@click.argument("picture", type=click.Path(path_type=Path))
@click.option("--name", help="How it is called.  (default: the file's name)")
@click.option("--instead", is_flag=True, help="Take the place of one of that name.")
@click.option("--licence", default="", help="Of the picture, such as CC0-1.0.")
@click.option(
    "--minutes", type=click.FloatRange(0.05, 600), default=4, show_default=True, help="Budget."
)
@options.training_device
@options.training_seed
@options.threads
@click.pass_context
def train(
    context: click.Context,
    /,
    picture: Path,
    name: str | None,
    instead: bool,
    licence: str,
    minutes: float,
    device: str,
    seed: int,
    threads: int,
) -> None:
    """Learn how PICTURE is painted: a painting, a print, a drawing, a texture.

    \b
    livedraft restyle train picture.jpg --name mine
    livedraft restyle clip.mp4 --style mine=.6,pastel=.4
    livedraft serve --models restyle        it is in the strip

    It is kept in a file of some kB, in the folder 'styles' of livedraft's cache, with a preview
    beside it that is drawn anew each half minute. Ctrl+C ends it early and keeps what is learned.
    """
    with needs_extra("restyle", "livedraft restyle train"):
        import torch

        from livedraft.runtime.models.restyle.tuning.train import train as learn
        from livedraft.runtime.models.tuning.device import choose, flushed
        from livedraft.runtime.models.tuning.loop import Recipe
    name = name or picture.stem.lower()
    if threads:
        torch.set_num_threads(threads)
    recipe = Recipe(name, name, licence=licence, minutes=minutes, seed=seed)
    with flushed():
        made, path = learn(recipe, picture, instead=instead, device=choose(device))
    click.echo(
        f"{path}: {made.updates} updates, loss {made.loss:.3f}; seen in {path.with_suffix('.png')}"
        f"\n  try it: livedraft restyle CLIP --style {name}",
        err=True,
    )
    if made.interrupted:
        context.exit(INTERRUPTED)


@restyle.command(short_help="Remove a style of your own.")
@click.argument("name")
def forget(name: str) -> None:
    """Remove the style NAME that was learned here, and its preview."""
    with needs_extra("server", "livedraft restyle forget"):
        from livedraft.runtime.models.restyle.own import remove
    click.echo(f"{remove(name)} is removed", err=True)


def _tell_parts(output: Path) -> None:
    """Say where there is something, if the film is not whole."""
    parts = sorted(output.parent.glob(f"{output.stem}.part*{output.suffix}"))
    if parts:
        click.echo(
            f"{parts[-1]} holds what is made, and plays; the same command goes on from there",
            err=True,
        )
