"""Text as it is written, cut into what is said in one breath: sentences, parts of long ones."""

from __future__ import annotations

import re

MOST_CHARS = 100_000  # that wait
LONGEST = 160  # characters of a cut: what a voice makes of it waits as a whole

# An end of a sentence, and what follows it: "3.14" has none, nor "e.g." before a small letter.
_END = re.compile(r"[.!?…]+[\"'”’»)\]]*(?=\s)|[。！？]+|[\r\n]+")
_SHORT = re.compile(  # ends in a stop that ends no sentence
    r"(?:^|[\s(])(?:[^\W\d_]|[A-Za-z]\.[A-Za-z]|Mrs?|Ms|Drs?|Prof|St|Sr|Jr|vs|etc|No|Nr|Hr|Fr|bzw|ca|"
    r"usw|Sra?|Srta|Mme|Mlle|Sig|Dott)\.$"
)
_CLAUSE = re.compile(r"[,;:–—)](?=\s)|\s[-–—]\s")
_SPACE = re.compile(r"\s+")
_FENCE = re.compile(r"\s*(?:```|~~~)[^`\n]*\s*$")  # a line before a block of code, and after it


class Sentences:
    """Takes text in pieces of any length, and gives it in sentences, each once it is whole.

    Of a block of code only the fence that opens it is given: nobody wants that read to them.
    """

    def __init__(self) -> None:
        self._pieces: list[str] = []  # what came since the text was last joined
        self._text = ""
        self._ends: list[int] = []  # of utterances: how much of all text is before each
        self._taken = 0
        self._came = 0
        self._in_code = False

    def __len__(self) -> int:
        """Characters that wait."""
        return self._came - self._taken

    def push(self, piece: str) -> bool:
        """Take a piece; an empty one ends what is being said. Return whether some was too much."""
        if not piece:
            if not self._ends or self._ends[-1] < self._came:
                self._ends.append(self._came)
            return False
        fits = piece[: MOST_CHARS - len(self)]
        self._pieces.append(fits)
        self._came += len(fits)
        return len(fits) < len(piece)

    def pop(self) -> tuple[str, bool] | None:
        """Return the next that is whole, and whether what is being said ends with it."""
        self._text += "".join(self._pieces)
        self._pieces.clear()
        while True:
            ended = bool(self._ends)
            within = self._ends[0] - self._taken if ended else len(self._text)
            length = _cut(self._text[:within], ended)
            if length is None:
                return None
            sentence, self._text = self._text[:length].strip(), self._text[length:]
            self._taken += length
            ends = ended and length == within
            if ends:
                self._ends.pop(0)
            heard = self._heard(sentence, ends)
            if heard or ends:
                return heard, ends

    def _heard(self, sentence: str, ends: bool) -> str:
        """Return a sentence, or nothing within a block of code, which ends with what is said."""
        in_code = self._in_code
        self._in_code = not ends and in_code != bool(_FENCE.match(sentence))
        return "" if in_code else sentence

    def clear(self) -> None:
        """Forget what waits."""
        self._pieces.clear()
        self._text = ""
        self._ends.clear()
        self._taken = self._came
        self._in_code = False


def _cut(text: str, ended: bool) -> int | None:
    """Return how much of a text is said in one breath; None: its end is yet to be written."""
    for match in _END.finditer(text, 0, LONGEST + 1):
        before = text[: match.end()]
        following = text[match.end() : match.end() + 2].strip()[:1]
        goes_on = following.islower() and not _FENCE.match(before)
        if not _SHORT.search(before) and not goes_on and before.strip():
            return match.end()
    if len(text) <= LONGEST:
        return len(text) if ended else None
    for pattern in (_CLAUSE, _SPACE):
        ends = [match.end() for match in pattern.finditer(text, LONGEST // 4, LONGEST)]
        if ends:
            return ends[-1]
    return LONGEST
