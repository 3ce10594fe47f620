"""Options that several commands have, in the same words."""

from __future__ import annotations

from pathlib import Path

import click

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
