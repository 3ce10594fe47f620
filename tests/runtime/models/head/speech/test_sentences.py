"""Text as it is written becomes sentences, none of it lost, none said before it is whole."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from livedraft.runtime.models.head.speech.sentences import LONGEST, MOST_CHARS, Sentences


def cut(*pieces: str) -> list[tuple[str, bool]]:
    sentences = Sentences()
    for piece in pieces:
        sentences.push(piece)
    return rest(sentences)


def rest(sentences: Sentences) -> list[tuple[str, bool]]:
    made = []
    while (following := sentences.pop()) is not None:
        made.append(following)
    return made


def test_a_sentence_waits_for_its_end() -> None:
    assert cut("Good mor", "ning. How are") == [("Good morning.", False)]
    assert cut("Good mor", "ning. How are", "") == [("Good morning.", False), ("How are", True)]


@pytest.mark.parametrize(
    "text", ["Pi is 3.14 today.", "Ask Dr. Smith.", "We met, e.g. on Monday.", "I saw J. Doe."]
)
def test_a_stop_in_a_sentence_is_not_its_end(text: str) -> None:
    assert cut(text, "") == [(text, True)]


def test_the_end_of_a_piece_tells_nothing() -> None:
    assert cut("It is 3.", "14 in all. ") == [("It is 3.14 in all.", False)]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("One! Two? Three… Four", ["One!", "Two?", "Three…", "Four"]),
        ('He said "No." Then he left.', ['He said "No."', "Then he left."]),
        ("# Title\n\n- first\n- second", ["# Title", "- first", "- second"]),
        ("a line that goes\non in the next one", ["a line that goes\non in the next one"]),
        ("你好。再见。", ["你好。", "再见。"]),
    ],
)
def test_where_sentences_end(text: str, said: list[str]) -> None:
    assert [sentence for sentence, _ in cut(text, "")] == said


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            "Try this:\n```python\nprint('a. b')\n\nX = 1\n```\nDone.",
            ["Try this:", "```python", "Done."],
        ),
        ("~~~\nx\n~~~\nand then.", ["~~~", "and then."]),
        ("Look:\n```sh\nls", ["Look:", "```sh", ""]),
        ("Use ```x = 1``` for that.", ["Use ```x = 1``` for that."]),
        ("```js\n" + "let a = 1;\n" * 400 + "```\nThat was it.", ["```js", "That was it."]),
    ],
)
def test_code_is_not_read_aloud(text: str, said: list[str]) -> None:
    assert [sentence for sentence, _ in cut(text, "")] == said
    assert [sentence for sentence, _ in cut(*text, "")] == said


def test_what_follows_unclosed_code_in_the_next_turn_is_said() -> None:
    assert cut("```sh\nls", "", "Hello there.", "") == [
        ("```sh", False),
        ("", True),
        ("Hello there.", True),
    ]


@pytest.mark.parametrize("pieces", [("",), (" \n ", ""), ("",) * 100])
def test_nothing_said_ends_at_most_once(pieces: tuple[str, ...]) -> None:
    assert cut(*pieces) in ([], [("", True)])


def test_two_utterances_do_not_run_into_each_other() -> None:
    assert cut("one", "", "two", "") == [("one", True), ("two", True)]


@given(st.lists(st.text(alphabet="ab, .!\n", max_size=80), max_size=30))
def test_no_letter_is_lost_and_none_is_said_twice(pieces: list[str]) -> None:
    said = cut(*[piece for piece in pieces if piece], "")
    assert "".join("".join(sentence for sentence, _ in said).split()) == "".join(
        "".join(pieces).split()
    )
    assert all(len(sentence) <= LONGEST + 1 for sentence, _ in said)


def test_a_hundred_thousand_characters_wait_and_no_more() -> None:
    sentences = Sentences()
    text = "This is said again and again, and nobody knows why. " * 1900
    assert not sentences.push(text)
    assert sentences.push("x" * MOST_CHARS)
    assert len(sentences) == MOST_CHARS
    assert len(rest(sentences)) > 1900
    assert not sentences.push("There is room again.")


def test_a_text_without_spaces_is_cut() -> None:
    assert {len(sentence) for sentence, _ in cut("x" * 10 * LONGEST, "")} == {LONGEST}


def test_what_is_cleared_is_not_said() -> None:
    sentences = Sentences()
    sentences.push("One. Two")
    sentences.push("")
    sentences.clear()
    assert (len(sentences), rest(sentences)) == (0, [])
    sentences.push("Three.")
    sentences.push("")
    assert rest(sentences) == [("Three.", True)]
