"""Items of a shadcn registry: an element as a component that wears a project's own theme.

``npx shadcn add http://HOST/r/livedraft-sketch.json`` writes the component into a project and
installs the npm package from the same server. By https://ui.shadcn.com/schema/registry-item.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from livedraft.elements.package import NAME
from livedraft.errors import LivedraftError

from .fal.answers import base_of

SCHEMA = "https://ui.shadcn.com/schema/registry-item.json"
_SAID = {
    "sketch": "Draw, and the picture follows the pen.",
    "camera": "A camera, a screen or a clip, restyled as it runs.",
    "tryon": "A customer, and the garments of a shop.",
    "head": "A face that says what it is told.",
}
NAMES = tuple(f"livedraft-{element}" for element in _SAID)
_COMPONENT = """"use client";

import { Livedraft%(name)s as Element, type Livedraft%(name)sProps } from "livedraft/react";
import type { CSSProperties } from "react";

/** Where the server is; it has to let this page in: `livedraft serve --origins …`. */
const SERVER = %(server)s;

/** Colours and font of the theme. */
const THEME = {
  "--livedraft-accent": "var(--primary)",
  "--livedraft-on-accent": "var(--primary-foreground)",
  "--livedraft-font": "inherit",
} as CSSProperties;

/** %(said)s */
export function Livedraft%(name)s({ url = SERVER, style, ...props }: Livedraft%(name)sProps) {
  return <Element url={url} style={{ ...THEME, ...style }} {...props} />;
}
"""


def routes() -> Iterator[Route]:
    """Yield a route for each item, as it is for who asks at this address."""
    for name in NAMES:
        yield Route(f"/r/{name}.json", _give)


async def _give(request: Request) -> Response:
    name = request.url.path.rpartition("/")[2].removesuffix(".json")
    return JSONResponse(item(name, base_of(request)))


def item(name: str, server: str) -> dict[str, Any]:
    """Return an item that asks a server, given by its address.

    Raises LivedraftError where there is none of that name.
    """
    element = name.removeprefix("livedraft-")
    if name not in NAMES:
        raise LivedraftError(f"there is no item {name!r}", fix=f"it is one of {', '.join(NAMES)}")
    said = _SAID[element]
    named = {"name": element.capitalize(), "said": said, "server": json.dumps(server)}
    return {
        "$schema": SCHEMA,
        "name": name,
        "type": "registry:component",
        "title": f"livedraft {element}",
        "description": said,
        "dependencies": [f"livedraft@{server}/{NAME}"],
        "files": [
            {
                "path": f"components/{name}.tsx",
                "type": "registry:component",
                "content": _COMPONENT % named,
            }
        ],
        "docs": f"The component asks {server}, which has to let your page in: "
        "livedraft serve --origins http://localhost:3000",
    }
