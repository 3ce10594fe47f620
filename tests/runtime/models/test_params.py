"""Params from outside: merged, judged, read from text."""

from collections.abc import Callable
from typing import Any, Self

import pytest
from pydantic import Field, field_validator, model_validator

from livedraft.errors import InvalidParams
from livedraft.runtime.models.mixins import PromptParams, SeedParams, StepsParams
from livedraft.runtime.models.params import from_text, merge


class Paint(SeedParams, PromptParams):
    """Params with a list."""

    palette: list[str] = Field(default=[])


def test_keys_merge_and_what_is_refused_changes_nothing() -> None:
    current = merge(Paint, None, {"seed": 3})
    assert merge(Paint, current, {"prompt": "a fox"}) == Paint(seed=3, prompt="a fox")
    with pytest.raises(InvalidParams, match="no parameter 'sed'") as caught:
        merge(Paint, current, {"sed": 1})
    assert caught.value.fix == "did you mean 'seed'?"
    with pytest.raises(InvalidParams, match="seed"):
        merge(Paint, current, {"seed": "many"})
    assert current == Paint(seed=3)


class Brush(PromptParams):
    """Params with a judgement of their own, and a choice that may be left to the model."""

    tip: str = Field(default="", json_schema_extra={"enum": ["", "round", "flat"]})

    @field_validator("tip")
    @classmethod
    def _is_there(cls, value: str) -> str:
        if value not in ("", "round", "flat"):
            raise ValueError(f"no tip '{value}'")
        return value


def test_what_a_validator_says_is_told_in_its_own_words() -> None:
    with pytest.raises(InvalidParams) as caught:
        merge(Brush, None, {"tip": "square"})
    assert str(caught.value).startswith("tip: no tip 'square'")
    assert caught.value.fix == "tip takes: round | flat"


def test_choices_and_weights_are_read_from_text() -> None:
    schema = {
        "properties": {
            "size": {"enum": [256, 512], "type": "integer"},
            "loras": {"type": "object"},
        }
    }
    read = from_text(schema, {"size": "512", "loras": "a:0.8, b", "seed": "7"})
    assert read == {"size": 512, "loras": {"a": "0.8", "b": 1.0}, "seed": "7"}
    assert from_text(schema, {"size": "300"}) == {"size": "300"}, "left to the model to refuse"


def test_lists_are_read_from_text_with_commas() -> None:
    texts = {"palette": "red, #00ff00,", "seed": "7", "prompt": "a, b", "other": "x,y"}
    read = from_text(Paint.model_json_schema(), texts)
    assert read == texts | {"palette": ["red", "#00ff00"]}
    assert merge(Paint, None, {k: v for k, v in read.items() if k != "other"}).seed == 7
    assert from_text(Paint.model_json_schema(), {"palette": ["red"]}) == {"palette": ["red"]}


def _endless() -> list[Any]:
    inside: list[Any] = []
    inside.append(inside)
    return inside


WRONG: dict[str, Callable[[], Any]] = {
    "an object": object,
    "bytes": lambda: b"\xff",
    "half a character": lambda: "\ud800",
    "a large number": lambda: 2**70,
    "itself": _endless,
}


class Careless(StepsParams, SeedParams):
    """Params whose validators make what they should not."""

    makes: str = ""
    breaks: str = ""

    @field_validator("makes")
    @classmethod
    def _made(cls, name: str) -> Any:
        return WRONG[name]() if name else name

    @model_validator(mode="after")
    def _broken(self) -> Self:
        if self.breaks == "all":
            return object()  # type: ignore[return-value]  # the fault meant
        if self.breaks:
            object.__setattr__(self, self.breaks, None)
        return self


@pytest.mark.parametrize("makes", WRONG)
def test_what_no_message_can_tell_is_refused(makes: str) -> None:
    with pytest.raises(InvalidParams, match="could not judge"):
        merge(Careless, None, {"makes": makes})


@pytest.mark.parametrize("breaks", ["all", "seed", "steps"])
def test_seed_and_steps_are_numbers_whatever_a_validator_makes(breaks: str) -> None:
    with pytest.raises(InvalidParams, match="could not judge"):
        merge(Careless, None, {"breaks": breaks})
