"""The browser's files come with the package."""

import pytest

from livedraft import elements
from livedraft.errors import LivedraftError

PAGES = [elements.PAGE, elements.CAMERA_PAGE, elements.HEAD_PAGE]
FILES = [*elements.SCRIPTS, *elements.TYPES, *PAGES]


@pytest.mark.parametrize("name", FILES)
def test_each_file_is_there_and_has_a_digest(name: str) -> None:
    assert len(elements.read(name)) > 100
    assert len(elements.digest(name)) == 16


def test_a_missing_file_says_what_to_do() -> None:
    with pytest.raises(LivedraftError) as caught:
        elements.read("gone.js")
    assert caught.value.fix
