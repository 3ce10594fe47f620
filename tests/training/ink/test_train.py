"""Training: every part learns, a run resumes, its weights load into the runtime."""

import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file
from training.ink.data import MODEL
from training.ink.export import export
from training.ink.train import RECIPES, train

from livedraft.runtime.models.ink import Ink
from livedraft.runtime.models.ink.network import Widths

NARROW = Widths(colour=(16, 16, 16), decoder=(8, 16, 16, 16), condition=16, palette=16)


@pytest.fixture(scope="module")
def trained(cache: Path) -> Path:
    for part in RECIPES:
        train(part, 0.02, cache, widths=NARROW)
    return cache


def test_a_finished_run_is_finished(trained: Path) -> None:
    again = train("colour", 0.02, trained, widths=NARROW)
    assert again.progress == 1
    assert again.updates > 0


def test_a_larger_budget_continues_where_the_last_run_ended(trained: Path, tmp_path: Path) -> None:
    for path in trained.iterdir():
        if path.is_file():
            (tmp_path / path.name).symlink_to(path)
    (tmp_path / "palette.pt").unlink()
    shutil.copy(trained / "palette.pt", tmp_path)
    before = torch.load(tmp_path / "palette.pt", weights_only=True)["clock"][0]
    again = train("palette", 0.03, tmp_path, widths=NARROW)
    assert again.updates > before


def test_the_palette_net_learns(cache: Path, tmp_path: Path) -> None:
    for path in cache.glob("*.npy"):
        (tmp_path / path.name).symlink_to(path)
    shutil.copy(cache / "records.json", tmp_path)
    short = train("palette", 1e-6, tmp_path, widths=NARROW).loss
    assert train("palette", 0.06, tmp_path, widths=NARROW).loss < short


def test_exported_weights_have_the_runtime_s_names(trained: Path, tmp_path: Path) -> None:
    export(trained, tmp_path)
    names = set(load_file(tmp_path / "weights.safetensors"))
    assert names == set(Ink.tiny().nets.state_dict())
    assert (MODEL / "tokenizer.json").exists()
