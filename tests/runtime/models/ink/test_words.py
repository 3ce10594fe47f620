"""Words alone: the thing that a prompt names, or an honest word that it is something near."""

from __future__ import annotations

from zipfile import ZipFile

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from livedraft.errors import InvalidParams
from livedraft.runtime.models.ink import WEIGHTS
from livedraft.runtime.models.ink.scenes.drawings import Drawings
from livedraft.runtime.models.ink.words.prompt import Prompt, read_prompt
from livedraft.runtime.models.ink.words.text import TextTable
from livedraft.runtime.models.ink.words.vocabulary import Phrases, Words, singular, words_of

# Common prompts, and every drawing that a person would take for what they name.
RIGHT = {
    "a red fox": "fox",
    "a bowl of ramen": "steaming bowl",
    "ramen": "steaming bowl",
    "a sunset": "sunset, sunrise over mountains",
    "an apple tree with red apples and a brown trunk": "deciduous tree",
    "a girl with brown hair": "girl",
    "a dinosaur": "sauropod, t-rex",
    "a cup of coffee": "hot beverage",
    "a coffee mug": "hot beverage",
    "a slice of pizza": "pizza",
    "a red sports car": "racing car",
    "a car": "automobile",
    "a mountain landscape": "mountain, snow-capped mountain",
    "a castle on a hill": "castle",
    "a pirate ship": "ship",
    "a spaceship": "flying saucer, rocket",
    "a robot": "robot",
    "a flower": "blossom, white flower, hibiscus",
    "a rose": "rose",
    "an oak tree": "deciduous tree",
    "a kitten": "cat, cat face",
    "a puppy": "dog face, dog",
    "a wizard": "mage",
    "a king": "person with crown, prince",
    "a dragon breathing fire": "dragon",
    "a birthday cake": "birthday cake",
    "a donut": "doughnut",
    "an ice cream cone": "ice cream, soft ice cream",
    "a juicy burger": "hamburger",
    "a watermelon slice": "watermelon",
    "a bicycle": "bicycle",
    "an airplane over the clouds": "airplane, cloud",
    "a hot air balloon": "balloon",
    "the moon": "crescent moon, full moon",
    "a snowman": "snowman, snowman without snow",
    "a christmas tree": "christmas tree",
    "a pumpkin": "jack-o-lantern",
    "a witch": "woman mage, mage",
    "a blue heart": "blue heart",
    "a guitar": "guitar",
    "a piano": "musical keyboard",
    "a phone": "mobile phone",
    "an old book": "closed book, open book",
    "a sofa": "couch and lamp",
    "a house with a garden": "house, house with garden",
    "a city at night": "cityscape, night with stars",
    "an erupting volcano": "volcano",
    "a penguin": "penguin",
    "an octopus": "octopus",
    "a butterfly": "butterfly",
    "a bee": "honeybee",
    "a ladybug": "lady beetle",
    "a green frog": "frog",
    "an elephant": "elephant",
    "two mice": "mouse, mouse face",
    "a smiling face": "smiling face",
    "a teapot": "teapot",
    "sneakers": "running shoe",
    "an orange": "tangerine",
    "an orange cat": "cat",
    "a potted plant": "potted plant",
    "🦊": "fox",
}
NEAR = ["a knight", "a treasure chest", "a river", "a bridge", "cheese", "a table", "a beach"]


@pytest.fixture(scope="module")
def table() -> TextTable:
    return TextTable.load(WEIGHTS)


@pytest.fixture(scope="module")
def words() -> Words:
    return Words.read(WEIGHTS / "words.json")


@pytest.fixture(scope="module")
def drawings(table: TextTable, words: Words) -> Drawings:
    return Drawings(WEIGHTS / "drawings.zip", table, words)


def label_of(drawings: Drawings, prompt: Prompt, seed: int = 42) -> str:
    (label,) = drawings.find(prompt, seed).labels
    return label


def test_every_drawing_has_its_words(words: Words) -> None:
    with ZipFile(WEIGHTS / "drawings.zip") as archive:
        assert {name.removesuffix(".png") for name in archive.namelist()} == set(words.labels)


@pytest.mark.parametrize(("said", "right"), RIGHT.items())
def test_a_common_prompt_is_drawn_without_a_remark(
    drawings: Drawings, table: TextTable, words: Words, said: str, right: str
) -> None:
    prompt = read_prompt(said, table, words)
    found = drawings.find(prompt, 42)
    assert set(found.labels) <= set(right.split(", "))
    assert all(note["code"] == "scene" for note in found.notes)


