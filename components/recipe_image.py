"""A picture that keeps its recipe when it is saved, whoever saves it."""

from __future__ import annotations

from os import PathLike
from pathlib import Path
from typing import IO, Any, Self

from PIL import Image
from PIL.PngImagePlugin import PngInfo

from livedraft.media.parts import RECIPE_KEY
from livedraft.media.recipes import MOST_JPEG_BYTES, to_exif, to_text


class RecipeImage(Image.Image):
    """A Pillow image whose ``save`` writes ``info["livedraft"]`` into PNG, JPEG and WebP.

    Pillow writes next to nothing of ``info``, and Gradio's components encode a picture anew by its
    ``save``: gr.Image and gr.Gallery as WebP. What is derived from it, as by ``resize``, is a plain
    image again.
    """

    @classmethod
    def of(cls, image: Image.Image) -> Self:
        """Return the same picture."""
        made = cls()
        made.__setstate__(image.__getstate__())
        return made

    def save(
        self,
        fp: str | bytes | PathLike[str] | PathLike[bytes] | IO[bytes],
        format: str | None = None,
        **params: Any,
    ) -> None:
        """Write the picture, as Pillow does."""
        recipe = self.info.get(RECIPE_KEY)
        text = to_text(recipe if isinstance(recipe, dict) else None)
        kind = (format or _kind(fp)).upper()
        if text and kind == "PNG":
            chunks = params.setdefault("pnginfo", PngInfo())
            chunks.add_itxt(RECIPE_KEY, text)
        elif text and kind in ("JPEG", "WEBP"):
            text = to_text(recipe, MOST_JPEG_BYTES) if kind == "JPEG" else text
            params.setdefault("exif", to_exif(text))
        super().save(fp, format, **params)


def _kind(fp: object) -> str:
    if not isinstance(fp, (str, PathLike)):
        return ""
    return Image.registered_extensions().get(Path(str(fp)).suffix.lower(), "")
