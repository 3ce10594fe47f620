"""``livedraft serve``: its flags are the settings of ``livedraft.runtime.config``."""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from livedraft.runtime.addresses import is_loopback
from livedraft.runtime.config import DEFAULTS, RULES, Config, shown
from livedraft.runtime.loading import Loaded, listing, load

from .extras import needs_extra
from .progress import AboveBar, Bar
from .terminal import say

if TYPE_CHECKING:
    from livedraft.runtime.readiness import Standing

log = logging.getLogger(__name__)

_METAVARS = {"loras": "NAME=FILE", "accept_licences": "NAME", "memory": "BYTES"}
_OF_ONE = {"loras": "--lora", "accept_licences": "--accept-licence"}  # flags said once a value


def _settings(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command one flag for each setting; those of lists may be said again."""
    for name, rules in reversed(RULES.items()):
        default = DEFAULTS[name]
        several = isinstance(default, tuple)
        unit = f" [{rules.unit}]" if rules.unit else ""
        choices = f" One of {', '.join(rules.choices)}." if rules.choices else ""
        again = " Say it again for more." if several else ""
        text = ",".join(default) if isinstance(default, tuple) else shown(default)
        flags = [f"--{name.replace('_', '-')}"]
        if name in _OF_ONE:
            flags.insert(0, _OF_ONE[name])
        command = click.option(
            *flags,
            name,
            multiple=several,
            metavar=_METAVARS.get(name, "LIST" if several else type(default).__name__.upper()),
            help=f"{rules.help}{again}{unit}{choices}  (default: {text or 'none'})",
        )(command)
    return command


@click.command(short_help="Serve models to browsers and programs.")
@_settings
@click.option(
    "--config",
    "file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Settings as TOML.  (default: livedraft.toml here, if there is one)",
)
@click.option("--print-config", is_flag=True, help="Show every setting and its source, then end.")
def serve(file: Path | None, print_config: bool, **flags: str | Sequence[str] | None) -> None:
    """Serve models over WebSocket and HTTP, with a page to draw on.

    \b
    livedraft serve
    livedraft serve --host 0.0.0.0 --token "$SECRET"     for others, too
    livedraft serve --models ink,echo --max-sessions 4
    livedraft serve --lora mine=my.safetensors
    livedraft serve --models sd-turbo=FOLDER             weights of your own
    LIVEDRAFT_PORT=8000 livedraft serve --print-config

    A setting comes from its flag, else from LIVEDRAFT_<NAME>, else from livedraft.toml, else it
    is the default. Lists are separated by commas, and their flags may be said several times.
    """
    given: dict[str, Any] = {
        name: value if isinstance(value, str) else ",".join(value)
        for name, value in flags.items()
        if value is not None and value != ()
    }
    loaded = load(given, os.environ, file)
    if print_config:
        click.echo(listing(loaded))
        return
    _run(loaded, lambda: load(given, os.environ, file).config)


def _run(loaded: Loaded, read: Callable[[], Config]) -> None:
    config = loaded.config
    bar = Bar(sys.stderr)
    in_terminal = sys.stderr.isatty()
    logging.basicConfig(
        level=config.log_level.upper(),
        format="%(asctime)s %(levelname)s: %(message)s",
        handlers=[AboveBar(bar)] if in_terminal else None,
    )
    # Those of huggingface_hub and transformers would run through it, or fill a log.
    os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    for chatty in ("httpx", "aioice", "mcp"):  # of each request; with addresses and words of users
        logging.getLogger(chatty).setLevel(logging.WARNING)
    for note in loaded.notes:
        log.info(note)
    with needs_extra("server", "livedraft serve"):
        from livedraft.runtime.engine.watch import ModelHangs
        from livedraft.runtime.running import serve as run

    def show(now: Standing | None) -> None:
        if now is None:
            bar.clear()
        elif in_terminal:
            bar.show(str(now), now.share)

    try:
        run(
            config,
            lambda url: _announce(url, config),
            read=read,
            on_progress=show,
        )
    except ModelHangs as error:
        # Its thread is still inside native code, and an orderly end would take that away from it.
        click.secho(f"Error: {error.message}", err=True, fg="red")
        click.echo(f"  Fix: {error.fix}", err=True)
        logging.shutdown()
        sys.stdout.flush()
        os._exit(1)


def _announce(url: str, config: Config) -> None:
    say(f"livedraft is at {url}  (Ctrl+C ends it)")
    if not (config.token or is_loopback(config.host)):
        log.warning(
            "there is no token: anybody who reaches %s can use this server; set 'token'"
            " (LIVEDRAFT_TOKEN), or leave 'host' out for this machine alone",
            config.host,
        )
