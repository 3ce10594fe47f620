"""Tiny models, made once."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from livedraft.runtime.models.diffusion.parts import save, tiny
from livedraft.runtime.models.diffusion.unet_models import SDTurbo


@pytest.fixture(scope="session", autouse=True)
def one_thread() -> Iterator[None]:
    """Compute on one thread: the networks are too small for more."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def turbo() -> SDTurbo:
    return SDTurbo.tiny()


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Give a folder of weights, as diffusers saves them, with a small autoencoder."""
    made = tmp_path_factory.mktemp("weights") / "sd-turbo"
    save(tiny(SDTurbo._kind()), made)
    return made
