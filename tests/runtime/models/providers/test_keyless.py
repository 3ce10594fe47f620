"""The server's key in what a provider says: in no error, no note, no answer, in no spelling."""

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from tests.fal_double import KEY, FalDouble
from tests.runtime.models.providers.asking import asked, fal, made, model_of, png

from livedraft.errors import LivedraftError
from livedraft.runtime.conformance import step
from livedraft.runtime.models.providers.keyless import without

__all__ = ["fal"]

SECRET = KEY.partition(":")[2]
SPELLINGS = [
    f"bad auth Key {KEY}",
    f"Key {quote(KEY, safe='')}: refused",
    "".join(f"%{byte:02X}" for byte in KEY.encode()),
    f"no account of {SECRET}",
    KEY.upper(),
    KEY[:-4] + "…",
    "x" * 180 + KEY,  # of which our own limit would leave a part
    json.dumps({"authorization": f"Key {KEY}"}),
]


def has_key(text: str) -> bool:
    """Say whether a secret's beginning is in a text, in whatever spelling."""
    plain = text.lower().replace("%2d", "-").replace("\\", "")
    return SECRET[:8] in plain or "%61%2d" in text.lower()


@pytest.mark.parametrize("said", SPELLINGS)
@pytest.mark.parametrize("status", [302, 402, 403, 422, 500])
def test_an_error_that_quotes_the_key_is_told_without(
    fal: FalDouble, tmp_path: Path, status: int, said: str
) -> None:
    """As a gateway's may; the control is that it goes there and comes back."""
    assert has_key(said) or len(said) > 180
    model = model_of(fal, tmp_path)
    for detail in (said, f"balance: {said}", [{"loc": ["body", said], "msg": said, "type": "x"}]):
        fal.fail("POST", "submit", status, {"detail": detail})
        with pytest.raises(LivedraftError) as caught:
            made(model, asked(model))
        assert not has_key(f"{caught.value.message} {caught.value.fix}")
    assert fal.keys == {f"Key {KEY}"}


@pytest.mark.parametrize(
    "answer",
    [
        {KEY: 1},
        {"image": {"url": f"https://{SECRET}.example/a.png"}},
        {"image": f"data:{KEY}"},
    ],
)
def test_an_answer_that_quotes_it_is_told_without(
    fal: FalDouble, tmp_path: Path, answer: dict[str, Any]
) -> None:
    fal.answer = answer
    model = model_of(fal, tmp_path)
    with pytest.raises(LivedraftError) as caught:
        made(model, asked(model))
    assert not has_key(caught.value.message)


def test_neither_a_note_nor_an_address_tells_it(fal: FalDouble, tmp_path: Path) -> None:
    fal.statuses = [{"status": "IN_PROGRESS", "logs": [{"message": f"with Key {KEY}"}]}]
    fal.held.clear()
    fal.files["***"] = ("image/png", png())
    fal.answer = {"image": f"{fal.url}/files/{KEY}", "seed": 1}
    model = model_of(fal, tmp_path)
    (job,) = model.prepare([(None, asked(model))])
    step(model, job)
    assert job.notes[0]["message"] == "The provider is at work. It says: with Key ***"
    fal.held.set()
    while not job.done:
        step(model, job)
    assert job.data["file_url"] == f"{fal.url}/files/***"


def test_what_is_no_key_stays_as_it_is() -> None:
    """A picture in an answer, words of a short key, and numbers."""
    picture = "data:image/png;base64," + base64.b64encode(png(size=(640, 480))).decode()
    said = {"image": picture, "content": png(), "words": ["key", "secret", 3, None, 1.5, True]}
    assert without(KEY)(said) == said
    assert without("any")("too many") == "too many"
    assert without("")("words") == "words"
    assert without(KEY)([f"a {KEY}, b", {"c": KEY.encode()}]) == ["a ***, b", {"c": b"***"}]
