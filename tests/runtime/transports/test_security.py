"""Origins and tokens."""

import pytest

from livedraft.errors import Unauthorized
from livedraft.runtime.transports.security import Gate, bearer


@pytest.mark.parametrize(
    ("listens", "origin", "host"),
    [
        ("127.0.0.1", None, "anything"),
        ("127.0.0.1", "http://127.0.0.1:7860", "127.0.0.1:7860"),
        ("127.0.0.1", "http://localhost:7860", "localhost:7860"),
        ("::1", "http://[::1]:7860", "[::1]:7860"),
        ("localhost", "http://app.localhost:7860", "app.localhost:7860"),
        ("0.0.0.0", "https://Draw.Example", "draw.example"),
        ("127.0.0.1", "https://art.example", "127.0.0.1:7860"),
    ],
)
def test_an_origin_that_may_come_in(listens: str, origin: str | None, host: str) -> None:
    Gate(listens, origins=["https://art.example/"]).check_origin(origin, host)


@pytest.mark.parametrize(
    ("listens", "origin", "host"),
    [
        ("127.0.0.1", "https://evil.example", "127.0.0.1:7860"),
        ("127.0.0.1", "http://127.0.0.1:8000", "127.0.0.1:7860"),
        ("127.0.0.1", "http://rebound.example:7860", "rebound.example:7860"),
        ("0.0.0.0", "https://draw.example.evil.example", "draw.example"),
        ("127.0.0.1", "null", "127.0.0.1:7860"),
        ("127.0.0.1", "", ""),
        ("127.0.0.1", "http://art.example", "127.0.0.1:7860"),
        ("127.0.0.1", "http://[bad", "127.0.0.1:7860"),
    ],
)
def test_an_origin_that_may_not(listens: str, origin: str, host: str) -> None:
    with pytest.raises(Unauthorized) as caught:
        Gate(listens, origins=["https://art.example"]).check_origin(origin, host)
    assert "origins" in caught.value.fix


def test_a_star_lets_every_origin_in() -> None:
    Gate("127.0.0.1", origins=["*"]).check_origin("https://any.example", "x")


def test_the_token_may_come_in_either_place() -> None:
    gate = Gate("127.0.0.1", token="hüsh")
    gate.check_token("", "hüsh")
    gate.check_token("hüsh", "")
    for given in [("",), ("", "hush"), ("hüs",), ("\ud800",)]:
        with pytest.raises(Unauthorized):
            gate.check_token(*given)


def test_without_a_token_everyone_passes() -> None:
    Gate("127.0.0.1").check_token("")
    Gate("127.0.0.1").check_token("anything")


@pytest.mark.parametrize(
    ("header", "token"),
    [
        (None, ""),
        ("", ""),
        ("Bearer", ""),
        ("Bearer abc", "abc"),
        ("bearer  abc ", "abc"),
        ("Basic abc", ""),
    ],
)
def test_bearer(header: str | None, token: str) -> None:
    assert bearer(header) == token
