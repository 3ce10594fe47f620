"""What is known of GPUs, and the settings shipped for them."""

import json
from pathlib import Path

import pytest
import torch

from livedraft.kernels.capability import (
    CONFIGS,
    NOMINAL,
    VARIABLE,
    behind,
    capable,
    gpu,
    settings,
)
from livedraft.kernels.ops import NAMES

CPU = torch.device("cpu")


def test_a_cpu_is_no_gpu_and_has_the_nominal_ones_settings() -> None:
    assert not capable(CPU)
    assert gpu(CPU) == NOMINAL
    assert settings("norm_modulate", CPU)["elements"] >= 16
    assert settings("no such operation", CPU) == {}


def test_every_file_says_where_its_settings_are_from() -> None:
    assert (CONFIGS / "default.json").is_file()
    for file in CONFIGS.glob("*.json"):
        told = json.loads(file.read_text())
        assert told["about"]
        assert told["measured"] is None or file.name != "default.json"
        assert told["settings"].keys() | told["behind"].keys() <= set(NAMES)
        assert all(isinstance(v, int) for made in told["settings"].values() for v in made.values())
        assert all(v > 1 for ways in told["behind"].values() for v in ways.values())


def test_a_file_of_ones_own_stands_in_for_the_gpus(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "mine.json"
    own.write_text(
        json.dumps({"settings": {"geglu": {"warps": 8}}, "behind": {"swiglu": {"eager": 1.1}}})
    )
    monkeypatch.setenv(VARIABLE, str(own))
    assert settings("geglu", CPU) == {"elements": 2048, "warps": 8}
    assert behind("swiglu", CPU) == {"eager": 1.1}
    assert behind("geglu", CPU) == {}


@pytest.mark.parametrize(("text", "error"), [(None, FileNotFoundError), ("{}", ValueError)])
def test_a_file_that_is_none_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str | None, error: type[Exception]
) -> None:
    own = tmp_path / "mine.json"
    if text is not None:
        own.write_text(text)
    monkeypatch.setenv(VARIABLE, str(own))
    with pytest.raises(error, match=r"mine\.json"):
        settings("geglu", CPU)
