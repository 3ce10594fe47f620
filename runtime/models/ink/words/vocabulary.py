"""Which drawings a prompt names, by its words: what it shows and what it only mentions.

Word pieces carry meaning for colours, where a near miss is a near colour; for a subject a near miss
is another thing ("ramen" begins with "ram"). So subjects are matched as whole words against labels
and keywords of the drawings, and only then by meaning.
"""

from __future__ import annotations

import difflib
import json
import math
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import takewhile
from pathlib import Path
from typing import Self

from .emoji import spell_emoji
from .kinds import Kinds

# What a match says, by where the words stand: another name of a drawing, all of its label, the
# label's noun, another word of it, one of its keywords. From ``NAMED`` on it is the thing itself,
# below that something near.
NAME, WHOLE, NAMED, PART, KEYWORD = 4.2, 4.0, 2.6, 2.0, 1.2
_LATER = 0.35  # share of words behind "with", "on", …: they say where a thing is, not what
_BESIDE = 0.55  # share of words before their noun
_COLOUR = 0.25  # share of a colour before a noun: the palette follows it, not the subject
_LONGER = 0.12  # taken off for each word of a label beyond the first
AS_GOOD = 0.35  # difference of scores within which matches are as good as each other
_GRAM = 4  # words of the longest name that is looked for
_CLOSE = 0.8  # similarity of a mistyped word and what was meant

_WORD = re.compile(r"[^\W_]+(?:['’]s)?")
SKIPPED = frozenset("a an the some my your his her its their this that these those".split())
_COUNTS = frozenset("one two three four five six seven eight nine ten many several".split())
BREAKS = frozenset(
    "in on at with without under over near behind beside by from for of into onto through and or "
    "between among inside above below against around across wearing holding riding eating "
    "drinking playing sitting standing flying running breathing".split()
)
_HOLDERS = frozenset(  # of "a bowl of ramen" and "a ramen bowl" the noun is ramen
    "bowl plate cup mug glass slice piece bunch pair pile basket picture drawing sketch portrait "
    "painting image illustration photo icon emoji bottle box jar loaf can pot set group kind type "
    "pack stack cone scoop landscape scene".split()
)
COLOURS = frozenset(
    "red crimson orange yellow gold golden green lime mint teal turquoise cyan blue navy purple "
    "violet magenta pink brown beige black grey gray silver white dark light bright pale".split()
)
_IRREGULAR = {
    "mice": "mouse",
    "geese": "goose",
    "men": "man",
    "women": "woman",
    "children": "child",
    "leaves": "leaf",
    "knives": "knife",
    "wolves": "wolf",
    "feet": "foot",
    "shoes": "shoe",
    "toes": "toe",
    "teeth": "tooth",
    "people": "person",
    "loaves": "loaf",
}


def names_something(word: str) -> bool:
    """Return whether a word in the singular may be of a thing, and not of grammar or number."""
    return word not in SKIPPED | _COUNTS | BREAKS


def singular(word: str) -> str:
    """Return a noun's singular, by the rules of English spelling and a few exceptions."""
    word = re.sub(r"['’]s$", "", word)
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and re.search(r"(?:ss|x|ch|sh|z|o)es$", word):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not re.search(r"(?:ss|us|is)$", word):
        return word[:-1]
    return word


def words_of(text: str) -> list[str]:
    """Return the words of a text in lower case, nouns in the singular, emoji by their names."""
    return [singular(word) for word in _WORD.findall(spell_emoji(text).lower())]


@dataclass(frozen=True, slots=True)
class Phrases:
    """A prompt in its noun phrases; that of the subject is ``phrases[subject]``, its noun last."""

    phrases: tuple[tuple[str, ...], ...]
    subject: int = 0
    beside: tuple[str, ...] = ()  # nouns that "and" puts beside the subject

    @classmethod
    def read(cls, prompt: str) -> Self:
        """Split a prompt at its prepositions and conjunctions."""
        found: list[list[str]] = [[]]
        before = [""]  # what each phrase follows
        for word in words_of(prompt):
            if word in BREAKS:
                found.append([])
                before.append(word)
            elif word not in SKIPPED and word not in _COUNTS:
                found[-1].append(word)
        filled = [index for index, phrase in enumerate(found) if phrase]
        phrases = tuple(tuple(_noun_last(found[index])) for index in filled)
        holds = len(filled) > 1 and before[filled[1]] == "of" and phrases[0][-1] in _HOLDERS
        after = zip(filled[1:], phrases[1:], strict=True)
        beside = tuple(
            phrase[-1] for _, phrase in takewhile(lambda p: before[p[0]] == "and", after)
        )
        return cls(phrases, int(holds), beside)

    def grams(self) -> Iterator[tuple[str, float, bool]]:
        """Yield names to look for, how much each counts, and whether it ends with the subject."""
        for index, phrase in enumerate(self.phrases):
            share = 1.0 if index == self.subject else _LATER
            size = len(phrase)
            for first in range(size):
                for end in range(first + 1, min(size, first + _GRAM) + 1):
                    weight = share * (1.0 if end == size else _BESIDE) * math.sqrt(end - first)
                    if end - first == 1 and size > 1 and phrase[first] in COLOURS:
                        weight *= _COLOUR
                    subject = index == self.subject and end == size
                    yield " ".join(phrase[first:end]), weight, subject

    @property
    def colours(self) -> str:
        """The colour words before the subject, as they stand."""
        phrase = self.phrases[self.subject] if self.phrases else ()
        return " ".join(word for word in phrase[:-1] if word in COLOURS)


