"""Pictures of a record: skin, hair, prints, light, folds and a background.

One record gives as many pictures as there are seeds. A `Sample` is what try-on is asked and what it
should answer: the same person, before the same background and in the same light, once in what they
wear and once in the new garment.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

from .bodies import Part
from .prints import background, print_of
from .records import Layer, Record
from .skin import TONES, Skin, complexion

Pixels = NDArray[np.uint8]
Mask = NDArray[np.bool_]
Float = NDArray[np.float32]
HANDS = (Part.LEFT_HAND, Part.RIGHT_HAND)
NOISE, BLUR = (0.5, 3.0), (0.4, 0.8)  # of the camera: levels, px
OVER = 0.03  # metres by which what is worn over something is taken to be nearer


@dataclass(frozen=True)
class Sample:
    """What is asked, and the answer; pictures (h, w, 3) uint8, masks (h, w)."""

    person: Pixels  # in what they wear
    truth: Pixels  # in the new garment
    garment: Pixels  # (512, 512, 4): the new garment's picture, with alpha
    shows: NDArray[np.uint8]  # what `person` shows: GROUND, BODY, or, above them, clothes
    worn: Mask  # where the truth shows the new garment
    replaced: Mask  # where `person` shows what is taken off
    kept: Mask  # where both show clothes that stay on
    skin: Mask  # where the truth shows skin below the neck
    bared: Mask  # of that: what `person` covers with cloth
    revealed: Mask  # where the truth shows background and `person` does not
    flat: Float  # (h, w, 2) px in the garment's picture of what is worn, NaN elsewhere
    part: NDArray[np.uint8]  # (h, w) of the truth: bodies.Part, of cloth too
    depth: Float  # (h, w) metres behind the pelvis in the truth, NaN in the background
    tone: str  # the group of skin tones, one of skin.TONES
    skin_colour: Float  # (3,) the skin's colour in full light, sRGB 0..255


@dataclass(frozen=True)
class Light:
    """A light from the front or side, with what comes from everywhere."""

    direction: Float  # (3,) towards the light
    ambient: float
    strength: float
    tint: Float  # (3,)

    def on(self, normal: Float) -> Float:
        """Return how bright surfaces with these normals (n, 3) are: (n, 3)."""
        facing = np.clip(normal @ self.direction, -1, 1)
        soft = np.clip(facing * 0.75 + 0.25, 0, 1)  # wrapped, as light in rooms is
        above = 0.5 + 0.5 * normal[:, 2]
        lit = self.ambient * (0.75 + 0.25 * above) + self.strength * soft
        return np.asarray(lit[:, None] * self.tint, np.float32)


def paint(record: Record, seed: int, tone: str | None = None) -> Sample:
    """Paint a record; `tone` asks for a group of skin tones."""
    rng = np.random.default_rng([seed, int(record.meta["index"])])
    tone = tone or str(rng.choice(TONES))
    skin, light = complexion(tone, rng), _light(rng)
    size = record.body.size
    ground = background(rng, size)
    worn_by = {"upper": ("upper",), "lower": ("lower",), "dress": ("upper", "lower")}
    gone = worn_by[str(record.meta["kind"])]
    cloths = {name: _cloth(record, name, light, rng) for name in ("upper", "lower", "new")}
    bare = _Shown(record.body, _body_colour(record, skin, light, rng))
    order = ["upper", "lower"] if record.meta["tucked"] else ["lower", "upper"]
    if record.meta["kind"] == "dress":
        after = ["new"]
    else:
        after = ["new" if name in gone else name for name in order]
    before_image, before = _composed(ground, bare, cloths, order)
    after_image, shown = _composed(ground, bare, cloths, after)
    camera = _Camera(rng, size)
    skinny = _is_skin(record.body)
    skin_after = (shown == BODY) & skinny
    stays = [name for name in order if name not in gone]
    kept = np.isin(shown, [_code(after, n) for n in stays])
    kept &= np.isin(before, [_code(order, n) for n in stays])
    replaced = np.isin(before, [_code(order, n) for n in gone])
    worn = shown == _code(after, "new")
    new = record.new
    flat = np.full((*size, 2), np.nan, np.float32)
    assert new.flat is not None
    flat[worn] = new.image(new.flat)[worn]
    return Sample(
        person=camera.take(before_image),
        truth=camera.take(after_image),
        garment=_garment(record, cloths["new"].texture, rng),
        shows=before,
        worn=worn,
        replaced=replaced,
        kept=kept,
        skin=skin_after,
        bared=skin_after & (before > BODY),
        revealed=(shown == GROUND) & (before != GROUND),
        flat=flat,
        part=_parts(record, after, shown),
        depth=_depths(record, after, shown),
        tone=tone,
        skin_colour=skin.colour.astype(np.float32),
    )


GROUND, BODY = 0, 1  # what a pixel shows; clothes follow in their order


def _code(order: list[str], name: str) -> int:
    return BODY + 1 + order.index(name)


@dataclass(frozen=True)
class _Shown:
    layer: Layer
    colour: Float  # (n, 3)
    texture: Float | None = None  # of cloth: (512, 512, 3), in the garment's picture


def _composed(
    ground: Float, bare: _Shown, cloths: dict[str, _Shown], order: list[str]
) -> tuple[Float, NDArray[np.uint8]]:
    """Draw body and clothes by depth: the picture (h, w, 3), and what each pixel shows."""
    image = ground.copy()
    near = np.full(ground.shape[:2], np.inf, np.float32)
    shown = np.full(ground.shape[:2], GROUND, np.uint8)
    for step, part in enumerate([bare, *(cloths[name] for name in order)]):
        over = OVER if step > 1 else 0.004 * step
        depth = part.layer.image(part.layer.depth - np.float32(over), np.inf)
        nearer = depth < near
        image[nearer] = part.layer.image(part.colour)[nearer]
        near = np.where(nearer, depth + np.float32(over), near)
        shown[nearer] = BODY + step
    return _occluded(image, near, shown), shown


def _occluded(image: Float, near: Float, shown: NDArray[np.uint8]) -> Float:
    """Darken what lies behind something near: the shadow of arms on cloth, of cloth on skin."""
    depth = np.where(np.isfinite(near), near, np.float32(0.6))
    front = cv2.blur(depth, (15, 15))
    dark = np.clip((depth - front) / 0.12, 0, 1) * (shown != GROUND)
    return np.asarray(image * (1 - 0.35 * dark)[..., None], np.float32)


def _body_colour(record: Record, skin: Skin, light: Light, rng: Generator) -> Float:
    body = record.body
    assert body.rest is not None
    colour = np.asarray(skin.colour * _mottled(body.rest, rng), np.float32)
    shade = np.array([1.0, rng.uniform(0.7, 0.95), 0.65], np.float32)
    hair = np.asarray(rng.uniform(12, 120) * shade, np.float32)
    strands = 1 + 0.25 * np.sin(body.rest[:, 0] * 700 + np.sin(body.rest[:, 2] * 60) * 3)
    is_hair = body.part == Part.HAIR
    colour[is_hair] = (hair * strands[:, None])[is_hair]
    colour = _face(colour, body, record, skin, hair)
    return np.asarray(colour * light.on(body.normal), np.float32)


def _face(colour: Float, body: Layer, record: Record, skin: Skin, hair: Float) -> Float:
    """Paint eyes, brows and lips, by which detectors know a face."""
    assert body.rest is not None
    x, z = body.rest[:, 0], body.rest[:, 2]
    left, right = (np.array(record.meta["rest"][f"eye.{side}"]) for side in "LR")
    front = np.isin(body.part, (Part.HEAD, Part.EYE)) & (body.rest[:, 1] < left[1] + 0.01)
    eye = body.part == Part.EYE
    colour[eye] = 225.0
    for centre in (left, right):
        iris = eye & (np.hypot(x - centre[0], z - centre[2]) < 0.0062)
        colour[iris] = np.array([55.0, 38.0, 28.0])
        across = (x - centre[0]) / 0.021
        brow = (
            front
            & (np.abs(across) < 1)
            & (np.abs(z - centre[2] - 0.02 + 0.004 * across**2) < 0.003)
        )
        colour[brow] = colour[brow] * 0.35 + hair * 0.4
        lash = front & ~eye & (np.hypot(across, (z - centre[2] - 0.002) / 0.009) < 0.9)
        colour[lash] *= 0.78
    mouth = left[2] - 0.069
    lips = front & (np.hypot(x / 0.025, (z - mouth) / 0.0085) < 1)
    colour[lips] = colour[lips] * 0.45 + skin.lips * 0.55
    return colour


def _mottled(rest: Float, rng: Generator) -> Float:
    waves = sum(np.sin(rest @ rng.normal(0, 22, 3) + rng.uniform(0, 6)) for _ in range(5))
    return np.asarray(1 + 0.012 * waves, np.float32)[:, None]


def _cloth(record: Record, name: str, light: Light, rng: Generator) -> _Shown:
    layer: Layer = getattr(record, name)
    texture = print_of(rng)
    assert layer.flat is not None
    assert layer.inside is not None
    x, y = (np.ascontiguousarray(layer.image(layer.flat[:, k])) for k in (0, 1))
    drawn = cv2.remap(texture, x, y, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT)
    colour = drawn.reshape(-1, 3)[layer.at]
    colour = np.where(layer.inside[:, None], colour * 0.72, colour)
    return _Shown(layer, np.asarray(colour * light.on(layer.normal), np.float32), texture)


def _garment(record: Record, texture: Float | None, rng: Generator) -> Pixels:
    """Draw the new garment's own picture, lit softly from the front, with alpha."""
    layer = record.flat
    assert texture is not None
    assert layer.inside is not None
    lit = 0.78 + 0.22 * np.clip(-layer.normal[:, 1], 0, 1) + 0.05 * layer.normal[:, 2]
    lit = np.where(layer.inside, lit * 0.72, lit) * rng.uniform(0.92, 1.04)
    rgb = texture.reshape(-1, 3)[layer.at] * lit[:, None]
    image = layer.image(np.clip(rgb, 0, 255).astype(np.float32))
    alpha = cv2.GaussianBlur(layer.image(np.full(len(layer.at), 255, np.float32)), (0, 0), 0.7)
    inner = layer.mask[..., None]
    spread = cv2.GaussianBlur(np.dstack([image, inner.astype(np.float32)]), (0, 0), 3.0)
    rim = spread[..., :3] / np.maximum(spread[..., 3:], 1e-3)
    rgba = np.dstack([np.where(inner, image, rim), alpha])
    return np.asarray(np.clip(rgba + 0.5, 0, 255), np.uint8)


