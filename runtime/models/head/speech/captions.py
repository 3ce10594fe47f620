"""When each word of a spoken sentence is heard: letters laid along the sound, pauses at marks.

No voice tells when it says a word. Its sound begins and ends exactly, and is silent at most commas;
between such points words last as long as their letters take on average.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from ..line import RATE, Sound, Word
from .wording import Spelling

_ROW = RATE // 100  # samples, 10 ms
_RANGE = 10 ** (-35 / 20)  # of the loudest row, under which a row is silent
_PAUSE_ROWS = 6  # of silence, that may be a pause; closures of stops are shorter
_LONG_ROWS = 15  # that is one for sure
_SPREAD = 0.25  # s that a word's end may well be off its expected place
_NO_MARK = 2.0  # cost of a pause behind a word without a mark
_MARKS = ",.;:!?)-"
_LONG_LETTERS = "aeiouyäöüáéíóúàèìòùâêîôû"
_DIGIT = 5.0  # letters of a digit's name, about


def placed(words: Sequence[Spelling], samples: Sound) -> list[Word]:
    """Return when words are heard in the sound of their sentence, in samples from its first."""
    loud = _loud(samples)
    if not words or not loud.any():
        return []
    begin, end = int(loud.argmax()), len(loud) - int(loud[::-1].argmax())
    weights = np.array([_length(word.said) for word in words])
    pauses = _pauses(loud[begin:end]) + begin
    anchors = _anchors(words, weights, pauses, begin, end)
    made: list[Word] = []
    for (first, _, from_row), (last, to_row, _) in pairwise(anchors):
        share = np.concatenate([[0.0], np.cumsum(weights[first:last])])
        rows = from_row + (to_row - from_row) * share / share[-1]
        for word, (at, until) in zip(words[first:last], pairwise(rows), strict=True):
            made.append(Word(word.shown, round(at * _ROW), round(until * _ROW)))
    return made


def _loud(samples: Sound) -> NDArray[np.bool_]:
    """Return which rows of 10 ms are not silent."""
    count = len(samples) // _ROW
    rows = samples[: count * _ROW].reshape(count, _ROW).astype(np.float32)
    level = np.sqrt((rows**2).mean(1))
    loudest = float(level.max(initial=0.0))
    return np.asarray(level > max(loudest * _RANGE, 1.0))


def _pauses(loud: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return runs of silence, (n, 2): first row, and the one after the last."""
    edges = np.flatnonzero(np.diff(np.concatenate([[1], loud.astype(np.int8), [1]])))
    runs = edges.reshape(-1, 2)
    return runs[runs[:, 1] - runs[:, 0] >= _PAUSE_ROWS]


def _anchors(
    words: Sequence[Spelling],
    weights: NDArray[np.float64],
    pauses: NDArray[np.int64],
    begin: int,
    end: int,
) -> list[tuple[int, int, int]]:
    """Return which pauses lie before which words: (word, its pause's first row, and last).

    Each pause is behind a word, or within one: what costs least, by how far a word's end is from
    where its letters have it, and by the marks behind words.
    """
    lengths = pauses[:, 1] - pauses[:, 0]
    spoken = end - begin - int(lengths.sum())
    expected = np.cumsum(weights) / weights.sum() * spoken  # ends of words, pauses left out
    before = pauses[:, 0] - begin - np.concatenate([[0], np.cumsum(lengths)[:-1]]).astype(int)
    marks = np.array([0.0 if word.said[-1] in _MARKS else _NO_MARK for word in words])
    chosen = _assigned(
        ((expected[None, :-1] - before[:, None]) / (_SPREAD * 100)) ** 2 + marks[None, :-1],
        np.where(lengths >= _LONG_ROWS, 16.0, 3.0),
    )
    anchors = [(0, begin, begin)]
    for pause, word in enumerate(chosen):
        if word >= 0:
            anchors.append((word + 1, int(pauses[pause, 0]), int(pauses[pause, 1])))
    return [*anchors, (len(words), end, end)]


def _assigned(costs: NDArray[np.float64], skipped: NDArray[np.float64]) -> list[int]:
    """Return which column each row takes, later rows later columns; -1 where it takes none."""
    count, columns = costs.shape
    # best[r, c]: the least that the first r rows cost on the first c columns.
    best = np.zeros((count + 1, columns + 1))
    taken = np.zeros((count + 1, columns + 1), bool)
    for row in range(1, count + 1):
        best[row, 0] = best[row - 1, 0] + skipped[row - 1]
        for column in range(1, columns + 1):
            none = min(best[row - 1, column] + skipped[row - 1], best[row, column - 1])
            here = best[row - 1, column - 1] + costs[row - 1, column - 1]
            taken[row, column] = here < none
            best[row, column] = min(here, none)
    chosen = [-1] * count
    row, column = count, columns
    while row and column:
        if taken[row, column]:
            row, column = row - 1, column - 1
            chosen[row] = column
        elif best[row, column] == best[row, column - 1]:
            column -= 1
        else:
            row -= 1
    return chosen


def _length(said: str) -> float:
    """Return how long a word takes to say, in letters: vowels are longer, digits are words."""
    lengths = (
        _DIGIT
        if each.isdigit()
        else 1.3
        if each.lower() in _LONG_LETTERS
        else 1.0
        if each.isalpha()
        else 0.2
        for each in said
    )
    return 1.0 + sum(lengths)
