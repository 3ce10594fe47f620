"""Training samples: what the net sees of a scene, by the very code that serves, and the truth."""

from __future__ import annotations

from typing import NamedTuple

import cv2
import numpy as np
from numpy.random import Generator

from livedraft.runtime.models.tryon.repair import skin as skins
from livedraft.runtime.models.tryon.repair.view import Frame, view

from .arrays import Floats, floats
from .records import Body
from .scenes import Scene, draw

SMALLEST = 216  # px that a body is drawn at


class Sample(NamedTuple):
    """One view (12, 256, 256) and what should come of it; planes are (256, 256)."""

    inputs: Floats
    bare: Floats  # (3, …) relative to the tone: the body in its skin
    ground: Floats  # (3, …) relative to the tone: the background alone
    masks: Floats  # (4, …): hidden, body, arm, background not behind the body


def sample(body: Body, rng: Generator) -> Sample | None:
    """Draw a sample of a body; None where too little skin is seen to tell its tone."""
    body = body.resized(int(rng.integers(SMALLEST, len(body.part) + 1)))
    if rng.random() < 0.5:
        body = body.mirrored()
    off = (
        rng.normal(0, 0.035, (2, 3, 2))
        * body.width
        * rng.choice([0.3, 1.0, 2.0], p=[0.3, 0.6, 0.1])
    )
    return of_scene(draw(body, rng), (body.arms + off).astype(np.float32), body.width, rng)


def of_scene(scene: Scene, arms: Floats, width: float, rng: Generator | None) -> Sample | None:
    """Return the sample of a scene; with `rng` its tone and hidden part are a little off."""
    tone = skins.seen(scene.image, scene.face, scene.skin, arms, width)
    if tone is None:
        return None
    colour = tone.tone
    grow = 3
    if rng is not None:
        colour = np.clip(
            colour * np.exp(rng.normal(0, 0.05) + rng.normal(0, 0.015, 3)), 1, 255
        ).astype(np.float32)
        grow = int(rng.integers(1, 7))
    hidden = hide(scene, grow)
    frame = Frame.around(hidden)
    seen = view(
        scene.image,
        hidden,
        scene.person,
        np.maximum(scene.face, scene.skin),
        colour,
        arms,
        width,
        frame,
    )
    bare, behind = (
        skins.relative(np.asarray(frame.cut(p), np.float32), colour)
        for p in (scene.bare, scene.ground)
    )
    masks = np.asarray(frame.cut(np.dstack([scene.body, scene.arm])), np.float32)
    stack = np.dstack([seen.hidden, masks, 1 - masks[..., 0]])
    return Sample(
        seen.inputs, *(np.ascontiguousarray(p.transpose(2, 0, 1)) for p in (bare, behind, stack))
    )


def hide(scene: Scene, grow: int) -> Floats:
    """Return what is taken out of the picture: the parsed top and a rim of `grow` px."""
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * grow + 1,) * 2)
    seen = np.maximum(scene.face, scene.skin) * (scene.top < 0.5)
    return floats(cv2.dilate(scene.seen_top, disc) * (1 - seen))
