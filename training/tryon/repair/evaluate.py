"""Figures of the repair net on unseen bodies: `python -m training.tryon.repair.evaluate`.

By group of skin tones, beside those of the plain fill that try-on uses where no net is asked:
capsules around the pose's bones in the seen skin's tone, and push-pull.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from livedraft.runtime.models.tryon.repair import skin as skins
from livedraft.runtime.models.tryon.repair.net import FILE, Repair
from livedraft.runtime.models.tryon.repair.view import RADII, fill

from ..data import CACHE
from .arrays import Floats, Mask, floats
from .materials import GROUPS
from .records import Bodies, Body
from .samples import hide
from .scenes import Scene, draw

MISJUDGED = 0.035  # of the shoulders' width: the spread of joints around the true ones
SLEEVE = 0.45  # of an upper arm: what a new short sleeve covers is not judged
LEAST = 300  # px of uncovered arm: fewer are no case
ROUND, SMALL = 0.26, 4  # the plain fill's shading at a rim; the part of the size it is made at
COLUMNS = ("arm, PSNR", "arm, ΔL*", "arm, |ΔL*|", "arm, ΔE", "beside it, PSNR")


class Case(NamedTuple):
    """A scene with what is known of it where try-on is served."""

    body: Body
    scene: Scene
    tone: Floats
    arms: Floats
    hidden: Floats
    arm: Mask  # where a bare arm is to be judged
    beside: Mask  # where background is


def cases(bodies: Bodies, group: int, count: int) -> list[Case]:
    """Return cases of one group; the same every time."""
    rng = np.random.default_rng([group, 11])
    found: list[Case] = []
    for index in range(50 * count):
        made = _case(bodies[(13 * group + index) % len(bodies)], rng, group)
        if made is not None:
            found.append(made)
        if len(found) == count:
            break
    return found


def _case(body: Body, rng: Generator, group: int) -> Case | None:
    scene = draw(body, rng, group)
    off = rng.normal(0, MISJUDGED, (2, 3, 2)) * body.width
    arms = (body.arms + off).astype(np.float32)
    tone = skins.seen(scene.image, scene.face, scene.skin, arms, body.width)
    hidden = hide(scene, 3)
    on_arm = (body.along > SLEEVE) & (body.along < 2) & (scene.arm > 0.5) & (scene.top > 0.5)
    if tone is None or on_arm.sum() < LEAST:
        return None
    beside = (scene.body < 0.1) & (hidden > 0.8)
    return Case(body, scene, tone.tone, arms, hidden, on_arm, beside)


def by_net(case: Case, repair: Repair) -> Floats:
    """Return the picture with its top taken off by the net, (S, S, 3)."""
    scene = case.scene
    bare = np.maximum(scene.face, scene.skin)
    given = case.tone, case.arms, case.body.width
    under = repair.under(scene.image, case.hidden, scene.person, bare, *given)
    size = len(scene.image)
    said = under.within((0, 0, size, size), np.eye(2, 3, dtype=np.float32))
    made = said.ground + (said.skin - said.ground) * said.body[..., None]
    return _over(scene, floats(made), case.hidden)


def by_plain_fill(case: Case) -> Floats:
    """Return the same by the plain fill."""
    scene, size = case.scene, len(case.scene.image)
    small = size // SMALL, size // SMALL
    known = cv2.dilate(np.maximum(scene.person, case.hidden), np.ones((7, 7), np.uint8)) < 0.4
    sure = cv2.resize(known.astype(np.float32), small, interpolation=cv2.INTER_AREA) > 0.9
    image = cv2.resize(scene.image.astype(np.float32), small, interpolation=cv2.INTER_AREA)
    ground, _ = fill(np.asarray(image, np.float32), sure.astype(np.float32))
    made = np.asarray(cv2.resize(ground, (size, size)), np.float32)
    rim = _rims(case.arms, case.body.width, size)
    skin = case.tone * (1.04 * (1 - ROUND * np.clip(rim, 0, 1) ** 2.5))[..., None]
    limb = np.clip((1 - rim) * case.body.width * 0.075, 0, 1)[..., None]
    return _over(scene, floats(made + (skin - made) * limb), case.hidden)


def _over(scene: Scene, made: Floats, hidden: Floats) -> Floats:
    image = scene.image.astype(np.float32)
    return np.asarray(image + (made - image) * hidden[..., None], np.float32)


def _rims(arms: Floats, width: float, size: int) -> Floats:
    """Return the distance from the arms' bones, 1 at their rims."""
    y, x = np.mgrid[:size, :size].astype(np.float32)
    nearest = np.full((size, size), 9, np.float32)
    for arm in arms:
        for bone in (0, 1):
            start, way = arm[bone], arm[bone + 1] - arm[bone]
            along = ((x - start[0]) * way[0] + (y - start[1]) * way[1]) / max(float(way @ way), 1)
            at = np.clip(along, 0, 1)
            far = np.hypot(x - start[0] - at * way[0], y - start[1] - at * way[1])
            radius = (RADII[bone] * (1 - at) + RADII[bone + 1] * at) * width
            nearest = np.minimum(nearest, far / radius)
    return nearest


