"""Rays from a camera onto a mesh, by Warp's bounding volume hierarchy: what each pixel sees."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import warp
from numpy.typing import NDArray

FAR, SKIP, LAYERS = 20.0, 1e-4, 8  # metres; metres; how many cut-away surfaces a ray may pass
Floats = NDArray[np.float32]
Ints = NDArray[np.int32]

wp: Any = warp  # whose stubs do not know the language of its kernels
wp.config.quiet = True


class Hits(NamedTuple):
    """What n rays met: the face (-1: none), its corners' weights and the distance in metres."""

    face: Ints  # (n,)
    weights: Floats  # (n, 3)
    distance: Floats  # (n,)

    @property
    def met(self) -> NDArray[np.bool_]:
        return self.face >= 0


def cast(points: Floats, faces: Ints, cut: Floats, start: Floats, along: Floats) -> Hits:
    """Cast rays (n, 3) from `start` along unit vectors onto a mesh of (v, 3) points, (f, 3) faces.

    The surface ends where `cut` (v,), interpolated in each face, is above 0: rays go through what
    is cut away, and meet the inside of what lies behind.
    """
    mesh = wp.Mesh(
        points=wp.array(points, dtype=wp.vec3), indices=wp.array(faces.ravel(), dtype=wp.int32)
    )
    count = len(start)
    face = wp.full(count, -1, dtype=wp.int32)
    weights, distance = wp.zeros(count, dtype=wp.vec3), wp.zeros(count, dtype=wp.float32)
    starts, alongs = wp.array(start, dtype=wp.vec3), wp.array(along, dtype=wp.vec3)
    cuts = wp.array(cut, dtype=wp.float32)
    wp.launch(
        _nearest,
        dim=count,
        inputs=[wp.uint64(mesh.id), mesh.indices, cuts, starts, alongs],
        outputs=[face, weights, distance],
    )
    return Hits(face.numpy(), weights.numpy(), distance.numpy())


# Warp compiles this and infers the types from the call.
@wp.kernel  # type: ignore[untyped-decorator]  # see `wp`
def _nearest(
    mesh: Any,
    corners: Any,
    cut: Any,
    start: Any,
    along: Any,
    face: Any,
    weights: Any,
    distance: Any,
) -> None:
    ray = wp.tid()
    travelled = wp.float32(0.0)  # `0.0` alone would be a constant to the compiler
    for _ in range(LAYERS):
        origin = start[ray] + along[ray] * travelled
        hit = wp.mesh_query_ray(mesh, origin, along[ray], FAR)
        if not hit.result:
            break
        travelled += hit.t
        a, b, c = corners[3 * hit.face], corners[3 * hit.face + 1], corners[3 * hit.face + 2]
        w = wp.vec3(hit.u, hit.v, 1.0 - hit.u - hit.v)
        if cut[a] * w[0] + cut[b] * w[1] + cut[c] * w[2] <= 0.0:
            face[ray] = hit.face
            weights[ray] = w
            distance[ray] = travelled
            break
        travelled += SKIP
