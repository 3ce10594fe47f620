"""What an assistant can do at a server of ours, as tools that pass pictures and no files."""

from __future__ import annotations

import asyncio
import base64
import io
import json
from collections.abc import Awaitable, Callable
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver import Image as Shown
from mcp_types import ResourceLink
from PIL import Image
from pydantic import Field

from livedraft.client import AsyncClient, FilmFile
from livedraft.client.frame import Frame
from livedraft.client.info import ModelInfo, RefineProgress
from livedraft.errors import BadInput

from .drawings import Drawings
from .films import Films, sheet
from .paper import Stroke

Params = Annotated[
    dict[str, Any], Field(description="Params of the model by name, as list_models tells them.")
]
Model = Annotated[str, Field(description="A name of list_models; empty: the server's first.")]
Drawing = Annotated[
    str, Field(description="Which drawing, as draw_strokes told it; empty: the one, or a new one.")
]
Paper = Annotated[bool, Field(description="Show the drawing itself instead.")]
Clear = Annotated[bool, Field(description="Begin with white paper.")]
Final = Annotated[
    str,
    Field(description="Who makes the final one, perhaps a film; empty: who makes the drawing's."),
]
Answer = list[str | Shown | ResourceLink]
Made = Image.Image | FilmFile
Count = Callable[[Context], None]  # of whoever asks for a picture; may refuse


def _free(_: Context) -> None:
    """Count nobody."""


class Tools:
    """Tools over one client of a server."""

    def __init__(
        self, client: AsyncClient, drawings: Drawings, films: Films, count: Count = _free
    ) -> None:
        self._client = client
        self._drawings = drawings
        self._films = films
        self._count = count

    async def list_models(self) -> str:
        """List the models, what each takes, and its params with their ranges and defaults."""
        models = await self._client.models()
        return json.dumps([_described(model) for model in models], indent=1)

    async def generate(
        self, ctx: Context, prompt: str, model: Model = "", params: Params | None = None
    ) -> Answer:
        """Make one picture of words, or one film, as list_models says what the model makes."""
        return await self.told(await self.made(ctx, prompt, model, params))

    async def edit(
        self,
        ctx: Context,
        picture: Annotated[str, Field(description="The picture in base64.")],
        prompt: str = "",
        mask: Annotated[
            str, Field(description="As picture; white where it is painted anew; empty: no mask.")
        ] = "",
        model: Model = "",
        params: Params | None = None,
    ) -> Answer:
        """Make one picture of a picture, such as a sketch or a photograph, or one film."""
        pictures = [from_base64(each) if each else b"" for each in (picture, mask)]
        return await self.told(await self.edited(ctx, prompt, pictures, model, params))

    async def draw_strokes(
        self,
        ctx: Context,
        strokes: list[Stroke],
        params: Params | None = None,
        model: Model = "",
        clear: Clear = False,
        drawing: Drawing = "",
    ) -> Answer:
        """Draw on the paper, and see at once what the model makes of all that is on it."""
        await self._check_draws(model or self._drawings.model_of(drawing))
        if not drawing:
            self._count(ctx)
        name, studio = self._drawings.begin(drawing)
        return _live(await studio.draw(strokes, params or {}, model, clear), name)

    async def set_params(self, params: Params, drawing: Drawing = "") -> Answer:
        """Change params of the live drawing, such as its prompt, and see what comes of it."""
        return _live(await self._drawings.find(drawing).update(params), drawing)

    async def refine(
        self, ctx: Context, params: Params | None = None, drawing: Drawing = "", model: Final = ""
    ) -> Answer:
        """Make the final picture of the live drawing, or a film; params count for it alone."""
        return await self.told(await self.refined(ctx, params, drawing, model))

    async def look(self, paper: Paper = False, drawing: Drawing = "") -> Answer:
        """Look at the newest picture of the live drawing."""
        studio = self._drawings.find(drawing)
        if paper:
            return [f"{studio.paper.strokes} strokes", shown(studio.paper.picture)]
        if studio.frame is None:
            raise BadInput("nothing is drawn yet", fix="call draw_strokes first")
        return _live(studio.frame, drawing)

    async def made(
        self, ctx: Context, prompt: str, model: str, params: dict[str, Any] | None
    ) -> Made:
        """Return a picture or film of words."""
        await self._client.info(model)  # refuses what is none
        self._count(ctx)
        return await self._client.final(
            prompt, model=model, on_progress=_progress(ctx), **(params or {})
        )

    async def edited(
        self,
        ctx: Context,
        prompt: str,
        pictures: list[bytes],
        model: str,
        params: dict[str, Any] | None,
    ) -> Made:
        """Return a picture or film of a picture; the second is its mask, if there is one."""
        info = await self._client.info(model)
        if not info.picture_names:
            raise BadInput(f"{info.id} takes no picture", fix="use another model, or generate")
        self._count(ctx)
        inputs = {_first(info): pictures[0]}
        if pictures[1]:
            inputs["mask"] = pictures[1]
        return await self._client.final(
            prompt, inputs=inputs, model=model, on_progress=_progress(ctx), **(params or {})
        )

    async def refined(
        self, ctx: Context, params: dict[str, Any] | None, drawing: str, model: str
    ) -> Made:
        """Return what is final of a drawing; another model takes what it knows of its params."""
        studio = self._drawings.find(drawing)
        if not model or model == studio.model:
            return (await studio.refine(params or {})).image
        info = await self._client.info(model)
        self._count(ctx)
        known = info.params_schema.get("properties", {})
        kept = {name: value for name, value in studio.params.items() if name in known}
        inputs = {_first(info): studio.paper.picture} if info.picture_names else {}
        return await self._client.final(
            inputs=inputs, model=model, on_progress=_progress(ctx), **(kept | (params or {}))
        )

    async def told(self, made: Made, more: str = "", saved: ResourceLink | None = None) -> Answer:
        """Return what is final with what it was made from, and as an assistant can see it."""
        if isinstance(made, Image.Image):
            recipe = made.info.get("livedraft", {})
            about = {"model": recipe.get("model"), "params": recipe.get("params")}
            return [json.dumps(about) + more, shown(made)]
        link = saved or self._films.keep(made)
        told = made.model_dump(include={"model", "seed", "params", "width", "height", "frames"})
        told |= {"seconds": made.seconds, "mime": made.mime, "film": str(link.uri)}
        told |= {"notes": [note["message"] for note in made.notes]} if made.notes else {}
        seen = await asyncio.to_thread(sheet, made)
        return [json.dumps(told) + more, *([shown(seen)] if seen is not None else []), link]

    async def _check_draws(self, model: str) -> None:
        """Raise BadInput for a model whose drafts are no pictures, as far as that is known."""
        info = await self._client.info(model)
        if info.outputs and "picture" not in _makes(info):
            raise BadInput(
                f"{info.id} makes no pictures to draw by",
                fix=f"draw with another model, then refine with model='{info.id}'",
            )