def figures(case: Case, made: Floats) -> list[float]:
    """Return how near a picture is to the truth, as `COLUMNS`; the last may be NaN."""
    truth = case.scene.bare
    ours, true = (_lab(picture)[case.arm].mean(0) for picture in (made, truth))
    light = float(ours[0] - true[0])
    off = float(np.linalg.norm(ours - true))
    arm, beside = (_psnr(made, truth, where) for where in (case.arm, case.beside))
    return [arm, light, abs(light), off, beside]


def _psnr(made: Floats, truth: Floats, where: Mask) -> float:
    if np.count_nonzero(where) < 50:
        return float("nan")
    error = float(np.square(made[where] - truth[where]).mean())
    return 10 * float(np.log10(255**2 / max(error, 1e-3)))


def _lab(picture: Floats) -> Floats:
    share = np.clip(picture, 0, 255).astype(np.float32) / 255
    return np.asarray(cv2.cvtColor(share, cv2.COLOR_RGB2LAB), np.float32)


def table(bodies: Bodies, repair: Repair, count: int) -> tuple[str, list[Floats]]:
    """Return a Markdown table of means by group, and a few pictures of each."""
    lines = ["| skin, L* | by | " + " | ".join(COLUMNS) + " |", "|---|---|" + "--:|" * len(COLUMNS)]
    shots: list[Floats] = []
    for group, (low, high) in enumerate(GROUPS):
        found = cases(bodies, group, count)
        made = {
            "plain fill": [by_plain_fill(case) for case in found],
            "net": [by_net(case, repair) for case in found],
        }
        for name, pictures in made.items():
            rows = [figures(case, each) for case, each in zip(found, pictures, strict=True)]
            means = " | ".join(f"{mean:.1f}" for mean in np.nanmean(rows, 0))
            lines.append(f"| {low}-{high} | {name} | {means} |")
        for case, plain, net in list(zip(found, *made.values(), strict=True))[:2]:
            shots.append(np.vstack([case.scene.image, plain, net, case.scene.bare]))
    return "\n".join(lines), shots


def main() -> None:
    """Parse the command line, print the table, write a montage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cache", type=Path, default=CACHE)
    parser.add_argument("--net", type=Path, default=FILE)
    parser.add_argument("--cases", type=int, default=40, help="of each group of skin tones")
    parser.add_argument("--out", type=Path, default=Path("out/tryon"))
    options = parser.parse_args()
    bodies = Bodies(options.cache / "repair" / "held")
    text, shots = table(bodies, Repair.read(options.net), options.cases)
    print(text)
    options.out.mkdir(parents=True, exist_ok=True)
    montage = np.clip(np.hstack(shots), 0, 255).astype(np.uint8)
    cv2.imwrite(str(options.out / "repair.png"), montage[..., ::-1])


if __name__ == "__main__":
    main()
