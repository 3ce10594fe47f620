"""Which part of a thing a prompt says which colour of: "a girl with brown hair".

A rule of English noun phrases: a colour belongs to the noun behind it, or to the one before it
where the phrase ends with it ("trunk brown"). What the thing is says which nouns are its parts: of
an apple tree, apples are; of an apple, its leaf is.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from .colour_words import OF_HAIR, Lab, read_colour
from .emoji import spell_emoji
from .vocabulary import BREAKS, SKIPPED, singular, words_of

_TOKEN = re.compile(r"[^\W_]+(?:['’]s)?|[,;:.!?()]")
_HAVING = {"haired": "hair", "eyed": "eye", "winged": "wing", "tailed": "tail", "faced": "face"}
_HAVING |= {"bellied": "belly", "roofed": "roof", "leaved": "leaf", "skinned": "skin"}
_VERBS = frozenset({"is", "are", "has", "have", "having", "wearing"})
_ALONE = frozenset("face skin sky grass water snow sun".split())  # that may be all a prompt says
_MOST_WORDS = 250  # of a prompt, that are looked at
_THING, _MENTIONED = 1.5, 0.9  # what a thing's name, first or later, says against one of a part


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing, such as trees, and its parts."""

    name: str
    words: frozenset[str]  # things of this kind
    parts: Mapping[str, str]  # parts by every word for them
    defaults: Mapping[str, Lab]  # colours of parts that are only implied
    by_word: Mapping[str, Lab]  # colours of parts that are named by a word, without one
    implied: tuple[str, ...]  # parts that it has though nobody names them
    main: tuple[str, ...]  # parts that have the thing's own colour

    @classmethod
    def read(cls, name: str, entry: Mapping[str, Any]) -> Kind:
        """Read an entry of `parts.json`."""
        parts = {
            " ".join(words_of(w)): p for p, one in entry["parts"].items() for w in one["words"]
        }
        defaults = {p: _colour(t["default"]) for p, t in entry["parts"].items() if "default" in t}
        by_word: dict[str, Lab] = {}
        for one in entry["parts"].values():
            if "default" in one:
                named = one.get("defaults", dict.fromkeys(one["words"], one["default"]))
                by_word |= {" ".join(words_of(w)): _colour(colour) for w, colour in named.items()}
        words = frozenset(" ".join(words_of(word)) for word in entry["words"])
        implied, main = tuple(entry["always"]), tuple(entry["main"])
        return cls(name, words, parts, defaults, by_word, implied, main)


@dataclass(frozen=True, slots=True)
class Coloured:
    """A part and its colour.

    `word` is its word in the prompt, empty where nobody stated it; `part` is empty where the thing
    has no such part.
    """

    part: str
    colour: Lab
    word: str = ""


@dataclass(frozen=True, slots=True)
class Named:
    """What a prompt says of parts: nothing, where `colours` is empty."""

    kind: str = ""
    colours: tuple[Coloured, ...] = ()
    parts: frozenset[str] = frozenset()  # all that it names or implies, coloured or not
    rest: str = ""  # the prompt without what is said of parts


NOTHING = Named()


@dataclass(slots=True)
class _Noun:
    """A word that may be a part or a thing, and where it stands."""

    word: str
    phrase: int
    tokens: tuple[int, ...]  # of itself
    colour: Lab | None = None
    coloured_by: tuple[int, ...] = ()  # tokens of the colour
    of_hair: bool = False
    several: bool = False  # "black and white": no one colour is the thing's own
    modifies: bool = False  # the noun behind it: "cherry blossom"
    alone: bool = False  # all that its phrase says


def _colour(text: str) -> Lab:
    found = read_colour(text.split())
    assert found, text
    return found[0]


