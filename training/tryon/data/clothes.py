"""Clothes as regions of the rest body, which stand off it: tops, trousers, skirts and dresses.

A garment is a surface of the body's own vertices, smoothed, pushed out along the normals by its
*ease* and cut off where its `cut` function is above 0 (hem, cuff, collar); a skirt is a tube that
hangs from the hips. It moves as the body does. `lying` is the same garment as its picture has it:
worn by nobody, a little wider than on the body, as cloth laid flat is.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray
from scipy import sparse

from .bodies import ARMS, SIDES, Bodies, Body, Part
from .cast import Floats, Ints
from .skirts import Tube, tube
from .surfaces import fold_noise, normals, smoothing

KINDS = ("upper", "lower", "dress")
COLLARS = ("round", "v", "wide")
OUTSIDE = 1.0  # the value of `cut` where no cloth is, in metres
SMOOTHED, EVENED = 12, 8  # rounds of smoothing: of the cloth, of its ease
LEAST_EASE = 0.004  # metres off the skin
NECK_EDGE, OVERLAP = 0.006, 0.03  # metres: of cloth up the neck, of a skirt over what it hangs from


@dataclass(frozen=True)
class Cut:
    """What a garment is like; lengths in metres unless said otherwise."""

    kind: str  # one of KINDS
    collar: str = "round"  # one of COLLARS
    collar_depth: float = 0.08
    collar_width: float = 0.075  # half of it
    sleeve: float = 0.35  # 0: none, 1: to the wrist
    hem: float = 0.02  # of a top: below the hip joints
    leg: float = 1.0  # of trousers: 0 crotch, 1 ankle
    skirt: float = 0.0  # of skirts and dresses: length below the hips, 0: trousers
    flare: float = 1.1  # the skirt's width at its hem against that at the hips
    ease: float = 0.012  # how far cloth stands off at chest and hips
    hem_ease: float = 0.01  # how much more it does at a top's hem
    sleeve_ease: float = 0.012  # how much more sleeves and legs do
    folds: float = 0.004  # how deep folds are
    laid: float = 0.02  # how much wider the garment's picture is


class Surface(NamedTuple):
    """A garment on a body in its rest pose: points that are skinned as the body's, or a tube."""

    worn: Floats  # (v, 3)
    lying: Floats  # (v, 3)
    cut: Floats  # (v,) metres; cloth where it is <= 0
    faces: Ints  # (f, 3)
    part: NDArray[np.uint8]  # (v,)
    tube: Tube | None  # its points follow the body's own


def sample(rng: Generator, kind: str) -> Cut:
    """Draw a garment of a kind."""
    u = rng.uniform
    collar = str(rng.choice(COLLARS, p=[0.5, 0.3, 0.2]))
    depth, width = {
        "round": (u(0.05, 0.11), u(0.068, 0.09)),
        "v": (u(0.1, 0.2), u(0.065, 0.085)),
        "wide": (u(0.06, 0.13), u(0.095, 0.13)),
    }[collar]
    sleeve = (0.0, u(0.18, 0.45), u(0.5, 0.8), u(0.9, 1.0))[rng.choice(4, p=[0.15, 0.4, 0.1, 0.35])]
    ease = u(0.006, 0.03)
    made = Cut(
        kind,
        collar,
        depth,
        width,
        sleeve,
        hem=u(-0.07, 0.035),
        leg=(u(0.25, 0.5), u(0.85, 1.0))[int(rng.random() < 0.65)],
        ease=ease,
        hem_ease=u(0.0, 0.03),
        sleeve_ease=u(0.0, 0.03),
        folds=u(0.001, 0.009),
        laid=u(0.0, 0.045),
    )
    if kind == "dress" or (kind == "lower" and rng.random() < 0.3):
        return replace(made, skirt=u(0.35, 0.75), flare=u(1.0, 1.5))
    return made


