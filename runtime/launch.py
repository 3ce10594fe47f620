"""``livedraft.launch(demo)``: a Gradio app and the runtime on one port."""

from __future__ import annotations

import asyncio
import inspect
import os
from contextlib import suppress
from typing import TYPE_CHECKING, Any, Literal, overload

from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp

from livedraft.errors import ConfigError, MissingExtraError, did_you_mean

from .config import NAMES
from .loading import Loaded, load
from .running import Thread, serve
from .server import Server

if TYPE_CHECKING:
    from gradio import Blocks

# Ours to say, or without meaning where the runtime owns the port.
_NOT_YOURS = {"app", "blocks", "path", "server_name", "server_port", "ssr_mode"}


async def _refused(_: object) -> PlainTextResponse:
    return PlainTextResponse("this server fetches no other addresses", status_code=403)


# Gradio would fetch and hand on any public address, for anybody who asks.
_NO_FETCHING = [
    Route(f"/gradio_api/file{between}{{url:path}}", _refused, methods=["GET"])
    for between in ("=http:", "=https:", "/http:", "/https:")
]


@overload
def launch(demo: Blocks, *, prevent_thread_lock: Literal[True], **settings: Any) -> Thread: ...


@overload
def launch(
    demo: Blocks, *, prevent_thread_lock: bool = False, **settings: Any
) -> Thread | None: ...


def launch(demo: Blocks, *, prevent_thread_lock: bool = False, **settings: Any) -> Thread | None:
    """Serve a Gradio app together with the models that its components use, on one port.

    ``settings`` are those of ``livedraft serve`` (``port=8000``, ``models=["ink"]``) and those of
    ``gradio.mount_gradio_app`` (``theme=…``, ``css=…``, ``auth=…``). ``livedraft.toml`` and
    ``LIVEDRAFT_*`` count as they do there.

    Blocks until the server ends, except with ``prevent_thread_lock`` or where an event loop
    already runs, as in a notebook: then it returns the running server with ``url`` and
    ``close()``. Raises ConfigError for an unknown setting and MissingExtraError without Gradio.

    Gradio's ``auth`` guards the Gradio pages alone; the runtime's own routes are guarded by
    ``origins`` and ``token``.
    """
    try:
        from gradio import mount_gradio_app
    except ModuleNotFoundError:
        raise MissingExtraError("ui", "livedraft.launch") from None

    theirs = inspect.signature(mount_gradio_app).parameters.keys() - _NOT_YOURS
    loaded, pages = _sorted_out(settings, set(theirs))

    def mount(server: Server, url: str) -> ASGIApp:
        port = int(url.rpartition(":")[2])
        server.app.router.routes.extend(_NO_FETCHING)
        # Server-side rendering puts a Node proxy on the port, which lets no WebSocket through.
        app: ASGIApp = mount_gradio_app(
            server.app,  # pyright: ignore[reportArgumentType]  # any Starlette app will do
            demo,
            path="/",
            server_name=loaded.config.host,
            server_port=port,
            ssr_mode=False,
            **pages,
        )
        # Gradio checks which files a client may name only in apps that its own launch() started.
        demo.has_launched = demo.is_running = True
        return app

    if prevent_thread_lock or _loop_runs():
        server = Thread(loaded.config, mount)
        _tell(server.url)
        return server
    with suppress(KeyboardInterrupt):  # told again after the server has drained
        serve(loaded.config, _tell, mount)
    return None


def _tell(url: str) -> None:
    print(f"livedraft is at {url}  (Ctrl+C ends it)", flush=True)


def _sorted_out(settings: dict[str, Any], theirs: set[str]) -> tuple[Loaded, dict[str, Any]]:
    """Tell the runtime's settings from Gradio's; raise ConfigError for one that is neither's."""
    ours = {name: value for name, value in settings.items() if name in NAMES}
    pages = {name: value for name, value in settings.items() if name not in NAMES}
    for name in pages:
        if name not in theirs:
            fix = did_you_mean(name, {*NAMES, *theirs})
            raise ConfigError(f"launch() takes no '{name}'", fix=fix)
    return load(ours, os.environ), pages


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
