"""A prompt read as a scene: which things it names, how many of each, and where each one is."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..words.emoji import spell_emoji
from ..words.vocabulary import names_something, singular

# Where a thing is, against what was named before it, by the word that says so. What follows any
# other preposition ("at night", "for a party") tells of the scene and is no thing of it.
_RELATIONS = {
    "beside": "and , & + and or plus beside near by alongside",
    "with": "with holding carrying eating playing drinking reading",
    "on": "on onto atop riding upon",
    "over": "over above",
    "under": "under below beneath underneath",
    "in": "in into inside",
    "behind": "behind",
    "before": "before",
    "between": "between among",
    "worn": "wearing",
    "": "at from for without through around across during against than as to like",
}
_RELATION = {word: relation for relation, words in _RELATIONS.items() for word in words.split()}
_SPELLED = {  # prepositions of several words, by one
    "in front of": "before",
    "next to": "beside",
    "close to": "beside",
    "together with": "beside",
    "on top of": "on",
    "inside of": "in",
}
_SAID = re.compile("|".join(_SPELLED))
_ACTS = frozenset("sitting standing flying running sleeping lying walking swimming jumping".split())
_NUMBERS = {
    word: number
    for number, words in enumerate(
        "a an one|two couple|three several few|four|five many|six|seven|eight|nine|ten".split("|"),
        1,
    )
    for word in words.split()
}
_WORD = re.compile(r"[^\W_]+(?:['’]s)?|[,;&+]")


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing as a prompt names it, and where it is against what was named before it."""

    relation: str  # "" for what a preposition says that is no place
    words: str  # its words in the singular, with its colours: "red cat"
    count: int
    linked: bool  # by a word or an article, not just by a comma as one more quality is


def read_scene(prompt: str) -> list[Mention]:
    """Split a prompt at its prepositions, conjunctions and commas; the first one is "beside"."""
    text = _SAID.sub(lambda m: _SPELLED[m[0]], spell_emoji(prompt).lower())
    mentions: list[Mention] = []
    relation, words, count, linked = "beside", list[str](), 1, True
    for word in [*_WORD.findall(text), ","]:
        if word in _RELATION or word == ";":
            if words:
                mentions.append(Mention(relation, " ".join(words), count, linked))
            if words or relation == "beside":
                relation, linked = "beside", False
            if word not in ",;":
                relation, linked = _RELATION[word], True
            words, count = [], 1
        elif word in _NUMBERS and not words:
            count, linked = max(count, _NUMBERS[word]), True
        elif word.isdigit() and not words:
            count, linked = max(1, int(word[:3])), True
        elif word == "of" and words:
            words.append(word)
        elif (names_something(word) and word not in _ACTS) or word == "one":
            words.append(singular(word))
    return mentions
