"""The shipped networks on one thread, and a photograph of a person: scikit-image's astronaut."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image
from skimage import data

from livedraft.runtime.models.base import Pixels, Plan
from livedraft.runtime.models.onnx import Graph
from livedraft.runtime.models.perception.detection import detect
from livedraft.runtime.models.perception.networks import FaceNetworks, PoseNetworks, read_parse
from livedraft.runtime.models.perception.pose import Pose, landmarks

ONE = Plan(threads=1)


@pytest.fixture(scope="session")
def networks() -> PoseNetworks:
    return PoseNetworks.read(plan=ONE)


@pytest.fixture(scope="session")
def face_networks() -> FaceNetworks:
    return FaceNetworks.read(plan=ONE)


@pytest.fixture(scope="session")
def parser() -> Graph:
    return read_parse(plan=ONE)


@pytest.fixture(scope="session")
def person() -> Pixels:
    """Eileen Collins, (512, 512, 3); NASA, public domain. Her helmet is at the lower right."""
    found: Pixels = data.astronaut()
    return found


@pytest.fixture(scope="session")
def pose(person: Pixels, networks: PoseNetworks) -> Pose:
    """Return how she stands."""
    (region,) = detect(person, networks)
    return landmarks(person, region, networks)[0]


@pytest.fixture(scope="session")
def painting() -> Pixels:
    """Berthe Morisot's young woman in mauve, (640, 518, 3); public domain, of the demo."""
    path = Path(__file__).parents[4] / "demos/tryon/people/young-woman-in-mauve.jpg"
    with Image.open(path) as image:
        image.thumbnail((640, 640))
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="session")
def dark() -> Pixels:
    """A person of very deep skin before a grey wall, (512, 384, 3).

    Drawn: `training.tryon.data.paint` of record 2359, seed 1.
    """
    with Image.open(Path(__file__).parent / "people/very-deep-skin.webp") as image:
        return np.asarray(image.convert("RGB"))


@pytest.fixture(scope="session")
def crowd(person: Pixels) -> Pixels:
    """Three of her side by side, (256, 768, 3)."""
    small = cv2.resize(person, (256, 256), interpolation=cv2.INTER_AREA)
    return np.hstack([small, small[:, ::-1], small]).astype(np.uint8)
