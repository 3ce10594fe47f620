"""The ink is where the pen is, whatever the page does to the element, and nowhere else."""

from __future__ import annotations

import base64
import io
import random
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from playwright.sync_api import Page
from tests.e2e.conftest import Site
from tests.e2e.own import SCRIPT, wait_loaded
from tests.e2e.sheet import EL, HAND, INK, PHONE, Open

RED = f"{EL}.brush = {{ colour: '#ff0000', size: 0.02 }}"
FRAME = "<body style='margin:0'><div style='{}'><livedraft-sketch {}></livedraft-sketch></div>"
SCREENS: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1000, "height": 900}},
    "retina": {"viewport": {"width": 900, "height": 700}, "device_scale_factor": 1.5},
    "phone": {"viewport": PHONE, "device_scale_factor": 3, "has_touch": True},
}
CASES: dict[str, tuple[str, str]] = {
    "plain": ("", ""),
    "height 400": ("", "height=400"),
    "height 250, over": ("", "height=250 layout=over"),
    "height in vh": ("", "height=30vh"),
    "narrow": ("width:300px", ""),
    "scaled": ("transform:scale(.6);transform-origin:0 0", "height=300"),
    "turned": ("transform:rotate(20deg);width:700px;margin:150px", "height=300"),
    "turned back": ("transform:rotate(-200deg);width:700px;margin:100px", ""),
    "skewed": ("transform:skew(15deg,8deg);width:700px;margin:120px", "height=300"),
    "mirrored": ("transform:scaleX(-1);width:700px", ""),
    "zoomed": ("zoom:1.3;width:600px", "height=300"),
    "scrolled": ("height:500px;overflow:scroll;padding-top:40px", ""),
    "moved": ("position:relative;left:31.4px;top:17.7px;width:633.3px", ""),
    "padded by the page": ("", "style='padding:20px;border:3px solid'"),
}


def red(page: Page) -> NDArray[np.bool_]:
    """Return which CSS px of the window are red."""
    shot = Image.open(io.BytesIO(page.screenshot(scale="css"))).convert("RGB")
    r, g, b = np.moveaxis(np.asarray(shot).astype(int), 2, 0)
    found: NDArray[np.bool_] = (r > 150) & (g < 110) & (b < 110)
    return found


def centre(before: NDArray[np.bool_], after: NDArray[np.bool_], x: float, y: float) -> list[float]:
    """Return the middle of the new ink about a place."""
    ys, xs = np.nonzero(after & ~before)
    near = np.hypot(xs - x, ys - y) < 100
    assert near.sum() > 4, "there is no ink"
    return [float(xs[near].mean()) + 0.5, float(ys[near].mean()) + 0.5]


def spots(page: Page, seed: int, count: int = 3) -> list[tuple[float, float]]:
    """Return places in the window where the paper is, and shows."""
    dice = random.Random(seed)
    box = page.evaluate(f"""(() => {{ const box = {INK}.getBoundingClientRect();
        return [box.x, box.y, box.right, box.bottom]; }})()""")
    size = page.viewport_size
    assert size is not None
    left, top = max(15, box[0]), max(15, box[1])
    right, bottom = min(size["width"] - 15, box[2]), min(size["height"] - 15, box[3])
    found: list[tuple[float, float]] = []
    for _ in range(200):
        x, y = dice.uniform(left, right), dice.uniform(top, bottom)
        around = [(x + dx, y + dy) for dx in (-12, 12) for dy in (-12, 12)]
        inside = page.evaluate(
            f"(all) => all.every(([x, y]) => {EL}.shadowRoot.elementFromPoint(x, y) === {INK})",
            [list(each) for each in around],
        )
        far = all(np.hypot(x - a, y - b) > 40 for a, b in found)
        if inside and far:
            found.append((x, y))
        if len(found) == count:
            return found
    raise AssertionError("the paper does not show")


