"""Where training runs: named by the user, and refused where it is not."""

from contextlib import suppress

import pytest
import torch

from livedraft.errors import ConfigError
from livedraft.runtime.models.tuning.device import choose, default, flushed


@pytest.mark.parametrize(
    ("name", "found", "chosen"),
    [("auto", True, "cuda"), ("auto", False, "cpu"), ("cpu", True, "cpu"), ("cuda", True, "cuda")],
)
def test_a_gpu_is_taken_where_there_is_one(
    name: str, found: bool, chosen: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: found)
    assert choose(name).type == chosen


@pytest.mark.parametrize(("name", "message"), [("cuda", "no CUDA device"), ("tpu", "no device")])
def test_what_is_not_there_is_refused_with_a_fix(
    name: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(ConfigError, match=message) as caught:
        choose(name)
    assert "cpu" in caught.value.fix


def test_new_tensors_are_made_on_the_device_within_the_block() -> None:
    with default(torch.device("meta")):
        assert torch.rand(2).device.type == "meta"
    assert torch.rand(2).device.type == "cpu"


def test_denormals_are_numbers_again_after_training_ended_or_failed() -> None:
    half = torch.tensor([torch.finfo(torch.float32).tiny])
    with suppress(KeyboardInterrupt), flushed():
        assert (half / 2).item() == 0
        raise KeyboardInterrupt
    assert (half / 2).item() > 0
