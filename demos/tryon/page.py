"""The page for trying clothes on: garments that ship, people in the public domain, or yourself."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import gradio as gr

from livedraft.components import VirtualTryOn
from livedraft.runtime.models.tryon.garment.catalogue import shipped

ABOUT = """# Try it on
Choose a garment, and a photo of yourself, the camera, or one of the people below. All of it is
done on this machine: your picture goes to nobody, is written nowhere, and is gone with
*Forget me*. It is a preview, which says nothing about size or fit. Or [draw](./).
"""
PEOPLE = {  # in the public domain, see NOTICE
    "astronaut.jpg": "Eileen Collins, astronaut",
    "young-woman-in-mauve.jpg": "Young Woman in Mauve, Berthe Morisot",
    "rear-admiral.jpg": "Grace Hopper, rear admiral",
}
FOLDER = Path(__file__).parent / "people"
# Of the package openvto, where it is installed: what its folders hold. One jacket shows a brand.
THEIRS = {"shirts": "upper", "jackets": "upper", "pants": "lower"}
LEFT_OUT = {"jackets/1_front.jpg"}


def ours() -> Iterator[dict[str, Any]]:
    """Yield the garments that livedraft ships."""
    shop = shipped()
    for entry in shop:
        told = entry.model_dump(include={"sku", "category", "title"})
        yield {**told, "image": shop.folder / entry.image}


def of_openvto() -> Iterator[dict[str, Any]]:
    """Yield the photographed garments of openvto, if somebody has installed it: we ship none."""
    found = find_spec("openvto")
    for place in (found.submodule_search_locations or []) if found is not None else []:
        clothes = Path(place) / "assets" / "clothes"
        for folder, category in THEIRS.items():
            for path in sorted((clothes / folder).glob("*_front.jpg")):
                name = f"{folder}/{path.name}"
                if name not in LEFT_OUT:
                    title = f"{folder.removesuffix('s').title()} {path.stem.partition('_')[0]}"
                    yield {"sku": name, "image": path, "category": category, "title": title}


def chosen(event: gr.SelectData) -> VirtualTryOn:
    """Show somebody of the people."""
    return VirtualTryOn(person=FOLDER / list(PEOPLE)[event.index])


def build() -> None:
    """Fill the page; called where a ``gr.Blocks`` is being made."""
    gr.Markdown(ABOUT)
    tryon = VirtualTryOn(garments=[*ours(), *of_openvto()], cart=False, label="Try on")
    people = gr.Gallery(
        [(FOLDER / name, said) for name, said in PEOPLE.items()],
        label="People",
        allow_preview=False,
        buttons=[],
        elem_classes="kept",
    )
    people.select(chosen, None, tryon, show_progress="hidden")
