"""How people stand before a camera: arms down, out, akimbo, raised, crossed, before the cloth.

Directions are of the chest's own frame, in which x points to the person's left, y backwards and z
up. An arm is told by where its elbow points and either where its forearm points or where its wrist
is to go; lengths are the body's own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.random import Generator
from numpy.typing import NDArray

Vector = NDArray[np.float64]
KINDS = ("down", "out", "akimbo", "raised", "crossed", "front", "phone")
SHARES = (0.34, 0.2, 0.14, 0.06, 0.09, 0.12, 0.05)


@dataclass(frozen=True)
class Arm:
    """One arm, told as if it were the left one (x outwards).

    `upper` is the unit direction from shoulder to elbow. `fore` is that from elbow to wrist, or,
    where `reach` is set, the place that the wrist goes to: metres from the middle of the chest at
    the height of the shoulders.
    """

    upper: Vector
    fore: Vector
    reach: bool = False


@dataclass(frozen=True)
class Pose:
    """A whole pose; angles in radians."""

    kind: str
    left: Arm
    right: Arm
    yaw: float = 0.0  # turned to the person's left
    lean: float = 0.0  # to the side
    bend: float = 0.0  # forwards
    head: tuple[float, float, float] = (0.0, 0.0, 0.0)  # turned, tilted, nodding
    stance: float = 0.03  # each leg's angle to the vertical
    shrug: tuple[float, float] = (0.0, 0.0)  # left and right clavicle raised


def unit(x: float, y: float, z: float) -> Vector:
    """Return the direction of (x, y, z)."""
    vector = np.array([x, y, z])
    return np.asarray(vector / np.linalg.norm(vector))


def hanging(out: float, forward: float = 0.0, flex: float = 0.0) -> Arm:
    """Return an arm that hangs `out` rad off the vertical, its elbow bent forwards by `flex`."""
    upper = unit(np.sin(out), -np.sin(forward), -np.cos(out))
    fore = unit(np.sin(out * 0.7), -np.sin(forward + flex), -np.cos(forward + flex))
    return Arm(upper, fore)


def lying(out: float, legs: float) -> Pose:
    """Return the pose of a garment that is drawn flat: symmetric, arms straight."""
    straight = unit(np.sin(out), 0.0, -np.cos(out))
    both = Arm(straight, straight)
    return Pose("flat", both, both, stance=legs)


def sample(rng: Generator) -> Pose:
    """Draw a pose of somebody who stands in front of a camera."""
    kind = str(rng.choice(KINDS, p=np.divide(SHARES, sum(SHARES))))
    left, right = arm(kind, rng, first=True), arm(kind, rng, first=False)
    if kind in ("akimbo", "raised", "phone", "front") and rng.random() < 0.4:
        other = arm(str(rng.choice(["down", "out"])), rng, first=True)
        left, right = (other, right) if rng.random() < 0.5 else (left, other)
    return Pose(
        kind,
        left,
        right,
        yaw=float(np.clip(rng.normal(0, 0.17), -0.44, 0.44)),
        lean=float(rng.normal(0, 0.035)),
        bend=float(rng.normal(0.01, 0.04)),
        head=(float(rng.normal(0, 0.18)), float(rng.normal(0, 0.06)), float(rng.normal(0, 0.07))),
        stance=float(rng.uniform(0.0, 0.12)),
        shrug=(float(rng.normal(0, 0.05)), float(rng.normal(0, 0.05))),
    )


def arm(kind: str, rng: Generator, *, first: bool) -> Arm:
    """Draw one arm; of crossed arms the `first` lies above and in front."""
    u = rng.uniform
    match kind:
        case "down":
            return hanging(u(0.12, 0.3), u(-0.12, 0.12), u(0.0, 0.45))
        case "out":
            return hanging(u(0.3, 0.85), u(-0.1, 0.15), u(0.0, 0.5))
        case "akimbo":
            elbow = unit(u(0.6, 0.95), u(0.05, 0.35), -u(0.6, 0.9))
            return Arm(elbow, np.array([u(0.13, 0.19), -u(0.02, 0.1), -u(0.38, 0.5)]), reach=True)
        case "raised":
            elbow = unit(u(0.5, 1.0), -u(0.0, 0.3), u(-0.1, 1.0))
            return Arm(elbow, unit(u(-0.7, 0.5), -u(-0.1, 0.3), u(0.5, 1.0)))
        case "crossed":
            high = 0.05 if first else 0.0
            wrist = np.array([-u(0.08, 0.16), -u(0.2, 0.25) - high, -u(0.2, 0.24) + high])
            return Arm(unit(u(0.12, 0.3), -u(0.25, 0.45), -0.9), wrist, reach=True)
        case "front":
            wrist = np.array([u(-0.02, 0.1), -u(0.2, 0.27), -u(0.15, 0.48)])
            return Arm(unit(u(0.2, 0.5), -u(-0.1, 0.4), -0.9), wrist, reach=True)
        case "phone":
            wrist = np.array([u(0.05, 0.3), -u(0.3, 0.45), u(-0.1, 0.15)])
            return Arm(unit(u(0.2, 0.6), -u(0.2, 0.6), -0.8), wrist, reach=True)
    raise ValueError(f"pose {kind!r} is none of {', '.join(KINDS)}")
