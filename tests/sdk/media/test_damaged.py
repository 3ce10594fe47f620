"""Damaged pictures: whatever a decoder makes of them, the answer is pixels or InvalidImage."""

from pathlib import Path

import pytest

from livedraft.errors import InvalidImage
from livedraft.media import images

CASES = sorted((Path(__file__).parent / "cases").iterdir())


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.name)
def test_every_answer_is_pixels_or_a_refusal(path: Path) -> None:
    data = path.read_bytes()
    try:
        image = images.decode(data)
    except InvalidImage as refusal:
        assert refusal.fix
    else:
        assert image.mode in ("RGB", "RGBA")