class Tailor:
    """What sewing for many bodies shares: the mesh's smoothing."""

    def __init__(self, bodies: Bodies) -> None:
        self.bodies = bodies

    @cached_property
    def smooth(self) -> sparse.csr_matrix:
        """Return the operator of one round of smoothing."""
        return smoothing(self.bodies.faces, len(self.bodies.part))

    def sew(self, body: Body, cut: Cut, rng: Generator) -> Surface:
        """Make a garment for a body."""
        along = Along(body, body.rest)
        outward = normals(body.rest, self.bodies.faces)
        for _ in range(3):
            outward = self.smooth @ outward
        outward = (outward / np.linalg.norm(outward, axis=1, keepdims=True)).astype(np.float32)
        cloth = body.rest
        for _ in range(SMOOTHED):
            cloth = self.smooth @ cloth
        ease = self._evened(_ease(cut, along)) + cut.folds * fold_noise(body.rest, rng)
        off = ((cloth - body.rest) * outward).sum(1)
        worn = cloth + outward * np.maximum(ease, LEAST_EASE - off)[:, None]
        wider = self._evened(np.where(along.is_arm, 0.4, 1.0) * cut.laid)
        wider *= np.clip((along.neck - along.z) / 0.08, 0, 1)
        lying = worn + outward * [1, 0, 1] * wider[:, None]
        where = self._cut(cut, Along(body, worn))  # hems are straight on the cloth, not on the skin
        kept = where[self.bodies.faces].min(1) <= 0
        faces, part = self.bodies.faces[kept], self.bodies.part
        surface = Surface(_f32(worn), _f32(lying), _f32(where), faces, part, None)
        if not cut.skirt:
            return surface
        top = along.hip + OVERLAP
        return _joined(surface, tube(body, worn, top, cut.skirt, cut.flare), cut.laid)

    def _evened(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        for _ in range(EVENED):
            values = self.smooth @ values
        return values

    def _cut(self, cut: Cut, along: Along) -> NDArray[np.float64]:
        """Return how far outside the cloth each vertex lies, in metres; negative within it."""
        collar = _collar(cut, along)
        if cut.kind == "lower":
            top = along.z - along.waist
            if cut.skirt:  # its waistband; the tube is the rest
                waistband = np.maximum(top, along.hip - along.z)
                return np.where(along.is_arm, OUTSIDE, waistband)
            long = (along.leg - cut.leg) * along.leg_length
            return np.where(along.is_arm, OUTSIDE, np.maximum(top, long))
        lowest = along.hip if cut.kind == "dress" else along.hip - cut.hem
        torso = np.where(along.is_head, OUTSIDE, np.maximum(lowest - along.z, collar))
        if cut.sleeve == 0.0:  # an armhole around the shoulder
            return np.maximum(torso, (self._evened(along.is_arm.astype(float)) - 0.4) * 0.08)
        return np.where(along.is_arm, (along.arm - cut.sleeve) * along.arm_length, torso)


class Along:
    """Where points that move as a body's vertices do lie along its arms, legs and height."""

    def __init__(self, body: Body, points: Floats) -> None:
        self.points, part = points, body.bodies.part
        self.z = points[:, 2]
        self.neck = float(body.joint["neck01"][2])
        self.hip = float(body.joint["upperleg01.L"][2])
        self.waist = self.hip + 0.4 * float(body.joint["spine02"][2] - self.hip)
        self.shoulder = float(body.joint["upperarm01.L"][2])
        self.is_arm = np.isin(part, ARMS)
        self.is_head = np.isin(part, (Part.HEAD, Part.EYE))
        self.arm, self.leg = np.zeros(len(part)), np.full(len(part), -1.0)
        for side, sign in SIDES:
            mine = points[:, 0] * sign > 0
            for target, bones in (
                (self.arm, ("upperarm01", "lowerarm01", "wrist")),
                (self.leg, ("upperleg01", "lowerleg01", "foot")),
            ):
                chain = [body.joint[f"{bone}.{side}"] for bone in bones]
                target[mine] = _along(points[mine], chain)
        a, b, c = (body.joint[f"{bone}.L"] for bone in ("upperarm01", "lowerarm01", "wrist"))
        self.arm_length = float(np.linalg.norm(b - a) + np.linalg.norm(c - b))
        self.leg_length = self.hip - float(body.joint["foot.L"][2])


def _along(points: Floats, chain: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return how far along two bones points lie: 0 at the first joint, 1 at the third."""
    a, b, c = chain
    first, second = float(np.linalg.norm(b - a)), float(np.linalg.norm(c - b))
    on_first = (points - a) @ (b - a) / first
    on_second = (points - b) @ (c - b) / second
    far = np.where(on_second > 0, first + on_second, np.minimum(on_first, first))
    return far / (first + second)


def _collar(cut: Cut, along: Along) -> NDArray[np.float64]:
    """Return how far each vertex lies inside the collar, in metres; higher behind than in front."""
    x, y = np.abs(along.points[:, 0]), along.points[:, 1]
    behind = np.clip((y + 0.01) / 0.06, 0, 1)
    depth = cut.collar_depth * (1 - behind) + 0.025 * behind
    base = along.neck + 0.005
    below = np.maximum(base - along.z, 0)
    across = x / cut.collar_width
    down = below / np.maximum(depth, 1e-3)
    radius = across + down if cut.collar == "v" else np.hypot(across, down)
    inside = (1 - radius) * cut.collar_width
    return np.asarray(np.maximum(inside, along.z - base - NECK_EDGE), float)


def _ease(cut: Cut, along: Along) -> NDArray[np.float64]:
    """Return how far the cloth stands off each vertex, in metres."""
    fallen = np.clip((along.shoulder - 0.12 - along.z) / (along.shoulder - along.hip), 0, 1)
    torso = cut.ease * (0.4 + 0.6 * np.clip(fallen * 4, 0, 1)) + cut.hem_ease * fallen
    sleeve = cut.ease * 0.6 + cut.sleeve_ease * np.clip(along.arm * 3, 0.2, 1)
    leg = cut.ease + cut.sleeve_ease * np.clip(along.leg * 2, 0, 1)
    limb = leg if cut.kind == "lower" else torso
    return np.where(along.is_arm, sleeve, limb)


def _joined(surface: Surface, skirt: Tube, laid: float) -> Surface:
    start = len(surface.worn)
    wide = skirt.points + skirt.outward * [1, 0, 0] * laid
    count = len(skirt.points)
    return Surface(
        _f32(np.r_[surface.worn, skirt.points]),
        _f32(np.r_[surface.lying, wide]),
        _f32(np.r_[surface.cut, np.full(count, -OUTSIDE)]),
        np.r_[surface.faces, skirt.faces + start].astype(np.int32),
        np.r_[surface.part, np.full(count, Part.TORSO)].astype(np.uint8),
        skirt,
    )


def _f32(values: NDArray[np.floating]) -> Floats:
    return np.ascontiguousarray(values, np.float32)
