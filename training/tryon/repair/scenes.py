"""A dressed person as a photograph, and what it would show were the top not there."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.random import Generator

from .arrays import Bytes, Floats, Mask, blurred, floats
from .grounds import clouds, ground
from .materials import GROUPS, Light, cloth, folds, linear, skin_tone, srgb
from .records import ARM_L, ARM_R, FACE, HAIR, Body


@dataclass(frozen=True, eq=False)
class Scene:
    """One person, worn top and all, and the truth under it; planes of (S, S)."""

    image: Bytes  # (S, S, 3) dressed
    top: Floats  # 0..1 the worn top, as it is
    seen_top: Floats  # 0..1 as a parse says it
    person: Floats  # 0..1 clothes and all
    face: Floats
    skin: Floats  # seen, but for the face
    bare: Floats  # (S, S, 3) sRGB 0..255: the body in its skin, its background
    ground: Floats  # (S, S, 3) sRGB: the background alone
    body: Floats  # 0..1 the bare body
    arm: Floats  # 0..1 its arms, as far as they are seen
    group: int  # of the skin's tone


def draw(body: Body, rng: Generator, group: int | None = None) -> Scene:
    """Draw a scene of a body."""
    size = len(body.part)
    group = int(rng.integers(len(GROUPS))) if group is None else group
    light = Light.drawn(rng)
    there = body.part > 0
    arms = (body.part == ARM_L) | (body.part == ARM_R)
    behind = linear(ground(rng, size))
    behind, beard = _hair(body, behind, rng, light)
    albedo = _skin_albedo(body, arms, rng, skin_tone(rng, group))
    trousers = there & ~arms & (body.up < rng.uniform(0.02, 0.2)) & (body.part < FACE)
    albedo = np.where(trousers[..., None], cloth(rng, size), albedo)
    albedo = np.where((body.part == HAIR)[..., None], beard, albedo)
    hollow = _hollow(body, there)
    gloss = light.gloss(body.normal, rng.uniform(8, 30)) * np.float32(rng.uniform(0, 0.1))
    skin = there & ~trousers & (body.part != HAIR)
    shade = light.on(body.normal, hollow)
    exposure = np.float32(
        rng.uniform(0.75, 1.15)
        / max(
            float(
                shade[body.part == FACE].mean()
                if (body.part == FACE).any()
                else shade[there].mean()
            ),
            0.2,
        )
    )
    lit = (albedo * shade[..., None] + (gloss * skin)[..., None]) * exposure
    edge = _softened(there)
    bare = behind + (lit - behind) * edge[..., None]
    top = _top(body, arms, there, trousers, rng)
    dressed = _dress(bare, body, top, light, hollow, exposure, rng)
    hands = skin & (top < 0.3)
    return Scene(
        image=_photographed(srgb(dressed * light.tint), rng),
        top=top,
        seen_top=_parsed(top, rng),
        person=np.maximum(edge, top),
        face=((body.part == FACE) & (top < 0.3)).astype(np.float32),
        skin=(hands & (body.part != FACE)).astype(np.float32),
        bare=srgb(bare * light.tint),
        ground=srgb(behind * light.tint),
        body=edge,
        arm=_softened(arms),
        group=group,
    )


def _softened(mask: Mask) -> Floats:
    """Return a mask 0..1 with a soft edge that lies inside of it: beyond there is no surface."""
    return np.clip(cv2.GaussianBlur(mask.astype(np.float32), (0, 0), 0.7) * 2 - 1, 0, 1)


def _skin_albedo(body: Body, arms: Mask, rng: Generator, tone: Floats) -> Floats:
    """Return skin (S, S, 3) linear: not one tone, as faces and hands are not quite as arms are."""
    size = len(body.part)
    albedo = np.zeros((size, size, 3), np.float32) + tone
    # Faces and hands are redder than arms, hands darker, too, with a soft border at the wrist.
    wrist = (
        np.clip((body.along - np.float32(rng.uniform(1.75, 1.95))) / np.float32(0.2), 0, 1) * arms
    )
    own = (
        ((body.part == FACE).astype(np.float32), rng.normal(-0.03, 0.07), rng.uniform(0, 0.05)),
        (arms.astype(np.float32), rng.normal(0, 0.04), rng.normal(0, 0.01)),
        (wrist, rng.normal(-0.12, 0.1), rng.uniform(0, 0.08)),
    )
    for where, brighter, redder in own:
        change = brighter + np.array([redder, -redder / 2, -redder / 2]) + rng.normal(0, 0.012, 3)
        albedo *= np.exp(where[..., None] * change.astype(np.float32))
    blots = clouds(rng, size, int(rng.integers(8, 40))) * np.float32(rng.uniform(0, 0.05))
    flush = clouds(rng, size, 10)[..., None] * np.array([0.02, -0.012, -0.012], np.float32)
    albedo *= np.exp(blots[..., None] + flush)
    elbow = (
        np.exp(-(((body.along - 1) / np.float32(0.12)) ** 2))
        * arms
        * np.float32(rng.uniform(0, 0.15))
    )
    return floats(albedo * (1 - elbow[..., None]))


def _hair(body: Body, behind: Floats, rng: Generator, light: Light) -> tuple[Floats, Floats]:
    """Hang long hair behind some heads; return the background with it and the hair's albedo."""
    colour = linear(np.array([1.0, 0.78, 0.6], np.float32) * np.float32(rng.uniform(12, 190)))
    if rng.random() < 0.4:
        size = len(behind)
        width = body.width
        head = body.joints[8] - np.array([0, 0.35 * width], np.float32)
        shape = np.zeros((size, size), np.float32)
        axes = (int(width * rng.uniform(0.24, 0.4)), int(width * rng.uniform(0.45, 0.9)))
        centre = (int(head[0]), int(head[1] + axes[1] * 0.35))
        cv2.ellipse(shape, centre, axes, 0, 0, 360, 1.0, -1, cv2.LINE_AA)
        strands = np.exp(
            cv2.resize(rng.normal(0, 0.25, (1, size)).astype(np.float32), (size, size))
        )
        lit = colour * (strands * (light.sky + 0.4 * light.lamp))[..., None]
        behind = floats(behind + (lit - behind) * shape[..., None])
    return behind, colour