def from_base64(text: str) -> bytes:
    """Return the bytes of base64 or of a data URI; raise BadInput."""
    head, comma, data = text.partition(",")
    try:
        return base64.b64decode(data if comma and head.startswith("data:") else text, validate=True)
    except ValueError:
        raise BadInput(f"'{text[:60]}' is no base64", fix="send the picture in base64") from None


def shown(image: Image.Image) -> Shown:
    """Return a picture as assistants see it."""
    out = io.BytesIO()
    image.save(out, "PNG")
    return Shown(data=out.getvalue(), format="png")


def _live(frame: Frame, drawing: str) -> Answer:
    about: dict[str, Any] = {"stage": frame.stage.value, "model": frame.model}
    about["params"] = frame.params
    if drawing:
        about["drawing"] = drawing
    notes = [note["message"] for note in frame.notes]
    return [json.dumps(about | ({"notes": notes} if notes else {})), shown(frame.image)]


def _progress(ctx: Context) -> Callable[[RefineProgress], Awaitable[None]]:
    """Return who tells an assistant how far its picture or film is, which never goes back."""
    furthest = RefineProgress(0, 0, ())

    async def told(way: RefineProgress) -> None:
        nonlocal furthest
        if way.steps:  # else it is not known, as while a film is decoded
            furthest = max(furthest, way, key=lambda each: each[:2])
        words = "; ".join(note["message"] for note in way.notes)
        await ctx.report_progress(furthest.step, furthest.steps or None, words or None)

    return told


def _first(info: ModelInfo) -> str:
    """Return the name of a model's first picture that is no mask."""
    return next((name for name in info.picture_names if name != "mask"), info.picture_names[0])


def _makes(info: ModelInfo) -> list[str]:
    words = {"image": "picture", "video": "film", "audio": "sound"}
    return [words.get(spec.kind, spec.kind) for spec in info.outputs]


def _described(model: ModelInfo) -> dict[str, Any]:
    """Return what an assistant needs to know of a model."""
    rules = model.params_schema["properties"]
    kept = ("type", "enum", "minimum", "maximum", "default", "description")
    return {
        "model": model.id,
        "title": model.title,
        "description": model.description,
        "task": model.task,
        "makes": _makes(model),
        "takes": [f"{spec.name} ({spec.kind})" for spec in model.inputs],
        "params": {
            name: {key: rule[key] for key in kept if key in rule} for name, rule in rules.items()
        },
    }
