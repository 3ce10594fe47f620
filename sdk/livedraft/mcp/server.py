"""The tools of a server of ours, for assistants: the official SDK carries them."""

from __future__ import annotations

import asyncio
import base64
import functools
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Annotated, Any, ParamSpec, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver import Image as Shown
from mcp.server.mcpserver.exceptions import ToolError
from PIL import Image
from pydantic import Field

from livedraft.client import AsyncClient
from livedraft.client.frame import Frame, save
from livedraft.client.info import ModelInfo
from livedraft.errors import BadInput, LivedraftError
from livedraft.files import check_writable
from livedraft.version import __version__

from .paper import Stroke
from .studio import Studio

INSTRUCTIONS = """livedraft makes pictures on this machine, from words and from drawings.
Begin with list_models: each model says which params it takes. generate makes one picture of words,
edit one of a picture. To draw: draw_strokes (coordinates 0 to 1, y downwards), look at what comes
back, draw more or set_params, and refine for the final picture. save_to writes a picture with its
recipe, from which it can be made again."""

Params = Annotated[
    dict[str, Any], Field(description="Params of the model by name, as list_models tells them.")
]
Model = Annotated[str, Field(description="A name of list_models; empty: the server's first.")]
SaveTo = Annotated[
    str, Field(description="A path to write the picture to: .png, .jpg or .webp; empty: nowhere.")
]
Answer = list[str | Shown]
P = ParamSpec("P")
T = TypeVar("T")


def server_for(client: AsyncClient) -> MCPServer:
    """Return tools for a server, with one drawing; the client is closed with them."""
    studio = Studio(client)

    @asynccontextmanager
    async def lifespan(_: MCPServer) -> AsyncIterator[None]:
        try:
            yield
        finally:
            await studio.close()
            await client.close()

    server = MCPServer(
        "livedraft", instructions=INSTRUCTIONS, version=__version__, lifespan=lifespan
    )

    @server.tool()
    @_telling
    async def list_models() -> str:
        """List the models, what each takes, and its params with their ranges and defaults."""
        models = await client.models()
        return json.dumps([_described(model) for model in models], indent=1)

    @server.tool()
    @_telling
    async def generate(
        prompt: str, model: Model = "", params: Params | None = None, save_to: SaveTo = ""
    ) -> Answer:
        """Make one picture of words."""
        _check(save_to)
        made = await client.generate(prompt, model=model, **(params or {}))
        return await _answer(made, save_to)

    @server.tool()
    @_telling
    async def edit(
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
        inputs = {await _input(client, model): _picture(picture)}
        if mask:
            inputs["mask"] = _picture(mask)
        made = await client.generate(prompt, inputs=inputs, model=model, **(params or {}))
        return await _answer(made, save_to)

    @server.tool()
    @_telling
    async def draw_strokes(
        strokes: list[Stroke],
        params: Params | None = None,
        model: Model = "",
        clear: Annotated[bool, Field(description="Begin with white paper.")] = False,
    ) -> Answer:
        """Draw on the paper, and see at once what the model makes of all that is on it."""
        return await _live(await studio.draw(strokes, params or {}, model, clear))

    @server.tool()
    @_telling
    async def set_params(params: Params) -> Answer:
        """Change params of the live drawing, such as its prompt, and see what comes of it."""
        return await _live(await studio.update(params))

    @server.tool()
    @_telling
    async def refine(params: Params | None = None, save_to: SaveTo = "") -> Answer:
        """Make the final picture of the live drawing; params count for this one alone."""
        _check(save_to)
        frame = await studio.refine(params or {})
        return await _answer(frame.image, save_to)

    @server.tool()
    @_telling
    async def look(
        paper: Annotated[bool, Field(description="Show the drawing itself instead.")] = False,
    ) -> Answer:
        """Look at the newest picture of the live drawing."""
        if paper:
            return [f"{len(studio.paper.strokes)} strokes", _shown(studio.paper.picture)]
        if studio.frame is None:
            raise BadInput("nothing is drawn yet", fix="call draw_strokes first")
        return await _live(studio.frame)

    return server


async def run(url: str, token: str | None) -> None:
    """Serve over stdin and stdout until they close."""
    await server_for(AsyncClient(url, token)).run_stdio_async()


def _telling(tool: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Have an assistant hear what was wrong: of errors of other kinds the SDK says nothing."""

    @functools.wraps(tool)
    async def told(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await tool(*args, **kwargs)
        except LivedraftError as error:
            raise ToolError(str(error)) from error

    return told


def _described(model: ModelInfo) -> dict[str, Any]:
    """Return what an assistant needs to know of a model."""
    rules = model.params_schema["properties"]
    kept = ("type", "enum", "minimum", "maximum", "default", "description")
    return {
        "model": model.id,
        "title": model.title,
        "task": model.task,
        "takes": [f"{spec.name} ({spec.kind})" for spec in model.inputs],
        "params": {
            name: {key: rule[key] for key in kept if key in rule} for name, rule in rules.items()
        },
    }


async def _input(client: AsyncClient, model: str) -> str:
    """Return the name of a model's first picture; raise BadInput where it takes none."""
    models = await client.models()
    found = next((each for each in models if each.id == model), models[0])
    names = [spec.name for spec in found.inputs if spec.kind == "image"]
    names = [name for name in names if name != "mask"]
    if not names:
        raise BadInput(f"{found.id} takes no picture", fix="use another model, or generate")
    return names[0]


def _picture(text: str) -> bytes:
    """Return a picture of a file, or of base64; raise BadInput."""
    head, comma, data = text.partition(",")
    if not comma and len(text) < 4096 and Path(text).is_file():
        return Path(text).read_bytes()
    try:
        return base64.b64decode(data if comma and head.startswith("data:") else text, validate=True)
    except ValueError:
        raise BadInput(
            f"'{text[:60]}' is neither a file nor base64", fix="give a path that exists"
        ) from None


def _check(save_to: str) -> None:
    if save_to:
        check_writable(Path(save_to))


async def _answer(made: Image.Image, save_to: str) -> Answer:
    recipe = made.info.get("livedraft", {})
    told = json.dumps({"model": recipe.get("model"), "params": recipe.get("params")})
    if save_to:
        await asyncio.to_thread(save, made, save_to)
        told += f"\nsaved to {save_to}"
    return [told, _shown(made)]


async def _live(frame: Frame) -> Answer:
    told: dict[str, Any] = {"stage": frame.stage.value, "model": frame.model}
    told["params"] = frame.params
    notes = [note["message"] for note in frame.notes]
    return [json.dumps(told | ({"notes": notes} if notes else {})), _shown(frame.image)]


def _shown(image: Image.Image) -> Shown:
    out = io.BytesIO()
    image.save(out, "PNG")
    return Shown(data=out.getvalue(), format="png")