@pytest.mark.parametrize("said", NEAR)
def test_what_is_only_near_is_said_and_others_are_offered(
    drawings: Drawings, table: TextTable, words: Words, said: str
) -> None:
    prompt = read_prompt(said, table, words)
    (note,) = drawings.find(prompt, 42).notes
    assert note["code"] == "nearest_drawing"
    assert label_of(drawings, prompt) in note["message"]
    assert len(note["choices"]) == 3
    for choice in note["choices"]:
        assert not drawings.find(read_prompt(choice, table, words), 42).notes, "it is there"


def test_another_seed_draws_another_of_the_same_kind(
    drawings: Drawings, table: TextTable, words: Words
) -> None:
    prompt = read_prompt("a zoo animal", table, words)
    first = label_of(drawings, prompt, 42)
    assert label_of(drawings, prompt, 42) == first
    assert len({label_of(drawings, prompt, seed) for seed in range(42, 60)}) > 3


@pytest.mark.parametrize(
    "said",
    ["рамен", "김치", "كلب", "asdfgh", "qwrtzp mnbvcx", "赤い狐", "a 狐", "two of the asdfgh"],
)
def test_words_that_nobody_knows_are_told_and_change_nothing(
    table: TextTable, words: Words, drawings: Drawings, said: str
) -> None:
    prompt = read_prompt(said, table, words)
    (note,) = prompt.notes
    assert note["code"] == "unknown_words"
    assert said.split()[-1] in note["message"]
    assert not prompt.text.mask.any(), "as an empty prompt"
    with pytest.raises(InvalidParams, match="no line drawing"):
        drawings.find(prompt, 42)


def test_a_mistyped_word_is_told_and_corrected(
    table: TextTable, words: Words, drawings: Drawings
) -> None:
    (note,) = read_prompt("a pink elefant", table, words).notes
    assert "elefant" in note["message"]
    assert note["choices"] == ["a pink elephant"]
    with pytest.raises(InvalidParams) as caught:
        drawings.find(read_prompt("elefant", table, words), 42)
    assert "did you mean 'elephant'?" in caught.value.fix


@pytest.mark.parametrize(
    "said", ["a red fxo", "a dark blue 狐", "crimson qwrtzp with a green asdfgh"]
)
def test_a_colour_of_an_unknown_thing_draws_no_other_thing(
    table: TextTable, words: Words, drawings: Drawings, said: str
) -> None:
    prompt = read_prompt(said, table, words)
    (note,) = prompt.notes
    assert said.split()[-1] in note["message"], "it is told"
    assert prompt.text.mask.any(), "the colour counts"
    with pytest.raises(InvalidParams, match="no line drawing"):
        drawings.find(prompt, 42)


@pytest.mark.parametrize(
    "said",
    ["\u249c" * 1000, " ".join(f"qx{chr(97 + n // 26)}{chr(97 + n % 26)}" for n in range(200))],
)
def test_many_unknown_words_are_not_all_looked_for(
    table: TextTable, words: Words, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = list[str]()
    monkeypatch.setattr(Words, "meant", lambda self, word: asked.append(word))
    read_prompt(said, table, words)
    assert 0 < len(asked) <= 8


@pytest.mark.parametrize("said", ["", "a red fox", "crème brûlée on a café table", "3 cats!", "🦊"])
def test_plain_prompts_are_not_remarked_upon(table: TextTable, words: Words, said: str) -> None:
    assert read_prompt(said, table, words).notes == ()


@pytest.mark.parametrize(
    ("many", "one"),
    [
        ("foxes", "fox"),
        ("berries", "berry"),
        ("mice", "mouse"),
        ("glass", "glass"),
        ("bus", "bus"),
        ("tomatoes", "tomato"),
        ("man’s", "man"),
        ("cats", "cat"),
    ],
)
def test_nouns_in_the_singular(many: str, one: str) -> None:
    assert singular(many) == one


@given(st.text(max_size=200))
@example("\u249c")  # parenthesized latin small letter a
@example("\U0001fba8" * 200)  # of all names the longest
def test_any_text_is_read_in_bounded_form(said: str) -> None:
    phrases = Phrases.read(said)
    grams = list(phrases.grams())
    read = list(words_of(said))
    assert len(read) <= 15 * len(said), "a symbol is as many words as its name in Unicode"
    assert len(grams) <= 4 * len(read), "names of up to four words are looked for"
    assert all(gram and weight > 0 for gram, weight, _ in grams)