@dataclass(frozen=True, slots=True)
class Match:
    """A drawing that a prompt names; ``named`` where its subject is just this thing."""

    label: str
    score: float
    named: bool


def choose(matches: Sequence[Match], turn: int) -> str:
    """Return the label of one of the matches that are as good as the first, by turn."""
    best = matches[0]
    good = [m for m in matches if m.named == best.named and m.score > best.score - AS_GOOD]
    return good[turn % len(good)].label


class Words:
    """The words of every drawing, and which drawings a prompt's words mean."""

    def __init__(
        self,
        keywords: Mapping[str, Sequence[str]],
        names: Mapping[str, str],
        kinds: Mapping[str, list[str]],
    ) -> None:
        """``keywords`` by label; ``names`` are other words for just the thing of a label; the
        labels of each of ``kinds``.
        """
        self._keywords, self._names, self.kinds = keywords, names, Kinds(kinds)
        self._index = self._indexed()

    @classmethod
    def read(cls, file: Path) -> Self:
        """Read what ``training.ink.data.words`` wrote."""
        data = json.loads(file.read_text("utf-8"))
        return cls(data["keywords"], data["names"], data["kinds"])

    @property
    def labels(self) -> list[str]:
        """All labels."""
        return list(self._keywords)

    def __contains__(self, word: str) -> bool:
        return word in self._single

    def find(self, prompt: str) -> list[Match]:
        """Return the drawings that a prompt's words mean, best first; none if it names none.

        A colour of a thing that is not known names none: anything may be red.
        """
        phrases = Phrases.read(prompt)
        scores: dict[str, float] = defaultdict(float)
        things = False
        subject: dict[str, float] = {}  # how well a label meets the prompt's noun
        for gram, share, is_subject in phrases.grams():
            found = self._index.get(gram, {})
            things |= bool(found) and (is_subject or gram not in COLOURS)
            rare = 0.35 + 0.65 * (1 - math.log(max(1, len(found))) / math.log(len(self._keywords)))
            for label, weight in found.items():
                scores[label] += share * weight * rare
                if is_subject:
                    subject[label] = max(weight, subject.get(label, 0.0))
        if not things:
            return []
        longer = {label: _LONGER * len(words_of(label)) for label in scores}
        made = (
            Match(label, score - longer[label], subject.get(label, 0.0) >= NAMED)
            for label, score in scores.items()
        )
        return sorted(made, key=lambda m: (m.label not in subject, -m.score, m.label))

    def names(self, text: str) -> bool:
        """Return whether a text as a whole is the name of one drawing."""
        words = [word for word in words_of(text) if word not in SKIPPED]
        plain = [word for word in words if word not in COLOURS]
        found = (self._index.get(" ".join(some), {}) for some in (words, plain))
        return any(weight >= WHOLE for labels in found for weight in labels.values())

    def meant(self, word: str) -> str | None:
        """Return the known word that a mistyped one is closest to, if any is close."""
        close = difflib.get_close_matches(word[:40], self._things, n=1, cutoff=_CLOSE)
        return close[0] if close else None

    @cached_property
    def _things(self) -> list[str]:
        """Single words of labels and names."""
        words = {word for label in (*self._keywords, *self._names) for word in words_of(label)}
        return sorted(words)

    @cached_property
    def _single(self) -> frozenset[str]:
        ours = SKIPPED | _COUNTS | BREAKS | _HOLDERS | COLOURS
        return ours | {gram for gram in self._index if " " not in gram}

    def _indexed(self) -> dict[str, dict[str, float]]:
        """Return labels by name, with what a match says."""
        index: dict[str, dict[str, float]] = defaultdict(dict)

        def put(name: Iterable[str], label: str, weight: float) -> None:
            gram = " ".join(name)
            index[gram][label] = max(weight, index[gram].get(label, 0.0))

        for label, keywords in self._keywords.items():
            words = words_of(label)
            first = re.split(r"\b(?:with|of|in|on|behind|and|over|at)\b|:", label)[0]
            noun = words_of(first) or words
            put(words, label, WHOLE)
            for word in words:
                if word not in SKIPPED | BREAKS:
                    put([word], label, NAMED if word == noun[-1] and noun == words else PART)
            for keyword in keywords:
                put(words_of(keyword), label, KEYWORD)
        for name, label in self._names.items():
            put(words_of(name), label, NAME)
        index.pop("", None)
        return index


def _noun_last(phrase: list[str]) -> list[str]:
    """Put a holder that ends a phrase before its noun: "ramen bowl" is ramen."""
    if len(phrase) > 1 and phrase[-1] in _HOLDERS:
        return [phrase[-1], *phrase[:-1]]
    return phrase
