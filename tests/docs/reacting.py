"""Components of React that a page shows, put into pages of their own."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from tests.docs.snippets import ROOT

MODULES = ROOT / "sdk/js/node_modules"
TRYON = """
import { StrictMode, createElement } from "react";
import { createRoot } from "react-dom/client";
import { TryOn } from "./TryOn.jsx";

const garments = [{ sku: "tee-1", image: "%(image)s", title: "Tee", category: "upper" }];
const onCart = ({ sku }) => (window.bought = sku);
const own = { garments, worn: ["tee-1"], url: "%(server)s", onCart };
createRoot(document.getElementById("root")).render(
  createElement(StrictMode, null, createElement(TryOn, own)),
);
"""
SHOWN = """
import { StrictMode, createElement } from "react";
import { createRoot } from "react-dom/client";
import { %(name)s } from "./%(name)s.jsx";

createRoot(document.getElementById("root")).render(
  createElement(StrictMode, null, createElement(%(name)s)),
);
"""
PAGE = """<!doctype html><link rel="icon" href="data:,"><script src="%(server)s/livedraft-tryon.js">
</script><div id="root"></div><script src="bundle.js"></script>"""


def react(component: Path, server: str) -> Path:
    """Put a component of React into a page beside it; return the page."""
    image = "runtime/models/tryon/garments/tee-terracotta.webp"
    known = {"server": server, "image": image, "name": component.stem}
    folder = component.parent
    installed = "livedraft/react" in component.read_text(encoding="utf-8")
    (folder / "main.jsx").write_text((SHOWN if installed else TRYON) % known, encoding="utf-8")
    subprocess.run(
        [
            MODULES / ".bin/esbuild",
            "main.jsx",
            "--bundle",
            "--jsx=automatic",
            '--define:process.env.NODE_ENV="development"',
            "--outfile=bundle.js",
        ],
        cwd=folder,
        env=os.environ | {"NODE_PATH": str(MODULES)},
        check=True,
        capture_output=True,
    )
    page = folder / "react.html"
    page.write_text(PAGE % known, encoding="utf-8")
    return page
