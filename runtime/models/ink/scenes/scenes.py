"""Prompts that name several things, or several of one: a drawing of all, and what each thing is."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import reduce
from itertools import takewhile

from livedraft.protocol.messages import Note

from ...base import Pixels
from ...caches import cached
from ...mixins import SeedParams
from ..words.vocabulary import COLOURS, Words, choose, words_of
from .arrange import Arranger
from .composing import LineArt, compose
from .mentions import Mention, read_scene
from .pieces import Piece
from .placed import Group, in_two_rows

MOST_THINGS = 4  # of different kinds in one picture
MOST = 6  # of all
READ = 12  # mentions of a prompt that are looked up
KEPT = 16  # drawings in memory
DEFAULT_SEED: int = SeedParams.model_fields["seed"].default


@dataclass(frozen=True, slots=True)
class Thing:
    """One thing of a scene."""

    prompt: str  # its colours and what it is: "red cat"
    pixels: Pixels  # (256, 256, 4), its own drawing


@dataclass(frozen=True, slots=True)
class Scene:
    """Several things in one drawing."""

    pixels: Pixels  # (512, 512, 4), black ink on transparent paper
    labels: tuple[str, ...]  # of the drawings that were taken
    things: tuple[Thing, ...]
    pieces: tuple[Piece, ...]  # of them on the page, from back to front
    note: Note


@dataclass(frozen=True, slots=True)
class _Taken:
    mention: Mention
    label: str
    count: int
    parts: list[str] = field(default_factory=list)  # what is said of its parts

    @property
    def prompt(self) -> str:
        """What to paint it by: drawings are known best by their labels."""
        words = self.mention.words.split()
        colours = [word for word in words if word in COLOURS]
        label = self.label
        if colours:
            label = " ".join(word for word in label.split() if word not in COLOURS) or label
        return " ".join([*colours, label, *self.parts])


class Scenes:
    """Finds the drawings of a scene's things and lays them out."""

    def __init__(self, words: Words, drawing: Callable[[str], Pixels]) -> None:
        """`drawing` returns that of a label, (256, 256, 4)."""
        self._words, self._drawing = words, drawing
        self._arts: OrderedDict[str, LineArt] = OrderedDict()

    def find(self, prompt: str, seed: int) -> Scene | None:
        """Return the scene that a prompt names; None where it names one thing, or no known one."""
        if self._words.names(prompt):
            return None
        taken, missing = self._taken(read_scene(prompt), seed)
        if sum(one.count for one in taken) < 2:
            return None
        arranger = Arranger(
            self._words.kinds, lambda label: self._art(label).shape, seed, seed == DEFAULT_SEED
        )
        pixels, pieces = compose(_arranged(arranger, taken), self._art)
        labels = tuple(one.label for one in taken)
        things = tuple(Thing(one.prompt, self._drawing(one.label)) for one in taken)
        return Scene(pixels, labels, things, tuple(pieces), _note(taken, missing))

    def _art(self, label: str) -> LineArt:
        return cached(self._arts, label, lambda: LineArt(self._drawing(label)[..., 3]), KEPT)

    def _taken(self, mentions: list[Mention], seed: int) -> tuple[list[_Taken], list[str]]:
        """Return the things to draw, and the words of those that cannot be."""
        taken: list[_Taken] = []
        missing: list[str] = []
        parts = False  # what "and" adds to a part is another part
        for mention in mentions[:READ]:
            if not mention.relation:
                continue
            matches = self._words.find(mention.words)
            named = bool(matches) and matches[0].named
            label = choose(matches, seed - DEFAULT_SEED) if named else ""
            parts = mention.relation == "with" or (parts and mention.relation == "beside")
            if parts and taken and self._is_part(mention, label, taken):
                taken[-1].parts.append(f"with {mention.words}")
                continue
            left = MOST - sum(one.count for one in taken)
            if not label or not left or len(taken) == MOST_THINGS or self._clothes(mention, label):
                if mention.linked and not set(mention.words.split()) <= COLOURS:
                    missing.append(mention.words)
                continue
            if mention.relation == "in":
                label = self._words.kinds.holder(label)
            elif mention.relation in ("worn", "with") and self._words.kinds.is_hat(label):
                self._show_the_head(taken)
            taken.append(_Taken(mention, label, min(mention.count, left)))
        return taken, missing

    def _show_the_head(self, taken: list[_Taken]) -> None:
        """Take the face of who wears a hat, where there is a drawing of it."""
        if taken and f"{taken[-1].label} face" in self._words.labels:
            taken[-1] = replace(taken[-1], label=f"{taken[-1].label} face")

    def _is_part(self, mention: Mention, label: str, taken: list[_Taken]) -> bool:
        noun = words_of(mention.words)[-1]
        known = {word for one in taken for word in words_of(f"{one.mention.words} {one.label}")}
        return noun in known or self._words.kinds.is_part(noun, label)

    def _clothes(self, mention: Mention, label: str) -> bool:
        """Return whether it would have to be drawn around who wears it."""
        kinds = self._words.kinds
        worn = mention.relation == "worn" or (mention.relation == "with" and kinds.is_worn(label))
        return worn and not kinds.is_hat(label)


def _arranged(arranger: Arranger, taken: list[_Taken]) -> Group:
    """Place one thing after the other; "between" takes all that "and" joins after it."""
    groups = [arranger.several(one.label, i, one.count) for i, one in enumerate(taken)]
    if len(groups) > 2 and all(one.mention.relation == "beside" for one in taken):
        return in_two_rows(_in_a_row(arranger, groups))
    there, index = groups[0], 1
    while index < len(groups):
        relation, group = taken[index].mention.relation, groups[index]
        index += 1
        if relation == "between":
            rest = takewhile(lambda one: one.mention.relation == "beside", taken[index:])
            end = index + len(list(rest))
            group, index = _in_a_row(arranger, [group, *groups[index:end]]), end
        there = arranger.put(there, group, relation)
    return there


def _in_a_row(arranger: Arranger, groups: list[Group]) -> Group:
    return reduce(lambda there, group: arranger.put(there, group, "beside"), groups)


def _note(taken: list[_Taken], missing: list[str]) -> Note:
    names = [f"{one.count} x {one.label}" if one.count > 1 else one.label for one in taken]
    message = f"Drawn: {_listed(names)}."
    if missing:
        message += f" Not drawn: {_listed([f'“{words[:30]}”' for words in missing[:3]])}."
    fewer = [one.mention for one in taken if one.count < one.mention.count]
    if fewer:
        message += f" No more than {MOST} are."
    return Note(code="scene", message=message, param="prompt", choices=[])


def _listed(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
