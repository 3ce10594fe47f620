"""``livedraft.launch(demo)``: a Gradio app and the runtime on one port."""

from __future__ import annotations

import asyncio
import inspect
import os
import warnings
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import TYPE_CHECKING, Any, Literal, overload

from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.types import ASGIApp, Lifespan

from livedraft.errors import ConfigError, MissingExtraError, did_you_mean

from .config import NAMES, Config
from .judge import Judge
from .loading import Loaded, load, parse
from .running import Thread, serve
from .server import Server

if TYPE_CHECKING:
    from gradio import Blocks

# Ours to say, or without meaning where the runtime owns the port.
_NOT_YOURS = {"app", "blocks", "path", "server_name", "server_port", "ssr_mode"}

# What people know from Gradio's own launch(), and what stands for it here.
_INSTEAD = {
    "server_name": "use host",
    "server_port": "use port",
    "share": "no tunnel is made; serve it behind your own, see the guide on deploying",
    "inbrowser": "open the address that it prints",
    "ssr_mode": "its proxy lets no WebSocket through, so it is off",
    "ssl_certfile": "put a proxy that speaks TLS before it, see the guide on deploying",
    "ssl_keyfile": "put a proxy that speaks TLS before it, see the guide on deploying",
}
_FROM_GRADIO = {"host": "GRADIO_SERVER_NAME", "port": "GRADIO_SERVER_PORT"}
_PATHS_FROM_GRADIO = {
    "allowed_paths": "GRADIO_ALLOWED_PATHS",
    "blocked_paths": "GRADIO_BLOCKED_PATHS",
}
# Variables that do something for Gradio's launch() and nothing here: what they ask for, what to do.
_WITHOUT_EFFECT = {
    "GRADIO_SHARE": _INSTEAD["share"],
    "GRADIO_SSR_MODE": _INSTEAD["ssr_mode"],
    "GRADIO_WATCH_DIRS": "'gradio app.py' reloads nothing here: run 'python app.py' and start it"
    " again after a change; or see the guide on Gradio for reloading beside 'livedraft serve'",
}

# A picture's upload comes with each rest of the pen, some 0.5 MB; Gradio would keep all of them
# until the server ends. So every ten minutes it deletes what nobody has used for an hour.
_DELETE_CACHE_S = (600, 3600)


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
    ``gradio.mount_gradio_app`` (``theme=…``, ``css=…``, ``auth=…``, ``root_path=…``).
    ``livedraft.toml`` and ``LIVEDRAFT_*`` count as they do there; where they say nothing,
    ``GRADIO_SERVER_NAME`` and ``GRADIO_SERVER_PORT`` do.

    Blocks until the server ends, except with ``prevent_thread_lock`` or where an event loop
    already runs, as in a notebook: then it returns the running server with ``url`` and
    ``close()``. Raises ConfigError for an unknown setting and MissingExtraError without Gradio.

    Gradio's ``auth`` guards the Gradio pages alone; the runtime's own routes are guarded by
    ``origins`` and ``token``. The app's components are told the token, so whoever may open a page
    may use the server.

    Files that the app's users upload are deleted when they are an hour old, unless the app says
    otherwise by ``gr.Blocks(delete_cache=…)``.
    """
    try:
        from gradio import mount_gradio_app
    except ModuleNotFoundError:
        raise MissingExtraError("ui", "livedraft.launch") from None

    theirs = inspect.signature(mount_gradio_app).parameters.keys() - _NOT_YOURS
    loaded, pages = _sorted_out(settings, set(theirs))
    _answer_environment()
    _give_server(demo, loaded.config)

    def mount(server: Server, url: str) -> ASGIApp:
        port = int(url.rpartition(":")[2])
        server.app.router.routes.extend(_NO_FETCHING)
        demo.delete_cache = demo.delete_cache or _DELETE_CACHE_S
        # Server-side rendering puts a Node proxy on the port, which lets no WebSocket through.
        with warnings.catch_warnings():
            # Of several pages Gradio tells that it is off, though nobody asked for it.
            warnings.filterwarnings("ignore", "SSR mode is not supported", UserWarning)
            app: ASGIApp = mount_gradio_app(
                server.app,  # pyright: ignore[reportArgumentType]  # any Starlette app will do
                demo,
                path="/",
                server_name=loaded.config.host,
                server_port=port,
                ssr_mode=False,
                **pages,
            )
        # Gradio checks which files a client may name only in apps that its own launch() started,
        # and takes any drawing in SVG for its own while an app is not said to run.
        demo.has_launched = demo.is_running = True
        server.app.router.lifespan_context = _running(demo, server.app.router.lifespan_context)
        return app

    if prevent_thread_lock or _loop_runs():
        server = Thread(loaded.config, mount)
        _announce(server.url)
        return server
    with suppress(KeyboardInterrupt):  # told again after the server has drained
        serve(loaded.config, _announce, mount)
    return None


def _running(demo: Blocks, inner: Lifespan[Any]) -> Lifespan[Any]:
    """Return a lifespan after which an app counts as ended, so that it can be launched again."""

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[Any]:
        try:
            async with inner(app) as state:
                yield state
        finally:
            demo.is_running = False

    return lifespan


def _give_server(demo: Blocks, config: Config) -> None:
    """Let the components that stand in an app, and those that it will render, use its server.

    Raises InvalidParams for one whose params its model does not take.
    """
    judge = Judge(config)
    for block in (demo, *demo.blocks.values()):
        if block is demo or hasattr(type(block), "runtime_token"):
            vars(block).update(runtime_token=config.token, runtime_judge=judge)
    for component in demo.blocks.values():
        ours: Any = component
        if hasattr(type(component), "runtime_judge"):
            ours.judge(ours.params)


def _announce(url: str) -> None:
    print(f"livedraft is at {url}  (Ctrl+C ends it)", flush=True)


def _sorted_out(settings: dict[str, Any], theirs: set[str]) -> tuple[Loaded, dict[str, Any]]:
    """Tell the runtime's settings from Gradio's; raise ConfigError for one that is neither's."""
    ours = {name: value for name, value in settings.items() if name in NAMES}
    pages = {name: value for name, value in settings.items() if name not in NAMES}
    for name in pages:
        if name not in theirs:
            fix = _INSTEAD.get(name) or did_you_mean(name, {*NAMES, *theirs})
            raise ConfigError(f"launch() takes no '{name}'", fix=fix)
    for name, variable in _PATHS_FROM_GRADIO.items():
        if os.environ.get(variable):
            pages.setdefault(name, os.environ[variable].split(","))
    loaded = load(ours, os.environ)
    for name, variable in _FROM_GRADIO.items():
        if loaded.sources[name] == "default" and os.environ.get(variable):
            ours[name] = parse(name, os.environ[variable], variable)
    return load(ours, os.environ), pages


def _answer_environment() -> None:
    for name, word in _WITHOUT_EFFECT.items():
        if os.environ.get(name, "").lower() not in ("", "0", "false"):
            print(f"livedraft.launch: {name} is set, but {word}", flush=True)


def _loop_runs() -> bool:
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        return False
    return True
