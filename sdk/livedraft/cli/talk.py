"""``livedraft talk``: a film of a head that says something, made without a server or by one."""

from __future__ import annotations

import mimetypes
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path, PurePath
from typing import TYPE_CHECKING

import click

from livedraft.errors import InvalidImage, InvalidMedia
from livedraft.files import check_writable
from livedraft.media.marking import Marking

from . import options
from .arguments import pair, split
from .script import Script

if TYPE_CHECKING:
    from livedraft.media.talk import Talk

_PICTURES = (".png", ".jpg", ".jpeg", ".webp")
_TICK_US = 40_000


@click.command(
    short_help="Make a film of a head that talks.",
    context_settings={"ignore_unknown_options": True},
)
@click.argument("arguments", nargs=-1, type=click.UNPROCESSED, metavar="[PORTRAIT] [SPEECH]")
@options.film
@click.option("--text", help="What it says, instead of SPEECH; - reads it from stdin.")
@click.option("--avatar", help="Who says it, where there is no PORTRAIT; see 'livedraft models'.")
@click.option("--voice", help="Who speaks a text, such as en-US.")
@click.option(
    "--consent",
    is_flag=True,
    help="Say that who is seen in PORTRAIT, a photograph, agrees to this. The recipe keeps it.",
)
@options.params
@click.option("--url", help="A server that makes it, at the pace at which it is heard.")
@options.token
@click.option("-m", "--model", default="head", show_default=True, help="See 'livedraft models'.")
@options.device
@options.marked
def talk(
    arguments: Sequence[str],
    output: Path,
    text: str | None,
    consent: bool,
    pairs: Sequence[str],
    url: str | None,
    token: str | None,
    model: str,
    device: str,
    marking: Marking,
    **named: str | None,
) -> None:
    """Have a head say something: SPEECH, a sound file, or a text; and write it as a film.

    \b
    livedraft talk --text "Good morning." -o hello.mp4
    livedraft talk speech.wav --avatar kofi -o hello.mp4
    livedraft talk portrait.png speech.wav --consent -o hello.mp4
    fortune | livedraft talk portrait.jpg --text - --consent --voice en-GB

    PORTRAIT shows one face from the front, as PNG, JPEG or WebP; without one an avatar speaks.
    Every param of the model is a flag; 'livedraft models head' tells them.
    """
    names, params = split(arguments)
    portrait, speech = _files(names)
    params |= {name: value for name, value in named.items() if value}
    params |= dict(pair(each, "param") for each in pairs)
    if consent:
        params["consent"] = True
    if text == "-":
        text = sys.stdin.read()
    from livedraft.media.codecs import probe  # raises MissingExtraError: not for --help
    from livedraft.media.codecs.kinds import kind_of

    kind_of(output)
    check_writable(output)
    script = Script(model, params, portrait, speech, text)
    script.check()
    ticks = 0
    if speech is not None:
        try:
            ticks = -(-probe(speech).duration // _TICK_US)
        except InvalidMedia as error:
            raise InvalidMedia(f"{speech}: {error.message}", fix=error.fix) from None
    start = time.perf_counter()
    made = script.asked(url, token) if url else script.local(device)
    length = _write(made, output, ticks, script, marking)
    marking.sign_film(output, marking.told(script.recipe))
    for message in script.messages:
        click.echo(message, err=True)
    seconds = time.perf_counter() - start
    click.echo(f"{output}: {length / 1e6:.1f} s, made in {seconds:.1f} s", err=True)


def _files(names: Sequence[str]) -> tuple[Path | None, Path | None]:
    """Return the portrait and the speech, told by how their names end; raise for two of a kind."""
    pictures = [name for name in names if _is_picture(name)]
    others = [name for name in names if name not in pictures]
    if len(pictures) > 1:
        raise InvalidImage(
            f"one portrait is enough, here are {len(pictures)}: {', '.join(pictures)[:200]}",
            fix="name one picture, and one file of sound or --text",
        )
    if len(others) > 1:
        raise InvalidMedia(
            f"one speech is enough, here are {len(others)}: {', '.join(others)[:200]}",
            fix="put a text in quotes: --text 'Good morning.'",
        )
    return (
        Path(pictures[0]) if pictures else None,
        Path(others[0]) if others else None,
    )


def _is_picture(name: str) -> bool:
    kind, _ = mimetypes.guess_type(name)
    return PurePath(name).suffix.lower() in _PICTURES or (kind or "").startswith("image/")


def _write(made: Iterator[Talk], output: Path, ticks: int, script: Script, marking: Marking) -> int:
    """Write a film, frames and sound on one clock from 0 on; return how long it is, µs."""
    from livedraft.media.chunks import AudioChunk, VideoChunk
    from livedraft.media.codecs import Writer

    until = 0
    with ExitStack() as stack:
        writer: Writer | None = None
        bar = click.progressbar(made, ticks or None, "talking", file=sys.stderr)
        for each in stack.enter_context(bar):
            frame, sound = each.frame, each.sound
            if writer is None:
                writer = stack.enter_context(
                    Writer(
                        output,
                        size=frame.size,
                        frame_rate=1e6 / sound.duration,
                        sound=(sound.rate, sound.channels),
                        recipe=marking.told(script.recipe),  # a server told all its params
                    )
                )
            writer.write(VideoChunk(frame.frames, until, sound.duration))
            writer.write(AudioChunk(sound.samples, sound.rate, until))
            until += sound.duration
        if writer is None:
            why = "; ".join(["nothing was said", *script.messages])
            raise InvalidMedia(why, fix="give words that the voice can say, or sound")
    return until
