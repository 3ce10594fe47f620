"""What is known of GPUs, and the settings shipped for them."""

import json
from importlib.resources import files

import torch

from livedraft.kernels.capability import NOMINAL, capable, gpu, settings
from livedraft.kernels.ops import NAMES

CPU = torch.device("cpu")


def test_a_cpu_is_no_gpu_and_has_the_nominal_ones_settings() -> None:
    assert not capable(CPU)
    assert gpu(CPU) == NOMINAL
    assert settings("norm_modulate", CPU)["elements"] >= 16
    assert settings("no such operation", CPU) == {}


def test_every_file_says_where_its_settings_are_from() -> None:
    shipped = [f for f in (files("livedraft.kernels") / "configs").iterdir() if f.is_file()]
    assert [f.name for f in shipped if f.name == "default.json"]
    for file in shipped:
        told = json.loads(file.read_text())
        assert told["about"]
        assert told["measured"] is None or file.name != "default.json"
        assert told["ops"].keys() <= set(NAMES)
        assert all(isinstance(v, int) for made in told["ops"].values() for v in made.values())
