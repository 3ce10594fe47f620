"""A shop's page with `<livedraft-tryon>`, and what a customer does on it."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

from PIL import Image
from playwright.sync_api import Page

EL = "document.querySelector('livedraft-tryon')"
AGREE = "Understood, go on"

# Hears the shop's events where they bubble to, and the element's own on it. Tells of everything
# in a detail that is a picture or leads to one.
HEAR = """([shop, own]) => {
window.heard = [];
window.pictures = [];
const walk = (value, at) => {
  if (typeof value === "string") {
    if (/^(data|blob):|base64/i.test(value) || value.length > 2000) pictures.push(at);
  } else if (value && typeof value === "object") {
    const plain = Array.isArray(value) || Object.getPrototypeOf(value) === Object.prototype;
    if (!plain) pictures.push(at);
    for (const [key, each] of Object.entries(value)) walk(each, `${at}.${key}`);
  } else if (typeof value === "function") pictures.push(at);
};
const hear = (event) => {
  heard.push([event.type, event.detail]);
  walk(event.detail, event.type);
};
for (const name of shop) document.addEventListener(name, hear);
for (const name of own) document.querySelector("livedraft-tryon").addEventListener(name, hear);
}"""
SHOP_EVENTS = ["tryon-start", "tryon-shown", "tryon-failed", "add-to-cart"]
OWN_EVENTS = ["ready", "error", "diagnostics"]


def png(colour: str, size: tuple[int, int] = (60, 80)) -> bytes:
    """Return a picture of one colour."""
    made = io.BytesIO()
    Image.new("RGB", size, colour).save(made, "PNG")
    return made.getvalue()


def data_url(picture: bytes) -> str:
    return "data:image/png;base64," + base64.b64encode(picture).decode()


def garment(sku: str, category: str, title: str, colour: str = "#8a2d3b", **more: Any) -> Any:
    """Return a garment as a page gives it."""
    image = data_url(png(colour))
    return {"sku": sku, "category": category, "title": title, "image": image} | more


WARDROBE = [
    garment("tee", "upper", "Café tee", price="29.90 €", url="/tee"),
    garment("jeans", "lower", "Jeans", "#24447a"),
    garment("gown", "dress", "Evening gown", "#3f9f56"),
    garment("shirt", "upper", "Shirt", "#d98a1f"),
]


def shop_page(server: str, attributes: str = "", garments: Any = WARDROBE, inside: str = "") -> str:
    """Return the body of a shop's page."""
    listed = json.dumps(garments).replace("'", "&#39;")
    return (
        f'<script src="{server}/livedraft-tryon.js"></script>'
        f'<livedraft-tryon url="{server}" model="tailor" {attributes} garments=\'{listed}\'>'
        f"{inside}</livedraft-tryon>"
    )


def show_photo(page: Page, colour: str = "#b9a48c") -> None:
    """Choose a photo, which the notice may stand before."""
    photo = png(colour, (300, 400))
    page.locator("livedraft-tryon input[type=file]").first.set_input_files(
        {"name": "me.png", "mimeType": "image/png", "buffer": photo}
    )


def agree(page: Page, button: str = AGREE) -> None:
    page.get_by_role("button", name=button).click()


def wear(page: Page, title: str) -> None:
    page.get_by_role("option", name=title).click()


def wait_heard(page: Page, name: str, count: int = 1) -> None:
    """Wait until the page heard so many events of a name."""
    page.wait_for_function(
        "([name, count]) => heard.filter(([each]) => each === name).length >= count",
        arg=[name, count],
    )


def heard(page: Page, name: str) -> list[Any]:
    """Return the details of the events of a name."""
    found: list[Any] = page.evaluate(
        "(name) => heard.filter(([each]) => each === name).map(([, detail]) => detail)", name
    )
    return found
