"""The prompts of several things: those that the layout was built by are none of the others."""

from training.ink.scenes import ACROSS, CELL, HELD, TUNED, montage

from livedraft.runtime.models.ink import Ink


def test_what_is_looked_at_once_was_not_built_by() -> None:
    assert (len(set(TUNED)), len(set(HELD))) == (25, 15)
    assert not set(TUNED) & set(HELD)


def test_a_montage_has_a_cell_for_each_prompt() -> None:
    sheet = montage(Ink.tiny(), ["a cat and a dog", "two apples"])
    assert sheet.shape[1] % ACROSS == 0
    cells = sheet[:CELL].reshape(CELL, ACROSS, -1, 3)
    assert [(cells[:, i] < 200).any() for i in range(3)] == [True, True, False]
