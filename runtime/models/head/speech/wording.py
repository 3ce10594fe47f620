"""What of a written sentence can be said, word by word; what cannot is named."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

MOST_LEFT_OUT = 120  # characters of what is named

_LETTERS = {  # beside those of ASCII, that the shipped voices read
    "de": "äöüß",
    "es": "áéíñóúü",
    "fr": "àâæçèéêëîïôœùûüÿ",
    "it": "àèéìíîòóùú",
}
_MARKS = "'\",.;:!?%&$#@+=/*()-€£§°"  # that they read or pause at
_PLAIN = str.maketrans(  # the same in simpler characters
    {
        **dict.fromkeys("‘’‚‛´`", "'"),
        **dict.fromkeys("“”„«»‹›", '"'),
        **dict.fromkeys("–—―", ","),
        **dict.fromkeys("\u2010\u2011\u2212", "-"),
        "…": ".",
        "ø": "o",
        "Ø": "O",
        "ł": "l",
        "Ł": "L",
        "đ": "d",
        "Đ": "D",
        "ð": "d",
        "þ": "th",
        "ß": "ss",
        "æ": "ae",
        "Æ": "Ae",
        "œ": "oe",
        "Œ": "Oe",
        "ı": "i",
    }
)
_LONGEST_SHOWN = 60  # characters of a word in a caption
_LONGEST_WORD = 30  # characters; longer ones are said in parts, as voices fail on some
_MOST_DIGITS = 15  # in a row, that are one number

_LINK = re.compile(r"!?\[([^\]\n]*)\]\([^)\s]*(?:\s[^)]*)?\)")
_URL = re.compile(r"\b(?:https?://|www\.)(?:www\.)?([^\s/?#<>()]+)[^\s<>()]*")
_TAG = re.compile(r"</?[A-Za-z][^<>]{0,200}>")
_LEADING = re.compile(r"^\s*(?:#{1,6}\s+|>\s*|[-*+•]\s+|\|)+")
_EMPHASIS = re.compile(
    r"(?<!\w)(?:\*{1,3}|_{1,3}|~~|`{1,3})(?=\S)|(?<=\S)(?:\*{1,3}|_{1,3}|~~|`{1,3})(?!\w)"
)
_CODE = re.compile(r"^\s*(?:```|~~~)\S*\s*$")
_RULE = re.compile(r"^[\s|:=*_-]*$")
_REPEATED = re.compile(r"([^\W\d_])\1{3,}")
_REPEATED_MARK = re.compile(r"([^\w\s])(?:\s*[^\w\s])*\1")
_DIGITS = re.compile(rf"\d{{{_MOST_DIGITS + 1},}}")
_LONG = re.compile(rf"\S{{{_LONGEST_WORD}}}(?=\S)")


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word as it is shown, and as a voice is given it."""

    shown: str
    said: str


@dataclass(frozen=True, slots=True)
class Wording:
    """A sentence's words, and what of it is left out."""

    words: tuple[Spelling, ...]
    left_out: str = ""

    @property
    def said(self) -> str:
        """What a voice is given; empty where nothing can be said."""
        return " ".join(word.said for word in self.words)


def worded(sentence: str, language: str, *, latin: bool = True) -> Wording:
    """Return what is said of a sentence: no markup, no pictograms, addresses by their hosts.

    A ``latin`` voice is given letters of its language alone, accents off where it has none; any
    other is given what has a letter or a digit in it.
    """
    if _CODE.match(sentence):
        return Wording((), sentence.strip()[:MOST_LEFT_OUT])
    words: list[Spelling] = []
    left_out: list[str] = []
    for shown in _unmarked(sentence).split():
        said, lost = _said(shown, language) if latin else _any_script(shown)
        left_out.append(lost)
        if any(map(str.isalnum, said)):
            words.append(Spelling(_seen(shown)[:_LONGEST_SHOWN], said))
        elif said and words:  # a dash between spaces, a mark behind: of the word before
            last = words[-1]
            words[-1] = Spelling(last.shown, _REPEATED_MARK.sub(r"\1", last.said + said))
    named = " ".join(dict.fromkeys(filter(None, left_out)))
    return Wording(tuple(words), named[:MOST_LEFT_OUT])


def _unmarked(sentence: str) -> str:
    """Return a sentence without Markdown's marks, links and addresses by what is read of them."""
    if _RULE.match(sentence):
        return ""
    text = _LINK.sub(r"\1", unicodedata.normalize("NFC", sentence))
    text = _URL.sub(r"\1", _TAG.sub(" ", text))
    text = _LEADING.sub("", text).replace("|", ", ")
    return _EMPHASIS.sub("", text)


def _seen(word: str) -> str:
    """Return a word without what has no width: marks of direction, joiners, controls."""
    return "".join(each for each in word if not unicodedata.category(each).startswith("C"))


def _said(word: str, language: str) -> tuple[str, str]:
    """Return what a voice of a language reads of a word, and what it does not."""
    letters = _LETTERS.get(language, "")
    said: list[str] = []
    lost: list[str] = []
    for character in word:
        kept = _kept(character, letters)
        if kept:
            said.append(kept)
        elif not unicodedata.category(character).startswith(("C", "M", "Z")):
            lost.append(character)
    foreign = any(map(str.isalpha, lost))  # a word of another script, not one with a pictogram
    if foreign:
        return "", word
    return _spoken("".join(said)), "".join(lost)


def _kept(character: str, letters: str) -> str:
    """Return a character as a voice with these letters reads it; empty where it does not."""
    if character.lower() in letters or _is_plain(character):
        return character
    simple = character.translate(_PLAIN)
    if simple == character:
        decomposed = unicodedata.normalize("NFKD", character)
        simple = "".join(each for each in decomposed if not unicodedata.combining(each))
        simple = simple.replace("\u2044", "/")
    return simple if simple and all(map(_is_plain, simple)) else ""


def _is_plain(character: str) -> bool:
    return (character.isascii() and character.isalnum()) or character in _MARKS


def _spoken(word: str) -> str:
    """Return a word that no voice loses itself in: nothing repeated for ever, nothing too long."""
    word = _REPEATED.sub(r"\1\1\1", word)
    word = _REPEATED_MARK.sub(r"\1", word)
    word = _DIGITS.sub(lambda digits: " ".join(digits[0]), word)
    return _LONG.sub(r"\g<0> ", word)


def _any_script(word: str) -> tuple[str, str]:
    """Return what is letters, digits and marks of a word, and the pictograms in it."""
    kept = [each for each in word if unicodedata.category(each)[0] not in "CS" or each in _MARKS]
    lost = [each for each in word if unicodedata.category(each).startswith("S")]
    return _spoken("".join(kept)), "".join(each for each in lost if each not in _MARKS)
