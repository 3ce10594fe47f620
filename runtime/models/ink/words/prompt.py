"""A prompt as `ink` reads it: word-piece vectors, and what its user should know about its words."""

from __future__ import annotations

import re
from dataclasses import dataclass

from livedraft.protocol.messages import Note

from .emoji import spell_emoji
from .part_words import NOTHING, Named, PartWords
from .text import EncodedText, TextTable
from .vocabulary import COLOURS, Words, names_something, singular, words_of

_LETTERS = re.compile(r"[^\W\d_]+(?:['’]s)?")
_NO_PARTS = PartWords(())
_MOST_MEANT = 8  # unknown words that are taken for known ones: each takes a millisecond or two


@dataclass(frozen=True, slots=True)
class Prompt:
    """A prompt that was read; one of unknown words alone paints as an empty one does."""

    raw: str  # as it was typed
    text: EncodedText
    notes: tuple[Note, ...]
    named: Named = NOTHING

    @property
    def colours(self) -> int:
        """How many colour words it has, but for those of parts."""
        own = self.named.rest if self.named.colours else self.raw
        return sum(word in COLOURS for word in words_of(own))


def read_prompt(
    prompt: str, table: TextTable, words: Words, parts: PartWords = _NO_PARTS
) -> Prompt:
    """Read a prompt; note unknown words where no known one names a thing, or one is close."""
    of_parts = parts.read(prompt)
    text = table.encode([of_parts.rest])
    spelled = spell_emoji(prompt).lower()
    naming = [word for word in _LETTERS.findall(spelled) if names_something(word)]
    unknown = list(dict.fromkeys(word for word in naming if not _known(word, table, words)))
    if not unknown:
        return Prompt(prompt, text, (), of_parts)
    looked_up = unknown[:_MOST_MEANT]
    meant = {word: close for word in looked_up if (close := words.meant(singular(word)))}
    corrected = [re.sub(_LETTERS, lambda m: meant.get(m[0], m[0]), spelled)] if meant else []
    if len(unknown) == len(set(naming)):
        message = f"No word of {_quoted(naming)} is known, so it changes nothing."
        note = Note(code="unknown_words", message=message, param="prompt", choices=corrected)
        return Prompt(prompt, table.encode([""]), (note,))
    named = any(word not in unknown and word not in COLOURS for word in naming)
    if named and not meant:
        return Prompt(prompt, text, (), of_parts)
    listed = list(meant) if named else unknown
    verb = "is" if len(listed) == 1 else "are"
    message = f"{_quoted(listed)} {verb} not known."
    note = Note(code="unknown_words", message=message, param="prompt", choices=corrected)
    return Prompt(prompt, text, (note,), of_parts)


def known_part(prompt: str, table: TextTable) -> str:
    """Return the words that have a meaning of their own, not that of their pieces.

    It is empty where none of them names a thing: anything may be red.
    """
    known = [word for word in _LETTERS.findall(spell_emoji(prompt).lower()) if table.whole(word)]
    things = [word for word in known if names_something(word) and word not in COLOURS]
    return " ".join(known) if things else ""


def _known(word: str, table: TextTable, words: Words) -> bool:
    one = singular(word)
    return one in words or table.whole(word) or table.whole(one)


def _quoted(words: list[str]) -> str:
    few = ", ".join(f"“{word[:30]}”" for word in words[:3])
    return few + (" …" if len(words) > 3 else "")
