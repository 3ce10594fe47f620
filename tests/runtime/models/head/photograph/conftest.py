"""A photograph that was prepared: scikit-image's astronaut, who smiles with her teeth."""

from collections.abc import Callable

import pytest
from skimage import data

from livedraft.runtime.models.base import Pixels, Plan
from livedraft.runtime.models.head.expression import Expression
from livedraft.runtime.models.head.photograph import PhotographFace, prepare
from livedraft.runtime.models.onnx import Graph
from livedraft.runtime.models.perception.mesh import Mesh, meshes
from livedraft.runtime.models.perception.networks import FaceNetworks, read_parse

ONE = Plan(threads=1)

Prepare = Callable[[Pixels], PhotographFace]
Seen = Callable[[Expression], Mesh]


@pytest.fixture(scope="session")
def networks() -> FaceNetworks:
    return FaceNetworks.read(plan=ONE)


@pytest.fixture(scope="session")
def parser() -> Graph:
    return read_parse(plan=ONE)


@pytest.fixture(scope="session")
def person() -> Pixels:
    """Eileen Collins, (512, 512, 3); NASA, public domain."""
    found: Pixels = data.astronaut()
    return found


@pytest.fixture(scope="session")
def prepared(networks: FaceNetworks, parser: Graph) -> Prepare:
    """Return what prepares a portrait with networks that are opened once."""
    return lambda pixels: prepare(pixels, networks, parser)


@pytest.fixture(scope="session")
def face(prepared: Prepare, person: Pixels) -> PhotographFace:
    return prepared(person)


@pytest.fixture(scope="session")
def seen(face: PhotographFace, networks: FaceNetworks) -> Seen:
    """Return what tells the mesh that FaceMesh sees in a frame."""

    def seen(expression: Expression) -> Mesh:
        (found,) = meshes(face.render(expression), networks)
        return found

    return seen
