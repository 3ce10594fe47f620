"""Bytes as people write them, what makes no sense as such, and what is told of too few."""

from pathlib import Path

import pytest
from tests.runtime.models.diffusion.folders import ENTRY, NUMBERS, write

from livedraft.errors import ConfigError, OutOfMemory
from livedraft.runtime.budget import budgets, gigabytes, numbered
from livedraft.runtime.config import Config
from livedraft.runtime.models.diffusion import weights
from livedraft.runtime.models.diffusion.weights import find
from livedraft.runtime.plan import Plan


@pytest.mark.parametrize(
    ("text", "nbytes"),
    [
        ("24GiB", 24 << 30),
        ("24 gib", 24 << 30),
        ("1.5GB", 1_500_000_000),
        ("512MiB", 512 << 20),
        ("1000", 1000),
        ("2TB", 2 * 10**12),
    ],
)
def test_amounts_are_read(text: str, nbytes: int) -> None:
    assert budgets([text]) == {"": nbytes}
    assert budgets([f" cuda = {text}"]) == {"cuda:0": nbytes}, "the first GPU has a number"


def test_each_device_may_have_its_own() -> None:
    assert budgets(["1GiB", "cuda:1=2GiB"]) == {"": 1 << 30, "cuda:1": 2 << 30}
    assert numbered("cuda") == "cuda:0"
    assert numbered("cpu") == "cpu"


@pytest.mark.parametrize("text", ["", "much", "-1GiB", "1e9", "0", "12GiBs", "0.0GB", "9" * 30])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no amount of memory"):
        Config(memory=(f"cuda:0={text}",))


def test_one_said_twice_is_refused() -> None:
    with pytest.raises(ConfigError, match="of cuda:0 is said twice"):
        Config(memory=("cuda=1GiB", "cuda:0=2GiB"))


def test_bytes_are_told_as_people_read_them() -> None:
    assert gigabytes(2_500_000) == "2.5 MB"
    assert gigabytes(24 * 10**9) == "24.0 GB"


def test_a_budget_that_refuses_is_what_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not the device, which has room: to free some of it would help nobody."""
    folder = write(tmp_path / "weights")
    needed = 3 * NUMBERS * 4
    monkeypatch.setattr(weights, "free_memory", lambda device: needed)
    with pytest.raises(OutOfMemory, match="budget") as caught:
        find(ENTRY, str(folder), Plan(free=lambda _: needed - 1))
    assert "'memory'" in caught.value.fix
    monkeypatch.setattr(weights, "free_memory", lambda device: needed - 1)
    with pytest.raises(OutOfMemory, match=f"budget leaves {gigabytes(needed - 2)}") as caught:
        find(ENTRY, str(folder), Plan(free=lambda _: needed - 2))
    assert "'memory'" not in caught.value.fix, "to allow more would not suffice"
    with pytest.raises(OutOfMemory, match=r"has .* free") as caught:
        find(ENTRY, str(folder), Plan(free=lambda _: needed))
    assert "'memory'" not in caught.value.fix
