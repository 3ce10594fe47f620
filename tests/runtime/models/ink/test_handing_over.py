"""What `ink` drafted, as another model gets it to finish."""

from __future__ import annotations

import numpy as np
from PIL import Image, ImageDraw

from livedraft.protocol.messages import Stage
from livedraft.runtime.conformance import picture
from livedraft.runtime.models.base import Pixels, Request
from livedraft.runtime.models.ink import Ink, InkParams


def drawn() -> Pixels:
    paper = Image.new("RGB", (256, 256), "white")
    ImageDraw.Draw(paper).ellipse((60, 60, 200, 200), outline="black", width=6)
    return np.asarray(paper)


def asked(sketch: Pixels | None, **params: object) -> Request[InkParams]:
    inputs = {} if sketch is None else {"sketch": sketch}
    return Request(InkParams.model_validate(params), inputs, Stage.FINAL, 1)


def test_its_picture_is_handed_over_on_paper_and_only_once(model: Ink) -> None:
    state, request = model.open(), asked(drawn(), prompt="an apple", size=256)
    handed = model.hand_over(state, request)
    painted = picture(model, request)
    assert list(handed) == ["sketch"]
    assert handed["sketch"].shape == (256, 256, 3)
    opaque, clear = painted[..., 3] == 255, painted[..., 3] == 0
    assert (handed["sketch"][opaque] == painted[..., :3][opaque]).all()
    assert (handed["sketch"][clear] == 255).all()
    assert model.hand_over(state, request)["sketch"] is handed["sketch"]
    other = model.hand_over(state, asked(drawn(), prompt="a red balloon", size=256))
    assert (other["sketch"] != handed["sketch"]).any()


def test_nothing_drawn_and_nothing_said_hands_nothing_over(model: Ink) -> None:
    assert model.hand_over(model.open(), asked(None)) == {}
