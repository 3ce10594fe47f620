"""Files that may be named: by pages and clients those of Gradio's cache, by functions some more."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.context import LocalContext
from gradio.utils import get_upload_folder, is_allowed_file

from livedraft.errors import BadInput, InvalidImage, InvalidParams


@contextmanager
def explained() -> Iterator[None]:
    """Tell in the page what is wrong with a picture or with params."""
    try:
        yield
    except BadInput as error:
        raise gr.Error(str(error), print_exception=False) from None


def cached(path: str, *caches: str | Path) -> Path:
    """Return where a file in Gradio's caches really lies; raise InvalidImage for any other path.

    Uploads and what components wrote are in them. Links are followed before the path is judged,
    so that none leads out.
    """
    try:
        real = Path(path).resolve(strict=True)
        if real.is_file() and any(real.is_relative_to(Path(c).resolve()) for c in caches):
            return real
    except (OSError, ValueError, RuntimeError):
        pass  # gone, a name that no file can have, or links in a ring: as any other
    raise InvalidImage(
        "the picture is none that was uploaded here, or its time is over",
        fix="upload it, from Python with gradio_client.handle_file(path), or draw on",
    )


def check_named(path: object) -> None:
    """Refuse a file that a function of a running app may not show; raise InvalidImage.

    Functions pass on what clients sent: stored recipes, params, the text of another component. So
    they show what Gradio's own components show of them: files of the app's folder, of the folder
    for temporary files, and of ``allowed_paths``.
    """
    app = LocalContext.blocks.get(None)
    if app is None or not app.has_launched:
        return  # the program itself gives its first values
    folders = (*app.allowed_paths, Path.cwd(), tempfile.gettempdir(), get_upload_folder())
    try:
        allowed, _ = is_allowed_file(
            Path(str(path)).resolve(),
            blocked_paths=app.blocked_paths,
            allowed_paths=[Path(folder).resolve() for folder in folders],
            created_paths=[],
        )
    except (OSError, ValueError, RuntimeError):
        allowed = False  # see ``cached``
    if not allowed:
        raise InvalidImage(
            "a function named a picture outside of the app's folder",
            fix="add its folder to 'allowed_paths', or return the picture itself",
        )


def without_files(params: Mapping[str, Any]) -> dict[str, Any]:
    """Return params as they are; raise InvalidParams where a map in them names a file.

    Gradio takes such a map for a file wherever it finds one in an output, copies what it names
    into its cache and serves it. Params come from pages, from clients and out of pictures.
    """
    if names_a_file(params):
        raise InvalidParams(
            "a param names a file of the server", fix="send pictures as 'image' and 'sketch'"
        )
    return dict(params)


def names_a_file(value: object) -> bool:
    """Return whether Gradio would see a file anywhere in a value."""
    waiting = [value]
    while waiting:  # no recursion: the value is anybody's, of any depth
        one = waiting.pop()
        if isinstance(one, Mapping):
            if "path" in one and "meta" in one:
                return True
            waiting.extend(one.values())
        elif isinstance(one, (list, tuple)):
            waiting.extend(one)
    return False
