"""The same picture whatever was drawn before, beside what, and on how many threads."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageDraw

from livedraft.protocol.messages import Stage
from livedraft.runtime.models.base import Pixels, Plan, Request
from livedraft.runtime.models.ink import Ink, InkParams
from livedraft.runtime.models.ink.state import InkState


def face(*, paper: str = "", cheek: str = "") -> Pixels:
    """Return a drawn face, on coloured or transparent paper, with or without a coloured stroke."""
    image = Image.new("RGBA", (256, 256), paper or (0, 0, 0, 0))
    pen = ImageDraw.Draw(image)
    for box in ((30, 40, 226, 236), (80, 100, 110, 130), (146, 100, 176, 130)):
        pen.ellipse(box, outline=(0, 0, 0, 255), width=4)
    if cheek:
        pen.line((70, 170, 110, 176), fill=cheek, width=8)
    return np.array(image)


def photograph() -> Pixels:
    """Return a picture that has ink everywhere."""
    rows, columns = np.mgrid[0:200, 0:200]
    return np.stack([rows, columns, rows + columns // 4], 2).clip(0, 255).astype(np.uint8)


SKETCHES = (
    None,
    face(),
    face(paper="white"),
    face(cheek="#d02020"),
    face(cheek="#f0e0a0"),
    photograph(),
)
EDITS: dict[str, list[Any]] = {
    "sketch": list(range(len(SKETCHES))),
    "prompt": ["", "a red fox", "an orange cat", "a fox and a boat", "xyzzy"],
    "style": ["flat", "shaded", "3d", "noto"],
    "seed": [42, 7],
    "palette": [(), ("#2244aa",)],
    "loras": [{}, {"pastel": 1.0}, {"pastel": 0.5, "graphite": 0.5}],
    "strength": [0.5, 0.8],
    "lines": [0.8, 0.0],
}


def draft(model: Ink, state: InkState, asked: dict[str, Any], steps: int = 1) -> Pixels:
    params = {name: value for name, value in asked.items() if name != "sketch"}
    sketch = SKETCHES[asked["sketch"]]
    inputs = {} if sketch is None else {"sketch": sketch}
    request = Request(InkParams.model_validate(params), inputs, Stage.DRAFT, steps)
    job = model.prepare([(state, request)])[0]
    while not job.done:
        model.step([job])
    return model.emit([job])[0][0].pixels


edits = st.sampled_from([(name, value) for name, values in EDITS.items() for value in values])


@given(st.lists(edits, min_size=2, max_size=5))
@settings(max_examples=8, deadline=None)
def test_what_a_session_remembers_changes_no_pixel(
    shipped: Ink, changes: list[tuple[str, Any]]
) -> None:
    session = shipped.open()
    asked: dict[str, Any] = {name: values[0] for name, values in EDITS.items()} | {"sketch": 1}
    for name, value in changes:
        asked[name] = value
        made = draft(shipped, session, asked)
        np.testing.assert_array_equal(made, draft(shipped, shipped.open(), asked), str(asked))


def test_sessions_do_not_disturb_each_other(shipped: Ink) -> None:
    plain = {name: values[0] for name, values in EDITS.items()} | {"sketch": 1}
    wild = plain | {"sketch": 3, "style": "3d", "prompt": "a red fox", "seed": 7}
    mine, theirs = shipped.open(), shipped.open()
    before = draft(shipped, mine, plain)
    draft(shipped, theirs, wild)
    np.testing.assert_array_equal(draft(shipped, mine, plain), before)


def unlike() -> list[dict[str, Any]]:
    plain: dict[str, Any] = {name: values[0] for name, values in EDITS.items()}
    return [
        plain | {"sketch": 1, "style": "3d", "prompt": "a red fox"},
        plain | {"sketch": 5, "style": "shaded"},
        plain | {"sketch": 3, "prompt": "a cat", "palette": ("#2244aa", "#ffcc00"), "seed": 7},
        plain | {"sketch": 0, "prompt": "a fox and a boat", "style": "noto"},
        plain | {"sketch": 2, "loras": {"pastel": 1.0}, "lines": 0.0},
    ]


def alike(made: Pixels, wanted: Pixels, model: Ink) -> bool:
    """Say whether two pictures are the same but for rounding, which eight bits make larger."""
    apart = np.abs(made.astype(int) - wanted).max(2)
    if model.painting.quick is model.painting.exact:
        return bool(apart.max() <= 2)
    return bool(apart.mean() < 0.5 and (apart > 8).mean() < 0.01)


@pytest.mark.parametrize("which", ["shipped", "exact"])
def test_a_batch_of_unlike_jobs_gives_what_each_gives_alone(
    which: str, request: pytest.FixtureRequest
) -> None:
    model: Ink = request.getfixturevalue(which)
    jobs = []
    for asked in unlike():
        params = {name: value for name, value in asked.items() if name != "sketch"}
        sketch = SKETCHES[asked["sketch"]]
        inputs = {} if sketch is None else {"sketch": sketch}
        wanted = Request(InkParams.model_validate(params), inputs, Stage.DRAFT, 1)
        jobs.append(model.prepare([(model.open(), wanted)])[0])
    model.step(jobs)
    for asked, (made,) in zip(unlike(), model.emit(jobs), strict=True):
        assert alike(made.pixels, draft(model, model.open(), asked), model), asked


@pytest.mark.parametrize("which", ["shipped", "exact"])
def test_threads_change_nothing(which: str, request: pytest.FixtureRequest) -> None:
    model: Ink = request.getfixturevalue(which)
    two = Ink.load(plan=Plan(threads=2, quantise="none" if which == "exact" else ""))
    for asked in unlike():
        one = draft(model, model.open(), asked, 2)
        assert alike(draft(two, two.open(), asked, 2), one, model), asked
