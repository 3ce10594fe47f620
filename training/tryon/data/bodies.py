"""Bodies of the parametric model Anny (Brégier et al., 2025, arXiv:2511.03589), posed.

Its shapes are MakeHuman's (CC0), its code is Apache-2.0. The first `Bodies()` of a machine writes a
cache of 1.2 GB to ~/.cache/anny, which takes one to three minutes.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from .cast import Floats, Ints
from .poses import Arm, Pose, Vector, unit

SIDES = (("L", 1.0), ("R", -1.0))


class Part(IntEnum):
    """What a point of the body belongs to; left is the person's left."""

    NONE = 0
    HEAD = 1
    NECK = 2
    TORSO = 3
    LEFT_UPPER_ARM = 4
    LEFT_FOREARM = 5
    LEFT_HAND = 6
    RIGHT_UPPER_ARM = 7
    RIGHT_FOREARM = 8
    RIGHT_HAND = 9
    LEFT_THIGH = 10
    LEFT_SHIN = 11
    LEFT_FOOT = 12
    RIGHT_THIGH = 13
    RIGHT_SHIN = 14
    RIGHT_FOOT = 15
    HAIR = 16
    EYE = 17


_OF_BONES = {  # by the start of a bone's name; the first that fits
    "eye": "EYE",
    "head": "HEAD",
    "neck": "NECK",
    "upperarm": "UPPER_ARM",
    "lowerarm": "FOREARM",
    "wrist": "HAND",
    "finger": "HAND",
    "metacarpal": "HAND",
    "upperleg": "THIGH",
    "lowerleg": "SHIN",
    "foot": "FOOT",
    "toe": "FOOT",
}
_ONE = ("EYE", "HEAD", "NECK")
ARMS = (
    Part.LEFT_UPPER_ARM,
    Part.LEFT_FOREARM,
    Part.LEFT_HAND,
    Part.RIGHT_UPPER_ARM,
    Part.RIGHT_FOREARM,
    Part.RIGHT_HAND,
)


class Bodies:
    """The model, loaded once."""

    def __init__(self) -> None:
        from anny import Anny  # loads Warp and reads its cache: not when only the types are wanted

        model: Any = Anny(phenotypes="all", pose_parameterization="world-orient").float()
        self.model = model
        self.faces: Ints = model.faces.numpy().astype(np.int32)
        self.bones: list[str] = list(model.bone_labels)
        main = model.vertex_bone_weights.argmax(1, keepdim=True)
        bone = torch.gather(model.vertex_bone_indices.long(), 1, main)[:, 0].numpy()
        self.part: NDArray[np.uint8] = np.array([part_of(name) for name in self.bones])[
            bone
        ].astype(np.uint8)

    def sample(self, rng: Generator) -> Body:
        """Draw an adult: of any sex, build, height and origin."""
        u = rng.uniform
        origin = rng.dirichlet([0.7, 0.7, 0.7])
        shape = {
            "gender": u(0.02, 0.98),
            "age": u(0.55, 0.88),
            "muscle": u(0.3, 0.7),
            "weight": u(0.28, 0.72),
            "height": u(0.35, 0.65),
            "proportions": u(0.35, 0.65),
            "cupsize": u(0.3, 0.65),
            "firmness": u(0.45, 0.8),
            **dict(zip(("african", "asian", "caucasian"), map(float, origin), strict=True)),
        }
        return Body(self, shape)


