"""Pages of the try-on guide, used as a customer does: opened, agreed to, worn, bought, closed."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

from playwright.sync_api import Page
from tests.docs.snippets import ROOT

MODULES = ROOT / "sdk/js/node_modules"
TRYON = "document.querySelector('livedraft-tryon')"
MAIN = """
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
PAGE = """<!doctype html><link rel="icon" href="data:,"><script src="%(server)s/livedraft-tryon.js">
</script><div id="root"></div><script src="bundle.js"></script>"""


def wear(page: Page, text: str) -> None:
    """Do what a page of the guide is for; its text says what that is."""
    if "Presence" in text:  # the fake camera shows something that moves
        page.locator("livedraft-tryon").wait_for()
        return
    if "showModal" in text:
        page.get_by_role("button", name="Try it on").click()
    page.wait_for_function(f"{TRYON}?.diagnostics")
    if "garments" not in text:
        page.get_by_role("button", name="photo").or_(
            page.get_by_role("button", name="Foto")
        ).first.wait_for()
        return
    option = page.get_by_role("option").first
    option.wait_for()
    if "wear(" not in text and "sku={" not in text:
        option.click()
    page.locator("[role=option][aria-selected=true]").first.wait_for()
    if "add-to-cart" in text and "#cart" in text:
        page.get_by_role("button", name="to the cart").click()
        page.get_by_text("is in your cart").wait_for()
    if "onCart" in text:
        page.get_by_role("button", name="to the cart").click()
        page.wait_for_function("window.bought === 'tee-1'")
    if "showModal" in text:
        page.keyboard.press("Escape")
        page.wait_for_function("!document.querySelector('dialog').open")


def react(component: Path, server: str) -> Path:
    """Put a component of React into a page beside it; return the page."""
    known = {"server": server, "image": "runtime/models/tryon/garments/tee-terracotta.webp"}
    folder = component.parent
    (folder / "main.jsx").write_text(MAIN % known, encoding="utf-8")
    subprocess.run(
        [
            MODULES / ".bin/esbuild",
            "main.jsx",
            "--bundle",
            "--jsx=automatic",
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
