"""What is known of GPUs, and the settings shipped for them."""

import json

import torch

from livedraft.kernels.capability import CONFIGS, NOMINAL, capable, gpu, settings
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
        assert told["ops"].keys() <= set(NAMES)
        assert all(isinstance(v, int) for made in told["ops"].values() for v in made.values())
