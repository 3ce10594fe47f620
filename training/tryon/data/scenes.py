"""One record, made: a body is drawn, posed, dressed and looked at."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any

import numpy as np
import torch
from numpy.random import Generator
from numpy.typing import NDArray

from .bodies import Bodies, Body, Part
from .cameras import FLAT, HEIGHT, WIDTH, Camera, Plane, Rays, photograph
from .cast import Floats, Hits, Ints, cast
from .clothes import Surface, Tailor
from .poses import lying
from .records import Layer, Record
from .sets import SETS, People
from .surfaces import fold_noise, normals

TRUE_JOINTS = {  # bones whose heads are stored as joints
    "neck": "neck01",
    "left_shoulder": "upperarm01.L",
    "right_shoulder": "upperarm01.R",
    "left_elbow": "lowerarm01.L",
    "right_elbow": "lowerarm01.R",
    "left_wrist": "wrist.L",
    "right_wrist": "wrist.R",
    "left_hip": "upperleg01.L",
    "right_hip": "upperleg01.R",
    "left_knee": "lowerleg01.L",
    "right_knee": "lowerleg01.R",
    "left_ankle": "foot.L",
    "right_ankle": "foot.R",
    "left_eye": "eye.L",
    "right_eye": "eye.R",
}


class Studio:
    """Makes records; a record of the same index is the same every time."""

    def __init__(
        self, seed: int = 0, bodies: Bodies | None = None, people: People = SETS["all"]
    ) -> None:
        self.bodies = bodies or Bodies()
        self.tailor = Tailor(self.bodies)
        self.seed = seed
        self.people = people

    def record(self, index: int, yaw: float | None = None, framing: str = "") -> Record:
        """Draw, dress and look at one person: turned to their left by so many rad, if asked for."""
        rng = np.random.default_rng([self.seed, index])
        body, pose = self.bodies.sample(rng), self.people.pose(rng)
        pose = pose if yaw is None else replace(pose, yaw=yaw)
        kind = self.people.kind(rng)
        moves = body.transforms(pose)
        hair, part = self._hair(body, rng)
        posed = body.posed(hair, moves)
        shares = self.people.framings[kind]
        framing = framing or str(rng.choice(list(shares), p=list(shares.values())))
        camera = photograph(rng, body, posed, framing)
        rays = camera.rays()
        pelvis = camera.project(body.at("root", moves)[None])[0, 2]
        cuts = self.people.cuts(rng, kind)
        seen: dict[str, Layer] = {}
        bare = np.full(len(posed), -1, np.float32)
        hits = cast(posed, self.bodies.faces, bare, *rays)
        seen["body"] = _body_layer(hits, body.rest, posed, self.bodies.faces, part, rays, pelvis)
        extra: tuple[Any, ...] = ()
        for name, cut in cuts.items():
            surface = self.tailor.sew(body, cut, rng)
            worn = _posed(surface, surface.worn, body, moves)
            laid, plane = self._laid(surface, body, rng)
            at = plane.project(laid) - 0.5
            hits = cast(worn, surface.faces, surface.cut, *rays)
            seen[name] = _cloth_layer(hits, worn, surface, at, rays, float(pelvis), (HEIGHT, WIDTH))
            if name == "new":
                extra = _flat(surface, laid, at, plane) + _pairs(surface, laid, at, worn, camera)
        flat, pairs, pair_part = extra
        names, bones = list(TRUE_JOINTS), list(TRUE_JOINTS.values())
        joints = camera.project(np.array([body.at(bone, moves) for bone in bones]))[:, :2] - 0.5
        meta = {
            "index": index,
            "kind": kind,
            "pose": pose.kind,
            "yaw": pose.yaw,
            "framing": framing,
            "tucked": bool(rng.random() < self.people.tucked),
            "cuts": {name: asdict(cut) for name, cut in cuts.items()},
            "joints": {n: [float(x), float(y)] for n, (x, y) in zip(names, joints, strict=True)},
            "rest": {b: [float(v) for v in body.joint[b]] for b in bones},
        }
        return Record(
            meta, seen["body"], seen["upper"], seen["lower"], seen["new"], flat, pairs, pair_part
        )

    def _hair(self, body: Body, rng: Generator) -> tuple[Floats, NDArray[np.uint8]]:
        """Return the rest pose with hair on, and the parts with it marked."""
        head, eyes = body.joint["head"], (body.joint["eye.L"] + body.joint["eye.R"]) / 2
        at, part = body.rest, self.bodies.part.copy()
        line = eyes[2] + rng.uniform(0.055, 0.08)  # where hair begins above the forehead
        nape = head[2] + rng.uniform(-0.05, 0.03)
        back = np.clip((at[:, 1] - (eyes[1] + 0.035)) / 0.05, 0, 1)
        hairy = (at[:, 2] > line + (nape - line) * back) & np.isin(part, (Part.HEAD, Part.NECK))
        if rng.random() < 0.08:
            hairy &= False
        part[hairy] = Part.HAIR
        thick = rng.uniform(0.004, 0.035) * (1 + 0.25 * fold_noise(at, rng))
        deep = np.clip((at[:, 2] - line - (nape - line) * back) / 0.04, 0, 1) * hairy
        grown = at + normals(at, self.bodies.faces) * (thick * deep)[:, None]
        return grown.astype(np.float32), part

    def _laid(self, surface: Surface, body: Body, rng: Generator) -> tuple[Floats, Plane]:
        """Lay a garment flat: its points, and the plane that its picture is taken from."""
        long = (surface.cut <= 0) & np.isin(surface.part, (Part.LEFT_FOREARM, Part.RIGHT_FOREARM))
        out = rng.uniform(0.16, 0.5) if long.any() else rng.uniform(0.3, 0.95)
        moves = body.transforms(lying(float(out), float(rng.uniform(0.02, 0.1))))
        laid = _posed(surface, surface.lying, body, moves)
        return laid, Plane.around(laid[surface.cut <= 0])


def _posed(surface: Surface, points: Floats, body: Body, moves: torch.Tensor) -> Floats:
    own = len(body.rest)
    posed = body.posed(points[:own], moves)
    if surface.tube is None:
        return posed
    return np.concatenate([posed, surface.tube.posed(points[own:], body, moves)])


def _blend(hits: Hits, faces: Ints, values: NDArray[np.floating]) -> Floats:
    """Interpolate vertices' values (v, k) where rays met faces: (n, k)."""
    met = hits.met
    corners, weights = faces[hits.face[met]], hits.weights[met]
    return np.asarray((values[corners] * weights[..., None]).sum(1), np.float32)


