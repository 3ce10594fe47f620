"""Lips part where the portrait's do, which a mesh tells only roughly."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from livedraft.runtime.models.base import Pixels
from livedraft.runtime.models.head.photograph.framing import Portrait, framed
from livedraft.runtime.models.head.photograph.lips import corrected
from livedraft.runtime.models.perception.contours import LOWER_LIP_INNER, UPPER_LIP_INNER
from livedraft.runtime.models.perception.mesh import Mesh
from livedraft.runtime.models.perception.networks import FaceNetworks

_SHIPPED = Path(__file__).parents[5] / "demos/tryon/people"


def light(portrait: Portrait, mesh: Mesh) -> float:
    """Return how light it is where lips meet, on average."""
    line = (mesh.points[list(UPPER_LIP_INNER)] + mesh.points[list(LOWER_LIP_INNER)]) / 2
    at = np.round(line[1:-1]).astype(int)
    grey = cv2.GaussianBlur(cv2.cvtColor(portrait.pixels, cv2.COLOR_RGB2GRAY), (0, 0), 1)
    return float(grey[at[:, 1], at[:, 0]].mean())


@pytest.mark.parametrize("name", ["rear-admiral", "young-woman-in-mauve"])
def test_shut_lips_meet_where_it_is_dark(networks: FaceNetworks, name: str) -> None:
    with Image.open(_SHIPPED / f"{name}.jpg") as image:
        portrait = framed(np.asarray(image.convert("RGB")), networks)
    better = corrected(portrait.pixels, portrait.mesh)
    assert light(portrait, better) < light(portrait, portrait.mesh) - 5
    off = np.linalg.norm(better.points - portrait.mesh.points, axis=1)
    assert off.max() < 9
    others = sorted(set(range(len(off))) - {*UPPER_LIP_INNER, *LOWER_LIP_INNER})
    assert not off[others].any(), "nothing else moves"


def test_parted_lips_begin_beside_the_teeth(person: Pixels, networks: FaceNetworks) -> None:
    portrait = framed(person, networks)
    better = corrected(portrait.pixels, portrait.mesh)
    for index in (13, 312, 82):
        assert better.points[index, 1] < portrait.mesh.points[index, 1]
    for index in (14, 317, 87):
        assert better.points[index, 1] > portrait.mesh.points[index, 1] + 1


def test_a_plain_face_keeps_its_mesh(person: Pixels, networks: FaceNetworks) -> None:
    mesh = framed(person, networks).mesh
    points = mesh.points.copy()
    points[list(LOWER_LIP_INNER)] = points[list(UPPER_LIP_INNER)]
    shut = mesh.moved(points)
    blank = np.full((512, 512, 3), 150, np.uint8)
    np.testing.assert_allclose(corrected(blank, shut).points, shut.points)
