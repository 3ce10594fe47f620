"""What an assistant can do at a server of ours, as tools that pass pictures and no files."""

from __future__ import annotations

import base64
import io
import json
from collections.abc import Callable
from typing import Annotated, Any

from mcp.server.mcpserver import Context
from mcp.server.mcpserver import Image as Shown
from PIL import Image
from pydantic import Field

from livedraft.client import AsyncClient
from livedraft.client.frame import Frame
from livedraft.client.info import ModelInfo
from livedraft.errors import BadInput

from .drawings import Drawings
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
Answer = list[str | Shown]
Count = Callable[[Context], None]  # of whoever asks for a picture; may refuse


def _free(_: Context) -> None:
    """Count nobody."""


class Tools:
    """Tools over one client of a server."""

    def __init__(self, client: AsyncClient, drawings: Drawings, count: Count = _free) -> None:
        self._client = client
        self._drawings = drawings
        self._count = count

    async def list_models(self) -> str:
        """List the models, what each takes, and its params with their ranges and defaults."""
        models = await self._client.models()
        return json.dumps([_described(model) for model in models], indent=1)

    async def generate(
        self, ctx: Context, prompt: str, model: Model = "", params: Params | None = None
    ) -> Answer:
        """Make one picture of words."""
        return told(await self.made(ctx, prompt, model, params))

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
        """Make one picture of a picture, such as a sketch or a photograph."""
        pictures = [from_base64(each) if each else b"" for each in (picture, mask)]
        return told(await self.edited(ctx, prompt, pictures, model, params))

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
        if not drawing:
            self._count(ctx)
        name, studio = self._drawings.begin(drawing)
        return _live(await studio.draw(strokes, params or {}, model, clear), name)

    async def set_params(self, params: Params, drawing: Drawing = "") -> Answer:
        """Change params of the live drawing, such as its prompt, and see what comes of it."""
        return _live(await self._drawings.find(drawing).update(params), drawing)

    async def refine(self, params: Params | None = None, drawing: Drawing = "") -> Answer:
        """Make the final picture of the live drawing; params count for this one alone."""
        return told(await self.refined(params, drawing))

    async def look(self, paper: Paper = False, drawing: Drawing = "") -> Answer:
        """Look at the newest picture of the live drawing."""
        studio = self._drawings.find(drawing)
        if paper:
            return [f"{len(studio.paper.strokes)} strokes", shown(studio.paper.picture)]
        if studio.frame is None:
            raise BadInput("nothing is drawn yet", fix="call draw_strokes first")
        return _live(studio.frame, drawing)

    async def made(
        self, ctx: Context, prompt: str, model: str, params: dict[str, Any] | None
    ) -> Image.Image:
        """Return a picture of words."""
        self._count(ctx)
        return await self._client.generate(prompt, model=model, **(params or {}))

    async def edited(
        self,
        ctx: Context,
        prompt: str,
        pictures: list[bytes],
        model: str,
        params: dict[str, Any] | None,
    ) -> Image.Image:
        """Return a picture of a picture; the second is its mask, if there is one."""
        self._count(ctx)
        inputs = {await self._input(model): pictures[0]}
        if pictures[1]:
            inputs["mask"] = pictures[1]
        return await self._client.generate(prompt, inputs=inputs, model=model, **(params or {}))

    async def refined(self, params: dict[str, Any] | None, drawing: str) -> Image.Image:
        """Return the final picture of a drawing."""
        return (await self._drawings.find(drawing).refine(params or {})).image

    async def _input(self, model: str) -> str:
        """Return the name of a model's first picture; raise BadInput where it takes none."""
        models = await self._client.models()
        found = next((each for each in models if each.id == model), models[0])
        names = [spec.name for spec in found.inputs if spec.kind == "image"]
        names = [name for name in names if name != "mask"]
        if not names:
            raise BadInput(f"{found.id} takes no picture", fix="use another model, or generate")
        return names[0]


def from_base64(text: str) -> bytes:
    """Return the bytes of base64 or of a data URI; raise BadInput."""
    head, comma, data = text.partition(",")
    try:
        return base64.b64decode(data if comma and head.startswith("data:") else text, validate=True)
    except ValueError:
        raise BadInput(f"'{text[:60]}' is no base64", fix="send the picture in base64") from None


def told(made: Image.Image, more: str = "") -> Answer:
    """Return a final picture with what it was made from."""
    recipe = made.info.get("livedraft", {})
    about = json.dumps({"model": recipe.get("model"), "params": recipe.get("params")})
    return [about + more, shown(made)]


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


def _described(model: ModelInfo) -> dict[str, Any]:
    """Return what an assistant needs to know of a model."""
    rules = model.params_schema["properties"]
    kept = ("type", "enum", "minimum", "maximum", "default", "description")
    return {
        "model": model.id,
        "title": model.title,
        "description": model.description,
        "task": model.task,
        "takes": [f"{spec.name} ({spec.kind})" for spec in model.inputs],
        "params": {
            name: {key: rule[key] for key in kept if key in rule} for name, rule in rules.items()
        },
    }
