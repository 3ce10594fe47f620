"""Sentences to speak: Debian's fortunes, and word lists of our own where there are none."""

from __future__ import annotations

import random
import re
from pathlib import Path

FORTUNES = Path("/usr/share/games/fortunes")
_ENGLISH = (
    "art computers cookie definitions education fortunes food humorists kids law linux "
    "literature love medicine men-women miscellaneous people pets platitudes politics riddles "
    "science songs-poems sports wisdom work"
).split()
_LETTERS = {
    "en": r"[A-Za-z',\- ]+",
    "de": r"[A-Za-zäöüÄÖÜß,\- ]+",
    "es": r"[A-Za-záéíóúüñÁÉÍÓÚÑ, ]+",
    "it": r"[A-Za-zàèéìòùÀÈÉ', ]+",
}
# Common words, put together at random: what counts is that every sound comes in every company.
_HINDI = (
    "मैं आप वह यह हम घर पानी किताब बच्चा लड़की आदमी औरत शहर गाँव सड़क पेड़ फूल आकाश सूरज चाँद तारा "
    "नदी पहाड़ समुद्र हवा बारिश गरमी सरदी दिन रात सुबह शाम कल आज अभी फिर और लेकिन क्योंकि अगर तो "
    "बहुत थोड़ा अच्छा बुरा बड़ा छोटा नया पुराना लाल पीला हरा नीला सफेद काला खाना पीना सोना जाना आना "
    "देखना सुनना बोलना लिखना पढ़ना खेलना चलना भागना रुकना दोस्त परिवार माता पिता भाई बहन दुकान बाज़ार "
    "रोटी चावल दूध चाय फल सब्जी मछली अंडा नमक चीनी कमरा दरवाज़ा खिड़की मेज़ कुर्सी बिस्तर दीपक आग "
    "मुझे उसको हमारे तुम्हारा किसका कहाँ कब कैसे क्यों कितना एक दो तीन चार पाँच छह सात आठ नौ दस "
    "फ़सल ज़मीन वर्षा विद्यालय प्रेम भाषा ध्वनि मुख ओठ शब्द पुस्तक भोजन मौसम उम्मीद बगीचा पक्षी"
).split()


def sentences(language: str) -> list[str]:
    """Return a language's sentences, shuffled, the same each time."""
    rng = random.Random(1)
    if language == "hi":
        return [" ".join(rng.sample(_HINDI, rng.randint(5, 9))) for _ in range(3000)]
    found = {line for path in _sources(language) for line in _split(path, _LETTERS[language])}
    if not found:
        raise FileNotFoundError(
            "no fortunes: apt-get install fortunes fortunes-de fortunes-es (Debian)"
        )
    lines = sorted(found)
    rng.shuffle(lines)
    return lines


def _sources(language: str) -> list[Path]:
    if language == "en":
        return [FORTUNES / name for name in _ENGLISH if (FORTUNES / name).is_file()]
    folder = FORTUNES / language
    return [
        path
        for path in sorted(folder.glob("*"))
        if path.suffix in ("", ".fortunes") and path.is_file()
    ]


def _split(path: Path, letters: str) -> list[str]:
    text = path.read_text("utf-8", errors="ignore")
    parts = re.split(r"[.!?;:]\s|\n%|\n\n|[\"()]", text)
    lines = (" ".join(part.split()).strip(" ,-") for part in parts)
    return [
        line
        for line in lines
        if 4 <= len(line.split()) <= 16 and re.fullmatch(letters, line) and not line.isupper()
    ]


def spelled(line: str) -> tuple[str, ...]:
    """Return an English line's words, as a pronunciation dictionary writes them."""
    return tuple(word.strip("',") for word in line.lower().replace("-", " ").split())