class PartWords:
    """The kinds of things whose parts have names."""

    def __init__(self, kinds: Sequence[Kind]) -> None:
        self._kinds = kinds
        self._things = frozenset(word for kind in kinds for word in kind.words)
        self._nouns = self._things | {word for kind in kinds for word in kind.parts}

    def read(self, prompt: str) -> Named:
        """Return what a prompt says of parts."""
        tokens = _TOKEN.findall(spell_emoji(prompt).lower())[:_MOST_WORDS]
        words = [_HAVING.get(token, singular(token)) for token in tokens]
        complete = {i for i, token in enumerate(tokens) if token in _HAVING}
        nouns = list(self._phrases(words, complete))
        kind = self._kind(nouns)
        if kind is None:
            return Named(rest=prompt)
        thing = next((noun for noun in nouns if noun.word in kind.words), None)
        parts = [n for n in nouns if n.word in kind.parts and not n.modifies]
        strange = [n for n in nouns if self._is_strange(n, kind)]  # parts, but not of this
        coloured = _coloured(kind, parts, thing) + [
            Coloured("", n.colour, n.word) for n in strange if n.colour
        ]
        if not coloured:
            return Named(rest=prompt)
        bound = (n for n in (*parts, *strange) if n.colour and n is not thing)
        gone = {i for n in bound for i in (*n.tokens, *n.coloured_by)}
        if thing and thing.of_hair:
            gone |= set(thing.coloured_by)
        rest = _rest(tokens, words, gone) or kind.name
        named = {c.part for c in coloured} | {kind.parts[n.word] for n in parts} | set(kind.implied)
        return Named(kind.name, tuple(coloured), frozenset(named), rest)

    def _is_strange(self, noun: _Noun, kind: Kind) -> bool:
        """Return whether a noun is a part of other things only: a house has no sail."""
        later = noun.phrase > 0 and not noun.modifies
        return later and noun.word not in self._things and noun.word not in kind.parts

    def _phrases(self, words: Sequence[str], complete: set[int]) -> Iterator[_Noun]:
        """Yield the nouns of all phrases with the colours that belong to them.

        Those at `complete` modify no noun behind them: "haired" of "red-haired girl".
        """
        ends = [i for i, w in enumerate(words) if _joins(w)]
        waiting: tuple[int, ...] = ()  # a colour without a noun: "black" of "black and white"
        phrase = 0
        for before, end in pairwise([-1, *ends, len(words)]):
            nouns, left = self._phrase(words, before + 1, end, phrase)
            _compound(nouns, complete)
            length = sum(word not in SKIPPED for word in words[before + 1 : end])
            phrase += length > 0 and not (left and not nouns and length == len(left))
            if length == 1 and nouns:
                nouns[0].alone = True
            joined = waiting and before >= 0 and words[before] in {"and", ","}
            if nouns and joined and nouns[0].colour:
                nouns[0].several = True
                nouns[0].coloured_by += waiting
            yield from nouns
            waiting = (*waiting, *left) if joined and not nouns else left

    def _phrase(
        self, words: Sequence[str], start: int, end: int, phrase: int
    ) -> tuple[list[_Noun], tuple[int, ...]]:
        """Return the nouns of a phrase, and the tokens of a colour that none of them has."""
        nouns: list[_Noun] = []
        colour: Lab | None = None
        by: tuple[int, ...] = ()
        at = start
        while at < end:
            found = read_colour(words[at:end])
            fruit = words[at] in self._nouns and at > 0 and words[at - 1] in SKIPPED  # "an orange"
            if found and not (fruit and at + 1 == end):
                colour, by = found[0], tuple(range(at, at + found[1]))
                at += found[1]
                continue
            sizes = (n for n in (2, 1) if at + n <= end)
            size = next((n for n in sizes if " ".join(words[at : at + n]) in self._nouns), 0)
            if size:
                tokens = tuple(range(at, at + size))
                of_hair = bool(by) and words[by[0]] in OF_HAIR
                word = " ".join(words[at : at + size])
                nouns.append(_Noun(word, phrase, tokens, colour, by, of_hair))
                colour, by = None, ()
            at += size or 1
        if colour and nouns and nouns[-1].colour is None:
            nouns[-1].colour, nouns[-1].coloured_by = colour, by
            by = ()
        return nouns, by

    def _kind(self, nouns: Sequence[_Noun]) -> Kind | None:
        """Return what the prompt's parts are most likely of."""
        best, most = None, 0.0
        first = {noun.word: -i for i, noun in reversed(list(enumerate(nouns)))}
        for kind in self._kinds:
            things = [noun for noun in nouns if noun.word in kind.words]
            parts = {noun.word for noun in nouns if noun.word in kind.parts and not noun.modifies}
            if things:
                parts.discard(things[0].word)
                named = _THING if things[0].phrase == 0 else _MENTIONED
                score = named + len(parts) + 1e-3 * first[things[0].word]
            elif len(parts) > 1 or any(_of_something(kind, noun) for noun in nouns):
                score = float(len(parts))
            else:
                continue
            if score > most:
                best, most = kind, score
        return best


