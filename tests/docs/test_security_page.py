"""Every promise on the page about security names a test, and each named test is there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "explanation" / "security.md").read_text("utf-8")
NAMED = sorted(set(re.findall(r"`(tests/[^`:]+\.py)(?:::([a-z_0-9]+))?`", PAGE)))
PROMISES = [
    line
    for section in PAGE.split("\n## ")
    if "| promise | against |" in section
    for line in re.findall(r"^\| .+ \|$", section, flags=re.M)[1:]
]


def test_there_are_promises() -> None:
    assert len(PROMISES) > 30


@pytest.mark.parametrize("promise", PROMISES, ids=lambda row: row[2:60])
def test_every_promise_names_a_test(promise: str) -> None:
    *_, tests = promise.strip("| ").split(" | ")
    assert "`tests/" in tests


@pytest.mark.parametrize(("file", "function"), NAMED)
def test_every_test_is_there(file: str, function: str) -> None:
    text = (ROOT / file).read_text("utf-8")
    assert re.search(rf"def {function or 'test_'}", text), f"{file} has no {function}"


@pytest.mark.parametrize("name", sorted(set(re.findall(r"python -m benchmarks (\w+)", PAGE))))
def test_every_benchmark_is_there(name: str) -> None:
    assert (ROOT / "benchmarks" / f"{name}.py").is_file()