def _is_skin(body: Layer) -> Mask:
    part = body.image(body.part)
    bare = (Part.NONE, Part.HEAD, Part.EYE, Part.HAIR, Part.NECK, *HANDS)
    return np.asarray(~np.isin(part, bare))


def _parts(record: Record, order: list[str], shown: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(_picked(shown, [v.image(v.part) for v in _layers(record, order)]), np.uint8)


def _depths(record: Record, order: list[str], shown: NDArray[np.uint8]) -> Float:
    picked = _picked(shown, [v.image(v.depth, np.nan) for v in _layers(record, order)])
    picked[shown == GROUND] = np.nan
    return np.asarray(picked, np.float32)


def _layers(record: Record, order: list[str]) -> list[Layer]:
    return [record.body, *(getattr(record, name) for name in order)]


def _picked(shown: NDArray[np.uint8], images: list[NDArray[Any]]) -> NDArray[Any]:
    """Take of each pixel what the layer that it shows has there."""
    picked = np.zeros_like(images[0])
    for code, image in enumerate(images, BODY):
        picked[shown == code] = image[shown == code]
    return picked


def _light(rng: Generator) -> Light:
    way = np.array([rng.uniform(-0.8, 0.8), -1.0, rng.uniform(0.1, 0.9)])
    ambient = rng.uniform(0.3, 0.65)
    warm = rng.normal(0, 0.04)
    tint = np.array([1 + warm, 1.0, 1 - warm], np.float32)
    level = rng.uniform(0.92, 1.12)
    way = (way / np.linalg.norm(way)).astype(np.float32)
    return Light(way, ambient * level, (1.05 - ambient) * level, tint)


class _Camera:
    """One exposure's blur and grain, the same for both pictures of a sample."""

    def __init__(self, rng: Generator, size: tuple[int, int]) -> None:
        self.blur = rng.uniform(*BLUR)
        self.grain = rng.normal(0, rng.uniform(*NOISE), (*size, 3)).astype(np.float32)

    def take(self, image: Float) -> Pixels:
        soft = cv2.GaussianBlur(image, (0, 0), self.blur) + self.grain
        return np.asarray(np.clip(soft + 0.5, 0, 255), np.uint8)
