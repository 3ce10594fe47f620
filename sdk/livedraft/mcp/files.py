"""The tools of an assistant on this machine: pictures also come from files, and go into them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from mcp.server.mcpserver import Context
from pydantic import Field

from livedraft.client import FilmFile
from livedraft.client.frame import save
from livedraft.errors import BadInput
from livedraft.files import check_writable
from livedraft.media.images import mime_of

from .films import link
from .tools import Answer, Drawing, Final, Made, Model, Params, Tools, from_base64

SaveTo = Annotated[
    str,
    Field(description="A path to write to: .png, .jpg or .webp, of a film .mp4; empty: nowhere."),
]


class ToolsWithFiles(Tools):
    """Tools that read and write files with the rights of who starts them."""

    async def generate(
        self,
        ctx: Context,
        prompt: str,
        model: Model = "",
        params: Params | None = None,
        save_to: SaveTo = "",
    ) -> Answer:
        """Make one picture of words, or one film, as list_models says what the model makes."""
        _check(save_to)
        return await self._saved(await self.made(ctx, prompt, model, params), save_to)

    async def edit(
        self,
        ctx: Context,
        picture: Annotated[str, Field(description="A path, or the picture in base64.")],
        prompt: str = "",
        mask: Annotated[
            str, Field(description="As picture; white where it is painted anew; empty: no mask.")
        ] = "",
        model: Model = "",
        params: Params | None = None,
        save_to: SaveTo = "",
    ) -> Answer:
        """Make one picture of a picture, such as a sketch or a photograph, or one film."""
        _check(save_to)
        pictures = [_picture(each) if each else b"" for each in (picture, mask)]
        return await self._saved(await self.edited(ctx, prompt, pictures, model, params), save_to)

    async def refine(
        self,
        ctx: Context,
        params: Params | None = None,
        drawing: Drawing = "",
        model: Final = "",
        save_to: SaveTo = "",
    ) -> Answer:
        """Make the final picture of the live drawing, or a film; params count for it alone."""
        _check(save_to)
        return await self._saved(await self.refined(ctx, params, drawing, model), save_to)

    async def _saved(self, made: Made, save_to: str) -> Answer:
        """Write a picture or film, under a name that ends as it does, and return it."""
        if not save_to:
            return await self.told(made)
        path = Path(save_to)
        if isinstance(made, FilmFile):
            path = path.with_suffix(".mp4")
            await asyncio.to_thread(made.save, path)
            return await self.told(made, f"\nsaved to {path}", link(path.resolve().as_uri(), made))
        if _films(path):
            path = path.with_suffix(".png")
        await asyncio.to_thread(save, made, path)
        return await self.told(made, f"\nsaved to {path}")


def _picture(text: str) -> bytes:
    """Return a picture of a file, or of base64; raise BadInput."""
    if len(text) < 4096 and not text.startswith("data:") and Path(text).is_file():
        return Path(text).read_bytes()
    try:
        return from_base64(text)
    except BadInput:
        raise BadInput(
            f"'{text[:60]}' is neither a file nor base64", fix="give a path that exists"
        ) from None


def _check(save_to: str) -> None:
    """Refuse a path before anything is made for it; raise ConfigError or InvalidImage."""
    if not save_to:
        return
    if not _films(Path(save_to)):
        mime_of(save_to)
    check_writable(Path(save_to))


def _films(path: Path) -> bool:
    return path.suffix.lower() == ".mp4"
