"""What goes wrong at a provider: told in our words, and it ends one job."""

import base64
from pathlib import Path
from typing import Any

import pytest
from tests.fal_double import KEY, FalDouble
from tests.runtime.models.providers.asking import asked, fal, made, model_of, png

from livedraft.errors import InvalidParams, LivedraftError, ModelFailed, ModelNotFound

__all__ = ["fal"]

VALIDATION = {"detail": [{"loc": ["body", "steps"], "msg": "too many", "type": "less_than"}]}
POLICY = {"detail": [{"loc": ["body", "prompt"], "msg": "no", "type": "content_policy_violation"}]}
FAULTS = [
    ("POST", "submit", 401, {"detail": "no"}, ModelFailed, "refuses the server's key"),
    ("POST", "submit", 402, {"detail": "pay"}, ModelFailed, "wants to be paid: pay"),
    ("POST", "submit", 403, {"detail": "Exhausted balance"}, ModelFailed, "wants to be paid"),
    ("POST", "submit", 404, {"detail": "no"}, ModelNotFound, "has no 'fal-ai/flux/dev'"),
    ("POST", "submit", 422, VALIDATION, InvalidParams, "steps: too many"),
    ("POST", "submit", 500, {"detail": "oh"}, ModelFailed, "failed with 500"),
    ("POST", "submit", 503, b"<html>", ModelFailed, "503"),
    ("POST", "submit", 307, b"", ModelFailed, "307"),
    ("POST", "submit", 520, {"detail": "of a proxy"}, ModelFailed, "failed with 520: of a proxy"),
    ("POST", "submit", 200, b"<html>", ModelFailed, "not JSON"),
    ("POST", "submit", 200, {}, ModelFailed, "without an id"),
    ("POST", "submit", 299, [1], ModelFailed, "not JSON"),
    ("GET", "answer", 422, POLICY, InvalidParams, "content policy refuses prompt: no"),
    ("GET", "answer", 504, {"detail": "late", "error_type": "request_timeout"}, ModelFailed, "504"),
    ("GET", "answer", 200, {"text": "hello"}, ModelFailed, "no file: it has text"),
    ("GET", "answer", 200, {"images": [{"url": 3}], "seed": 1}, ModelFailed, "no file"),
    ("GET", "answer", 200, {"image": "data:x"}, ModelFailed, "data URI"),
    ("GET", "answer", 200, {"image": "data:x;base64,!!!"}, ModelFailed, "damaged"),
    ("GET", "file", 404, b"", ModelFailed, "answered 404"),
    ("GET", "file", 200, b"no picture", ModelFailed, "the provider's image"),
    ("GET", "file", 200, b"", ModelFailed, "the provider's image"),
]


@pytest.mark.parametrize(("verb", "what", "status", "body", "kind", "says"), FAULTS)
def test_what_goes_wrong_there_is_told_in_our_words(
    fal: FalDouble,
    tmp_path: Path,
    verb: str,
    what: str,
    status: int,
    body: Any,
    kind: type[LivedraftError],
    says: str,
) -> None:
    """And the job after it is made."""
    fal.fail(verb, what, status, body)
    model = model_of(fal, tmp_path)
    with pytest.raises(kind, match=says) as caught:
        made(model, asked(model))
    assert caught.value.fix
    assert KEY.partition(":")[2] not in str(caught.value)
    assert made(model, asked(model))[0]


def test_what_was_made_and_may_not_be_shown_is_told(fal: FalDouble, tmp_path: Path) -> None:
    fal.answer["has_nsfw_concepts"] = [True]
    model = model_of(fal, tmp_path)
    with pytest.raises(InvalidParams, match="content policy refuses what was made"):
        made(model, asked(model))