def _parts(hits: Hits, faces: Ints, part: NDArray[np.uint8]) -> NDArray[np.uint8]:
    met = hits.met
    nearest = hits.weights[met].argmax(1)
    return np.asarray(part[faces[hits.face[met]][np.arange(len(nearest)), nearest]])


def _shape(
    hits: Hits, points: Floats, faces: Ints, rays: Rays
) -> tuple[NDArray[np.int32], Floats, NDArray[np.bool_]]:
    """Return the pixels that were met, normals turned to the viewer, and which were turned."""
    normal = _blend(hits, faces, normals(points, faces))
    normal /= np.maximum(np.linalg.norm(normal, axis=1, keepdims=True), 1e-6)
    corners = points[faces[hits.face[hits.met]]]
    front = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    inside = (front * rays.along[hits.met]).sum(1) > 0
    normal[inside] *= -1
    return np.flatnonzero(hits.met).astype(np.int32), normal, inside


def _body_layer(
    hits: Hits,
    rest: Floats,
    posed: Floats,
    faces: Ints,
    part: NDArray[np.uint8],
    rays: Rays,
    pelvis: float,
) -> Layer:
    at, normal, _ = _shape(hits, posed, faces, rays)
    depth = hits.distance[hits.met] - np.float32(pelvis)
    size = (HEIGHT, WIDTH)
    seen = _parts(hits, faces, part)
    return Layer(size, at, normal, depth, seen, rest=_blend(hits, faces, rest))


def _cloth_layer(
    hits: Hits,
    points: Floats,
    surface: Surface,
    flat: NDArray[np.floating],
    rays: Rays,
    origin: float,
    size: tuple[int, int],
) -> Layer:
    at, normal, inside = _shape(hits, points, surface.faces, rays)
    depth = hits.distance[hits.met] - np.float32(origin)
    seen = _parts(hits, surface.faces, surface.part)
    where = _blend(hits, surface.faces, flat)
    return Layer(size, at, normal, depth, seen, flat=where, inside=inside)


def _flat(surface: Surface, laid: Floats, at: NDArray[np.floating], plane: Plane) -> tuple[Layer]:
    rays = plane.rays()
    hits = cast(laid, surface.faces, surface.cut, *rays)
    return (_cloth_layer(hits, laid, surface, at, rays, 3.0, (FLAT, FLAT)),)


def _pairs(
    surface: Surface, laid: Floats, at: NDArray[np.floating], worn: Floats, camera: Camera
) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Return where vertices of the garment's front are in both pictures, and their parts."""
    front = (surface.cut <= 0) & (normals(laid, surface.faces)[:, 1] < 0)
    front[np.setdiff1d(np.arange(len(front)), surface.faces)] = False
    pairs = np.c_[at[front], camera.project(worn[front])[:, :2] - 0.5]
    return pairs.astype(np.float32), surface.part[front]
