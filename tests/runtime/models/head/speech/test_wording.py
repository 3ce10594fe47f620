"""What is said of a text: no markup, no pictograms; what cannot be said is named."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.runtime.models.head.speech.wording import worded


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ("Hello, world!", "Hello, world!"),
        ("**Bold**, _thin_ and `code`", "Bold, thin and code"),
        ("## A title", "A title"),
        ("- a [link](https://x.org/a_b 'to') here", "a link here"),
        ("See https://www.example.com/a/b?c=d#e now", "See example.com now"),
        ("| a | b |", "a, b,"),
        ("```python", ""),
        ("snake_case_names", "snakecasenames"),
        ("It costs 3.50 € — or $4", "It costs 3.50€, or $4"),
        ("“Quoted” ‘so’ … and…", "\"Quoted\" 'so'. and."),
        ("2² and ½", "22 and 1/2"),
        ("naïve café", "naive cafe"),
        ("waaaaaaait!!!!!!", "waaait!"),
        ("no <b>tags</b> <speed level='9'>", "no tags"),
        ("12345678901234567890", "1 2 3 4 5 6 7 8 9 0 1 2 3 4 5 6 7 8 9 0"),
        ("", ""),
        (" \n\t ", ""),
        ("... !!! ---", ""),
    ],
)
def test_what_is_said(written: str, said: str) -> None:
    assert worded(written, "en").said == said


def test_letters_of_the_voice_stay() -> None:
    assert worded("Größe, Übung, façade", "de").said == "Größe, Übung, facade"
    assert worded("Größe, Übung, façade", "fr").said == "Grosse, Übung, façade"
    assert worded("¿Qué? ¡Año!", "es").said == "Qué? Año!"


@pytest.mark.parametrize(
    ("written", "said", "left_out"),
    [
        ("Hi 😀 there 👩‍👩‍👧!", "Hi there!", "😀 👩👩👧"),
        ("Привет means hello", "means hello", "Привет"),
        ("漢字 and かな", "and", "漢字 かな"),
        ("well👍done", "welldone", "👍"),
        ("🎉🎉🎉", "", "🎉🎉🎉"),
        ("```python", "", "```python"),
    ],
)
def test_what_cannot_be_said_is_named(written: str, said: str, left_out: str) -> None:
    found = worded(written, "en")
    assert (found.said, found.left_out) == (said, left_out)


def test_captions_show_what_was_written() -> None:
    words = worded("The **café** has 3 😀 tables", "en").words
    assert [word.shown for word in words] == ["The", "café", "has", "3", "tables"]


def test_captions_show_nothing_that_has_no_width() -> None:
    words = worded("zero\u200bwidth \u202eleft\u202c \ufeffmark", "en").words
    assert [word.shown for word in words] == ["zerowidth", "left", "mark"]


def test_another_voice_reads_its_own_script() -> None:
    assert worded("Привет, 漢字 😀", "ru", latin=False).said == "Привет, 漢字"


@given(st.text(max_size=300), st.sampled_from(["en", "de", "es", "fr", "it"]))
def test_any_text_becomes_something_harmless(text: str, language: str) -> None:
    found = worded(text, language)
    assert not set("<>\\\0\n") & set(found.said)
    assert all(len(word) <= 40 for word in found.said.split(" "))
    assert all(word.shown and word.said for word in found.words)
