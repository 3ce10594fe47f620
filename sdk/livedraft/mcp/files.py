"""The tools of an assistant on this machine: pictures also come from files, and go into them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from mcp.server.mcpserver import Context
from PIL import Image
from pydantic import Field

from livedraft.client.frame import save
from livedraft.errors import BadInput
from livedraft.files import check_writable

from .tools import Answer, Drawing, Model, Params, Tools, from_base64, told

SaveTo = Annotated[
    str, Field(description="A path to write the picture to: .png, .jpg or .webp; empty: nowhere.")
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
        """Make one picture of words."""
        _check(save_to)
        return await _saved(await self.made(ctx, prompt, model, params), save_to)

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
        """Make one picture of a picture, such as a sketch or a photograph."""
        _check(save_to)
        pictures = [_picture(each) if each else b"" for each in (picture, mask)]
        return await _saved(await self.edited(ctx, prompt, pictures, model, params), save_to)

    async def refine(
        self, params: Params | None = None, drawing: Drawing = "", save_to: SaveTo = ""
    ) -> Answer:
        """Make the final picture of the live drawing; params count for this one alone."""
        _check(save_to)
        return await _saved(await self.refined(params, drawing), save_to)


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
    if save_to:
        check_writable(Path(save_to))


async def _saved(made: Image.Image, save_to: str) -> Answer:
    if not save_to:
        return told(made)
    await asyncio.to_thread(save, made, save_to)
    return told(made, f"\nsaved to {save_to}")
