"""A mannequin of tubes in place of Anny, whose cache takes minutes and 1.2 GB to make."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from training.tryon.data.__main__ import build
from training.tryon.data.bodies import Bodies, part_of
from training.tryon.data.scenes import Studio

HALF = {  # bone: its beginning (x, y, z), its end and radius; the right is mirrored
    "upperleg01": ((0.1, 0.0, 0.04), (0.13, 0.0, -0.35), 0.08),
    "lowerleg01": ((0.13, 0.0, -0.35), (0.16, 0.0, -0.75), 0.055),
    "foot": ((0.16, 0.0, -0.75), (0.17, -0.12, -0.8), 0.04),
    "upperarm01": ((0.162, 0.0, 0.467), (0.33, 0.0, 0.28), 0.045),
    "lowerarm01": ((0.33, 0.0, 0.28), (0.45, -0.1, 0.16), 0.035),
    "wrist": ((0.45, -0.1, 0.16), (0.5, -0.2, 0.07), 0.03),
    "eye": ((0.03, -0.12, 0.72), (0.03, -0.12, 0.73), 0.012),
}
MIDDLE = {
    "root": ((0.0, 0.0, 0.0), (0.0, 0.0, 0.19), 0.14),
    "spine02": ((0.0, 0.0, 0.19), (0.0, 0.0, 0.4), 0.13),
    "spine01": ((0.0, 0.0, 0.4), (0.0, 0.0, 0.56), 0.15),
    "neck01": ((0.0, 0.0, 0.56), (0.0, 0.0, 0.64), 0.05),
    "head": ((0.0, -0.03, 0.64), (0.0, -0.03, 0.82), 0.09),
}
PARENT = {"lowerarm01": "upperarm01", "wrist": "lowerarm01", "lowerleg01": "upperleg01"}
PARENT |= {"foot": "lowerleg01", "upperleg01": "root", "upperarm01": "spine01", "eye": "head"}
PARENT |= {"spine02": "root", "spine01": "spine02", "neck01": "spine01", "head": "neck01"}
AROUND, ROWS = 14, 9


class FakeAnny:
    """Tubes, each moved by one bone; answers what `Bodies` and `Body` ask of Anny."""

    def __init__(self) -> None:
        bones = {
            f"{name}.{side}": (np.array(a) * [s, 1, 1], np.array(b) * [s, 1, 1], r)
            for name, (a, b, r) in HALF.items()
            for side, s in (("L", 1), ("R", -1))
        }
        bones |= {name: (np.array(a), np.array(b), r) for name, (a, b, r) in MIDDLE.items()}
        self.names = sorted(bones, key=lambda name: (name != "root", name))
        self.heads = np.array([bones[name][0] for name in self.names])
        tubes = [_tube(*bones[name]) for name in self.names]
        self.points = np.concatenate(tubes).astype(np.float32)
        self.owner = np.repeat(np.arange(len(tubes)), ROWS * AROUND)
        row, column = np.meshgrid(np.arange(ROWS - 1), np.arange(AROUND), indexing="ij")
        a, b = row * AROUND + column, row * AROUND + (column + 1) % AROUND
        quads = np.stack([a, b, a + AROUND, b, b + AROUND, a + AROUND], -1).reshape(-1, 3)
        self.faces = np.concatenate([quads + k * ROWS * AROUND for k in range(len(tubes))])

    def get_phenotype_blendshape_coefficients(self, **shape: torch.Tensor) -> torch.Tensor:
        return torch.stack([shape["height"], shape["weight"]], 1)

    def get_rest_model(self, coefficients: torch.Tensor) -> dict[str, torch.Tensor]:
        tall, wide = (float(value) for value in coefficients[0])
        scale = np.array([0.9 + 0.2 * wide, 0.9 + 0.2 * wide, 0.9 + 0.2 * tall])
        poses = torch.eye(4).repeat(1, len(self.names), 1, 1)
        poses[0, :, :3, 3] = torch.from_numpy(self.heads * scale)
        points = torch.from_numpy(self.points * scale.astype(np.float32))
        return {"rest_vertices": points[None], "rest_bone_poses": poses}

    def get_bone_transforms(
        self, wanted: torch.Tensor, rest: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        moves = torch.eye(4).repeat(1, len(self.names), 1, 1)
        for index in sorted(range(len(self.names)), key=lambda k: _depth(self.names[k])):
            head, turn = rest[0, index, :3, 3], wanted[0, index, :3, :3]
            parent = _parent(self.names[index])
            at = head
            if parent:
                above = moves[0, self.names.index(parent)]
                at = above[:3, :3] @ head + above[:3, 3]
            moves[0, index, :3, :3] = turn
            moves[0, index, :3, 3] = at - turn @ head
        return moves, moves

    def get_skinned_vertices(self, points: torch.Tensor, moves: torch.Tensor) -> torch.Tensor:
        mine = moves[0, self.owner]
        return (mine[:, :3, :3] @ points[0, :, :, None])[None, :, :, 0] + mine[None, :, :3, 3]


def _tube(start: Any, end: Any, radius: float) -> Any:
    along = (end - start) / np.linalg.norm(end - start)
    side = np.cross(along, [0.0, 1.0, 0.0])
    side /= np.linalg.norm(side)
    other = np.cross(along, side)
    angle = np.linspace(0, 2 * np.pi, AROUND, endpoint=False)
    ring = radius * (np.cos(angle)[:, None] * side + np.sin(angle)[:, None] * other * 0.7)
    steps = np.linspace(0, 1, ROWS)[:, None, None]
    closed = np.array([0.02] + [1.0] * (ROWS - 2) + [0.02])[:, None, None]
    return (start + (end - start) * steps + ring[None] * closed).reshape(-1, 3)


def _parent(name: str) -> str:
    bone, _, side = name.partition(".")
    parent = PARENT.get(bone, "")
    return f"{parent}.{side}" if side and parent in HALF else parent


def _depth(name: str) -> int:
    parent = _parent(name)
    return 1 + _depth(parent) if parent else 0


class FakeBodies(Bodies):
    """`Bodies` of the mannequin."""

    def __init__(self) -> None:
        self.model = FakeAnny()
        self.faces = self.model.faces.astype(np.int32)
        self.bones = list(self.model.names)
        part = np.array([part_of(name) for name in self.bones], np.uint8)
        self.part = part[self.model.owner]


@pytest.fixture(scope="session")
def studio() -> Studio:
    """Return a studio whose people are mannequins."""
    return Studio(bodies=FakeBodies())


@pytest.fixture(scope="session")
def cache(tmp_path_factory: pytest.TempPathFactory, studio: Studio) -> Path:
    """Return a cache with the records of twelve mannequins, the tenth of them held out."""
    folder = tmp_path_factory.mktemp("tryon")
    build(folder, 12, lambda: studio, shard=5)
    return folder