def _compound(nouns: Sequence[_Noun], complete: set[int]) -> None:
    """Let nouns that stand together be one: "pink cherry blossom" is a blossom, and pink."""
    for noun, behind in pairwise(nouns):
        if noun.tokens[-1] + 1 == behind.tokens[0] and noun.tokens[-1] not in complete:
            noun.modifies = True
            if noun.colour and behind.colour is None:
                behind.colour, behind.coloured_by = noun.colour, noun.coloured_by
                behind.of_hair = noun.of_hair
                noun.colour, noun.coloured_by = None, ()


def _of_something(kind: Kind, noun: _Noun) -> bool:
    """Return whether a noun is a part and not the thing itself, or one that stands for itself."""
    return noun.word in kind.parts and (noun.phrase > 0 or _by_itself(kind, noun))


def _by_itself(kind: Kind, noun: _Noun) -> bool:
    """Return whether a noun has a colour though it is all that a prompt says: a face, the sky."""
    return noun.alone and noun.word in _ALONE and noun.word in kind.by_word


def _is_thing(noun: _Noun, thing: _Noun | None) -> bool:
    """Return whether a noun is the prompt's thing, or the one that this only modifies."""
    return thing is not None and (noun is thing or (thing.modifies and noun.phrase == thing.phrase))


def _coloured(kind: Kind, parts: Sequence[_Noun], thing: _Noun | None) -> list[Coloured]:
    """Return the colours of parts: stated ones, the thing's own, and defaults."""
    coloured: dict[str, Coloured] = {}
    others = (n for n in parts if _by_itself(kind, n) or not _is_thing(n, thing))
    if not any(noun.colour or noun.word in kind.by_word for noun in others):
        parts = []  # a red tower is red, and a red bottle with a cork: no part has its own
    for noun in parts:
        part = kind.parts[noun.word]
        if noun.colour and not (part in coloured and coloured[part].word):
            coloured[part] = Coloured(part, noun.colour, noun.word)
        elif part not in coloured and noun.word in kind.by_word:
            coloured[part] = Coloured(part, kind.by_word[noun.word])
    if thing and thing.colour and thing.of_hair and "hair" in kind.parts:
        coloured.setdefault("hair", Coloured("hair", thing.colour, "hair"))
    if not coloured:
        return []
    if thing and thing.colour and not (thing.of_hair or thing.several):
        for part in kind.main:
            coloured.setdefault(part, Coloured(part, thing.colour))
    for part in kind.implied:
        if part in kind.defaults:
            coloured.setdefault(part, Coloured(part, kind.defaults[part]))
    return list(coloured.values())


def _joins(word: str) -> bool:
    return word in BREAKS or not word[0].isalnum()


def _rest(tokens: Sequence[str], words: Sequence[str], gone: set[int]) -> str:
    """Write a prompt without some of its words, and without what joined them to it."""
    kept: list[int] = []
    for index, word in enumerate(words):
        if index in gone:
            while kept and words[kept[-1]] in SKIPPED | _VERBS:
                kept.pop()
            continue
        if _joins(word) and kept and _joins(words[kept[-1]]):
            kept.pop()  # what it joined is gone
        if kept or not _joins(word):
            kept.append(index)
    while kept and (_joins(words[kept[-1]]) or words[kept[-1]] in SKIPPED):
        kept.pop()
    return " ".join(tokens[index] for index in kept)