class Body:
    """One person's shape: `rest` (v, 3) in metres, x to the left, y backwards, z up."""

    def __init__(self, bodies: Bodies, shape: dict[str, float]) -> None:
        self.bodies, self.shape = bodies, shape
        model = bodies.model
        values = {k: torch.tensor([v], dtype=torch.float32) for k, v in shape.items()}
        with torch.no_grad():
            weights = model.get_phenotype_blendshape_coefficients(**values)
            rest = model.get_rest_model(weights)
        self.rest: Floats = rest["rest_vertices"][0].numpy().astype(np.float32)
        self._poses: torch.Tensor = rest["rest_bone_poses"].float()
        heads = self._poses[0, :, :3, 3].double().numpy()
        self.joint: dict[str, Vector] = dict(zip(bodies.bones, heads, strict=True))

    def transforms(self, pose: Pose) -> torch.Tensor:
        """Return (1, bones, 4, 4): what each bone does to the points of the rest pose."""
        turned = torch.from_numpy(self._rotations(pose)).float()
        wanted = torch.eye(4).repeat(1, len(turned), 1, 1)
        wanted[0, :, :3, :3] = turned @ self._poses[0, :, :3, :3].float()
        wanted[0, 0, :3, 3] = self._poses[0, 0, :3, 3]
        with torch.no_grad():
            moved: torch.Tensor = self.bodies.model.get_bone_transforms(wanted, self._poses)[0]
        return moved

    def posed(self, rest: Floats, transforms: torch.Tensor) -> Floats:
        """Pose points (v, 3) that move as the body's own vertices do."""
        points = torch.from_numpy(rest[None])
        with torch.no_grad():
            skinned = self.bodies.model.get_skinned_vertices(points, transforms)
        return np.asarray(skinned[0].numpy(), np.float32)

    def at(self, bone: str, transforms: torch.Tensor) -> Vector:
        """Return where a bone's head is in a pose."""
        move = transforms[0, self.bodies.bones.index(bone)].double().numpy()
        return np.asarray(move[:3, :3] @ self.joint[bone] + move[:3, 3])

    def _rotations(self, pose: Pose) -> NDArray[np.float64]:
        hips = about(2, pose.yaw)
        spine = [hips @ about(1, pose.lean * k / 5) @ about(0, pose.bend * k / 5) for k in range(6)]
        turned, tilted, nodding = pose.head
        head = spine[5] @ about(2, turned) @ about(1, tilted) @ about(0, nodding)
        middle = {"neck01": spine[5], "neck02": (spine[5] + head) / 2}
        by_bone: dict[str, NDArray[np.float64]] = {
            **{f"spine0{k}": spine[6 - k] for k in range(1, 6)},
            **{name: nearest_rotation(value) for name, value in middle.items()},
            **dict.fromkeys(("neck03", "head", "eye.L", "eye.R"), head),
        }
        for (side, sign), arm, raised in zip(
            SIDES, (pose.left, pose.right), pose.shrug, strict=True
        ):
            shoulder = spine[5] @ about(1, -sign * raised)
            upper, fore = self._arm(arm, side, sign)
            upper, fore = spine[5] @ upper, spine[5] @ fore
            down = unit(sign * np.sin(pose.stance), 0.0, -np.cos(pose.stance))
            hip, ankle = self.joint[f"upperleg01.{side}"], self.joint[f"foot.{side}"]
            leg = hips @ between((ankle - hip) * [1, 0, 1], down)
            for name in self.bodies.bones:
                if not name.endswith("." + side):
                    continue
                if name.startswith(("clavicle", "shoulder")):
                    by_bone[name] = shoulder
                elif name.startswith("upperarm"):
                    by_bone[name] = upper
                elif name.startswith(("lowerarm", "wrist", "finger", "metacarpal")):
                    by_bone[name] = fore
                elif name.startswith(("upperleg", "lowerleg")):
                    by_bone[name] = leg
        return np.stack([by_bone.get(name, hips) for name in self.bodies.bones])

    def _arm(self, arm: Arm, side: str, sign: float) -> tuple[NDArray[np.float64], ...]:
        """Return the rotations of upper arm and forearm in the chest's frame."""
        names = ("upperarm01", "lowerarm01", "wrist")
        shoulder, elbow, wrist = (self.joint[f"{name}.{side}"] for name in names)
        mirror = np.array([sign, 1.0, 1.0])
        upper = between(elbow - shoulder, arm.upper * mirror)
        fore = arm.fore * mirror
        if arm.reach:
            middle = np.array([0.0, 0.0, shoulder[2]])
            fore = middle + fore - (shoulder + upper @ (elbow - shoulder))
        return upper, between(upper @ (wrist - elbow), fore) @ upper


def part_of(bone: str) -> Part:
    """Return the part that a bone of this name moves."""
    for start, name in _OF_BONES.items():
        if bone.startswith(start):
            side = "" if name in _ONE else "LEFT_" if bone.endswith(".L") else "RIGHT_"
            return Part[side + name]
    return Part.TORSO


def about(axis: int, angle: float) -> NDArray[np.float64]:
    """Return the rotation about a coordinate axis."""
    matrix = np.eye(3)
    i, j = (axis + 1) % 3, (axis + 2) % 3
    matrix[i, i] = matrix[j, j] = np.cos(angle)
    matrix[j, i], matrix[i, j] = np.sin(angle), -np.sin(angle)
    return matrix


def between(start: Vector, end: Vector) -> NDArray[np.float64]:
    """Return the smallest rotation that takes one direction to another (Rodrigues)."""
    a, b = start / np.linalg.norm(start), end / np.linalg.norm(end)
    axis, cosine = np.cross(a, b), float(a @ b)
    skew = np.array([[0, -axis[2], axis[1]], [axis[2], 0, -axis[0]], [-axis[1], axis[0], 0]])
    return np.asarray(np.eye(3) + skew + skew @ skew / max(1 + cosine, 1e-6))


def nearest_rotation(matrix: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the rotation that is nearest to a matrix."""
    u, _, v = np.linalg.svd(matrix)
    return np.asarray(u @ v)
