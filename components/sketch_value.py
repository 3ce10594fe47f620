"""What a sketch component holds: pictures and params, in Python and on Gradio's wire."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from html import escape
from os import PathLike
from pathlib import Path
from typing import Any, Self

import gradio as gr
from gradio.data_classes import FileData, GradioModel
from gradio.processing_utils import save_bytes_to_cache, save_file_to_cache
from PIL import Image
from pydantic import ConfigDict, Field, ModelWrapValidatorHandler, ValidationError, model_validator

from livedraft.errors import InvalidImage
from livedraft.media.images import decode, encode
from livedraft.media.parts import RECIPE_KEY
from livedraft.media.recipes import with_recipe
from livedraft.media.sources import PictureSource, load

from .recipe_image import RecipeImage
from .uploads import cached, check_named, names_a_file, without_files

THUMBNAIL_PX = 96


@dataclass(frozen=True, slots=True)
class SketchValue:
    """A drawing, the picture made of it, and the params it was made with."""

    image: Image.Image | None = None  # what the model made; its recipe in ``.info["livedraft"]``,
    # which stays with it when it is saved, by Gradio's components too
    sketch: Image.Image | None = None  # what was drawn, RGBA
    params: dict[str, Any] = field(default_factory=dict)  # all of the model's
    model: str = ""  # that made the image
    mask: Image.Image | None = None  # white where the sketch is painted anew; None: of all of it
    film: Path | None = None  # an MP4 in place of the image, where the model makes films

    @property
    def prompt(self) -> str:
        """What the picture shows."""
        return str(self.params.get("prompt", ""))

    @property
    def style(self) -> str | None:
        """The style, where the model has styles."""
        return self.params.get("style")

    @property
    def seed(self) -> int | None:
        """The seed: the same one gives the same picture."""
        return self.params.get("seed")

    @property
    def strength(self) -> float | None:
        """How far the model may go from the drawing, in 0..1."""
        return self.params.get("strength")


class SketchData(GradioModel):
    """A sketch value on Gradio's wire; params that stand beside ``params`` count before those.

    A file alone is a sketch. What is no value at all is told to whoever sent it.
    """

    model_config = ConfigDict(extra="allow")  # any param of the model

    image: FileData | None = None
    sketch: FileData | None = None
    mask: FileData | None = None
    film: FileData | None = None
    prompt: str | None = None
    params: dict[str, Any] = Field(default_factory=dict)
    model: str | None = None

    @property
    def named(self) -> dict[str, Any]:
        """Params that stand beside ``params``, as API clients write them."""
        found = {"prompt": self.prompt, **(self.model_extra or {})}
        return {name: value for name, value in found.items() if value is not None}

    @model_validator(mode="wrap")
    @classmethod
    def _explained(cls, given: Any, read: ModelWrapValidatorHandler[Self]) -> Self:
        if isinstance(given, dict) and "path" in given and "meta" in given:
            given = {"sketch": given}
        try:
            return read(given)
        except ValidationError as error:
            raise gr.Error(_wrong(error), print_exception=False) from None


SketchLike = SketchValue | Mapping[str, Any] | PictureSource


def read(data: SketchData, cache: str) -> SketchValue:
    """Return what came from the page or an API client: its files are in ``cache``.

    Raises InvalidImage for a bad picture or any other file, InvalidParams for params with a file.
    """
    params = without_files({**data.params, **data.named})
    image, sketch, mask = (_picture(each, cache) for each in (data.image, data.sketch, data.mask))
    film = cached(data.film.path, cache) if data.film else None
    return SketchValue(image, sketch, params, data.model or "", mask, film)


def write(given: SketchLike, cache: str) -> SketchData:
    """Return what goes to the page: pictures and a film as files in ``cache``.

    A picture alone is a sketch; a map holds ``image``, ``sketch``, ``mask``, ``film``, ``params``
    and single params.
    Raises InvalidImage for what is no picture and a film that is no file,
    InvalidParams for params with a file.
    """
    value = to_value(given)
    return SketchData(
        image=_file(value.image, "image.png", cache),
        sketch=_file(value.sketch, "sketch.png", cache),
        mask=_file(value.mask, "mask.png", cache),
        film=_copied(value.film, cache),
        params=without_files(value.params),
        model=value.model or None,
    )


def to_value(given: SketchLike) -> SketchValue:
    """Return a value as Python holds it, whatever form it has."""
    if isinstance(given, SketchValue):
        return given
    if not isinstance(given, Mapping):
        return SketchValue(sketch=_loaded(given))
    fields = dict(given)
    pictures = [fields.pop(name, None) for name in ("image", "sketch", "mask")]
    image, sketch, mask = (None if each is None else _loaded(each) for each in pictures)
    film = fields.pop("film", None)
    model = str(fields.pop("model", None) or "")
    params = {**(fields.pop("params", None) or {}), **fields}
    return SketchValue(
        image=image,
        sketch=sketch,
        params={name: value for name, value in params.items() if value is not None},
        model=model,
        mask=mask,
        film=None if film is None else Path(film),
    )


def as_html(value: SketchValue) -> str:
    """Return a small picture and the prompt, for a table of examples."""
    shown = value.sketch or value.image
    prompt = escape(value.prompt)
    if shown is None:
        return f"<span>{prompt}</span>"
    small = shown.copy()
    small.thumbnail((THUMBNAIL_PX, THUMBNAIL_PX))
    data = base64.b64encode(encode(small)).decode("ascii")
    style = "display:inline-block;height:64px;background:white;border-radius:8px"
    return f'<img src="data:image/png;base64,{data}" alt="{prompt}" style="{style}"> {prompt}'


def _loaded(picture: PictureSource) -> Image.Image:
    if isinstance(picture, (str, PathLike)):
        check_named(picture)
    return load(picture)


def _wrong(error: ValidationError) -> str:
    """Say what is wrong with a value that a client sent, and what to send."""
    first = error.errors()[0]
    where = ".".join(str(key) for key in first["loc"] if key != "SketchData")
    sent = str(first["input"])[:60]
    if where.partition(".")[0] in ("", "sketch", "image", "mask", "film"):
        return (
            f"{where or 'the value'} is no file: {sent!r} (send gradio_client.handle_file(path), "
            "alone or as 'sketch' in a map with params)"
        )
    return f"{where} = {sent!r}: {first['msg'].lower()}"


def _picture(file: FileData | None, cache: str) -> Image.Image | None:
    if file is None:
        return None
    image = with_recipe(decode(cached(file.path, cache).read_bytes()))
    if names_a_file(image.info.get(RECIPE_KEY)):  # a listener may well show it
        del image.info[RECIPE_KEY]
    return RecipeImage.of(image)


def _file(image: Image.Image | None, name: str, cache: str) -> FileData | None:
    if image is None:
        return None
    recipe = image.info.get(RECIPE_KEY)
    data = encode(image, recipe=recipe if isinstance(recipe, dict) else None)
    return FileData(path=save_bytes_to_cache(data, name, cache), orig_name=name)


def _copied(film: Path | None, cache: str) -> FileData | None:
    if film is None:
        return None
    check_named(film)
    try:
        return FileData(path=save_file_to_cache(film, cache), orig_name=film.name)
    except OSError as error:
        raise InvalidImage(f"the film cannot be read: {error}", fix="name a file") from None