def test_a_busy_queue_is_asked_again_and_in_the_end_said_to_be_busy(
    fal: FalDouble, tmp_path: Path
) -> None:
    model = model_of(fal, tmp_path)
    for _ in range(2):
        fal.fail("POST", "submit", 429, {}, retry_after="0")
        fal.fail("GET", "answer", 503, {}, retry_after="0")
    assert made(model, asked(model))[0]
    assert len(fal.asked) == 1, "nothing is bought twice"
    for _ in range(4):
        fal.fail("POST", "submit", 429, {}, retry_after="0")
    with pytest.raises(ModelFailed, match="too much at a time"):
        made(model, asked(model))


@pytest.mark.parametrize(
    "url",
    [
        "http://169.254.169.254/latest/meta-data",
        "http://v3.fal.media/files/a.png",
        "https://127.0.0.1/a.png",
        "https://fal.media.example.org/a.png",
        "https://notfal.media/a.png",
        "https://user:word@v3.fal.media/a.png",
        "file:///etc/passwd",
        "ftp://fal.media/a.png",
        "//fal.media/a.png",
        "https://[::1]/a.png",
        "https://" + "a" * 9000,
        "\x00",
        "https://exa mple/",
    ],
)
@pytest.mark.parametrize("way", ["answer", "redirect"])
def test_nothing_is_fetched_from_elsewhere(
    fal: FalDouble, tmp_path: Path, url: str, way: str
) -> None:
    """Named in the answer, or by a redirect of the provider's own host."""
    if way == "answer":
        fal.answer = {"images": [{"url": url}]}
    elif url.isprintable() and url.isascii() and len(url) < 1000 and " " not in url:
        fal.fail("GET", "file", 302, b"", location=url)
    model = model_of(fal, tmp_path)
    if way == "redirect" and not fal.faults:
        return
    with pytest.raises(ModelFailed):
        made(model, asked(model))


def test_a_redirect_of_its_own_is_followed_but_not_in_circles(
    fal: FalDouble, tmp_path: Path
) -> None:
    model = model_of(fal, tmp_path)
    fal.fail("GET", "file", 302, b"", location="/files/made.png")
    assert made(model, asked(model))[0]
    for _ in range(4):
        fal.fail("GET", "file", 302, b"", location="/files/made.png")
    with pytest.raises(ModelFailed, match="circles"):
        made(model, asked(model))


@pytest.mark.parametrize("name", ["status_url", "response_url", "cancel_url"])
def test_the_key_goes_to_no_other_address(
    fal: FalDouble, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = {"request_id": "x", name: "https://example.org/steal"}
    fal.fail("POST", "submit", 200, answer)
    model = model_of(fal, tmp_path)
    if name == "cancel_url":
        fal.faults[("GET", "answer")] = [(500, {}, {})]
    with pytest.raises(ModelFailed, match=r"gets no key|500"):
        made(model, asked(model))


@pytest.mark.parametrize("said", [True, False])
def test_what_is_too_large_is_not_read(fal: FalDouble, tmp_path: Path, said: bool) -> None:
    """Whether the answer says so or not."""
    fal.offer("made.png", "image/png", png() + b"\0" * 10_000)
    model = model_of(fal, tmp_path, "most_bytes = 5000")
    if not said:
        fal.answer = {"image": "data:image/png;base64," + base64.b64encode(bytes(9000)).decode()}
    with pytest.raises(ModelFailed, match="larger than 5000"):
        made(model, asked(model))


def test_what_takes_too_long_is_given_up_and_cancelled_there(
    fal: FalDouble, tmp_path: Path
) -> None:
    fal.held.clear()
    model = model_of(fal, tmp_path, "within_s = 0.3")
    with pytest.raises(ModelFailed, match=r"made nothing in 0.3 s"):
        made(model, asked(model))
    assert fal.cancelled == ["request-1"]


def test_a_queue_that_nobody_answers_at_is_told(fal: FalDouble, tmp_path: Path) -> None:
    model = model_of(fal, tmp_path)
    fal.shutdown()
    fal.server_close()
    with pytest.raises(ModelFailed, match="cannot be reached: ConnectError"):
        made(model, asked(model))
