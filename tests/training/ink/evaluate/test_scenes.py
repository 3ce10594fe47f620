"""The prompts of several things: those that the layout was built by are none of the others."""

import json

from training.ink.card.tables import SCENE_HEADS
from training.ink.evaluate.scenes import ACROSS, CELL, HELD, SCENES, TUNED, montage

from livedraft.runtime.models.ink import Ink


def test_what_is_looked_at_once_was_not_built_by() -> None:
    assert (len(set(TUNED)), len(set(HELD))) == (25, 15)
    assert not set(TUNED) & set(HELD)


def test_a_montage_has_a_cell_for_each_prompt() -> None:
    sheet = montage(Ink.tiny(), ["a cat and a dog", "two apples"])
    assert sheet.shape[1] % ACROSS == 0
    cells = sheet[:CELL].reshape(CELL, ACROSS, -1, 3)
    assert [(cells[:, i] < 200).any() for i in range(3)] == [True, True, False]


def test_every_prompt_was_looked_at() -> None:
    told = json.loads(SCENES.read_text("utf-8"))
    assert [row["prompt"] for row in told] == [*TUNED, *HELD]
    for row in told:
        right = all(row[key] for key in SCENE_HEADS)
        assert right == ("why" not in row), row["prompt"]
