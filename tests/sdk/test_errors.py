"""Errors keep their code, their words and their fix over the wire."""

import pytest

from livedraft import errors
from livedraft.errors import CODES, LivedraftError, did_you_mean, from_wire


@pytest.mark.parametrize("cls", CODES.values())
def test_an_error_survives_the_wire(cls: type[LivedraftError]) -> None:
    fields = {"code": cls.code, "message": "what", "retryable": cls.retryable, "fix": "do this"}
    error = from_wire(fields)
    assert type(error) is cls
    assert error.to_wire() == fields
    assert str(error) == "what (do this)"


def test_codes_are_of_one_class_each() -> None:
    classes = [
        value
        for value in vars(errors).values()
        if isinstance(value, type) and issubclass(value, LivedraftError)
    ]
    assert len(CODES) == len(classes)


def test_an_unknown_code_is_still_an_error_of_ours() -> None:
    assert type(from_wire({"code": "of tomorrow", "message": "m"})) is LivedraftError
    assert str(from_wire({})) == ""


def test_a_missing_extra_names_the_command() -> None:
    error = errors.MissingExtraError("ui", "the component")
    assert error.fix == "pip install 'livedraft[ui]'"


def test_did_you_mean_names_the_closest_word_or_all() -> None:
    assert did_you_mean("strengh", ["strength", "seed"]) == "did you mean 'strength'?"
    assert did_you_mean("xyz", ["b", "a"]) == "known: a, b"