@pytest.mark.parametrize(
    ("screen", "case"),
    [
        *(("desktop", case) for case in CASES),
        *(("retina", case) for case in ("plain", "turned", "zoomed", "moved")),
        *(("phone", case) for case in ("plain", "height 250, over", "scaled")),
    ],
)
def test_ink_lands_under_the_pen(open_page: Open, site: Site, case: str, screen: str) -> None:
    style, attributes = CASES[case]
    html = SCRIPT + FRAME.format(style, attributes)
    page = open_page(site.page(html), **SCREENS[screen])
    wait_loaded(page)
    page.evaluate(RED)
    before = red(page)
    for x, y in spots(page, seed=len(case)):
        page.mouse.move(x, y)
        page.mouse.down()
        page.mouse.up()
        assert centre(before, red(page), x, y) == pytest.approx([x, y], abs=1.2)
        page.evaluate(f"{EL}.undo()")


@pytest.mark.parametrize("height", [120, 250, 400, 640])
def test_a_height_keeps_the_paper_whole_and_in_shape(
    open_page: Open, site: Site, height: int
) -> None:
    for layout in ("over", "beside"):
        attributes = f"height={height} layout={layout}"
        page = open_page(site.page(SCRIPT + FRAME.format("", attributes)))
        boxes = page.evaluate(f"""() => [...{EL}.shadowRoot.querySelectorAll('.pane')]
            .map((each) => each.getBoundingClientRect())
            .map(({{ width, height }}) => [width, height])""")
        for box in boxes:
            assert box == pytest.approx([min(height, box[0])] * 2, abs=1)
            assert box[1] <= height + 1


def zigzag(seed: int) -> list[tuple[float, float]]:
    """Return points as a quick hand leaves them at one each 16 ms."""
    dice = random.Random(seed)
    if seed % 3 == 0:  # to and fro
        return [(0.1 + 0.08 * i, (0.2, 0.8)[i % 2] + dice.uniform(-0.1, 0.1)) for i in range(10)]
    if seed % 3 == 1:  # anywhere
        return [(dice.uniform(0.1, 0.9), dice.uniform(0.1, 0.9)) for _ in range(8)]
    at = 2 * np.pi * np.arange(12) / 7  # round and round
    return [(float(0.5 + 0.3 * np.cos(a)), float(0.5 + 0.3 * np.sin(a))) for a in at]


def distances(points: NDArray[np.float64], side: int) -> NDArray[np.float64]:
    """Return each pixel's distance from the path, px."""
    grid = np.stack(np.meshgrid(np.arange(side) + 0.5, np.arange(side) + 0.5), axis=-1)
    nearest = np.full((side, side), np.inf)
    for a, b in pairwise(points):
        along = np.clip(((grid - a) @ (b - a)) / max(1e-9, (b - a) @ (b - a)), 0, 1)
        nearest = np.minimum(
            nearest, np.linalg.norm(grid - a - along[..., None] * (b - a), axis=-1)
        )
    return nearest


def test_quick_strokes_stay_by_their_path_and_fill_it(open_page: Open, url: str) -> None:
    page = open_page(url, forgive="willReadFrequently")
    page.evaluate(HAND)
    for seed in range(12):
        points = zigzag(seed)
        alpha = page.evaluate(
            f"""(points) => {{ {EL}.clear();
            const ink = {INK}, context = ink.getContext('2d');
            const shot = () => {{
              const side = ink.width, {{ data }} = context.getImageData(0, 0, side, side);
              const alpha = data.filter((_, i) => i % 4 === 3);
              const rows = Array.from({{ length: side }}, (_, y) =>
                String.fromCharCode(...alpha.subarray(y * side, (y + 1) * side)));
              return btoa(rows.join('')); }};
            points.forEach(([x, y], i) =>
              point(i ? 'pointermove' : 'pointerdown', 'mouse', 1, x, y));
            const drawn = shot(); point('pointerup', 'mouse', 1, ...points.at(-1));
            {EL}.undo(); {EL}.redo();
            return [drawn, shot()]; }}""",
            [list(each) for each in points],
        )
        drawn, again = (
            np.frombuffer(base64.b64decode(each), np.uint8).astype(float) for each in alpha
        )
        side = int(np.sqrt(drawn.size))
        off = distances(np.array(points) * side, side)
        half = 0.014 * side / 2
        ink = drawn.reshape(side, side)
        assert (off[ink > 128] <= half + 1).all(), (seed, off[ink > 128].max())
        assert (ink[off < half - 1] > 128).all(), (seed, "the pen left a gap")
        assert (np.abs(drawn - again) <= 64).all(), "painted again it is another stroke"
