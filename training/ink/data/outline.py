"""Turn an emoji's SVG into line art: fills become paper, edges become black strokes."""

from __future__ import annotations

import random
import re
import xml.etree.ElementTree as ET

SHAPES = {"path", "circle", "ellipse", "rect", "polygon", "polyline", "line"}
KEPT_AS_IS = {"defs", "clipPath", "mask", "linearGradient", "radialGradient", "filter"}
DROPPED_ATTRIBUTES = ("opacity", "fill-opacity", "stroke-opacity", "filter", "style")
ET.register_namespace("", "http://www.w3.org/2000/svg")
ET.register_namespace("xlink", "http://www.w3.org/1999/xlink")


def svg_document(body: str, width: float, height: float, left: float = 0, top: float = 0) -> str:
    """Wrap an Iconify body into a standalone SVG document."""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" '
        f'width="{width}" height="{height}" viewBox="{left} {top} {width} {height}">{body}</svg>'
    )


def outlined(svg: str, stroke: float, drop: float, rng: random.Random) -> str:
    """Return the document as line art.

    `stroke` is the pen's width in the document's units; each filled shape but the first loses its
    outline with probability `drop` (it still hides what lies below it, as paper would).
    """
    root = ET.fromstring(svg)
    state = {"first": True}

    def visit(node: ET.Element, fill: str, line: str) -> None:
        tag = _local(node.tag)
        if tag in KEPT_AS_IS:
            return
        fill, line = _own(node, "fill", fill), _own(node, "stroke", line)
        for name in DROPPED_ATTRIBUTES:
            node.attrib.pop(name, None)
        if tag in SHAPES:
            _redraw(node, fill, line, stroke, drop, rng, state["first"])
            state["first"] = False
        for child in node:
            visit(child, fill, line)

    visit(root, "black", "none")
    return ET.tostring(root, encoding="unicode")


def _redraw(
    node: ET.Element,
    fill: str,
    line: str,
    stroke: float,
    drop: float,
    rng: random.Random,
    first: bool,
) -> None:
    for name in ("fill", "stroke", "stroke-width", "stroke-linejoin", "stroke-linecap"):
        node.attrib.pop(name, None)
    kept = first or rng.random() >= drop
    node.set("fill", "none" if fill == "none" else "#fff")
    if kept and (fill != "none" or line != "none"):
        node.set("stroke", "#000")
        node.set("stroke-width", f"{stroke:.4g}")
        node.set("stroke-linejoin", "round")
        node.set("stroke-linecap", "round")
    else:
        node.set("stroke", "none")


def _own(node: ET.Element, name: str, inherited: str) -> str:
    styled = re.search(rf"(?:^|;)\s*{name}\s*:\s*([^;]+)", node.get("style", ""))
    return styled.group(1).strip() if styled else node.get(name, inherited)


def _local(tag: str) -> str:
    return tag.rsplit("}", 1)[-1]