def _hollow(body: Body, there: Mask) -> Floats:
    """Return 0..1 how much a place lies behind what is near it: between arm and trunk, say."""
    inside = there.astype(np.float32)
    total = np.zeros_like(inside)
    for spread in (4.0, 10.0):
        weight = cv2.GaussianBlur(inside, (0, 0), spread)
        around = cv2.GaussianBlur(body.depth * inside, (0, 0), spread) / np.maximum(weight, 1e-3)
        total += np.clip((around - body.depth) * 7 - 0.05, 0, 0.5)
    return np.clip(total, 0, 0.8) * inside


def _top(
    body: Body,
    arms: Mask,
    there: Mask,
    trousers: Mask,
    rng: Generator,
) -> Floats:
    """Return the worn top (S, S) 0..1: with sleeves, looser than the body, cut at neck and hem."""
    size = len(body.part)
    sleeve = rng.choice(
        [rng.uniform(1.75, 2.08), rng.uniform(1.0, 1.8), rng.uniform(0.35, 0.9)],
        p=[0.65, 0.15, 0.2],
    )
    hem = rng.uniform(-0.3, 0.15)
    wide, deep = rng.uniform(0.3, 0.75), rng.uniform(0.0, 0.3)
    collar = rng.uniform(0.98, 1.14)  # a polo neck, a low neck
    opening = ((body.across / wide) ** 2 + ((body.up - 1.02) / max(deep, 0.02)) ** 2 < 1) & (
        body.front < 0.05
    )
    trunk = there & ~arms & (body.part < FACE) & (body.up > hem) & (body.up < collar) & ~opening
    made = trunk | (arms & (body.along < sleeve))
    sewn = body.cloth > 0.5
    if sewn.any() and (arms & sewn).sum() > 0.3 * arms.sum() and rng.random() < 0.6:
        made = sewn
    if not made.any():
        return np.zeros((size, size), np.float32)
    core = made.astype(np.uint8)
    gap = cv2.distanceTransform(1 - core, cv2.DIST_L2, 5)
    loose = body.width * rng.choice([0.01, 0.03, 0.06, 0.1, 0.16], p=[0.2, 0.3, 0.25, 0.15, 0.1])
    ease = loose * np.clip(0.6 + 0.5 * clouds(rng, size, int(rng.integers(6, 16))), 0.1, 1.6)
    free = ~there | trousers | made  # cloth hangs over the background and the trousers
    grown = (gap < ease) & free
    soft = cv2.GaussianBlur(grown.astype(np.float32), (0, 0), 0.7)
    return floats(np.where(free | (soft > 0.6), soft, np.minimum(soft, 0.3)))


