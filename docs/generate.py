"""Write what the code knows of the docs: API, errors, commands, settings, kernels, sizes, figures.

python docs/generate.py          write them
python docs/generate.py --check  say which differ, and change nothing
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import click
from figures import reports, with_figures
from operations import page as kernels_page
from signatures import called, documented, said_of
from sizes import with_sizes
from texts import agents, llms

import livedraft
from livedraft import errors
from livedraft.cli import main as cli
from livedraft.components import (
    LiveVideo,
    SketchToImage,
    SketchValue,
    TalkingHead,
    TryOnValue,
    VirtualTryOn,
)
from livedraft.media import codecs
from livedraft.media.jitter import JitterBuffer
from livedraft.media.playout import Playout
from livedraft.runtime.config import table
from livedraft.runtime.transports.refusals import refusal

DOCS = Path(__file__).resolve().parent
ROOT = DOCS.parent
WIDE: Any = {"terminal_width": 88, "max_content_width": 88}
CLASSES: list[type] = [
    livedraft.Client,
    livedraft.Session,
    livedraft.AsyncClient,
    livedraft.AsyncSession,
    livedraft.Frame,
    livedraft.Still,
    livedraft.VideoChunk,
    livedraft.AudioChunk,
    livedraft.ModelInfo,
    livedraft.InputInfo,
    livedraft.OutputInfo,
    livedraft.FilmFile,
    livedraft.SwitchedModel,
    livedraft.LoraInfo,
    livedraft.Retry,
    livedraft.Timeouts,
]
MEDIA_CLASSES: list[type] = [
    codecs.Writer,
    codecs.Growing,
    codecs.MediaInfo,
    codecs.Limits,
    codecs.Resampler,
    codecs.VideoEncoder,
    codecs.VideoDecoder,
    codecs.OpusEncoder,
    codecs.OpusDecoder,
    codecs.Encoded,
]
WRITTEN_BY = "<!-- Written by docs/generate.py. -->\n\n"


def pages() -> dict[Path, str]:
    """Return every page that is generated, or has generated figures, as it should be."""
    reference = DOCS / "reference"
    made = {
        reference / "api.md": WRITTEN_BY + api(),
        reference / "media.md": WRITTEN_BY + media_page(),
        reference / "errors.md": WRITTEN_BY + error_page(),
        reference / "cli.md": WRITTEN_BY + cli_page(),
        reference / "kernels.md": WRITTEN_BY + kernels_page(),
    }
    for path in (DOCS / "benchmarks.md", DOCS / "explanation" / "latency.md", ROOT / "README.md"):
        made[path] = with_figures(path.read_text(encoding="utf-8"), reports())
    npm = DOCS / "guides" / "npm-and-react.md"
    made[npm] = with_sizes(npm.read_text(encoding="utf-8"))
    texts = ROOT / "sdk" / "livedraft" / "pages"
    made |= {texts / "llms.txt": llms(), texts / "AGENTS.md": agents()}
    settings = reference / "configuration.md"
    made[settings] = with_settings(settings.read_text(encoding="utf-8"))
    return made


def with_settings(page: str) -> str:
    """Return the page of the settings with the table of the code."""
    before, _, rest = page.partition("## Settings\n\n")
    _, _, after = rest.partition("\n## ")
    return f"{before}## Settings\n\n{table()}\n## {after}"


def api() -> str:
    """Return the page of the public names."""
    parts = [
        "# Python API\n",
        "Every name below is imported from `livedraft`; it is loaded when it is first used, so "
        "`import livedraft` costs next to nothing. Errors have [a page of their own](errors.md).\n",
    ]
    for cls in CLASSES:
        made = cls not in (livedraft.Session, livedraft.AsyncSession)  # a client makes them
        parts += documented(f"livedraft.{cls.__name__}", cls, made=made)
    stages = ", ".join(f'`"{stage}"`' for stage in livedraft.Stage)
    parts += ["## `livedraft.Stage`\n", f"{said_of(livedraft.Stage).strip()} One of {stages}.\n"]
    for function in (livedraft.save, livedraft.launch, livedraft.restyle):
        name = function.__name__
        parts += [f"## `livedraft.{name}`\n", *called(name, function)]
    parts += documented("livedraft.components.SketchToImage", SketchToImage, members=False)
    parts += documented("livedraft.components.LiveVideo", LiveVideo, members=False)
    parts += documented("livedraft.components.TalkingHead", TalkingHead, members=False)
    parts += documented("livedraft.components.VirtualTryOn", VirtualTryOn, members=False)
    parts.append(said_of(SketchToImage.__init__))
    parts += documented("livedraft.components.SketchValue", SketchValue)
    parts += documented("livedraft.components.TryOnValue", TryOnValue)
    return "\n".join(parts)


def media_page() -> str:
    """Return the page of what reads, writes and carries video and sound."""
    parts = [
        "# Video and sound\n",
        "All but the last two are imported from `livedraft.media.codecs`, which needs the extra "
        "`media`. [The guide](../guides/video-and-sound.md) shows them at work.\n",
    ]
    for function in (codecs.probe, codecs.read_video, codecs.read_audio):
        parts += [f"## `{function.__name__}`\n", *called(function.__name__, function)]
    for cls in MEDIA_CLASSES:
        parts += documented(cls.__name__, cls)
    for cls in (Playout, JitterBuffer):
        parts += documented(f"{cls.__module__}.{cls.__name__}", cls)
    return "\n".join(parts)


def error_page() -> str:
    """Return the page of all errors."""
    first, _, tree = (errors.__doc__ or "").partition("\n")
    rows = [
        "| code | class | retry | HTTP | meaning |",
        "|---|---|---|---|---|",
        *(_error_row(cls) for cls in _depth_first(errors.LivedraftError)),
    ]
    return "\n".join(
        [
            "# Errors\n",
            f"{first} Each has `.code`, which is stable, `.message`, `.fix`, which says what to "
            "do, and `.retryable`. `str(error)` is the message with the fix.\n",
            "```text",
            tree.strip("\n"),
            "```\n",
            "On the wire an error carries the same four: as an `error` message of "
            "[the protocol](protocol.md#errors-and-closing), which also has the WebSocket's close "
            'codes, or over HTTP as `{"error": {"code", "message", "retryable", "fix"}}`. The '
            "clients raise the class of the code; an unknown code gives `LivedraftError`.\n",
            *rows,
            "",
            "An `Origin` that is not allowed is answered with HTTP 403. A request body larger than "
            "`max_message_bytes` is answered with 413. Answers with 503 carry `Retry-After`.\n",
        ]
    )


def cli_page() -> str:
    """Return the page of the command line: what each ``--help`` says."""
    parts = ["# Command line\n"]
    group = cast(click.Group, cli)
    root = click.Context(group, info_name="livedraft", **WIDE, **group.context_settings)
    for command, context in _commands(group, root):
        parts += [f"## `{context.command_path}`\n", "```text", command.get_help(context), "```\n"]
    return "\n".join(parts)


def _commands(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    """Yield a command and those below it."""
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            below = command.get_command(context, name)
            assert below is not None, "it is in the list"
            inside = click.Context(below, parent=context, info_name=name, **WIDE)
            yield from _commands(below, inside)


def _depth_first(cls: type[errors.LivedraftError]) -> Iterator[type[errors.LivedraftError]]:
    yield cls
    for child in cls.__subclasses__():
        if child.__module__ == errors.__name__:
            yield from _depth_first(child)


def _error_row(cls: type[errors.LivedraftError]) -> str:
    made = cls.__new__(cls)
    errors.LivedraftError.__init__(made, "")
    status = refusal(made).status_code
    shown = status if status != 500 or issubclass(cls, errors.EngineError) else ""
    retry = "yes" if cls.retryable else ""
    meaning = said_of(cls).partition("\n")[0]
    return f"| `{cls.code}` | `{cls.__name__}` | {retry} | {shown} | {meaning} |"


def main() -> int:
    """Write the pages, or with ``--check`` name those that differ."""
    stale = [path for path, text in pages().items() if not _same(path, text)]
    if "--check" in sys.argv:
        for path in stale:
            print(f"{path.relative_to(ROOT)} is stale: run python docs/generate.py")
        return 1 if stale else 0
    for path, text in pages().items():
        path.write_text(text, encoding="utf-8")
    return 0


def _same(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text


if __name__ == "__main__":
    sys.exit(main())
