"""Options that several commands have, in the same words."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar, cast

import click

from livedraft.media.marking import Marking, marking

F = TypeVar("F", bound=Callable[..., None])

film = click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    default="out.mp4",
    show_default=True,
    help="Where to write it, with its recipe and the mark of what a machine made: .mp4 or .webm.",
)
params = click.option(
    "-p",
    "--param",
    "pairs",
    multiple=True,
    metavar="KEY=VALUE",
    help="Any other param of the model; --KEY VALUE does the same.",
)
token = click.option(
    "--token", envvar="LIVEDRAFT_TOKEN", help="The server's secret.", show_envvar=True
)
device = click.option("--device", default="cpu", show_default=True, help="cpu, cuda, mps.")
training_device = click.option(
    "--device",
    type=click.Choice(["auto", "cpu", "cuda"]),
    default="auto",
    show_default=True,
    help="Where to train; auto takes a GPU that torch sees.",
)
training_seed = click.option(
    "--seed", type=click.IntRange(0, 2**32 - 1), default=0, show_default=True
)
threads = click.option(
    "--threads", type=click.IntRange(0), default=0, help="0 takes all cores.", show_default=True
)
_mark = click.option(
    "--mark",
    envvar="LIVEDRAFT_MARK",
    type=click.Choice(["on", "off"]),
    default="on",
    show_default=True,
    help="Say in the file that a model made it (IPTC's DigitalSourceType).",
)
_certificate = click.option(
    "--c2pa-certificate",
    envvar="LIVEDRAFT_C2PA_CERTIFICATE",
    default="",
    metavar="FILE",
    help="Sign it (C2PA) with this certificate and its chain, as PEM.",
)
_key = click.option(
    "--c2pa-key",
    envvar="LIVEDRAFT_C2PA_KEY",
    default="",
    metavar="FILE",
    help="The certificate's private key, as PEM.",
)
_algorithm = click.option(
    "--c2pa-algorithm",
    envvar="LIVEDRAFT_C2PA_ALGORITHM",
    default="es256",
    show_default=True,
    help="The key's algorithm.",
)


def marked(command: F) -> F:
    """Give a command the options that say how its file is marked, as its ``marking``."""

    @wraps(command)
    def read(
        *, mark: str, c2pa_certificate: str, c2pa_key: str, c2pa_algorithm: str, **others: Any
    ) -> None:
        how: Marking = marking(mark, c2pa_certificate, c2pa_key, c2pa_algorithm)
        command(marking=how, **others)

    return cast(F, _mark(_certificate(_key(_algorithm(read)))))