def _dress(
    bare: Floats,
    body: Body,
    top: Floats,
    light: Light,
    hollow: Floats,
    exposure: np.float32,
    rng: Generator,
) -> Floats:
    """Return the bare picture with the top drawn over it."""
    size = len(body.part)
    sewn = body.cloth > 0.5
    inside = ((body.part > 0) | sewn).astype(np.float32)
    spread = rng.uniform(1.5, 5)
    weight = blurred(inside, spread)
    normal = np.where(sewn[..., None], body.cloth_normal, body.normal) * inside[..., None]
    normal = blurred(floats(normal), spread)
    normal /= np.maximum(np.linalg.norm(normal, axis=-1, keepdims=True), 1e-3)
    albedo = cloth(rng, size)
    if rng.random() < 0.15:  # sleeves of another colour
        arms = ((body.part == ARM_L) | (body.part == ARM_R)).astype(np.uint8)
        arms = np.asarray(cv2.dilate(arms, np.ones((15, 15), np.uint8)), np.uint8)
        albedo = np.where(arms[..., None] > 0, cloth(rng, size), albedo)
    deep = np.clip(blurred(hollow, 2.0) / np.maximum(weight, 0.3), 0, 0.8)
    shade = light.on(normal, floats(deep)) * folds(rng, size) * exposure
    return floats(bare + (albedo * shade[..., None] - bare) * top[..., None])


def _parsed(top: Floats, rng: Generator) -> Floats:
    """Return the top as a parse says it: soft, and wrong at its borders."""
    size = len(top)
    coarse = size // int(rng.integers(1, 4))
    low = cv2.resize(top, (coarse, coarse), interpolation=cv2.INTER_AREA)
    soft = cv2.resize(low, (size, size), interpolation=cv2.INTER_LINEAR)
    soft = blurred(floats(soft), float(rng.uniform(0.5, 2)))
    wrong = clouds(rng, size, int(rng.integers(12, 40))) * np.float32(rng.uniform(0, 0.18))
    soft = soft + wrong * (soft > 0.03) * (soft < 0.97)
    return floats(np.clip((soft - 0.5) * 1.5 + 0.5, 0, 1))


def _photographed(colours: Floats, rng: Generator) -> Bytes:
    """Return a picture as a camera gives it: a little blur, noise, JPEG."""
    blur = rng.uniform(0, 0.9)
    if blur > 0.3:
        colours = blurred(colours, blur)
    noise = rng.standard_normal(colours.shape, np.float32) * rng.uniform(0, 4)
    pixels = np.clip(colours + noise, 0, 255).astype(np.uint8)
    if rng.random() < 0.6:
        quality = [int(cv2.IMWRITE_JPEG_QUALITY), int(rng.integers(50, 96))]
        coded = cv2.imencode(".jpg", pixels, quality)[1]
        pixels = np.asarray(cv2.imdecode(coded, cv2.IMREAD_COLOR), np.uint8)
    return pixels
